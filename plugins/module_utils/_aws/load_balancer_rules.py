# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls for listeners and rules of Application Load Balancers, each sent once, with the collection's own errors."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.page import (
    MARK,
    Wanted,
    is_as,
    is_default,
    own_rules,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.priorities import Priorities
from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    ConflictError,
    NotFoundError,
    TransientError,
    UnexpectedAnswerError,
)

Json = dict[str, t.Any]
Rule = Mapping[str, t.Any]

#: API reference, DescribeTags: resources that one call takes.
TAGS_AT_ONCE = 20
_RULES_LIMIT = "rules-per-application-load-balancer"


class LoadBalancerRules:
    """Calls in one account and region.

    :param client: a boto3 client of ``elbv2`` that does not retry by itself.
    """

    def __init__(self, client: t.Any) -> None:
        self._client = client

    def load_balancer(self, name_or_arn: str) -> Json:
        """DescribeLoadBalancers, for one load balancer.

        :raises NotFoundError: it does not exist.
        """
        chosen = {"LoadBalancerArns" if name_or_arn.startswith("arn:") else "Names": [name_or_arn]}
        action = f"read the load balancer {name_or_arn}"
        found: list[Json] = self._call(action, "describe_load_balancers", **chosen)["LoadBalancers"]
        if not found:
            raise NotFoundError(f"Cannot {action}: AWS answered with none. Check its name or ARN, and the region.")
        return found[0]

    def listeners(self, load_balancer: str) -> list[Json]:
        """DescribeListeners: all listeners of a load balancer."""
        pages = self._pages("list the listeners", "describe_listeners", LoadBalancerArn=load_balancer)
        return [listener for page in pages for listener in page["Listeners"]]

    def with_rules(self, listener: Json) -> Json:
        """DescribeRules and DescribeTags: a listener with its ``Rules`` and ``Tags``, the rules with theirs."""
        arn = listener["ListenerArn"]
        rules = self.rules(arn)
        tagged = [str(rule["RuleArn"]) for rule in rules if not is_default(rule)]
        try:
            tags = self._tags([arn, *tagged])
        except ConflictError as problem:
            # A rule was removed between the two calls, so the read is repeated.
            raise TransientError(str(problem), effect_unknown=False) from problem
        return {
            **listener,
            "Tags": tags.get(arn, {}),
            "Rules": [{**rule, "Tags": tags.get(rule["RuleArn"], {})} for rule in rules],
        }

    def rules(self, listener: str) -> list[Json]:
        """DescribeRules: all rules of a listener."""
        pages = self._pages("list the rules", "describe_rules", ListenerArn=listener)
        return [rule for page in pages for rule in page["Rules"]]

    def most_rules(self) -> int | None:
        """DescribeAccountLimits: how many rules a load balancer can have, without defaults; None if not reported."""
        for page in self._pages("read the limits of the account", "describe_account_limits"):
            for limit in page["Limits"]:
                if limit["Name"] == _RULES_LIMIT and str(limit.get("Max") or "").isdecimal():
                    return int(limit["Max"])
        return None

    def target_states(self, target_group: str) -> list[str]:
        """DescribeTargetHealth: the state of each target."""
        answer = self._call(f"read the health of {target_group}", "describe_target_health", TargetGroupArn=target_group)
        return [str(one["TargetHealth"]["State"]) for one in answer["TargetHealthDescriptions"]]

    def add_tags(self, arn: str, tags: Mapping[str, str]) -> None:
        """AddTags: all tags in one call. Other tags stay."""
        added = [{"Key": key, "Value": value} for key, value in tags.items()]
        self._change(f"add tags to {arn}", "add_tags", ResourceArns=[arn], Tags=added)

    def remove_tags(self, arn: str, keys: Sequence[str]) -> None:
        """RemoveTags. Missing tags are no error."""
        self._change(f"remove tags of {arn}", "remove_tags", ResourceArns=[arn], TagKeys=list(keys))

    def set_priorities(self, priorities: Priorities) -> None:
        """SetRulePriorities: all priorities or none."""
        given = [{"RuleArn": arn, "Priority": priority} for arn, priority in priorities]
        self._change("set the priorities of rules", "set_rule_priorities", RulePriorities=given)

    def show(self, listener: Json, wanted: Sequence[Wanted]) -> None:
        """Replace our rules of a listener by these, in order, from the first priority on.

        The last rule is the page for everything. It is created after all exemptions, and is never missing while others
        change: missing rules are created first, and surplus rules are removed last.
        """
        ours = {int(rule["Priority"]): rule for rule in own_rules(listener["Rules"])}
        places = dict(enumerate(wanted, start=1))
        for priority in [place for place in places if place not in ours]:
            self._create(listener["ListenerArn"], priority, places[priority])
        for priority, one in places.items():
            if priority in ours and not is_as(ours[priority], one):
                self._modify(ours[priority], one)
        self.remove([rule for priority, rule in sorted(ours.items()) if priority not in places])

    def remove(self, rules: Sequence[Rule]) -> None:
        """DeleteRule, from the last to the first, so that the page goes before its exemptions."""
        for rule in reversed(rules):
            self._change(f"delete the rule {rule['RuleArn']}", "delete_rule", RuleArn=rule["RuleArn"])

    def _create(self, listener: str, priority: int, wanted: Wanted) -> None:
        self._change(
            f"create the rule {priority} of {listener}",
            "create_rule",
            ListenerArn=listener,
            Priority=priority,
            Tags=[{"Key": MARK, "Value": wanted.mark}],
            **wanted.body(),
        )

    def _modify(self, rule: Rule, wanted: Wanted) -> None:
        arn = rule["RuleArn"]
        reset = {"ResetTransforms": True} if rule.get("Transforms") and not wanted.transforms else {}
        if rule["Tags"].get(MARK) != wanted.mark:
            self.add_tags(arn, {MARK: wanted.mark})
        self._change(f"change the rule {arn}", "modify_rule", RuleArn=arn, **wanted.body(), **reset)

    def _tags(self, arns: Sequence[str]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for at in range(0, len(arns), TAGS_AT_ONCE):
            some = list(arns[at : at + TAGS_AT_ONCE])
            answer = self._call("read the tags of listener and rules", "describe_tags", ResourceArns=some)
            for one in answer["TagDescriptions"]:
                found[one["ResourceArn"]] = {tag["Key"]: tag.get("Value") or "" for tag in one.get("Tags") or ()}
        return found

    def _pages(self, action: str, operation: str, **parameters: t.Any) -> Iterator[Json]:
        marker: Json = {}
        while True:
            page = self._call(action, operation, **parameters, **marker)
            yield page
            if not page.get("NextMarker"):
                return
            marker = {"Marker": page["NextMarker"]}

    def _change(self, action: str, operation: str, **parameters: t.Any) -> Json:
        try:
            return self._call(action, operation, **parameters)
        except UnexpectedAnswerError as problem:
            # The change may have taken effect, but the response does not show it.
            raise TransientError(str(problem), effect_unknown=True) from problem

    def _call(self, action: str, operation: str, **parameters: t.Any) -> Json:
        endpoint = self._client.meta.endpoint_url
        with translated(action, endpoint):
            answer = getattr(self._client, operation)(**parameters)
        return checked(action, endpoint, operation, answer)
