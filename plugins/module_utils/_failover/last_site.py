# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Whether another site is known to serve once health checks are locked. Pure functions.

All locks of a task count together: to lock a primary and its secondary would leave no site, although each lock alone is
harmless.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.preflight import OtherSite, Seen, other_site
from ansible_collections.tidegate.failover.plugins.module_utils._failover.records import RecordGroup
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.observations import Verdict

#: The name of this check in overrides, here and in the role ``failover``.
LAST_SITE = "last serving site"

_LOCKED_TOO = Verdict("unhealthy", "it is locked out too")


@dataclass(frozen=True)
class Sites:
    """What is known of the sites that DNS leads to.

    :ivar asked: all health checks that the task is to lock.
    :ivar groups: DNS records by name and type.
    :ivar checks: the health checks of these records and the children of calculated ones, by id, if they could be read.
    :ivar verdicts: the verdicts of the checkers, by id.
    :ivar problem: why the records are not known; empty if they are.
    """

    asked: Sequence[str]
    groups: Sequence[RecordGroup]
    checks: Mapping[str, HealthCheck]
    verdicts: Mapping[str, Verdict]
    lock_path: str
    problem: str = ""


@dataclass(frozen=True)
class Secondary:
    """The answer at the other site's own address.

    :ivar reported: the observation, for people.
    """

    serves: bool
    reported: str


def override_from(given: Mapping[str, t.Any] | None, state: str) -> str | None:
    """The reason in an override that locks what may be the last serving site; None if there is none.

    :raises RefusedError: the override has no reason, or the task does not lock.
    """
    if not given or not given.get("checks"):
        return None
    if state != "locked":
        raise RefusedError(f"override names the check {LAST_SITE!r}, which belongs to locking. Omit checks.")
    if not given["reason"].strip():
        raise RefusedError("override has no reason. Say why the last serving site is locked.", code="TG-OVERRIDE")
    return str(given["reason"])


def groups_of(check_id: str, groups: Sequence[RecordGroup], checks: Mapping[str, HealthCheck]) -> list[RecordGroup]:
    """The records that a health check takes out of service, directly or through calculated health checks, and records
    that could not be read."""
    using = {check_id, *(other for other in checks if check_id in _followed_by(other, checks))}
    return [group for group in groups if group.problem is not None or group.led_by(sorted(using))]


def children_of(check: HealthCheck) -> list[str]:
    """The child health checks of a calculated health check."""
    return list(check.config.get("ChildHealthChecks") or []) if check.type == "CALCULATED" else []


def doubt_about(check_id: str, sites: Sites, secondary: Secondary | None) -> str:
    """Why no other site is known to serve once everything is locked; empty if one is.

    Route 53 or the other site's address has to confirm it, and neither may deny it, as in a failover.

    :param secondary: None if no address is known.
    """
    other = _other_site(check_id, sites)
    doubts = []
    if other.health == "unhealthy":
        doubts.append(f"Route 53 reports for the other site: {other.how}.")
    if secondary is not None and not secondary.serves:
        doubts.append(f"The other site's address does not answer as expected: {secondary.reported}.")
    if secondary is None and other.health == "unknown":
        doubts.append(f"secondary_url is not given, and Route 53 does not know it to be healthy: {other.how}.")
    if not doubts:
        return ""
    return (
        f"locking it would leave no site that is known to serve. {' '.join(doubts)} To lock it all the same, "
        f"set override to {{checks: [{LAST_SITE}], reason: ...}}."
    )


def _other_site(check_id: str, sites: Sites) -> OtherSite:
    if sites.problem:
        return OtherSite("unknown", sites.problem, {})
    groups = groups_of(check_id, sites.groups, sites.checks)
    if not groups:
        return OtherSite("unknown", f"no DNS record is known that uses health check {check_id}", {})
    used = {record.health_check_id for group in groups for record in group.records if record.health_check_id}
    verdicts = {other: _verdict_after(other, sites) for other in used if other in sites.checks}
    # A calculated health check that stays healthy keeps its records in service.
    following = [other for other in verdicts if _followed_by(other, sites.checks) & set(sites.asked)]
    out = [*sites.asked, *(other for other in following if verdicts[other].health != "healthy")]
    moved = [group for group in groups if group.problem is not None or group.led_by(out)]
    if not moved:
        return OtherSite("healthy", "its records stay in service", {})
    return other_site(Seen(ids=out, checks=[], problems={}, groups=moved, locks={}, verdicts=verdicts))


def _verdict_after(check_id: str, sites: Sites) -> Verdict:
    """The verdict of Route 53 on a health check once everything is locked."""
    if check_id in _followed_by(check_id, sites.checks):
        return Verdict("unknown", f"health check {check_id} follows itself")
    check = sites.checks.get(check_id)
    if check_id in sites.asked or (check is not None and read_lock(check, sites.lock_path) is not None):
        return _LOCKED_TOO
    if check is None:
        return Verdict("unknown", f"health check {check_id} could not be read")
    if check.type == "CALCULATED" and not check.disabled:
        return _calculated(check, sites)
    return sites.verdicts.get(check_id) or Verdict("unknown", "the checkers were not asked")


def _calculated(check: HealthCheck, sites: Sites) -> Verdict:
    """A calculated health check is healthy if at least HealthThreshold of its children are (API reference)."""
    healths = [_verdict_after(child, sites).health for child in children_of(check)]
    healthy, unknown, wanted = healths.count("healthy"), healths.count("unknown"), check.config.get("HealthThreshold")
    reported = (
        f"{healthy} of its {len(healths)} health checks will be healthy, {unknown} unknown, and it needs {wanted}"
    )
    if wanted is None or healthy < wanted <= healthy + unknown:
        return Verdict("unknown", reported)
    return Verdict("healthy" if (healthy >= wanted) != check.inverted else "unhealthy", reported)


def _followed_by(check_id: str, checks: Mapping[str, HealthCheck]) -> set[str]:
    """The health checks that a calculated one follows, directly or through other calculated ones."""
    found: set[str] = set()
    to_do = [check_id]
    while to_do:
        check = checks.get(to_do.pop())
        new = set(children_of(check)) - found if check else set()
        found |= new
        to_do += new
    return found
