# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which listeners a request to end maintenance is about. It needs only resources that it changes.

Between entering and leaving a rule set may be renamed, a listener deleted or a backend set replaced. Each owner of a
hold must be able to release it nevertheless. A probable typing error is refused: a name that the load balancer does
not have, where there is no hold to release, while the same owner holds a page elsewhere on the load balancer.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import redirects, selection, swaps
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import (
    Hold,
    UnreadableHoldsError,
    is_alarm,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.state import (
    holds_of,
    holds_on,
    is_attached,
    unheld_pages,
)

Json = Mapping[str, t.Any]


@dataclass(frozen=True)
class Leaving:
    """What a request to end maintenance is about.

    :ivar listeners: the listeners. Some may not exist any more, but still have holds.
    :ivar missing: sentences about names in the request that the load balancer does not have.
    """

    listeners: tuple[str, ...]
    missing: tuple[str, ...] = ()


def meant_listeners(load_balancer: Json, request: Request) -> tuple[str, ...]:
    """The listeners that a request is about.

    :raises RefusedError: there are none, or the request names something that the load balancer does not have.
    """
    return fronts(load_balancer, request).names


def fronts(load_balancer: Json, request: Request) -> selection.Fronts:
    """The listeners that a request is about as the load balancer is now, and the listeners that are left out.

    :raises RefusedError: there are none, or the request names something that the load balancer does not have.
    """
    if request.enabled:
        selection.chosen_listeners(load_balancer, request.selection)
        _check_shows_page(load_balancer, request)
        return selection.fronts_to_enter(load_balancer, request.selection, request.rule_set)
    names = leaving(load_balancer, request).listeners
    left_out = () if request.selection.backend_set is None else _showing(load_balancer, request).left_out
    return selection.Fronts(names, tuple(left for left in left_out if left.listener not in names))


def _check_shows_page(load_balancer: Json, request: Request) -> None:
    if request.in_place:
        swaps.check_exists(load_balancer, request.rule_set)
        return
    selection.check_rule_set(load_balancer, request.rule_set)
    redirects.check_shows_page(request.rule_set, load_balancer["ruleSets"][request.rule_set])


def _missing_page(load_balancer: Json, request: Request) -> list[str]:
    if request.in_place:
        return selection.unknown("backend set", [request.in_place], load_balancer["backendSets"])
    return selection.unknown("rule set", [request.rule_set], load_balancer["ruleSets"])


def leaving(load_balancer: Json, request: Request) -> Leaving:
    """What a request to end maintenance is about on this load balancer.

    :raises RefusedError: it is not clear which listeners are meant.
    :raises UnreadableHoldsError: somebody has edited the holds, and force is not set.
    """
    held, _unreadable = recorded_holds(load_balancer, request)
    if request.selection.backend_set is None:
        names, missing = _named(load_balancer, request)
    else:
        names, missing = _of_backend_set(load_balancer, request, request.selection.backend_set, held)
    missing += _missing_page(load_balancer, request)
    return Leaving(names, tuple(missing))


def check_no_slip(load_balancer: Json, request: Request) -> None:
    """Refuse names that the load balancer does not have, if there is no hold to release there, but elsewhere there is.

    Call this with the load balancer as it was found, before the first hold is released.

    :raises RefusedError: with the listeners that could be meant.
    """
    left = leaving(load_balancer, request)
    if not left.missing:
        return
    held, _unreadable = recorded_holds(load_balancer, request)
    going = set(_pairs(hold for hold in held if is_going(request, hold)))
    meant = {(name, request.rule_set) for name in left.listeners}
    elsewhere = {pair for pair in going if pair[0] in load_balancer["listeners"]}
    # A hold on a listener that is gone may have only a mark, so it counts whatever the name of the listener was.
    if meant & going or going > elsewhere or any(is_attached(load_balancer, *pair) for pair in meant):
        return
    if not is_alarm(request.owner):
        unheld = unheld_pages(load_balancer, sorted(load_balancer["listeners"]), request.rule_set, held)
        elsewhere |= {(name, request.rule_set) for name in unheld}
    if elsewhere:
        reported = ", ".join(f"{rule_set!r} on {name}" for name, rule_set in sorted(elsewhere))
        raise RefusedError(
            f"{' '.join(left.missing)} So there is nothing to end there, but elsewhere on this load balancer there is: "
            f"{reported}. Give the listeners or backend_set, and the rule_set, of what is to end.",
            code="TG-WRONG-LISTENER",
        )


def is_going(request: Request, hold: Hold) -> bool:
    """Whether a request to end maintenance releases this hold, if it is about its listener."""
    return request.force or hold.owner == request.owner


def recorded_holds(load_balancer: Json, request: Request) -> tuple[Sequence[Hold], bool]:
    """All holds, and whether they exist but cannot be read, which force ignores.

    :raises UnreadableHoldsError: somebody has edited the holds, and force is not set.
    """
    try:
        return holds_of(load_balancer), False
    except UnreadableHoldsError:
        if not request.force:
            raise
        return (), True


def _named(load_balancer: Json, request: Request) -> tuple[tuple[str, ...], list[str]]:
    names = request.selection.listeners
    return names, selection.unknown("listener", names, load_balancer["listeners"])


def _of_backend_set(
    load_balancer: Json, request: Request, backend_set: str, held: Sequence[Hold]
) -> tuple[tuple[str, ...], list[str]]:
    """The listeners that serve the backend set; if some of them show or hold the page, only these.

    If no listener serves it any more, the listeners where this owner holds this page, if they serve the same backend
    set.
    """
    listeners = load_balancer["listeners"]
    serving = [name for name in sorted(listeners) if listeners[name]["defaultBackendSetName"] == backend_set]
    if serving:
        page = request.rule_set
        left = [name for name in serving if is_attached(load_balancer, name, page) or holds_on(held, name, page)]
        return tuple(left) or _showing(load_balancer, request).names or tuple(serving), []
    missing = selection.unknown("backend set", [backend_set], load_balancer["backendSets"])
    missing = missing or [f"No listener has {backend_set!r} as its default backend set any more."]
    names = sorted({hold.listener for hold in held if is_going(request, hold) and hold.rule_set == request.rule_set})
    served = {listeners[name]["defaultBackendSetName"] for name in names if name in listeners}
    if len(served) > 1:
        raise RefusedError(
            f"{missing[0]} {_whose(request)} {request.rule_set!r} on {', '.join(names)}, which serve different backend "
            f"sets now ({', '.join(sorted(served))}). So it is not clear which are meant: name them in listeners.",
            code="TG-WRONG-LISTENER",
        )
    return tuple(names), missing


def _showing(load_balancer: Json, request: Request) -> selection.Fronts:
    """The listeners that would show the page if it were up; none where its rule set or the backend set is gone."""
    known = not _missing_page(load_balancer, request)
    served = {listener["defaultBackendSetName"] for listener in load_balancer["listeners"].values()}
    if not known or request.selection.backend_set not in served.intersection(load_balancer["backendSets"]):
        return selection.Fronts(())
    return selection.showing(load_balancer, request.selection, request.rule_set)


def _pairs(holds: t.Iterable[Hold]) -> list[tuple[str, str]]:
    return [(hold.listener, hold.rule_set) for hold in holds]


def _whose(request: Request) -> str:
    return "Somebody holds" if request.force else f"{request.owner!r} holds"
