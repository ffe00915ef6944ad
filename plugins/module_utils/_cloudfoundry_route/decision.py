# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Entering and exiting maintenance on a route: which steps are missing, and what each step changes.

Pure functions on the JSON of the API. Cloud Foundry has no versions, so three things replace compare-and-set: the
destinations are recorded before they are changed; a route that leads neither to the recorded destinations nor only to
the responder was changed by somebody else, and is not overwritten; and after each write the route is read again.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import (
    Destination,
    are_like,
    check_can_be_set_again,
    destinations_of,
    leads_to,
    ordered,
    page,
    shows_page,
    with_default_ports,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.route_holds import (
    RouteHold,
    RouteHolds,
    annotations_to_release,
    annotations_to_take,
    read_route_holds,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import is_alarm

Json = Mapping[str, t.Any]


@dataclass(frozen=True)
class Learned:
    """What this run learned from the audit events of its own replace. No other read shows this.

    :ivar default_ports: destinations that were mapped without a port.
    :ivar overlooked: destinations that somebody added right before the replace, which removed them.
    """

    default_ports: tuple[Destination, ...] = ()
    overlooked: tuple[Destination, ...] = ()


@dataclass(frozen=True)
class TakeHolds:
    """Record holds, each with the earlier destinations of the route."""

    holds: tuple[RouteHold, ...]


@dataclass(frozen=True)
class ReleaseHolds:
    """Remove the holds of these owners.

    :ivar damaged: annotations that cannot be read and are removed too.
    """

    owners: tuple[str, ...]
    damaged: tuple[str, ...] = ()


@dataclass(frozen=True)
class ReplaceDestinations:
    """Replace all destinations of the route by these.

    :ivar to_page: whether this puts the page up.
    """

    destinations: tuple[Destination, ...]
    to_page: bool


Step: t.TypeAlias = "TakeHolds | ReleaseHolds | ReplaceDestinations"


def annotations_of(route: Json) -> dict[str, str]:
    """The annotations of a route."""
    return dict((route.get("metadata") or {}).get("annotations") or {})


def holds_of(route: Json) -> RouteHolds:
    """The holds that a route records."""
    return read_route_holds(annotations_of(route))


def responder_shown(route: Json, holds: RouteHolds, responder: str | None) -> str | None:
    """The responder, if the route leads only to it; None if the page is not up."""
    candidates = {hold.responder for hold in holds.holds} | ({responder} if responder else set())
    destinations = destinations_of(route)
    return next((one for one in sorted(candidates) if shows_page(destinations, one)), None)


def missing_steps(route: Json, request: Request, written: Sequence[Step], learned: Learned) -> list[Step]:
    """The missing steps, in order.

    The hold always comes first, for people too, because without its record the way back would be lost.

    :param written: the steps that this run has taken already.
    :raises RefusedError: the request cannot or must not be carried out.
    """
    holds = holds_of(route)
    if request.enabled:
        return _steps_to_enter(route, request, holds, learned)
    return _steps_to_exit(route, request, holds, written, learned)


def is_left_alone(route: Json, request: Request) -> bool:
    """Whether the request is of an alarm, which does not change a page that nobody holds."""
    holds = holds_of(route)
    unheld = responder_shown(route, holds, request.responder) is not None and not holds.holds
    return unheld and is_alarm(request.owner)


def going(request: Request, holds: RouteHolds) -> tuple[RouteHold, ...]:
    """The holds that a request to exit releases."""
    return tuple(hold for hold in holds.holds if request.force or hold.owner == request.owner)


def body_of(route: Json, step: Step) -> dict[str, t.Any]:
    """The body of the API request for a step.

    :raises RefusedError: the holds do not fit.
    """
    if isinstance(step, ReplaceDestinations):
        return {"destinations": [one.body() for one in step.destinations]}
    return {"metadata": {"annotations": _changes(route, step)}}


def after_step(route: Json, step: Step) -> dict[str, t.Any]:
    """The route after a step."""
    if isinstance(step, ReplaceDestinations):
        return {**route, "destinations": [one.shown() for one in step.destinations]}
    annotations: dict[str, str | None] = {**annotations_of(route), **_changes(route, step)}
    kept = {key: value for key, value in annotations.items() if value is not None}
    return {**route, "metadata": {**(route.get("metadata") or {}), "annotations": kept}}


def took_effect(route: Json, step: Step) -> bool:
    """Whether a route that was read after a step shows its effect."""
    if isinstance(step, ReplaceDestinations):
        return are_like(destinations_of(route), step.destinations)
    annotations = annotations_of(route)
    return all(annotations.get(key) == value for key, value in _changes(route, step).items())


def _changes(route: Json, step: TakeHolds | ReleaseHolds) -> dict[str, str | None]:
    if isinstance(step, TakeHolds):
        return annotations_to_take(step.holds, annotations_of(route))
    found = holds_of(route)
    return {**annotations_to_release(step.owners, found), **dict.fromkeys(step.damaged)}


def _steps_to_enter(route: Json, request: Request, holds: RouteHolds, learned: Learned) -> list[Step]:
    responder = request.responder
    if responder is None:
        raise AssertionError("a request to enter maintenance has a responder")
    _check_readable(holds)
    shown = responder_shown(route, holds, responder)
    _check_one_responder(request, holds, shown, responder)
    if shown is None:
        return _steps_to_put_up(route, request, holds, responder)
    if is_left_alone(route, request):
        return []
    known = next((hold.before for hold in holds.holds if hold.before is not None), None)
    before = None if known is None else improved(known, learned)
    take = _to_record(request, holds, responder, before)
    return [TakeHolds(take)] if take else []


def _steps_to_put_up(route: Json, request: Request, holds: RouteHolds, responder: str) -> list[Step]:
    now = destinations_of(route)
    if leads_to(now, responder):
        raise RefusedError(
            "The route leads to the responder and to other apps as well, so somebody else is changing it, or a change "
            "by hand was left half-way. It was left as it is. Unmap the responder, then run this again."
        )
    check_can_be_set_again(now)
    before = next((hold.before for hold in holds.holds if hold.before and are_like(hold.before, now)), now)
    take = _to_record(request, holds, responder, before)
    put_up = ReplaceDestinations(page(responder, request.responder_port), to_page=True)
    return [TakeHolds(take), put_up] if take else [put_up]


def _to_record(
    request: Request, holds: RouteHolds, responder: str, before: tuple[Destination, ...] | None
) -> tuple[RouteHold, ...]:
    """The hold of this owner, and the holds of others with a wrong record of the earlier destinations."""
    mine = holds.of(request.owner)
    wanted = [hold for hold in holds.holds if hold.owner != request.owner]
    wanted.append(
        replace(mine, is_leaving=False)
        if mine
        else RouteHold(request.owner, request.since, responder, before, request.reason)
    )
    changed = [replace(hold, before=before, responder=responder) for hold in wanted]
    return tuple(hold for hold in changed if hold not in holds.holds)


def improved(before: tuple[Destination, ...], learned: Learned) -> tuple[Destination, ...]:
    """The recorded destinations, improved by what was learned since."""
    ported = with_default_ports(before, learned.default_ports)
    new = [one for one in learned.overlooked if not any(one.is_like(other) for other in ported)]
    return ordered([*ported, *new])


def _steps_to_exit(
    route: Json, request: Request, holds: RouteHolds, written: Sequence[Step], learned: Learned
) -> list[Step]:
    if not request.force:
        _check_readable(holds)
    leaving = going(request, holds)
    staying = [hold for hold in holds.holds if hold not in leaving and not hold.is_leaving]
    shown = responder_shown(route, holds, request.responder)
    damaged = holds.damaged if request.force else ()
    if staying:
        return [*_page_for_who_came(staying, shown, written), *_leave_others(leaving, damaged)]
    ending = [hold for hold in holds.holds if hold in leaving or hold.is_leaving]
    release = _release(ending, damaged)
    if shown is None:
        return _released_without_page(route, ending, release, written, learned)
    if not ending:
        return _page_of_nobody(request, damaged)
    return [ReplaceDestinations(_what_was_before(ending), to_page=False), *release]


def _leave_others(leaving: Sequence[RouteHold], damaged: Sequence[str]) -> list[Step]:
    """Mark the holds of this owner as leaving, and release them if another owner still stays.

    Otherwise two owners who leave at the same moment would each count the other as staying, and the page would stay up
    without a record of the earlier destinations. So each marks its hold as leaving first and reads again. The one that
    marks last reads that no owner stays.
    """
    unsaid = tuple(replace(hold, is_leaving=True) for hold in leaving if not hold.is_leaving)
    return [TakeHolds(unsaid), *_release(leaving, damaged)] if unsaid else _release(leaving, damaged)


def _release(holds: Sequence[RouteHold], damaged: Sequence[str]) -> list[Step]:
    return [ReleaseHolds(tuple(hold.owner for hold in holds), tuple(damaged))] if holds or damaged else []


def _page_for_who_came(staying: Sequence[RouteHold], shown: str | None, written: Sequence[Step]) -> list[Step]:
    """If somebody entered while this run removed the page, it is put up again first."""
    took_down = any(isinstance(step, ReplaceDestinations) and not step.to_page for step in written)
    if shown is not None or not took_down:
        return []
    return [ReplaceDestinations(page(staying[0].responder), to_page=True)]


def _released_without_page(
    route: Json, leaving: Sequence[RouteHold], release: list[Step], written: Sequence[Step], learned: Learned
) -> list[Step]:
    """The steps if the page is not up (any more). A mixture of apps is an incomplete change of somebody else."""
    now = destinations_of(route)
    for hold in leaving:
        if leads_to(now, hold.responder):
            raise RefusedError(
                "The route leads to the responder and to other apps as well, so somebody else has changed it since "
                "maintenance was entered. It was left as it is, and the hold with what it led to before is kept. Map "
                "the apps that should serve, unmap the responder, then run this again to release the hold."
            )
    took_down = [step for step in written if isinstance(step, ReplaceDestinations) and not step.to_page]
    back = improved(now, Learned(overlooked=learned.overlooked)) if took_down else now
    return [ReplaceDestinations(back, to_page=False), *release] if not are_like(back, now) else release


def _page_of_nobody(request: Request, damaged: Sequence[str]) -> list[Step]:
    if is_alarm(request.owner) and not damaged:
        return []
    why = (
        f"the annotations that recorded it cannot be read ({', '.join(damaged)})"
        if damaged
        else "nobody holds the page here, so nothing records it"
    )
    raise RefusedError(
        f"The page is up, and what the route led to before is not known: {why}. Map the apps that should serve to the "
        "route (cf map-route), unmap the responder, and run this again. Nothing was changed."
    )


def _what_was_before(leaving: Sequence[RouteHold]) -> tuple[Destination, ...]:
    known = [hold.before for hold in leaving if hold.before is not None]
    if not known:
        owners = ", ".join(hold.owner for hold in leaving)
        raise RefusedError(
            f"The page was up before {owners} entered, so what the route led to before was never known. Map the apps "
            "that should serve (cf map-route), unmap the responder, and run this again to release the hold."
        )
    if any(not are_like(one, known[0]) for one in known):
        raise RefusedError(
            "The holds on this route record different destinations, so it is not clear which to bring back. The route "
            "was left as it is. Map the apps that should serve, unmap the responder, and run this again."
        )
    return known[0]


def _check_readable(holds: RouteHolds) -> None:
    if holds.damaged:
        raise RefusedError(
            f"The annotations {', '.join(holds.damaged)} of the route should record who holds its maintenance page, "
            "and what it led to before. They cannot be read; somebody has edited them. Restore them, or run with "
            "state: disabled and force: true, which removes them and brings back what other holds record.",
            code="TG-HOLDS-UNREADABLE",
        )


def _check_one_responder(request: Request, holds: RouteHolds, shown: str | None, responder: str) -> None:
    """Refuse a second responder, because a route can lead to only one."""
    other = [hold for hold in holds.holds if hold.responder != responder and hold.owner != request.owner]
    if other and shown != responder:
        owners = ", ".join(hold.owner for hold in other)
        raise RefusedError(
            f"{owners} holds the page of another responder on this route ({other[0].responder}). A route shows one "
            "page: give that app as responder_app, or let them exit first.",
            code="TG-PAGE-TAKEN",
        )
    mine = holds.of(request.owner)
    if mine and shown and shown != responder:
        raise RefusedError(
            f"{request.owner!r} holds the page of another responder on this route ({shown}). Exit maintenance first, "
            "then enter it with this responder_app.",
            code="TG-PAGE-TAKEN",
        )
