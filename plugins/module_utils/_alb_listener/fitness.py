# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Whether a load balancer can carry out a request."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.page import (
    EXEMPT,
    PAGE,
    Wanted,
    is_default,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.request import Selection
from ansible_collections.tidegate.failover.plugins.module_utils._errors import NotFoundError, RefusedError

Json = Mapping[str, t.Any]

_OTHER_TYPES = {"network": "a Network Load Balancer", "gateway": "a Gateway Load Balancer"}


def chosen_listeners(
    balancer: Json, listeners: Sequence[dict[str, t.Any]], selection: Selection
) -> list[dict[str, t.Any]]:
    """The selected listeners, in the requested order.

    :raises RefusedError: the load balancer is no Application Load Balancer.
    :raises NotFoundError: a listener does not exist.
    """
    name = balancer["LoadBalancerName"]
    if balancer["Type"] != "application":
        kind = _OTHER_TYPES.get(str(balancer["Type"]), f"of the type {balancer['Type']}")
        raise RefusedError(
            f"{name} is {kind}. It forwards packets and has no rules that answer requests. Give an Application Load "
            "Balancer. Nothing was changed.",
            code="TG-WRONG-OBJECT",
        )
    field, wanted = ("ListenerArn", selection.listeners) if selection.listeners else ("Port", selection.ports)
    by_field = {listener.get(field): listener for listener in listeners}
    missing = [str(one) for one in wanted if one not in by_field]
    if missing:
        ports = ", ".join(str(listener.get("Port")) for listener in listeners) or "none"
        raise NotFoundError(
            f"{name} has no listener {', '.join(missing)}. It has listeners on these ports: {ports}. Nothing was "
            "changed."
        )
    return [by_field[one] for one in wanted]


def check_count(rules: Sequence[Sequence[Json]], new: int, most: int | None) -> None:
    """:raises RefusedError: the load balancer cannot have that many rules."""
    there = sum(not is_default(rule) for some in rules for rule in some)
    if most is not None and there + new > most:
        raise RefusedError(
            f"The load balancer has {there} rules and would need {new} more. It can have {most} (quota: rules per "
            "Application Load Balancer). Give fewer exemptions, or have the quota raised. Nothing was changed."
        )


def check_no_loop(balancer: Json, listener: Json, wanted: Sequence[Wanted]) -> None:
    """:raises RefusedError: the redirect leads to the listener itself, where it would redirect again."""
    action = next((dict(one.actions[0]) for one in wanted if one.mark == PAGE), {})
    target = action.get("RedirectConfig") or {}
    here = str(balancer.get("DNSName") or "").lower()
    exempt = any(one.mark == EXEMPT for one in wanted)
    if target and str(target["Host"]).lower() == here and target["Port"] == str(listener.get("Port")) and not exempt:
        raise RefusedError(
            f"redirect_url leads to {here}:{target['Port']}, which is the listener that would redirect. Users would "
            "get the redirect again and again. Give the address of a page elsewhere. Nothing was changed."
        )
