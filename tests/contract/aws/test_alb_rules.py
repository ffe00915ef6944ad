# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Rules of Application Load Balancers: what is refused, and what clients get by them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from ansible_collections.tidegate.failover.tests.contract.aws.conftest import Refusal

from lab.process import RunningLab

Json = dict[str, Any]
Ask = Callable[..., requests.Response]


def answer(body: str) -> list[Json]:
    return [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "200", "MessageBody": body}}]


def path(*values: str) -> Json:
    return {"Field": "path-pattern", "PathPatternConfig": {"Values": list(values)}}


@pytest.fixture
def elbv2(client: Callable[..., Any]) -> Any:
    return client("elbv2")


@pytest.fixture
def balancer(lab: RunningLab) -> Json:
    made: Json = lab.control("PUT", "/aws/load-balancers/front", {"groups": {"shop": ["primary"], "api": ["backup"]}})
    return made


@pytest.fixture
def rule(elbv2: Any, balancer: Json) -> Callable[..., str]:
    """Makes a rule."""

    def make(priority: int, *conditions: Json, **more: Any) -> str:
        chosen = {"Conditions": list(conditions) or [path("/x")], "Actions": answer("rule"), "Priority": priority}
        made = elbv2.create_rule(ListenerArn=balancer["listener_arn"], **chosen, **more)["Rules"][0]
        return str(made["RuleArn"])

    return make


@pytest.fixture
def priorities(elbv2: Any, balancer: Json) -> Callable[[], list[str]]:
    def read() -> list[str]:
        rules = elbv2.describe_rules(ListenerArn=balancer["listener_arn"])["Rules"]
        return sorted(str(one["Priority"]) for one in rules)

    return read


@pytest.fixture
def ask(aws: Json, balancer: Json) -> Ask:
    def ask(path: str = "/", method: str = "GET", **headers: str) -> requests.Response:
        sent = {
            "Host": balancer["dns_name"],
            **{name.replace("_", "-"): value for name, value in headers.items()},
        }
        url = f"http://{aws['load_balancers']}{path}"
        return requests.request(method, url, headers=sent, timeout=10, allow_redirects=False)

    return ask


def test_a_load_balancer_is_active(elbv2: Any, balancer: Json) -> None:
    found = elbv2.describe_load_balancers(LoadBalancerArns=[balancer["arn"]])["LoadBalancers"][0]
    assert found["State"]["Code"] == "active"


@pytest.mark.parametrize("priority", [0, 50_001])
def test_a_priority_out_of_range_is_refused(rule: Callable[..., str], refusal: Refusal, priority: int) -> None:
    assert refusal(rule, priority=priority) == (400, "ValidationError")


def test_a_priority_is_of_one_rule(rule: Callable[..., str], refusal: Refusal) -> None:
    assert refusal(rule, priority=1) == (400, "PriorityInUse")


@pytest.mark.parametrize(
    "conditions",
    [
        [path("/a", "/b", "/c", "/d")],
        [path("/a"), path("/b")],
        [path("/a", "/b", "/c"), {"Field": "host-header", "HostHeaderConfig": {"Values": ["a.b", "c.d", "e.f"]}}],
    ],
    ids=["values of a condition", "two of a kind", "values of a rule"],
)
def test_conditions_beyond_the_limits_are_refused(
    rule: Callable[..., str], refusal: Refusal, conditions: list[Json]
) -> None:
    assert refusal(lambda: rule(9, *conditions)) == (400, "ValidationError")


def test_a_load_balancer_has_so_many_rules_and_no_more(rule: Callable[..., str], refusal: Refusal) -> None:
    for number in range(2, 101):
        rule(number)
    assert refusal(rule, priority=101) == (400, "TooManyRules")


def test_rules_change_places_in_one_call(
    elbv2: Any, rule: Callable[..., str], priorities: Callable[[], list[str]]
) -> None:
    first, second = rule(5), rule(6)
    changed = [{"RuleArn": first, "Priority": 6}, {"RuleArn": second, "Priority": 7}]
    elbv2.set_rule_priorities(RulePriorities=changed)
    assert priorities() == ["1", "6", "7", "default"]


def test_a_new_order_with_a_priority_twice_changes_nothing(
    elbv2: Any, rule: Callable[..., str], refusal: Refusal, priorities: Callable[[], list[str]]
) -> None:
    changed = [{"RuleArn": rule(5), "Priority": 8}, {"RuleArn": rule(6), "Priority": 1}]
    assert refusal(elbv2.set_rule_priorities, RulePriorities=changed) == (400, "PriorityInUse")
    assert priorities() == ["1", "5", "6", "default"]


def test_a_rule_that_is_gone_is_not_deleted_again(elbv2: Any, rule: Callable[..., str], refusal: Refusal) -> None:
    arn = rule(5)
    elbv2.delete_rule(RuleArn=arn)
    assert refusal(elbv2.delete_rule, RuleArn=arn) == (400, "RuleNotFound")
    assert refusal(elbv2.describe_tags, ResourceArns=[arn]) == (400, "RuleNotFound")


def test_a_rule_is_created_with_its_tags(elbv2: Any, rule: Callable[..., str]) -> None:
    arn = rule(5, Tags=[{"Key": "of", "Value": "us"}])
    described = elbv2.describe_tags(ResourceArns=[arn])["TagDescriptions"]
    assert described == [{"ResourceArn": arn, "Tags": [{"Key": "of", "Value": "us"}]}]


def test_a_listener_has_fifty_tags_and_no_more(elbv2: Any, balancer: Json, refusal: Refusal) -> None:
    some = [{"Key": f"tag-{number}", "Value": ""} for number in range(50)]
    elbv2.add_tags(ResourceArns=[balancer["listener_arn"]], Tags=some)
    more = [{"Key": "one more", "Value": ""}]
    assert refusal(elbv2.add_tags, ResourceArns=[balancer["listener_arn"]], Tags=more) == (400, "TooManyTags")


def test_requests_reach_the_targets_of_the_rule_that_they_meet(ask: Ask, set_site: Callable[..., None]) -> None:
    set_site("backup", behaviour="catch_all")
    assert ask("/").text == "Served by primary.\n"
    assert ask("/api/orders").text == "Served by backup.\n"


def test_a_target_that_does_not_answer_is_a_bad_gateway(ask: Ask, set_site: Callable[..., None]) -> None:
    set_site("primary", running=False)
    assert ask("/").status_code == 502


@pytest.mark.parametrize(
    ("condition", "asked", "not_asked"),
    [
        (
            {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "X-A", "Values": ["se*t"]}},
            {"X_A": "SECRET"},
            {"X_A": "sec"},
        ),
        ({"Field": "http-request-method", "HttpRequestMethodConfig": {"Values": ["POST"]}}, {"method": "POST"}, {}),
        (
            {"Field": "query-string", "QueryStringConfig": {"Values": [{"Key": "v", "Value": "2"}]}},
            {"path": "/?v=2"},
            {"path": "/?v=1"},
        ),
        ({"Field": "source-ip", "SourceIpConfig": {"Values": ["127.0.0.0/8"]}}, {}, None),
    ],
    ids=["header", "method", "query", "source"],
)
def test_a_rule_answers_the_requests_that_meet_its_condition(
    elbv2: Any, balancer: Json, rule: Callable[..., str], ask: Ask, condition: Json, asked: Json, not_asked: Json | None
) -> None:
    rule(5, condition)
    assert ask(**asked).text == "rule"
    assert not_asked is None or ask(**not_asked).text != "rule"


def test_a_redirect_names_the_port(elbv2: Any, balancer: Json, ask: Ask) -> None:
    config = {"Protocol": "HTTPS", "Host": "#{host}", "Port": "443", "Path": "/#{path}", "StatusCode": "HTTP_302"}
    redirect = [{"Type": "redirect", "RedirectConfig": {**config, "Query": "#{query}"}}]
    elbv2.create_rule(ListenerArn=balancer["listener_arn"], Priority=5, Conditions=[path("/*")], Actions=redirect)
    found = ask("/cart?x=1")
    assert (found.status_code, found.headers["Location"]) == (302, f"https://{balancer['dns_name']}:443/cart?x=1")


def test_the_health_of_targets_follows_their_processes(
    elbv2: Any, balancer: Json, set_site: Callable[..., None]
) -> None:
    def states(group: str) -> list[str]:
        found = elbv2.describe_target_health(TargetGroupArn=balancer["target_group_arns"][group])
        return [one["TargetHealth"]["State"] for one in found["TargetHealthDescriptions"]]

    set_site("primary", running=False)
    assert (states("shop"), states("api")) == (["unhealthy"], ["healthy"])
