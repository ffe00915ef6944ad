# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls to Elastic Load Balancing for the actions of a rule or listener, and for the health of targets."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    ConflictError,
    NotFoundError,
    RefusedError,
)

Json = dict[str, t.Any]


class ActionsApi:
    """The actions of one rule, or the default actions of one listener.

    :param client: a boto3 client of ``elbv2`` that does not retry by itself.
    """

    def __init__(self, client: t.Any, *, rule_arn: str = "", listener_arn: str = "") -> None:
        self._client, self._rule, self._listener = client, rule_arn, listener_arn

    @property
    def what(self) -> str:
        """The rule or listener, for people."""
        return f"Rule {self._rule}" if self._rule else f"The default action of listener {self._listener}"

    def read(self) -> list[Json]:
        """DescribeRules or DescribeListeners.

        :raises RefusedError: the rule is the default of a listener, which can only be changed with the listener.
        """
        if not self._rule:
            action = f"read listener {self._listener}"
            listeners = self._call(action, "describe_listeners", ListenerArns=[self._listener])["Listeners"]
            return list(self._one(listeners)["DefaultActions"])
        rule = self._one(self._rules())
        if rule.get("IsDefault"):
            raise RefusedError(f"{self.what} is its listener's default. Give the listener as listener_arn instead.")
        return list(rule["Actions"])

    def _rules(self) -> Sequence[Json]:
        try:
            found: Sequence[Json] = self._call(f"read rule {self._rule}", "describe_rules", RuleArns=[self._rule])[
                "Rules"
            ]
        except ConflictError:
            # For a write, a removed rule is a conflict. For a read, the rule just does not exist.
            found = []
        return found

    def _one(self, found: Sequence[Json]) -> Json:
        if not found:
            raise NotFoundError(f"{self.what} does not exist. Check its ARN, the region and the account.")
        return found[0]

    def write(self, actions: Sequence[Json]) -> None:
        """ModifyRule or ModifyListener. They always replace all actions."""
        if self._rule:
            self._call(f"modify rule {self._rule}", "modify_rule", RuleArn=self._rule, Actions=list(actions))
            return
        changed = {"ListenerArn": self._listener, "DefaultActions": list(actions)}
        self._call(f"modify listener {self._listener}", "modify_listener", **changed)

    def _call(self, action: str, operation: str, **parameters: t.Any) -> Json:
        return _call(self._client, action, operation, **parameters)


def target_states(client: t.Any, group: str) -> dict[str, list[str]]:
    """DescribeTargetHealth: the states of each target, by its id. A target may have several ports."""
    answer = _call(client, f"read the health of target group {group}", "describe_target_health", TargetGroupArn=group)
    found: dict[str, list[str]] = {}
    for one in answer["TargetHealthDescriptions"]:
        found.setdefault(str(one["Target"]["Id"]), []).append(str(one["TargetHealth"]["State"]))
    return found


def _call(client: t.Any, action: str, operation: str, **parameters: t.Any) -> Json:
    with translated(action, client.meta.endpoint_url):
        answer = getattr(client, operation)(**parameters)
    return checked(action, client.meta.endpoint_url, operation, answer)
