# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The maintenance state of a load balancer as it was read: which rule sets are attached, and who holds them."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import swaps
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import Hold, read_holds

Json = Mapping[str, t.Any]


def rule_set_names(load_balancer: Json, listener: str) -> list[str]:
    """The rule sets attached to a listener, in order; none where the listener is gone."""
    return list((load_balancer["listeners"].get(listener) or {}).get("ruleSetNames") or [])


def is_attached(load_balancer: Json, listener: str, rule_set: str) -> bool:
    """Whether a rule set is attached to a listener, at any position, or the page of that name is in place there."""
    return rule_set in rule_set_names(load_balancer, listener) or swaps.is_up(load_balancer, listener, rule_set)


def is_shown(load_balancer: Json, listener: str, rule_set: str) -> bool:
    """Whether the users of a listener get the page already."""
    first = rule_set_names(load_balancer, listener)[:1] == [rule_set]
    return first or swaps.is_whole(load_balancer, listener, rule_set)


def holds_of(load_balancer: Json) -> tuple[Hold, ...]:
    """All holds that are recorded on a load balancer.

    :raises UnreadableHoldsError: somebody has edited their tags.
    """
    holds = read_holds(load_balancer.get("freeformTags") or {}, load_balancer["listeners"])
    return tuple(hold for hold in holds if not swaps.is_record(hold))


def holds_on(holds: Sequence[Hold], listener: str, rule_set: str) -> list[Hold]:
    """The holds that keep this rule set on this listener."""
    return [hold for hold in holds if (hold.listener, hold.rule_set) == (listener, rule_set)]


def unheld_pages(load_balancer: Json, names: Sequence[str], rule_set: str, holds: Sequence[Hold]) -> list[str]:
    """The listeners that show the page although nobody holds it."""
    return [
        name for name in names if is_attached(load_balancer, name, rule_set) and not holds_on(holds, name, rule_set)
    ]
