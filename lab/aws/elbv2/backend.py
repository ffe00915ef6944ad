# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""moto's load balancers, corrected: they become active, and rules have the limits of the service.

Sources: API reference (CreateRule, SetRulePriorities, AddTags), and the user guide on quotas and condition types.
"""

from __future__ import annotations

import http.client
import socket
from typing import Any

from moto.elbv2 import urls
from moto.elbv2.exceptions import (
    ELBClientError,
    ListenerNotFoundError,
    PriorityInUseError,
    RuleNotFoundError,
    TooManyTagsError,
)
from moto.elbv2.models import ELBv2Backend, FakeHealthStatus, FakeListenerRule, FakeLoadBalancer, elbv2_backends

#: Quota "rules per Application Load Balancer", without defaults; moto returns it in DescribeAccountLimits.
RULES_PER_LOAD_BALANCER = 100
_PRIORITIES = range(1, 50_001)
_VALUES_PER_CONDITION = 3
_VALUES_PER_RULE = 5
_TAGS_PER_RESOURCE = 50
_SINGLE = ("host-header", "http-request-method", "path-pattern", "source-ip")
_CHECK_SECONDS = 1


def _values(condition: dict[str, Any]) -> int:
    configs = [value for name, value in condition.items() if name.endswith("Config")]
    return sum(len(config.get("Values") or ()) for config in configs) or len(condition.get("Values") or ())


def _check_conditions(conditions: list[dict[str, Any]]) -> None:
    fields = [str(condition.get("Field")) for condition in conditions]
    repeated = next((field for field in _SINGLE if fields.count(field) > 1), None)
    if repeated:
        raise ELBClientError("ValidationError", f"A rule can only have one '{repeated}' condition")
    counts = [_values(condition) for condition in conditions]
    if any(count > _VALUES_PER_CONDITION for count in counts) or sum(counts) > _VALUES_PER_RULE:
        raise ELBClientError("ValidationError", "A rule can only have '5' condition values, and a condition '3'")


class StrictElbv2Backend(ELBv2Backend):
    """moto's backend with the behaviour of the real service."""

    @property
    def _url_module(self) -> Any:
        return urls

    def create_load_balancer(self, *args: Any, **kwargs: Any) -> FakeLoadBalancer:
        """Create a load balancer that is active at once."""
        made = super().create_load_balancer(*args, **kwargs)
        made.state = "active"
        return made

    def create_rule(
        self,
        listener_arn: str,
        conditions: list[dict[str, Any]],
        priority: int,
        actions: list[dict[str, Any]],
        tags: list[dict[str, str]] | None = None,
    ) -> FakeListenerRule:
        """Create a rule within the limits."""
        self._check_priority(int(priority))
        _check_conditions(conditions)
        balancer = self._balancer_of(listener_arn)
        count = sum(len(one.rules) - 1 for one in balancer.listeners.values())
        if count >= RULES_PER_LOAD_BALANCER:
            raise ELBClientError("TooManyRules", "The maximum number of rules has been reached on this load balancer")
        self._check_tags(len(tags or ()))
        return super().create_rule(listener_arn, conditions, int(priority), actions, tags)

    def modify_rule(self, rule_arn: str, conditions: list[dict[str, Any]], actions: list[dict[str, Any]]) -> Any:
        """Change a rule within the limits."""
        _check_conditions(conditions)
        return super().modify_rule(rule_arn, conditions, actions)

    def delete_rule(self, arn: str) -> None:
        """Delete a rule and its tags."""
        self.describe_rules(None, [arn])
        super().delete_rule(arn)
        self.tagging_service.delete_all_tags_for_resource(arn)

    def set_rule_priorities(self, rule_priorities: list[dict[str, Any]]) -> list[Any]:
        """Set all priorities, or none. Only the new order is checked, so rules may change places in one call."""
        wanted = {one["RuleArn"]: int(one["Priority"]) for one in rule_priorities}
        for priority in wanted.values():
            self._check_priority(priority)
        rules = self.describe_rules(None, list(wanted))
        if len(rules) != len(wanted):
            raise RuleNotFoundError
        listener = self.describe_listeners(None, [rules[0].listener_arn])[0]
        after = [wanted.get(rule.arn, rule.priority) for rule in listener.rules.values()]
        if len(after) != len(set(after)):
            raise PriorityInUseError
        for rule in rules:
            rule.priority = wanted[rule.arn]
        return rules

    def add_tags(self, resource_arns: list[str], tags: list[dict[str, str]]) -> None:
        """Add tags. A resource can have more tags than moto allows."""
        for arn in resource_arns:
            self._get_resource_by_arn(arn)
            existing = self.tagging_service.get_tag_dict_for_resource(arn)
            self._check_tags(len(existing.keys() | {tag["Key"] for tag in tags}))
        for arn in resource_arns:
            self.tagging_service.tag_resource(arn, tags)

    def describe_tags(self, resource_arns: list[str]) -> dict[str, Any]:
        """The tags of resources that exist."""
        for arn in resource_arns:
            self._get_resource_by_arn(arn)
        return super().describe_tags(resource_arns)

    def describe_target_health(self, target_group_arn: str, targets: list[dict[str, Any]]) -> list[FakeHealthStatus]:
        """The health of targets. Targets that are addresses are probed as a load balancer would probe them."""
        group = self.target_groups.get(target_group_arn)
        states = super().describe_target_health(target_group_arn, targets)
        if group is not None and group.target_type == "ip":
            for state in states:
                _probe(state, str(group.health_check_path or "/"))
        return states

    def _balancer_of(self, listener_arn: str) -> FakeLoadBalancer:
        for balancer in self.load_balancers.values():
            if listener_arn in balancer.listeners:
                return balancer
        raise ListenerNotFoundError

    def _check_priority(self, priority: int) -> None:
        if priority not in _PRIORITIES:
            raise ELBClientError("ValidationError", f"The rule priority '{priority}' must be between 1 and 50000")

    def _check_tags(self, count: int) -> None:
        if count > _TAGS_PER_RESOURCE:
            raise TooManyTagsError


def _probe(state: FakeHealthStatus, path: str) -> None:
    connection = http.client.HTTPConnection(state.instance_id, int(state.port), timeout=_CHECK_SECONDS)
    try:
        connection.request("GET", path)
        healthy = connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException, socket.gaierror):
        healthy = False
    finally:
        connection.close()
    if not healthy:
        state.status, state.reason = "unhealthy", "Target.FailedHealthChecks"
        state.description = "Health checks failed"


def install() -> None:
    """Make moto use this backend for all regions from now on."""
    elbv2_backends.backend = StrictElbv2Backend
    elbv2_backends.clear()
