# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Fixed responses of Application Load Balancers: what is refused, and what clients get."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from ansible_collections.tidegate.failover.tests.contract.aws.conftest import Refusal

Json = dict[str, Any]


def fixed(body: str = "Back soon", status: str = "503", content_type: str = "text/plain") -> list[Json]:
    response = {"StatusCode": status, "ContentType": content_type, "MessageBody": body}
    return [{"Type": "fixed-response", "FixedResponseConfig": response}]


@pytest.fixture
def elbv2(client: Callable[..., Any]) -> Any:
    return client("elbv2")


@pytest.fixture
def balancer(client: Callable[..., Any], elbv2: Any) -> Json:
    subnets = [subnet["SubnetId"] for subnet in client("ec2").describe_subnets()["Subnets"][:2]]
    made: Json = elbv2.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]
    return made


@pytest.fixture
def listener(elbv2: Any, balancer: Json) -> str:
    """Answers 503, and /health with 200."""
    http = {"LoadBalancerArn": balancer["LoadBalancerArn"], "Protocol": "HTTP", "Port": 80}
    arn: str = elbv2.create_listener(**http, DefaultActions=fixed())["Listeners"][0]["ListenerArn"]
    health = {"Conditions": [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/health"]}}]}
    elbv2.create_rule(ListenerArn=arn, Priority=1, Actions=fixed("ok", "200"), **health)
    return arn


@pytest.fixture
def ask(aws: Json, balancer: Json) -> Callable[..., requests.Response]:
    def ask(method: str = "GET", path: str = "/", port: str = "") -> requests.Response:
        headers = {"Host": balancer["DNSName"] + port}
        return requests.request(method, f"http://{aws['load_balancers']}{path}", headers=headers, timeout=10)

    return ask


@pytest.mark.usefixtures("listener")
@pytest.mark.parametrize(("method", "body"), [("GET", "Back soon"), ("POST", "Back soon"), ("HEAD", "")])
def test_clients_get_the_fixed_response_for_every_method(
    ask: Callable[..., requests.Response], method: str, body: str
) -> None:
    answer = ask(method, "/a/deep/link?x=1")
    assert (answer.status_code, answer.text, answer.headers["Content-Type"]) == (503, body, "text/plain")
    assert answer.headers["Content-Length"] == "9"


@pytest.mark.usefixtures("listener")
@pytest.mark.parametrize(
    ("path", "status"), [("/health", 200), ("/health?deep=1", 200), ("/Health", 503), ("/health/x", 503)]
)
def test_a_rule_answers_the_paths_of_its_pattern(ask: Callable[..., requests.Response], path: str, status: int) -> None:
    assert ask("GET", path).status_code == status


@pytest.mark.usefixtures("listener")
def test_a_port_without_a_listener_is_none_of_the_load_balancer(ask: Callable[..., requests.Response]) -> None:
    assert ask("GET", "/", ":8080").status_code == 502


def test_a_changed_listener_answers_by_its_new_default(
    elbv2: Any, listener: str, ask: Callable[..., requests.Response]
) -> None:
    elbv2.modify_listener(ListenerArn=listener, DefaultActions=fixed("Later", "200"))
    assert (ask().status_code, ask().text) == (200, "Later")


@pytest.mark.parametrize(
    "actions",
    [fixed("x" * 1025), fixed("ä" * 1025), fixed(status="302"), fixed(status="60"), fixed(content_type="image/png")],
    ids=["too long", "too many characters", "3xx", "no status", "content type"],
)
def test_a_fixed_response_beyond_the_limits_is_refused(
    elbv2: Any, listener: str, refusal: Refusal, actions: list[Json]
) -> None:
    assert refusal(elbv2.modify_listener, ListenerArn=listener, DefaultActions=actions)[0] == 400


def test_a_fixed_response_of_1024_characters_is_taken(
    elbv2: Any, listener: str, ask: Callable[..., requests.Response]
) -> None:
    elbv2.modify_listener(ListenerArn=listener, DefaultActions=fixed("x" * 1024))
    assert len(ask().text) == 1024
