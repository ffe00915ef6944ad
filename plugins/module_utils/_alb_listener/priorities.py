# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Priorities: makes room before the rules of others, and gives each rule exactly its earlier priority back."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.page import in_order, others_rules
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.recorded import Move
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = Mapping[str, t.Any]
#: The ARNs of rules, and their new priorities.
Priorities: t.TypeAlias = tuple[tuple[str, int], ...]

#: API reference, CreateRule.
LAST_PRIORITY = 50_000


def rule_id(arn: str) -> str:
    """The last part of a rule's ARN."""
    return arn.rpartition("/")[2]


def making_room(rules: Sequence[Json], count: int) -> Priorities:
    """The rules of others to move so that the first priorities are free: as few as possible, in the same order.

    :raises RefusedError: there are not enough priorities after them.
    """
    moved = []
    for place, rule in enumerate(others_rules(rules), start=1):
        wanted = max(int(rule["Priority"]), count + place)
        if wanted > LAST_PRIORITY:
            raise RefusedError(
                f"The page needs {count} rules before all others, and the priorities up to {LAST_PRIORITY} are in use. "
                "Free some of them.",
                code="TG-NO-RULES-LEFT",
            )
        if wanted != int(rule["Priority"]):
            moved.append((str(rule["RuleArn"]), wanted))
    return tuple(moved)


def with_moves(moves: Sequence[Move], rules: Sequence[Json], priorities: Priorities) -> tuple[Move, ...]:
    """The records to write before rules are moved."""
    known = {move.rule: move for move in moves}
    now = {rule_id(rule["RuleArn"]): int(rule["Priority"]) for rule in in_order(rules)}
    for arn, priority in priorities:
        name = rule_id(arn)
        earlier = known.get(name)
        if earlier is None or now[name] not in (earlier.before, *earlier.moved_to):
            # Somebody has changed its priority since, so the present priority is the one to restore.
            known[name] = Move(name, now[name], (priority,))
        elif priority not in earlier.moved_to:
            known[name] = Move(name, earlier.before, (*earlier.moved_to, priority))
    return tuple(known[name] for name in sorted(known))


def going_back(rules: Sequence[Json], moves: Sequence[Move]) -> Priorities:
    """The rules that get their earlier priorities back after our rules are gone.

    A rule that somebody else has moved since stays where it is. If the order of rules would change, all stay.
    """
    others = others_rules(rules)
    known = {move.rule: move for move in moves}
    back = {
        str(rule["RuleArn"]): move.before
        for rule in others
        if (move := known.get(rule_id(rule["RuleArn"]))) and int(rule["Priority"]) in move.moved_to
    }
    after = [back.get(str(rule["RuleArn"]), int(rule["Priority"])) for rule in others]
    overtakes = after != sorted(set(after))
    changed = {arn: priority for arn, priority in back.items() if priority != _priority(others, arn)}
    return () if overtakes else tuple(changed.items())


def not_back(rules: Sequence[Json], moves: Sequence[Move]) -> list[str]:
    """The rules that would not get their earlier priorities back, each with its present and earlier priority."""
    known = {move.rule: move for move in moves}
    after = {str(rule["RuleArn"]): int(rule["Priority"]) for rule in others_rules(rules)} | dict(
        going_back(rules, moves)
    )
    return [
        f"{rule_id(arn)} has {priority} and had {known[rule_id(arn)].before}"
        for arn, priority in after.items()
        if rule_id(arn) in known and known[rule_id(arn)].before != priority
    ]


def with_priorities(rules: Sequence[Json], priorities: Priorities) -> list[dict[str, t.Any]]:
    """The rules after these have moved."""
    new = dict(priorities)
    return [{**rule, "Priority": str(new.get(rule["RuleArn"], rule["Priority"]))} for rule in rules]


def _priority(rules: Sequence[Json], arn: str) -> int:
    return next(int(rule["Priority"]) for rule in rules if rule["RuleArn"] == arn)
