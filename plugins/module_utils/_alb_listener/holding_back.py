# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Why a request changes nothing: the event is outdated, or the targets are not in the required state."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.decision import (
    Listener,
    going,
    is_left_alone,
    recorded,
)
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.request import Request

Json = Mapping[str, t.Any]

#: API reference, TargetHealth. In all other states it is unknown whether a target can serve.
_SERVING = ("healthy",)
_NOT_SERVING = ("unhealthy", "unhealthy.draining", "draining", "unused")


def backends(groups: Sequence[Sequence[str]]) -> str:
    """The state of the targets: ``serving`` if one is healthy, ``down`` if none can serve, else ``unknown``.

    A target whose first checks are not done, or that is not checked, may serve, so the state is unknown. It is also
    unknown if the listeners have no target groups.

    :param groups: the states of the targets of each target group.
    """
    states = [state for group in groups for state in group]
    if not groups:
        return "unknown"
    if any(state in _SERVING for state in states):
        return "serving"
    return "down" if all(state in _NOT_SERVING for state in states) else "unknown"


def left_alone(listeners: Sequence[Listener], request: Request) -> str:
    """Why an alarm leaves the page unchanged on some listeners; empty if there are none."""
    names = [reported_name(listener) for listener in listeners if is_left_alone(listener, request)]
    if not names:
        return ""
    return (
        f"The page was up before on {', '.join(names)}, and nobody holds it. The alarm leaves it unchanged: it records "
        "no hold, and its recovery will not remove it. A person may exit maintenance there."
    )


def held_back(listeners: Sequence[Listener], request: Request, groups: Sequence[Sequence[str]]) -> str:
    """Why a run must not take the missing steps; empty if it may."""
    return _because_of_time(listeners, request) or _because_of_backends(request, groups)


def reported_name(listener: Listener) -> str:
    """The name of a listener for people."""
    return f"{listener.get('Protocol')}:{listener.get('Port')}"


def _because_of_time(listeners: Sequence[Listener], request: Request) -> str:
    if request.enabled or request.event_time is None:
        return ""
    holds = [hold for listener in listeners for hold in going(request, recorded(listener))]
    later = [hold for hold in holds if hold.since > request.event_time]
    if not later:
        return ""
    return (
        f"{later[0].owner!r} has held the page since {later[0].since}, and this event is of {request.event_time}, "
        "so it is outdated."
    )


def _because_of_backends(request: Request, groups: Sequence[Sequence[str]]) -> str:
    wanted = request.only_if_backends
    found = backends(groups)
    if wanted is None or wanted == found:
        return ""
    reported = {
        "serving": "a target of the listeners' own target groups is healthy",
        "down": "no target of the listeners' own target groups is healthy",
        "unknown": "it is not known whether a target of the listeners' own target groups can serve",
    }
    return f"only_if_backends is {wanted!r}, and {reported[found]}."
