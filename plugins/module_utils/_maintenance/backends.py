# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Whether live health and recent changes confirm an event.

An event is only a hint: it may be late, repeated, outdated or forged. The status of a backend set does not help:
CRITICAL means that fewer than half of the backends are OK (reference of BackendSetHealth), not that all failed, and OK
may come from backends that serve no users. So the backends are judged one by one.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.capacity import (
    Capacity,
    capacity_of,
    described,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.leaving import meant_listeners
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.routing import routed_to
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.state import holds_of, holds_on

Json = Mapping[str, t.Any]


def checked_backend_sets(load_balancer: Json, request: Request) -> list[str]:
    """The backend sets behind the listeners of a request.

    :raises RefusedError: a listener that is to be switched does not exist.
    """
    if request.enabled and request.selection.backend_set:
        return [request.selection.backend_set]
    # Maintenance can end where a backend set or a listener is gone. Then the backend sets count that get requests now.
    names = [name for name in meant_listeners(load_balancer, request) if name in load_balancer["listeners"]]
    return sorted({behind for name in names for behind in serving_users(load_balancer, name)})


def serving_users(load_balancer: Json, name: str) -> set[str]:
    """The backend sets that serve a listener: its default or, where that is empty, the ones that it routes to.

    Ingress controllers keep the default empty. An empty set is always down, whatever happens to the others.
    """
    listener = load_balancer["listeners"][name]
    default = str(listener["defaultBackendSetName"])
    filled = {each for each, found in load_balancer["backendSets"].items() if found.get("backends")}
    routed = set() if default in filled else routed_to(load_balancer, listener) & filled
    return routed or {default}


def held_back(load_balancer: Json, request: Request, healths: Mapping[str, Json]) -> str:
    """Why nothing should be changed, in a sentence; empty if nothing speaks against a change.

    :param healths: the health of each backend set that :func:`checked_backend_sets` names.
    :raises UnreadableHoldsError: the holds cannot be read, and an event asks to release one.
    """
    for name, health in healths.items():
        capacity = capacity_of(load_balancer["backendSets"].get(name), health)
        if request.only_if_backends and capacity.verdict != request.only_if_backends:
            return (
                f"backend set {name!r} is {capacity.verdict} ({described(capacity)}), and this was requested only if "
                f"it is {request.only_if_backends}."
            )
    if request.enabled or not request.event_time:
        return ""
    newest = _newest_hold(load_balancer, request)
    if newest and request.event_time < newest:
        return (
            f"the event is of {request.event_time}, but {request.owner!r} has held the page since {newest}. So the "
            "event is outdated."
        )
    return ""


def check_page_health(load_balancer: Json, name: str, health: Json) -> None:
    """Refuse to swap in a backend set that could not answer users.

    Unknown health is no reason: OCI checks no backend set that no listener uses (reference of BackendSetHealth), and
    the backend set of a page is mostly unused.

    :raises RefusedError: the set has no backend that takes new users, or all of them have failed.
    """
    capacity = _capacity_of_page(load_balancer, name, health)
    if capacity.verdict == "down":
        raise RefusedError(
            f"Backend set {name!r}, which is to serve the page, cannot answer users: {described(capacity)}. Users "
            "would get a 502 of the load balancer. Nothing was changed. Start a backend of it, or end its drain or "
            "offline.",
            code="TG-PAGE-DEAD",
        )


def page_health_warnings(load_balancer: Json, name: str, health: Json) -> list[str]:
    """A warning if the health of the page's backend set is unknown."""
    capacity = _capacity_of_page(load_balancer, name, health)
    if capacity.verdict != "unknown":
        return []
    reported = (
        f"Whether backend set {name!r} answers was not known when it was put in place: {described(capacity)}. OCI may"
    )
    return [f"{reported} not check a backend set that no listener uses. Request the service as a user does."]


def _capacity_of_page(load_balancer: Json, name: str, health: Json) -> Capacity:
    """The capacity, where a backup counts too, because it serves if no other backend does."""
    backend_set = load_balancer["backendSets"].get(name) or {}
    backends = [{**backend, "backup": False} for backend in backend_set.get("backends") or ()]
    return capacity_of({**backend_set, "backends": backends}, health)


def _newest_hold(load_balancer: Json, request: Request) -> str:
    holds, names = holds_of(load_balancer), meant_listeners(load_balancer, request)
    held = [hold for name in names for hold in holds_on(holds, name, request.rule_set) if hold.owner == request.owner]
    return max((hold.since for hold in held), default="")
