# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Entering and exiting maintenance: which steps are missing on a load balancer, and what each step changes.

Pure functions on the plain JSON of the service, so that fields that the installed SDK does not know are kept.
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import redirects, selection, swaps
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import (
    Hold,
    UnreadableHoldsError,
    is_alarm,
    read_holds,
    tags_with,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.leaving import (
    fronts,
    is_going,
    leaving,
    recorded_holds,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.state import (
    holds_of,
    holds_on,
    is_attached,
    is_shown,
    rule_set_names,
    unheld_pages,
)

Json = Mapping[str, t.Any]

#: Fields that every UpdateLoadBalancer gives back, in case it resets what a request leaves out: its reference has
#: "not changed when unset" for one field only. The IP mode is left out, because it cannot be reset.
LOAD_BALANCER_FIELDS = (
    "displayName",
    "isDeleteProtectionEnabled",
    "isRequestIdEnabled",
    "requestIdHeader",
    "definedTags",
    "securityAttributes",
)


@dataclass(frozen=True)
class Switch:
    """Attach the maintenance rule set to a listener, or detach it."""

    listener: str
    attach: bool


@dataclass(frozen=True)
class ChangeHolds:
    """Record new holds and delete released ones, in one write.

    :ivar clear: start from no holds, because the recorded holds cannot be read.
    :ivar remember: what listeners have before a page is put in place. It replaces earlier records of this page.
    """

    take: tuple[Hold, ...] = ()
    remember: tuple[Hold, ...] = ()
    release: tuple[tuple[str, str, str], ...] = ()
    clear: bool = False


Step: t.TypeAlias = "Switch | ChangeHolds"


def missing_steps(
    load_balancer: Json, request: Request, written: Sequence[Step], given_up: Collection[str] = ()
) -> list[Step]:
    """The missing steps, in order.

    For people the page is put up first, and the hold is recorded after it. For an alarm the hold is recorded first, so
    that its recovery can remove every page that the alarm puts up. The hold also comes first where a backend set is
    swapped, because what the listener had has to be recorded. On the way out the page always comes first.

    :param written: the steps that this run has taken already.
    :param given_up: listeners that cannot be changed. Their page and its holds stay as they are.
    :raises RefusedError: the request cannot or must not be carried out.
    """
    selection.check_in_service(load_balancer)
    if not request.enabled:
        names = [name for name in leaving(load_balancer, request).listeners if name not in given_up]
        return _steps_to_exit(load_balancer, request, names, written)
    names = [name for name in fronts(load_balancer, request).names if name not in given_up]
    if is_alarm(request.owner) or request.in_place:
        return _steps_to_enter_hold_first(load_balancer, request, names, given_up)
    return _steps_to_enter(load_balancer, request, names)


def left_alone(load_balancer: Json, request: Request, names: Sequence[str]) -> list[str]:
    """Listeners whose page an alarm does not take over, because the page is up and has no hold."""
    if not (request.enabled and is_alarm(request.owner)):
        return []
    return unheld_pages(load_balancer, names, request.rule_set, holds_of(load_balancer))


def listener_body(load_balancer: Json, step: Switch, rule_set: str) -> dict[str, t.Any]:
    """The body of the UpdateListener for a step: the listener as it was read, except for what shows the page.

    UpdateListener replaces the whole listener, so a field that is left out would be reset. The name is in the path.
    """
    if swaps.page_of(rule_set):
        return swaps.listener_body(load_balancer, step.listener, rule_set, attach=step.attach)
    others = [name for name in rule_set_names(load_balancer, step.listener) if name != rule_set]
    body = {key: value for key, value in swaps.real_listener(load_balancer, step.listener).items() if key != "name"}
    return body | {"ruleSetNames": [rule_set, *others] if step.attach else others}


def load_balancer_body(load_balancer: Json, step: ChangeHolds) -> dict[str, t.Any]:
    """The body of the UpdateLoadBalancer for a step.

    :raises RefusedError: there is no room for the new holds beside the other tags.
    """
    tags = dict(load_balancer.get("freeformTags") or {})
    recorded = () if step.clear else read_holds(tags, load_balancer["listeners"])
    kept = [hold for hold in recorded if hold.key not in step.release and hold.listener in load_balancer["listeners"]]
    kept = _without_idle_records(load_balancer, [*kept, *step.take], step.remember)
    kept_fields = {key: load_balancer[key] for key in LOAD_BALANCER_FIELDS if load_balancer.get(key) is not None}
    return kept_fields | {"freeformTags": tags_with(kept, tags, load_balancer.get("definedTags"))}


def _without_idle_records(load_balancer: Json, holds: Sequence[Hold], new: Sequence[Hold]) -> list[Hold]:
    """The holds, and the newest records of what listeners had, only where the page is held or up."""
    held = {(hold.listener, hold.rule_set) for hold in holds if not swaps.is_record(hold)}
    renewed = {(record.listener, record.rule_set) for record in new}
    records = [
        hold
        for hold in holds
        if swaps.is_record(hold)
        if (place := (hold.listener, hold.rule_set)) not in renewed
        if place in held or swaps.is_up(load_balancer, *place)
    ]
    return [*(hold for hold in holds if not swaps.is_record(hold)), *records, *new]


def after_step(load_balancer: Json, step: Step, rule_set: str) -> dict[str, t.Any]:
    """The load balancer after a step.

    :raises RefusedError: the step cannot be taken.
    """
    now = swaps.original(load_balancer)
    if isinstance(step, ChangeHolds):
        return swaps.view({**now, **load_balancer_body(load_balancer, step)})
    listener = {**listener_body(load_balancer, step, rule_set), "name": step.listener}
    return swaps.view({**now, "listeners": {**now["listeners"], step.listener: listener}})


def _steps_to_enter(load_balancer: Json, request: Request, names: Sequence[str]) -> list[Step]:
    pages = _missing_pages(load_balancer, request, names)
    try:
        missing = _missing_holds(load_balancer, request, names)
    except UnreadableHoldsError:
        if not pages:
            raise
        # The page comes first. The step that records the holds then reports the error.
        missing = _holds_for(request, names)
    return [*pages, ChangeHolds(take=missing)] if missing else pages


def _steps_to_enter_hold_first(
    load_balancer: Json, request: Request, names: Sequence[str], given_up: Collection[str]
) -> list[Step]:
    """The steps to enter, the hold first. A page that somebody else puts up after the hold was recorded counts as ours:
    it cannot be distinguished from our own write with a lost response, and the hold was there first.
    """
    alone = left_alone(load_balancer, request, names)
    names = [name for name in names if name not in alone]
    pages = _missing_pages(load_balancer, request, names)
    missing = _missing_holds(load_balancer, request, names)
    # Where the page could not be put up, the hold has no page to remove later. It would only hold somebody else's page.
    void = [
        hold.key
        for name in sorted(given_up)
        for hold in holds_on(holds_of(load_balancer), name, request.rule_set)
        if hold.owner == request.owner and not is_attached(load_balancer, name, request.rule_set)
    ]
    records = _missing_records(load_balancer, request, names)
    first: list[Step] = [ChangeHolds(take=missing, remember=records)] if missing or records else []
    last: list[Step] = [ChangeHolds(release=tuple(void))] if void else []
    return [*first, *pages, *last]


def _missing_pages(load_balancer: Json, request: Request, names: Sequence[str]) -> list[Step]:
    if request.in_place:
        swaps.check_page(load_balancer, request.rule_set, request.selection.testers, names)
    else:
        _check_page(load_balancer, request.rule_set, names)
    to_attach = [name for name in names if not is_shown(load_balancer, name, request.rule_set)]
    selection.check_writable(load_balancer, to_attach)
    return [Switch(name, attach=True) for name in to_attach]


def _missing_records(load_balancer: Json, request: Request, names: Sequence[str]) -> tuple[Hold, ...]:
    """What is to be recorded of listeners before the page is put in place there."""
    if not request.in_place:
        return ()
    page, testers = request.rule_set, request.selection.testers
    swapped = [
        swaps.wanted(load_balancer, name, page, testers)
        for name in names
        if not swaps.is_whole(load_balancer, name, page)
    ]
    return tuple(
        swaps.record_of(swap, request.since)
        for swap in swapped
        if swaps.recorded(load_balancer, swap.listener, page) != swap
    )


def _missing_holds(load_balancer: Json, request: Request, names: Sequence[str]) -> tuple[Hold, ...]:
    held = {hold.key for hold in holds_of(load_balancer)}
    return tuple(hold for hold in _holds_for(request, names) if hold.key not in held)


def _holds_for(request: Request, names: Sequence[str]) -> tuple[Hold, ...]:
    return tuple(Hold(name, request.rule_set, request.owner, request.since, request.reason) for name in names)


def _check_page(load_balancer: Json, rule_set: str, names: Sequence[str]) -> None:
    attached = redirects.with_page(load_balancer, rule_set, names)
    for name in names:
        redirects.check_no_collision(name, rule_set, load_balancer)
        redirects.check_no_circle(name, rule_set, attached)
        redirects.check_page_is_served(name, rule_set, attached)


def _steps_to_exit(load_balancer: Json, request: Request, names: Sequence[str], written: Sequence[Step]) -> list[Step]:
    recorded, unreadable = recorded_holds(load_balancer, request)
    steps: list[Step] = []
    released: list[Hold] = []
    for name in names:
        holds = holds_on(recorded, name, request.rule_set)
        going = [hold for hold in holds if is_going(request, hold)]
        released += going
        # If the page is up again after this run took it down, somebody else put it up, and has not recorded the hold
        # yet.
        ours_to_detach = Switch(name, attach=False) not in written and _may_detach(request, holds, going)
        if ours_to_detach and is_attached(load_balancer, name, request.rule_set):
            steps.append(Switch(name, attach=False))
    # Any write drops the holds on listeners that are gone. Here they may be the only holds to release.
    gone = [hold for hold in recorded if hold.listener not in load_balancer["listeners"] and is_going(request, hold)]
    released += [hold for hold in gone if hold not in released and hold.rule_set == request.rule_set]
    if released or unreadable or _leaves_records(load_balancer, request, names, recorded):
        steps.append(ChangeHolds(release=tuple(hold.key for hold in released), clear=unreadable))
    return steps


def _leaves_records(load_balancer: Json, request: Request, names: Sequence[str], holds: Sequence[Hold]) -> bool:
    """Whether records are left of listeners whose page nobody holds."""
    if not request.in_place or is_alarm(request.owner):
        return False
    return any(
        swaps.recorded(load_balancer, name, request.rule_set) and not holds_on(holds, name, request.rule_set)
        for name in names
    )


def _may_detach(request: Request, holds: Sequence[Hold], going: Sequence[Hold]) -> bool:
    """The last owner removes the page. People may remove a page without a hold; an alarm never does."""
    if not holds:
        return request.force or not is_alarm(request.owner)
    return len(going) == len(holds)
