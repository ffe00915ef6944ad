# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Entering and exiting maintenance: which steps are missing on a load balancer as it is, and what each one changes.

Pure functions on the plain JSON of the service, so that fields which the installed SDK does not know survive.
"""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import redirects, selection
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import (
    Hold,
    UnreadableHoldsError,
    is_alarm,
    read_holds,
    tags_with,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request

Json = Mapping[str, t.Any]

#: What UpdateLoadBalancer may set and would have to be given back should it reset what a request leaves out; its
#: reference says "not changed when unset" for one field only. The IP mode is left out: it cannot be reset.
_LOAD_BALANCER_FIELDS = (
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

    :ivar clear: start from no holds, because those that are recorded cannot be read.
    """

    take: tuple[Hold, ...] = ()
    release: tuple[tuple[str, str, str], ...] = ()
    clear: bool = False


Step: t.TypeAlias = "Switch | ChangeHolds"


def missing_steps(
    load_balancer: Json, request: Request, written: Sequence[Step], given_up: Collection[str] = ()
) -> list[Step]:
    """What has still to be done, in order: the page first, the record of who holds it after it.

    :param written: the steps that this run has taken already.
    :param given_up: listeners that the service refused to change, whose holds have to stay as they are then.
    :raises RefusedError: what is asked cannot or must not be done.
    """
    selection.check_in_service(load_balancer)
    selection.chosen_listeners(load_balancer, request.selection)
    selection.check_rule_set(load_balancer, request.rule_set)
    if request.enabled:
        redirects.check_shows_page(request.rule_set, load_balancer["ruleSets"][request.rule_set])
    names = fronts(load_balancer, request).names
    names = tuple(name for name in names if name not in given_up)
    if request.enabled:
        return _steps_to_enter(load_balancer, request, names)
    return _steps_to_exit(load_balancer, request, names, written)


def fronts(load_balancer: Json, request: Request) -> selection.Fronts:
    """The listeners that a request is about as the load balancer is now, and those that it leaves out.

    :raises RefusedError: there are none.
    """
    if request.enabled:
        return selection.fronts_to_enter(load_balancer, request.selection, request.rule_set)
    holds = readable_holds(load_balancer)
    return selection.fronts_to_exit(load_balancer, request.selection, request.rule_set, holds)


def readable_holds(load_balancer: Json) -> tuple[Hold, ...]:
    """The recorded holds; none where they cannot be read, which decisions refuse on their own account."""
    try:
        return read_holds(load_balancer.get("freeformTags") or {})
    except UnreadableHoldsError:
        return ()


def is_attached(load_balancer: Json, listener: str, rule_set: str) -> bool:
    """Whether a rule set is attached to a listener, at any place."""
    return rule_set in rule_set_names(load_balancer, listener)


def rule_set_names(load_balancer: Json, listener: str) -> list[str]:
    """The rule sets attached to a listener, in order."""
    return list(load_balancer["listeners"][listener].get("ruleSetNames") or [])


def holds_on(holds: Sequence[Hold], listener: str, rule_set: str) -> list[Hold]:
    """Those of the holds that keep this rule set on this listener."""
    return [hold for hold in holds if (hold.listener, hold.rule_set) == (listener, rule_set)]


def listener_body(load_balancer: Json, step: Switch, rule_set: str) -> dict[str, t.Any]:
    """The body of the UpdateListener that takes a step: the listener as it was read, but for ``ruleSetNames``.

    UpdateListener replaces the whole listener, so what is left out would be reset. The name stands in the path.
    """
    others = [name for name in rule_set_names(load_balancer, step.listener) if name != rule_set]
    body = {key: value for key, value in load_balancer["listeners"][step.listener].items() if key != "name"}
    return body | {"ruleSetNames": [rule_set, *others] if step.attach else others}


def load_balancer_body(load_balancer: Json, step: ChangeHolds) -> dict[str, t.Any]:
    """The body of the UpdateLoadBalancer that takes a step.

    :raises RefusedError: the new holds cannot be recorded beside what is there.
    """
    tags = dict(load_balancer.get("freeformTags") or {})
    recorded = () if step.clear else read_holds(tags)
    kept = [hold for hold in recorded if hold.key not in step.release and hold.listener in load_balancer["listeners"]]
    kept_fields = {key: load_balancer[key] for key in _LOAD_BALANCER_FIELDS if load_balancer.get(key) is not None}
    return kept_fields | {"freeformTags": tags_with([*kept, *step.take], tags)}


def after_step(load_balancer: Json, step: Step, rule_set: str) -> dict[str, t.Any]:
    """The load balancer as it is once a step has taken effect.

    :raises RefusedError: the step cannot be taken.
    """
    if isinstance(step, ChangeHolds):
        return {**load_balancer, **load_balancer_body(load_balancer, step)}
    listener = {**listener_body(load_balancer, step, rule_set), "name": step.listener}
    return {**load_balancer, "listeners": {**load_balancer["listeners"], step.listener: listener}}


def _steps_to_enter(load_balancer: Json, request: Request, names: Sequence[str]) -> list[Step]:
    _check_page(load_balancer, request.rule_set, names)
    to_attach = [name for name in names if rule_set_names(load_balancer, name)[:1] != [request.rule_set]]
    selection.check_writable(load_balancer, to_attach)
    steps: list[Step] = [Switch(name, attach=True) for name in to_attach]
    missing = _missing_holds(load_balancer, request, names, page_is_up=not to_attach)
    return [*steps, ChangeHolds(take=missing)] if missing else steps


def _check_page(load_balancer: Json, rule_set: str, names: Sequence[str]) -> None:
    attached = redirects.with_page(load_balancer, rule_set, names)
    for name in names:
        redirects.check_no_collision(name, rule_set, load_balancer)
        redirects.check_no_circle(name, rule_set, attached)
        redirects.check_page_is_served(name, rule_set, attached)


def _missing_holds(
    load_balancer: Json, request: Request, names: Sequence[str], *, page_is_up: bool
) -> tuple[Hold, ...]:
    ours = [Hold(name, request.rule_set, request.owner, request.since, request.reason) for name in names]
    try:
        held = {hold.key for hold in read_holds(load_balancer.get("freeformTags") or {})}
    except UnreadableHoldsError:
        if page_is_up:
            raise
        held = set()  # The page comes first; the step that records the holds says then what is wrong.
    return tuple(hold for hold in ours if hold.key not in held)


def _steps_to_exit(load_balancer: Json, request: Request, names: Sequence[str], written: Sequence[Step]) -> list[Step]:
    try:
        recorded: Sequence[Hold] = read_holds(load_balancer.get("freeformTags") or {})
        unreadable = False
    except UnreadableHoldsError:
        if not request.force:
            raise
        recorded, unreadable = (), True
    steps: list[Step] = []
    released: list[Hold] = []
    for name in names:
        holds = holds_on(recorded, name, request.rule_set)
        going = holds if request.force else [hold for hold in holds if hold.owner == request.owner]
        released += going
        # A page that is up again after this run took it down was put up by somebody whose hold is still to come.
        ours_to_detach = Switch(name, attach=False) not in written and _may_detach(request, holds, going)
        if ours_to_detach and is_attached(load_balancer, name, request.rule_set):
            steps.append(Switch(name, attach=False))
    selection.check_writable(load_balancer, [step.listener for step in steps if isinstance(step, Switch)])
    if released or unreadable:
        steps.append(ChangeHolds(release=tuple(hold.key for hold in released), clear=unreadable))
    return steps


def _may_detach(request: Request, holds: Sequence[Hold], going: Sequence[Hold]) -> bool:
    """The last holder takes the page along. One that nobody holds is a person's to remove, never an alarm's."""
    if not holds:
        return request.force or not is_alarm(request.owner)
    return len(going) == len(holds)
