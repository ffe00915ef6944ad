# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Locking and unlocking a site by its ARC routing controls: which states to change. Pure functions."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.last_site import LAST_SITE
from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import Permission, check_permitted
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment

ON, OFF = "On", "Off"


@dataclass(frozen=True)
class Control:
    """A routing control as it was read."""

    arn: str
    name: str
    state: str

    @property
    def is_on(self) -> bool:
        """Whether traffic flows to its site."""
        return self.state == ON


#: Routing controls by ARN.
Controls = Mapping[str, Control]


@dataclass(frozen=True)
class Target:
    """The routing controls of one service.

    :ivar site: the routing controls of the site to lock or unlock.
    :ivar others: the routing controls of other sites.
    :ivar standby: the routing controls of other sites that are on only while this site is locked.
    """

    name: str
    site: tuple[str, ...]
    others: tuple[str, ...] = ()
    standby: tuple[str, ...] = ()

    @property
    def all(self) -> tuple[str, ...]:
        """All routing controls, each once."""
        return tuple(dict.fromkeys((*self.site, *self.others, *self.standby)))


@dataclass(frozen=True)
class Change:
    """States that one call sets together: all or none."""

    states: tuple[tuple[str, str], ...]


def lock_id_of(arn: str) -> str:
    """The id of a routing control's lock. A control has no version and no place for an id, so each of its locks has the
    same id."""
    return f"routing-control-{sha256(arn.encode()).hexdigest()[:16]}"


def check_target(target: Target) -> None:
    """Refuse options that contradict each other.

    :raises RefusedError: with the reason.
    """
    if not target.site:
        raise RefusedError("routing_control_arns is empty. Name the routing control of the site.")
    twice = set(target.site) & {*target.others, *target.standby}
    if twice:
        raise RefusedError(
            f"{', '.join(sorted(twice))} is in routing_control_arns and is also named as one of another site. Name "
            "each routing control once."
        )


def decide_lock(target: Target, controls: Controls, *, overridden: bool) -> Change | None:
    """The change that locks the site; None if it is locked already.

    :param overridden: whether to lock the site even if no routing control of another site is on.
    :raises RefusedError: no other routing control would be on.
    """
    wanted = dict.fromkeys(target.standby, ON) | dict.fromkeys(target.site, OFF)
    change = _missing(wanted, controls)
    if change and not overridden and not _keeps_one(target, after_change(controls, change)):
        named = [*target.others, *target.standby]
        seen = f"{_named(named, controls)} would not be on" if named else "no routing control of another site is named"
        raise RefusedError(
            f"Nothing was changed: this would turn off the last routing control of the service that is on; {seen}. "
            "Turn on one of another site, or name it in other_routing_control_arns. To lock the site anyway, set "
            f"override to {{checks: [{LAST_SITE}], reason: ...}}.",
            code="TG-LAST-SITE",
        )
    return change


def decide_unlock(
    target: Target, controls: Controls, permission: Permission, *, lock_id: str | None, moment: Moment
) -> Change | None:
    """The change that returns traffic to the site; None if it is not locked.

    :param lock_id: the lock that the evidence must be for; None for the routing controls' own ids.
    :param moment: now, to find the age of the evidence.
    :raises RefusedError: evidence or an override is missing.
    """
    locked = locked_of(target, controls)
    if not locked:
        return None
    for wanted in dict.fromkeys(lock_id or lock_id_of(arn) for arn in locked):
        check_permitted(permission, wanted, moment)
    return _missing(dict.fromkeys(target.standby, OFF) | dict.fromkeys(target.site, ON), controls)


def give_back(target: Target, controls: Controls, change: Change) -> Change | None:
    """The change that undoes a lock after which no routing control is on, because somebody turned off the others at the
    same moment; None if one is on."""
    if _keeps_one(target, controls):
        return None
    return Change(tuple((arn, ON) for arn, state in change.states if state == OFF))


def locked_of(target: Target, controls: Controls) -> list[str]:
    """The routing controls of the site that are off."""
    return [arn for arn in target.site if not controls[arn].is_on]


def after_change(controls: Controls, change: Change) -> dict[str, Control]:
    """The routing controls after a change."""
    return {**controls, **{arn: replace(controls[arn], state=state) for arn, state in change.states}}


def differs(controls: Controls, change: Change) -> list[str]:
    """The routing controls whose state differs from a change."""
    return [arn for arn, state in change.states if controls[arn].state != state]


def picture(controls: Controls) -> dict[str, str]:
    """The states as results show them, by ARN."""
    return {arn: control.state for arn, control in controls.items()}


def message(target: Target, controls: Controls, state: str, *, changed: bool) -> str:
    """The result, in a sentence."""
    site, locked = _named(target.site, controls), state == "locked"
    if not changed:
        return f"{site} is off already." if locked else f"{site} is on, so there is no lock to release."
    moved = f"Turned {'off' if locked else 'on'} {site}"
    return (
        f"{moved}, and {'on' if locked else 'off'} {_named(target.standby, controls)}."
        if target.standby
        else f"{moved}."
    )


def warnings(target: Target, controls: Controls, state: str) -> list[str]:
    """Warnings about the present states."""
    if state == "locked" and not _keeps_one(target, controls):
        return [f"No routing control of another site is known to be on: {_named(target.all, controls)}."]
    if state == "unlocked" and (left := [arn for arn in target.standby if controls[arn].is_on]):
        return [f"{_named(left, controls)} is on beside {_named(target.site, controls)}; it was left as it is."]
    return []


def _keeps_one(target: Target, controls: Controls) -> bool:
    return any(controls[arn].is_on for arn in (*target.others, *target.standby))


def _missing(wanted: Mapping[str, str], controls: Controls) -> Change | None:
    states = tuple((arn, state) for arn, state in wanted.items() if controls[arn].state != state)
    return Change(states) if states else None


def _named(arns: Sequence[str], controls: Controls) -> str:
    return ", ".join(f"routing control {controls[arn].name}" for arn in arns)


def target_from(given: Mapping[str, t.Any]) -> Target:
    """A target from the options of the module.

    :raises RefusedError: its options contradict each other.
    """
    site, others, standby = (
        tuple(dict.fromkeys(given.get(name) or ()))
        for name in ("routing_control_arns", "other_routing_control_arns", "standby_routing_control_arns")
    )
    target = Target(str(given.get("name") or ", ".join(site)), site, others, standby)
    check_target(target)
    return target
