# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which backends of a set take the traffic of new users, and how healthy they are.

The health API counts all backends alike, also backends that get no new connections. So it is combined with the flags
of GetLoadBalancer (API reference, Backend): a ``drain`` backend gets no new connections, an ``offline`` backend gets
none at all, and a ``backup`` gets some only when all others have failed, so it is often a sorry server.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

Json = Mapping[str, t.Any]

#: GetBackendSetHealth names only the backends in these states; the others are OK.
NAMED_STATES = ("critical", "warning", "unknown")
OK = "ok"

#: Flags of backends that are no capacity, the strongest first -> the word for such a backend.
_FLAGS = {"offline": "offline", "drain": "drained", "backup": "backup"}
#: With these statuses of a set, the state of each backend is known. With UNKNOWN, only of the named ones.
_CONCLUSIVE = ("OK", "WARNING", "CRITICAL")
#: With these statuses, not all backends are OK.
_NOT_ALL_OK = ("WARNING", "CRITICAL")


@dataclass(frozen=True)
class Capacity:
    """The backends of a set, by whether they take new users.

    :ivar states: names of the backends that take the traffic of new users, each with its state: one of
        :data:`NAMED_STATES`, or :data:`OK`.
    :ivar set_aside: names of the other backends, each with the reason: ``offline``, ``drained`` or ``backup``.
    :ivar unclear: why nothing is known about the set; empty if the two API responses match.
    """

    states: Mapping[str, str]
    set_aside: Mapping[str, str]
    unclear: str = ""

    def names(self, state: str) -> list[str]:
        """The backends that take the traffic of new users and are in a state."""
        return [name for name, found in self.states.items() if found == state]

    @property
    def verdict(self) -> str:
        """``down``, ``serving`` or ``unknown``.

        Down: no backend that takes the traffic of new users can answer them. This includes a set whose backends are all
        drained, and a set where only a backup is left, even a healthy one. A backend in the state WARNING (the two
        hosts of the load balancer disagree about it) still gets requests.
        """
        if self.unclear:
            return "unknown"
        if self.names(OK) or self.names("warning"):
            return "serving"
        return "unknown" if self.names("unknown") else "down"


def capacity_of(backend_set: Json | None, health: Json) -> Capacity:
    """The capacity of a backend set for new users.

    :param backend_set: the set as GetLoadBalancer shows it; None if it does not show it.
    :param health: the JSON of GetBackendSetHealth. The two are read one after the other, so a backend may have been
        added or removed in between. Then the states cannot be matched to backends, and the capacity is unclear.
    """
    backends = {str(backend["name"]): backend for backend in (backend_set or {}).get("backends") or ()}
    named = {name: state for state in NAMED_STATES for name in health.get(f"{state}StateBackendNames") or ()}
    set_aside = {name: reason for name, backend in backends.items() if (reason := _reason(backend))}
    rest = OK if health.get("status") in _CONCLUSIVE else "unknown"
    states = {name: named.get(name, rest) for name in backends if name not in set_aside}
    return Capacity(states, set_aside, _contradiction(backends, named, health))


def _reason(backend: Json) -> str:
    return next((reported for flag, reported in _FLAGS.items() if backend.get(flag)), "")


def _contradiction(backends: Json, named: Json, health: Json) -> str:
    total, status = int(health.get("totalBackendCount") or 0), health.get("status")
    strangers = [name for name in named if name not in backends]
    if strangers:
        return f"its health names {', '.join(strangers)}, which the load balancer does not list"
    if total != len(backends):
        return f"its health is of {total} backends, and the load balancer lists {len(backends)}"
    # A backend that is not named counts as OK, so a response without names must not pass for healthy backends.
    if status in _NOT_ALL_OK and not named:
        return f"its status is {status}, and its health names no backend that is not OK"
    return ""


def described(capacity: Capacity) -> str:
    """The backends in numbers, with the names of those that are not OK, for people."""
    if capacity.unclear:
        return capacity.unclear
    reported = [f"{len(capacity.names(OK))} of {len(capacity.states)} backends that take new users are OK"]
    reported += _listed({state: capacity.names(state) for state in NAMED_STATES})
    reported += _listed({reason: _with(capacity.set_aside, reason) for reason in _FLAGS.values()})
    return "; ".join(reported)


def _with(set_aside: Mapping[str, str], reason: str) -> list[str]:
    return [name for name, found in set_aside.items() if found == reason]


def _listed(groups: Mapping[str, list[str]]) -> list[str]:
    return [f"{what}: {', '.join(names)}" for what, names in groups.items() if names]
