# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Whether a drill may begin: its variables, its services, blocked hours, and the status of the service."""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.tidegate.failover.plugins.module_utils._drill.drill import (
    MOVES,
    WITH_EFFECT,
    page_owners,
    take_page_down,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates import window
from ansible_collections.tidegate.failover.plugins.module_utils._gates._registry import KINDS
from ansible_collections.tidegate.failover.plugins.module_utils._gates._schema import argument_spec
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.gate_problems import gate_problems, names_of
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target

Json = dict[str, t.Any]

#: Extra vars that would override the settings of a drill.
OVERRULING = frozenset({"maintenance_force", "maintenance_owner", "maintenance_reason", "maintenance_state"})


@dataclass(frozen=True)
class Named:
    """How the services of a run were named.

    :ivar service: the service to check.
    :ivar limit: the value of ``--limit``; empty if it was not given.
    :ivar services: the value of ``drill_services``.
    :ivar meant: the services of the run.
    :ivar known: all services of the inventory.
    """

    service: str
    limit: str
    services: Sequence[str]
    meant: Sequence[str]
    known: Sequence[str]


@dataclass(frozen=True)
class Found:
    """The status of a service before a drill.

    :ivar may: the result of ``failover_state`` for an automatic failover; None if the service has no health check.
    :ivar standing: its status, in the form of the role ``status``.
    :ivar target: the service in the form that commands use.
    """

    now: datetime
    may: Mapping[str, t.Any] | None = None
    standing: Mapping[str, t.Any] = field(default_factory=dict)
    target: Target = field(default_factory=lambda: Target(""))


def problems(options: Mapping[str, t.Any], extra_vars: Collection[str]) -> list[str]:
    """The problems of the variables of a drill, a sentence each.

    :param options: the variables of the role ``drill``, without its prefix.
    """
    return [
        *_problems_of_parts(options),
        *_named_elsewhere(options, extra_vars),
        *problems_of_windows(options["blocked"]),
        *(_overruled(options, extra_vars) if options["effect"] else ()),
    ]


def _problems_of_parts(options: Mapping[str, t.Any]) -> Iterator[str]:
    if not options["of"]:
        yield "drill_of is empty. Name what is rehearsed: maintenance, lock, failover or failback, or several of them."
    if options["effect"] and "failback" in options["of"]:
        yield (
            "drill_of names failback, and drill_effect is true. With effect a drill can be of "
            f"{', '.join(WITH_EFFECT)}: a failback is part of a drill of failover. To fail back a service that is "
            "failed over, run the playbook tidegate.failover.failback."
        )


def services_of(given: Sequence[t.Any]) -> list[str]:
    """The services in ``drill_services``, split in the same way as in the playbook."""
    names = (name.strip() for one in given for name in str(one).split(","))
    return [name for name in names if name]


def _named_elsewhere(options: Mapping[str, t.Any], extra_vars: Collection[str]) -> Iterator[str]:
    """The problem of services that are named elsewhere: only extra vars select the hosts of a play."""
    if options["services"] and "drill_services" not in extra_vars:
        yield (
            "drill_services counts as an extra var only, and the inventory, a play or a role sets it. Take it out "
            "there, and name the services by --limit or -e drill_services=..."
        )


def _overruled(options: Mapping[str, t.Any], extra_vars: Collection[str]) -> Iterator[str]:
    found = sorted(OVERRULING & set(extra_vars))
    if found and "maintenance" in options["of"]:
        yield f"The extra vars {', '.join(found)} would override what the drill sets. Run the drill without them."


def problems_of_windows(given: Sequence[t.Any]) -> list[str]:
    """The problems of the blocked hours, a sentence each."""
    found = gate_problems("drill_blocked", given)
    return found or [
        f"drill_blocked: {gate['name']!r} is not of the kind window, the only kind that defines hours."
        for gate in given
        if gate.get("window") is None
    ]


def unknown_gates(not_now: Sequence[str], gates: Sequence[t.Any]) -> list[str]:
    """The problems of ``drill_gates_not_now``: names that no gate of a failback has."""
    unknown = [name for name in not_now if name not in names_of(gates)]
    if not unknown:
        return []
    return [f"drill_gates_not_now names {', '.join(unknown)}, which no gate of failback_gates is called."]


def why_not_named(named: Named) -> str:
    """Why services are not named as explicitly as a drill with effect requires; empty if they are."""
    if named.services and named.service not in named.services:
        return (
            f"drill_effect is true, and drill_services names {', '.join(named.services)}, and not {named.service}. "
            "Users would notice this drill, so it is for named services only."
        )
    if named.services:
        return ""
    if not named.limit:
        return (
            "drill_effect is true, and no service is named. Users would notice this drill, so it never means all "
            "services by itself. Name the services by --limit or drill_services."
        )
    words = named.limit.replace(":", ",").split(",")
    is_all = len(named.known) > 1 and set(named.meant) == set(named.known)
    if is_all and not set(named.known) <= set(words):
        return (
            f"drill_effect is true, and --limit {named.limit} leaves all {len(named.known)} services. Users would "
            "notice this drill, so it never means all services by a pattern. Name each of them by --limit or "
            "drill_services."
        )
    return ""


def unknown_services(named: Named) -> list[str]:
    """Services in ``drill_services`` that are not in the inventory."""
    return sorted(set(named.services) - set(named.known))


def why_refused(of: Collection[str], blocked: Sequence[Mapping[str, t.Any]], found: Found, *, effect: bool) -> str:
    """Why a drill may not begin now; empty if it may.

    :param blocked: the blocked hours, as gates.
    """
    reasons = [*_blocked_hours(blocked, found.now), *_locked(of, found)]
    if effect and not reasons:
        reasons = [*_state(found), *_standing(found)]
    return " ".join(reasons)


def _blocked_hours(blocked: Sequence[Mapping[str, t.Any]], now: datetime) -> Iterator[str]:
    checked = ArgumentSpecValidator({"gates": argument_spec(KINDS)}).validate({"gates": list(blocked)})
    for gate in checked.validated_parameters["gates"] if blocked else ():
        until = window.lasts_until(gate["window"], now)
        if until is not None:
            local = until.astimezone(window.zone(gate["window"]))
            yield (
                f"Drills are blocked until {window.WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M} "
                f"({gate['window']['time_zone']}) by {gate['name']!r} of drill_blocked. Run it after that."
            )


def _locked(of: Collection[str], found: Found) -> Iterator[str]:
    """Why a locked service cannot be rehearsed: it is failed over, or a run holds it."""
    lock = (found.may or {}).get("lock")
    if lock and not set(MOVES).isdisjoint(of):
        owner = lock["owner"] or "an owner that its tags do not tell"
        yield (
            f"The service is locked already, by {owner} (lock {lock['id']}), so a lock or a failover cannot be "
            "rehearsed. Rehearse the failback, or fail back first."
        )


def _state(found: Found) -> Iterator[str]:
    """Why a drill with effect may not begin for a service with health checks."""
    may = found.may
    if may is None:
        return
    if may["clock_problem"]:
        yield f"{may['clock_problem']} A drill could not go back then, because no evidence would be taken."
    if may["lock"]:
        yield f"The service is held: {may['msg']}"
    elif not may["allowed"]:
        yield f"No automatic run may begin for the service, so a drill with effect may not begin either. {may['msg']}"
    elif (may["state"] or {}).get("phase") == "releasing":
        yield "Its last failback was not finished. Run the playbook tidegate.failover.failback, which finishes it."


def _standing(found: Found) -> Iterator[str]:
    standing = found.standing
    if standing.get("problems"):
        yield f"The state of the service cannot be read. {' '.join(standing['problems'])}"
    page = standing.get("maintenance") or {}
    holders = ", ".join(dict.fromkeys(str(hold["owner"]) for hold in page.get("holds", ())))
    if page.get("in_maintenance") or holders:
        who = holders or "nobody that is recorded"
        killed = [take_page_down(found.target, owner) for owner in page_owners(page)]
        then = f" If that drill was killed, take its page down: {' ; '.join(killed)}" if killed else ""
        yield f"The maintenance page is up or held already, by {who}. Wait until it is down.{then}"
