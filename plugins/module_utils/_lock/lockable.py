# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which health checks can carry a lock, and which can carry a claim."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import PATH_TYPES, HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import is_bare_pin, read_pin, too_long


def check_updatable(check: HealthCheck) -> None:
    """Refuse a health check that a routing control switches.

    :raises RefusedError: with the way to switch it, which Route 53's API cannot do.
    """
    if check.updatable:
        return
    control = check.config.get("RoutingControlArn") or "<ARN of its routing control>"
    raise RefusedError(
        f"It is of type {check.type}, which Route 53 lets nobody update, so it can be neither locked nor unlocked. "
        f"Its routing control {control} switches it. Lock the site by that: with the module routing_control_lock, or "
        "in a failover with failover_routing_controls.site. Do not name this health check to be locked. The first one "
        "of a service must be of type HTTP or HTTPS, because it carries the claim of a run; no record needs to use it.",
        code="TG-ROUTING-CONTROL",
    )


def check_claimable(check: HealthCheck, lock_path: str) -> None:
    """Refuse a health check whose path cannot carry the id of a run, because no run could claim a service with it.

    :raises RefusedError: with what to do.
    """
    check_updatable(check)
    if check.type not in PATH_TYPES:
        raise RefusedError(
            f"It is of type {check.type}, which has no path, and a run claims a service in the path of its first "
            "health check. Put one of type HTTP or HTTPS first."
        )
    if read_pin(check.path) is not None or is_bare_pin(check.path, lock_path):
        return
    problem = too_long(lock_path, check.path)
    if problem:
        raise RefusedError(
            f"{problem} A run claims a service in the path of its first health check. Put another one first, or give "
            "this one a shorter path."
        )
