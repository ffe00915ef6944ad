# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The last results of Route 53's checkers, and the health that follows from them.

More than 18 % of the checkers must see an endpoint healthy for it to count as healthy (Developer Guide, "How Amazon
Route 53 determines whether a health check is healthy"). The texts of GetHealthCheckStatus begin with "Success" or
"Failure"; what follows is not documented.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import PROBED_TYPES, HealthCheck

HEALTHY_SHARE = 0.18


@dataclass(frozen=True)
class Observation:
    """The last probe of one checker.

    :ivar text: the service's own words.
    """

    region: str
    ip_address: str
    text: str
    checked: datetime

    @property
    def healthy(self) -> bool:
        """Whether that probe succeeded."""
        return self.text.startswith("Success")


@dataclass(frozen=True)
class Verdict:
    """``healthy``, ``unhealthy`` or ``unknown``, and how that is known.

    :ivar share: the share of success among the checkers that have probed; None if the checkers were not read.
    """

    health: str
    how: str
    share: float | None = None


def read_observations(given: Sequence[Mapping[str, t.Any]]) -> list[Observation]:
    """Read the HealthCheckObservations of GetHealthCheckStatus. A checker that has not reported yet is left out."""
    return [
        Observation(
            str(item.get("Region") or ""),
            str(item.get("IPAddress") or ""),
            str(item["StatusReport"]["Status"]),
            item["StatusReport"]["CheckedTime"],
        )
        for item in given
        if item.get("StatusReport", {}).get("Status") and item["StatusReport"].get("CheckedTime")
    ]


def has_observations(check: HealthCheck) -> bool:
    """Whether checkers probe it: not if it is disabled, or its type follows something else."""
    return check.type in PROBED_TYPES and not check.disabled


def proven_verdict(check: HealthCheck, seen: Sequence[Observation] | None) -> Verdict:
    """Like :func:`verdict_on`, for callers that need proof that the endpoint serves. A disabled health check counts as
    healthy in Route 53 whatever its endpoint does, which is no proof."""
    if check.disabled and not check.inverted:
        return Verdict("unknown", "it is disabled, so nobody probes it")
    return verdict_on(check, seen)


def check_waitable(check: HealthCheck) -> None:
    """Refuse to wait for a verdict that cannot come.

    :param check: the health check as it will be during the wait.
    :raises RefusedError: the health check has no checkers.
    """
    if not check.disabled and check.type not in PROBED_TYPES:
        raise RefusedError(
            f"wait_for waits for what checkers see, and a health check of type {check.type} has none. Leave wait_for "
            "out, and check what that health check follows."
        )


def verdict_on(check: HealthCheck, seen: Sequence[Observation] | None, since: datetime | None = None) -> Verdict:
    """The health of a health check as DNS will see it.

    Route 53 counts a new check as healthy until there is data. Here it is "unknown", because no checker has seen it
    healthy. It is also "unknown" if checkers that have not probed the present configuration yet could change the
    result.

    :param seen: None if the checkers were not read.
    :param since: earlier observations belong to another configuration.
    """
    if check.disabled:
        health = "unhealthy" if check.inverted else "healthy"
        return Verdict(health, f"by configuration: disabled{' and inverted' if check.inverted else ''}")
    if not has_observations(check):
        control = check.config.get("RoutingControlArn")
        follows = f"; it follows routing control {control}" if control else ""
        return Verdict("unknown", f"a check of type {check.type} has no checkers to ask{follows}")
    if seen is None:
        return Verdict("unknown", "the checkers were not asked")
    current = [observation for observation in seen if since is None or observation.checked >= since]
    if not current:
        return Verdict("unknown", "no checker has reported yet")
    healthy, silent = sum(observation.healthy for observation in current), len(seen) - len(current)
    share = round(healthy / len(current), 3)
    reported = f"{healthy} of {len(current)} checkers see success{', and it is inverted' if check.inverted else ''}"
    at_least, at_most = healthy / len(seen), (healthy + silent) / len(seen)
    if at_least <= HEALTHY_SHARE < at_most:
        return Verdict("unknown", f"{reported}, and {silent} have not probed it since it was changed", share)
    health = "healthy" if (at_least > HEALTHY_SHARE) != check.inverted else "unhealthy"
    return Verdict(health, reported, share)
