# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The rules that show the page on a listener, from the request and the rules of others."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.conditions import (
    PATH,
    Condition,
    Conditions,
    conditions_of,
    narrowed,
    within_limits,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = Mapping[str, t.Any]

#: The tag that marks a rule as ours, and its value.
MARK = "tidegate.failover:rule"
EXEMPT, FOR_PATHS, PAGE = "exempt", "page-for-paths", "page"

_EVERYTHING = Condition(PATH, ("/*",))
_OIDC = "authenticate-oidc"


@dataclass(frozen=True)
class Page:
    """The page, and the requests that do not get it.

    :ivar action: the action for all paths without an own answer.
    :ivar answers: path patterns with their own answer, each with the action.
    :ivar exemptions: conditions; requests that match one reach the application as before.
    """

    action: Json
    answers: tuple[tuple[tuple[str, ...], Json], ...] = ()
    exemptions: tuple[Condition, ...] = ()


@dataclass(frozen=True)
class Wanted:
    """A rule of ours that a listener should have.

    :ivar mark: the value of its tag.
    """

    mark: str
    conditions: Conditions
    actions: tuple[Json, ...]
    transforms: tuple[Json, ...] = ()

    def body(self) -> dict[str, t.Any]:
        """The rule in the form of the API."""
        body: dict[str, t.Any] = {
            "Conditions": [one.body() for one in self.conditions],
            "Actions": [dict(one) for one in self.actions],
        }
        return body | ({"Transforms": [dict(one) for one in self.transforms]} if self.transforms else {})


def is_ours(rule: Json) -> bool:
    """Whether a rule belongs to this collection."""
    return MARK in rule["Tags"]


def is_default(rule: Json) -> bool:
    """Whether it is the default rule, for requests that match no other rule."""
    return bool(rule.get("IsDefault")) or rule["Priority"] == "default"


def in_order(rules: Sequence[Json]) -> list[Json]:
    """Rules in the order in which the listener evaluates them, without the default."""
    return sorted((rule for rule in rules if not is_default(rule)), key=lambda rule: int(rule["Priority"]))


def own_rules(rules: Sequence[Json]) -> list[Json]:
    """The rules of ours, in order."""
    return [rule for rule in in_order(rules) if is_ours(rule)]


def others_rules(rules: Sequence[Json]) -> list[Json]:
    """The rules of others, in order."""
    return [rule for rule in in_order(rules) if not is_ours(rule)]


def shows_page(rules: Sequence[Json]) -> bool:
    """Whether the page is up: whether the last rule of ours, which matches everything, exists."""
    return any(rule["Tags"][MARK] == PAGE for rule in own_rules(rules))


def wanted_rules(page: Page, rules: Sequence[Json]) -> list[Wanted]:
    """The rules of ours, in order: the exemptions first, the page for everything else last.

    :raises RefusedError: an exemption cannot be expressed exactly.
    """
    others = [*others_rules(rules), *(rule for rule in rules if is_default(rule))]
    paths = [
        Wanted(FOR_PATHS, conditions, (action,))
        for patterns, action in page.answers
        for conditions in within_limits((Condition(PATH, patterns),))
    ]
    return [*_exempt(page.exemptions, others), *paths, Wanted(PAGE, (_EVERYTHING,), (page.action,))]


def _exempt(exemptions: Sequence[Condition], others: Sequence[Json]) -> Iterator[Wanted]:
    """Each rule of the listener, restricted to each exemption.

    An ALB has no "not", so a page rule cannot exclude requests. So exempt requests need their own rules before the
    page, with the same order and actions as before.
    """
    decided: set[Condition] = set()
    for rule in others:
        for exemption in exemptions:
            if exemption in decided:
                # An earlier rule handles all of these requests, so they never reach this rule.
                continue
            try:
                found = narrowed(conditions_of(rule), exemption)
                if found is None:
                    continue
                if found == (exemption,):
                    decided.add(exemption)
                copied = copied_actions(rule)
                for conditions in within_limits(found):
                    yield Wanted(EXEMPT, conditions, copied, tuple(rule.get("Transforms") or ()))
            except RefusedError as problem:
                raise RefusedError(
                    f"{problem} It is the rule with the priority {rule['Priority']}. The page was not put up: exempt "
                    "requests would not reach what they reach now. Remove the exemption, or change that rule."
                ) from problem


def copied_actions(rule: Json) -> tuple[Json, ...]:
    """The actions of a rule, in the form in which they are compared and sent.

    :raises RefusedError: they cannot be read completely.
    """
    actions = rule.get("Actions") or ()
    if any(action.get("Type") == _OIDC for action in actions):
        raise RefusedError(
            "A rule of the listener signs users in by OpenID Connect. Its client secret cannot be read, so the rule "
            "cannot be repeated for exempt requests."
        )
    ordered = sorted(actions, key=lambda action: int(action.get("Order") or 0))
    return tuple(_action(action, order if len(ordered) > 1 else None) for order, action in enumerate(ordered, start=1))


def _action(given: Json, order: int | None) -> Json:
    """The action without redundant fields of the response, such as ``TargetGroupArn`` beside a ``ForwardConfig``."""
    action = {name: value for name, value in given.items() if name not in ("Order", "TargetGroupArn") and value}
    if given["Type"] == "forward":
        action["ForwardConfig"] = _forward(given)
    return action if order is None else {**action, "Order": order}


def _forward(given: Json) -> Json:
    config = given.get("ForwardConfig") or {"TargetGroups": [{"TargetGroupArn": given.get("TargetGroupArn")}]}
    groups = [{"Weight": 1, **group} for group in config["TargetGroups"]]
    sticky = config.get("TargetGroupStickinessConfig") or {}
    kept = {"TargetGroupStickinessConfig": sticky} if sticky.get("Enabled") else {}
    return {"TargetGroups": groups, **kept}


def is_as(rule: Json, wanted: Wanted) -> bool:
    """Whether a rule of ours is as it should be."""
    transforms = tuple(rule.get("Transforms") or ())
    return (
        rule["Tags"].get(MARK) == wanted.mark
        and {one.meaning() for one in conditions_of(rule)} == {one.meaning() for one in wanted.conditions}
        and [_meaning(one) for one in copied_actions(rule)] == [_meaning(one) for one in wanted.actions]
        and transforms == wanted.transforms
    )


def _meaning(action: Json) -> Json:
    """An action without empty fields, because a response of the service may leave them out."""
    return {
        name: {key: part for key, part in value.items() if part != ""} if isinstance(value, Mapping) else value
        for name, value in action.items()
    }


def target_groups_of(rules: Sequence[Json]) -> list[str]:
    """The target groups that a listener's own rules lead to."""
    found = [
        str(group["TargetGroupArn"])
        for rule in rules
        if not is_ours(rule)
        for action in rule.get("Actions") or ()
        if action.get("Type") == "forward"
        for group in _forward(action)["TargetGroups"]
    ]
    return list(dict.fromkeys(found))
