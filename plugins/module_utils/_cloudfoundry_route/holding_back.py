# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Why a request changes nothing: the event is outdated, or the apps are not in the required state."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.decision import (
    going,
    holds_of,
    is_left_alone,
    responder_shown,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import (
    Destination,
    destinations_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.request import Request

Json = Mapping[str, t.Any]

#: Whether a process of an app has an instance that gets requests, by app and process.
Healths = Mapping[tuple[str, str], bool]


def application(route: Json, request: Request) -> tuple[Destination, ...]:
    """What the route leads to without the page; empty if that is unknown."""
    holds = holds_of(route)
    if responder_shown(route, holds, request.responder) is None:
        return destinations_of(route)
    return next((hold.before for hold in holds.holds if hold.before is not None), ())


def held_back(route: Json, request: Request, healths: Healths) -> str:
    """Why a run must not take the missing steps; empty if it may."""
    return _because_of_time(route, request) or _because_of_apps(route, request, healths)


def left_alone(route: Json, request: Request) -> str:
    """Why an alarm leaves the page unchanged; empty if it does not."""
    if not is_left_alone(route, request):
        return ""
    return (
        "The page was up before, and nobody holds it. The alarm leaves it unchanged: it records no hold, and its "
        "recovery will not remove it. A person may map the apps that should serve."
    )


def _because_of_time(route: Json, request: Request) -> str:
    if request.enabled or request.event_time is None:
        return ""
    later = [hold for hold in going(request, holds_of(route)) if hold.since > request.event_time]
    if not later:
        return ""
    return (
        f"{later[0].owner!r} has held the page since {later[0].since}, and this event is of {request.event_time}, "
        "so it is outdated."
    )


def _because_of_apps(route: Json, request: Request, healths: Healths) -> str:
    wanted = request.only_if_backends
    if wanted is None:
        return ""
    keys = {(one.app, one.process) for one in application(route, request)}
    serving = any(healths.get(key, False) for key in keys)
    if wanted == "serving" and not serving:
        return "only_if_backends is 'serving', and no app that the route leads to without the page is serving."
    if wanted == "down" and serving:
        return "only_if_backends is 'down', and an app that the route leads to without the page is serving."
    return ""
