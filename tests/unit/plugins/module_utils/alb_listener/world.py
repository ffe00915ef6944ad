# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A load balancer in memory, behind the calls of boto3, and the switch of its listeners without waiting."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.page import MARK
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.request import (
    Request,
    Selection,
    page_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._aws.load_balancer_rules import LoadBalancerRules
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._module.listener_switch import ListenerSwitch
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.clocks import FakeClock
from botocore.exceptions import ClientError

from lab.aws.elbv2.conditions import Request as Asked
from lab.aws.elbv2.conditions import matches

Json = dict[str, Any]

_ARN = "arn:aws:elasticloadbalancing:eu-central-1:111122223333"
BALANCER = f"{_ARN}:loadbalancer/app/shop/50dc6c495c0c9188"
LISTENER = f"{_ARN}:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
READS = ("describe_",)


class KilledError(BaseException):
    """The process ended at this call."""


def path(*patterns: str) -> Json:
    return {"Field": "path-pattern", "PathPatternConfig": {"Values": list(patterns)}}


def host(*names: str) -> Json:
    return {"Field": "host-header", "HostHeaderConfig": {"Values": list(names)}}


def header(name: str, *values: str) -> Json:
    return {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": name, "Values": list(values)}}


def source(*ranges: str) -> Json:
    return {"Field": "source-ip", "SourceIpConfig": {"Values": list(ranges)}}


def forward(group: str) -> Json:
    """As the service shows it."""
    arn = f"{_ARN}:targetgroup/{group}/73e2d6bc24d8a067"
    config = {"TargetGroups": [{"TargetGroupArn": arn, "Weight": 1}], "TargetGroupStickinessConfig": {"Enabled": False}}
    return {"Type": "forward", "TargetGroupArn": arn, "Order": 1, "ForwardConfig": config}


class World:
    """The account.

    :ivar calls: names of the calls that were made.
    :ivar before_call: is called before each call with its name, and may raise or change something.
    :ivar most: rules that the load balancer can have.
    :ivar port: of the listener.
    :ivar health: states of the targets of each target group, by a part of its ARN.
    """

    def __init__(self, *rules: tuple[int, Sequence[Json]], kind: str = "application") -> None:
        self.rules: list[Json] = []
        self.tags: dict[str, dict[str, str]] = {LISTENER: {"team": "web"}}
        self.calls: list[str] = []
        self.before_call: Callable[[str], None] = lambda _name: None
        self.health: dict[str, list[str]] = {}
        self.most = 100
        self.port = 443
        self._kind = kind
        self._ids = itertools.count(1)
        self.meta = SimpleNamespace(endpoint_url="https://elasticloadbalancing.eu-central-1.amazonaws.com")
        default = {"RuleArn": self._arn(), "Priority": "default", "IsDefault": True, "Conditions": []}
        self.rules.append({**default, "Actions": [forward("default")]})
        for priority, conditions in rules:
            self.add(priority, conditions)

    def add(self, priority: int, conditions: Sequence[Json], *actions: Json) -> str:
        """A rule of somebody else, which leads to a target group of its own. Returns its ARN."""
        arn = self._arn()
        made = {"RuleArn": arn, "Priority": str(priority), "IsDefault": False, "Conditions": list(conditions)}
        self.rules.append({**made, "Actions": list(actions) or [forward(f"own-{priority}")]})
        return arn

    def _arn(self) -> str:
        return f"{LISTENER.replace(':listener/', ':listener-rule/')}/{next(self._ids):016x}"

    # For assertions of tests

    def others(self) -> list[tuple[str, str]]:
        """ARN and priority of each rule that is not ours, in order."""
        found = [rule for rule in self.rules if MARK not in self.tags.get(rule["RuleArn"], {})]
        return [(rule["RuleArn"], rule["Priority"]) for rule in sorted(found, key=_place)]

    def ours(self) -> list[str]:
        """What our rules are, in order."""
        found = [rule for rule in sorted(self.rules, key=_place) if MARK in self.tags.get(rule["RuleArn"], {})]
        return [self.tags[rule["RuleArn"]][MARK] for rule in found]

    def snapshot(self) -> Any:
        """All that there is."""
        tags = {arn: dict(tags) for arn, tags in self.tags.items() if tags}
        return sorted(str(rule) for rule in self.rules), tags

    def answer(self, **asked: Any) -> str:
        """What a request meets: the name of a target group, or the kind of another action."""
        request = Asked(**{"path": "/", **asked})
        rules = sorted(self.rules, key=_place)
        rule = next(one for one in rules if matches(one["Conditions"], request))
        action = rule["Actions"][-1]
        if action["Type"] != "forward":
            kind: str = action["Type"]
            return kind
        return str(action["ForwardConfig"]["TargetGroups"][0]["TargetGroupArn"]).split("/")[1]

    def writes(self) -> list[str]:
        """The calls that write."""
        return [call for call in self.calls if not call.startswith(READS)]

    # The calls

    def __getattr__(self, name: str) -> Callable[..., Json]:
        operation = object.__getattribute__(self, f"do_{name}")

        def call(**parameters: Any) -> Json:
            self.calls.append(name)
            self.before_call(name)
            answer = operation(copy.deepcopy(parameters))
            return {**answer, "ResponseMetadata": {"RequestId": "r", "HTTPStatusCode": 200}}

        return call

    def do_describe_load_balancers(self, given: Json) -> Json:
        if given.get("Names", ["shop"]) != ["shop"]:
            raise refusal("LoadBalancerNotFound")
        balancer = {"LoadBalancerArn": BALANCER, "LoadBalancerName": "shop", "Type": self._kind}
        return {"LoadBalancers": [{**balancer, "DNSName": "shop-1.example.com", "State": {"Code": "active"}}]}

    def do_describe_listeners(self, _given: Json) -> Json:
        return {"Listeners": [{"ListenerArn": LISTENER, "Port": self.port, "Protocol": "HTTPS"}]}

    def do_describe_rules(self, _given: Json) -> Json:
        return {"Rules": [dict(rule) for rule in self.rules]}

    def do_describe_tags(self, given: Json) -> Json:
        arns = given["ResourceArns"]
        assert len(arns) <= 20
        if not set(arns) <= {LISTENER, *(rule["RuleArn"] for rule in self.rules)}:
            raise refusal("RuleNotFound")
        described = [(arn, self.tags.get(arn, {})) for arn in arns]
        return {"TagDescriptions": [{"ResourceArn": arn, "Tags": _listed(tags)} for arn, tags in described]}

    def do_describe_account_limits(self, _given: Json) -> Json:
        return {"Limits": [{"Name": "rules-per-application-load-balancer", "Max": str(self.most)}]}

    def do_describe_target_health(self, given: Json) -> Json:
        arn = given["TargetGroupArn"]
        found = next((states for part, states in self.health.items() if part in arn), [])
        return {
            "TargetHealthDescriptions": [
                {"Target": {"Id": "192.0.2.1"}, "TargetHealth": {"State": state}} for state in found
            ]
        }

    def do_create_rule(self, given: Json) -> Json:
        body = {name: value for name, value in given.items() if name not in ("ListenerArn", "Tags")}
        if any(rule["Priority"] == str(given["Priority"]) for rule in self.rules):
            raise refusal("PriorityInUse")
        rule = {"RuleArn": self._arn(), "IsDefault": False, **body, "Priority": str(given["Priority"])}
        self.rules.append(rule)
        self.tags[rule["RuleArn"]] = {tag["Key"]: tag["Value"] for tag in given["Tags"]}
        return {"Rules": [rule]}

    def do_modify_rule(self, given: Json) -> Json:
        rule = self._rule(given["RuleArn"])
        rule.update(given)
        return {"Rules": [rule]}

    def do_delete_rule(self, given: Json) -> Json:
        self.rules.remove(self._rule(given["RuleArn"]))
        self.tags.pop(given["RuleArn"], None)
        return {}

    def do_set_rule_priorities(self, given: Json) -> Json:
        wanted = {one["RuleArn"]: str(one["Priority"]) for one in given["RulePriorities"]}
        rules = [self._rule(arn) for arn in wanted]
        after = [wanted.get(rule["RuleArn"], rule["Priority"]) for rule in self.rules]
        if len(after) != len(set(after)):
            raise refusal("PriorityInUse")
        for rule in rules:
            rule["Priority"] = wanted[rule["RuleArn"]]
        return {"Rules": rules}

    def do_add_tags(self, given: Json) -> Json:
        for arn in given["ResourceArns"]:
            self.tags[arn] = self.tags.get(arn, {}) | {tag["Key"]: tag["Value"] for tag in given["Tags"]}
        return {}

    def do_remove_tags(self, given: Json) -> Json:
        for arn in given["ResourceArns"]:
            self.tags[arn] = {key: value for key, value in self.tags[arn].items() if key not in given["TagKeys"]}
        return {}

    def _rule(self, arn: str) -> Json:
        found = next((rule for rule in self.rules if rule["RuleArn"] == arn), None)
        if found is None:
            raise refusal("RuleNotFound")
        return found


def _place(rule: Json) -> int:
    return 10**6 if rule["Priority"] == "default" else int(rule["Priority"])


def _listed(tags: dict[str, str]) -> list[Json]:
    return [{"Key": key, "Value": value} for key, value in tags.items()]


def refusal(code: str, status: int = 400) -> ClientError:
    """What boto3 raises."""
    response: Any = {"Error": {"Code": code, "Message": "No."}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(response, "Call")


def switch(world: World, *, enabled: bool, page: Json | None = None, check_mode: bool = False, **more: Any) -> Json:
    """Enter or exit maintenance on the listener."""
    given = {"owner": "operator", "since": "2026-11-21T03:04:05Z", **more}
    request = Request(enabled, page=page_from(page or {}) if enabled else None, **given)
    selection = Selection("shop", ports=(443,))
    one = ListenerSwitch(LoadBalancerRules(world), selection, request, Deadline(60, FakeClock()))
    return one.run(check_mode=check_mode)
