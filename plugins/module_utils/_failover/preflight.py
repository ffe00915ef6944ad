# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What would stop a failover or a failback of a service, found before it is needed. Pure functions."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.records import (
    Record,
    RecordGroup,
    same_name,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import TAG as STATE_TAG
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import state_tags_in
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import PATH_TYPES, HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock, check_switches
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import (
    lock_keys_in,
    no_room,
    people_tags,
    recovery_tags,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lockable import check_claimable, check_updatable
from ansible_collections.tidegate.failover.plugins.module_utils._lock.observations import Verdict
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import (
    DEFAULT_LOCK_PATH,
    SAMPLE_ID,
    too_long,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Fence

#: Seconds. With a longer TTL, users keep the old answer for too long.
_LONG_TTL = 300


@dataclass(frozen=True)
class Finding:
    """A problem that stops a procedure, or a fact that a person should know.

    :ivar level: ``error`` stops, ``warning`` does not; ``info`` is no problem, but worth knowing.
    :ivar stops: ``failover``, ``failback``, both or none.
    """

    check: str
    level: str
    stops: tuple[str, ...]
    msg: str


@dataclass(frozen=True)
class Seen:
    """What was read of one service.

    :ivar checks: its health checks that could be read, in order.
    :ivar problems: by id, why other health checks could not be read.
    :ivar groups: its DNS records.
    :ivar locks: by id, the locks of its own and of the other sites' health checks.
    :ivar verdicts: by id, the verdicts of the checkers on these health checks.
    :ivar fences: by id, what the endpoints' answers to a pinned path prove; empty if the endpoints were not probed.
    :ivar tags: by id, the tags of health checks, as far as they were read.
    :ivar parents: by the id of a calculated health check that a record uses, the service's own children of it.
    :ivar sharing: by id, other services with the same health check.
    :ivar functions: by id, Lambda functions that listen to an alarm on the health check.
    :ivar denied: calls that the credentials may not make.
    :ivar unknown: what could not be determined.
    :ivar children: by the id of a calculated health check, its children.
    :ivar taken: by health check, the services that the same run locks before this service.
    :ivar controlled: health checks of its records that follow a routing control of the site.
    """

    ids: Sequence[str]
    checks: Sequence[HealthCheck]
    problems: Mapping[str, str]
    groups: Sequence[RecordGroup]
    locks: Mapping[str, Lock | None]
    verdicts: Mapping[str, Verdict]
    fences: Mapping[str, Fence] = field(default_factory=dict)
    tags: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    parents: Mapping[str, Sequence[str]] = field(default_factory=dict)
    sharing: Mapping[str, Sequence[str]] = field(default_factory=dict)
    functions: Mapping[str, Sequence[str]] = field(default_factory=dict)
    denied: Sequence[str] = ()
    unknown: Sequence[str] = ()
    lock_path: str = DEFAULT_LOCK_PATH
    children: Mapping[str, Sequence[str]] = field(default_factory=dict)
    taken: Mapping[str, str] = field(default_factory=dict)
    controlled: Sequence[str] = ()

    @property
    def out(self) -> list[str]:
        """The health checks that are unhealthy once the site is locked."""
        return [*self.ids, *self.controlled]


@dataclass(frozen=True)
class OtherSite:
    """What DNS leads to once the primary site is locked.

    :ivar health: ``healthy``, ``unhealthy`` or ``unknown``, as far as Route 53 knows.
    :ivar answers: the answers of DNS then, by name and type of the records; without aliases.
    """

    health: str
    how: str
    answers: Mapping[str, Sequence[str]]


def other_site(seen: Seen) -> OtherSite:
    """The site that users would reach. It is healthy only if it is known to be healthy for every name."""
    answers = {
        group.reported: [answer for record in group.others(seen.out) for answer in record.answers]
        for group in seen.groups
        if group.others(seen.out) and not any(record.alias for record in group.others(seen.out))
    }
    reported = [_health_of(group, seen) for group in seen.groups]
    if not reported:
        return OtherSite("unknown", "no DNS records are named", answers)
    for wanted in ("unhealthy", "unknown"):
        found = [how for health, how in reported if health == wanted]
        if found:
            return OtherSite(wanted, "; ".join(found), answers)
    return OtherSite("healthy", "; ".join(how for _health, how in reported), answers)


#: The health of the other site at which a service is locked, in a run that locks several services in order.
LOCK_IF: Mapping[str, Sequence[str]] = {
    "never": (),
    "healthy": ("healthy",),
    "not_unhealthy": ("healthy", "unknown"),
    "any": ("healthy", "unknown", "unhealthy"),
}


def other_sites_in_turn(
    services: Sequence[tuple[str, str, Seen]], taken: Mapping[str, str] | None = None
) -> list[OtherSite]:
    """The other site of each service, in a run that locks the services in this order.

    A site that the run locks for an earlier service does not count as an other site. So if two services are each
    other's other site, the run may lock one of them, but not both.

    :param services: for each service its name, a key of :data:`LOCK_IF`, and what was read of it.
    :param taken: by health check, services that the run locks before all of these.
    """
    taken = dict(taken or {})
    found = []
    for name, lock_if, seen in services:
        site = other_site(replace(seen, taken=taken))
        found.append(site)
        if site.health in LOCK_IF[lock_if]:
            taken |= {check_id: name for check_id in seen.out if check_id not in taken}
    return found


def own_name(check: HealthCheck, groups: Sequence[RecordGroup]) -> str | None:
    """The name that a health check probes, if its own record answers for that name; else None.

    The API reference calls the results unpredictable then (HealthCheckConfig, FullyQualifiedDomainName): checkers probe
    the site that DNS leads to.
    """
    host = check.config.get("FullyQualifiedDomainName")
    if not host or check.config.get("IPAddress"):
        return None
    return next((group.name for group in groups if same_name(group.name, host) and group.led_by([check.id])), None)


def verdict_by_own_name(check: HealthCheck, groups: Sequence[RecordGroup]) -> Verdict | None:
    """The verdict unknown for a health check that probes its :func:`own_name`; None for any other."""
    name = own_name(check, groups)
    reported = (
        f"health check {check.id} probes {name}, whose answer is the record that it moves, so any site may have "
        "answered"
    )
    return Verdict("unknown", reported) if name else None


def findings(seen: Seen) -> list[Finding]:
    """Everything that stops a failover or a failback, and other facts that a person should know."""
    found = [_error("health check", problem) for problem in seen.problems.values()]
    found += [finding for check in seen.checks for finding in _about_check(check, seen)]
    found += [_error("claim", problem) for problem in _about_claim(seen)]
    found += [finding for group in seen.groups for finding in _about_group(group, seen)]
    found += [_error("permissions", f"The credentials may not {what}.") for what in seen.denied]
    return found + [Finding("permissions", "warning", (), f"Not known: {what}.") for what in seen.unknown]


def reported_finding(finding: Finding) -> dict[str, t.Any]:
    """A finding in the form of results."""
    return {**asdict(finding), "stops": list(finding.stops)}


def _error(check: str, msg: str, *stops: str) -> Finding:
    return Finding(check, "error", stops or ("failover", "failback"), msg)


def _about_claim(seen: Seen) -> list[str]:
    """Why no run could claim the service by its first health check. A health check that cannot be locked is skipped."""
    first = next((check for check in seen.checks if check.id == seen.ids[0]), None)
    if first is None or not first.updatable:
        return []
    try:
        check_claimable(first, seen.lock_path)
    except RefusedError as problem:
        return [f"The first health check, {first.id}, cannot carry the claim of a run. {problem}"]
    return []


def _about_check(check: HealthCheck, seen: Seen) -> list[Finding]:
    found = []
    try:
        check_updatable(check)
        check_switches(check)
    except RefusedError as problem:
        found.append(_error("health check", f"{check.id}: {problem}"))
    if check.type in PATH_TYPES and check.id != seen.ids[0] and seen.locks.get(check.id) is None:
        problem_of_path = too_long(seen.lock_path, check.path)
        if problem_of_path:
            msg = (
                f"{check.id}: {problem_of_path} With method auto it is disabled and inverted, and its path stays. With "
                "method path it could not be locked."
            )
            found.append(Finding("pinned path", "warning", (), msg))
    name = own_name(check, seen.groups)
    if name:
        msg = (
            f"Health check {check.id} probes {name}, whose answer is the record that it moves: once traffic has moved, "
            "its checkers probe the other site. Let it probe a name or an address of the site itself."
        )
        found.append(Finding("health check", "warning", (), msg))
    found += _about_tags(check, seen)
    lock = seen.locks.get(check.id)
    if lock is not None:
        msg = f"Health check {check.id} is locked already, by {lock.owner or 'an unknown owner'} (lock {lock.id})."
        found.append(Finding("locked", "warning", (), msg))
    sharing = ", ".join(seen.sharing.get(check.id, ()))
    if sharing:
        msg = f"Health check {check.id} is also that of {sharing}: both would be taken out. Give each its own."
        found.append(_error("shared health check", msg))
    for function in seen.functions.get(check.id, ()):
        msg = (
            f"The Lambda function {function} listens to an alarm on health check {check.id}. If it changes the health "
            "check too, it overwrites the claim of a run. Unsubscribe it."
        )
        found.append(_error("legacy automation", msg))
    fence = seen.fences.get(check.id)
    if fence is not None and not fence.proven:
        msg = (
            f"A pinned path would not be proven to lock health check {check.id}: {fence.how}. With method auto it is "
            "disabled and inverted instead, so its checkers report nothing about the site while it is locked."
        )
        found.append(Finding("pinned path", "warning", (), msg))
    return found


def _about_tags(check: HealthCheck, seen: Seen) -> list[Finding]:
    """Whether there is room for the tags of a lock and, on the first health check, for the service's state."""
    if not check.updatable or seen.locks.get(check.id) is not None or check.id not in seen.tags:
        return []
    there = seen.tags[check.id]
    pinned = check.type in PATH_TYPES and not too_long(seen.lock_path, check.path)
    needed = list(recovery_tags(SAMPLE_ID, check.path, check.version + 1)) if pinned else []
    removed = lock_keys_in(there)
    if check.id == seen.ids[0]:
        needed, removed = [*needed, STATE_TAG], [*removed, *state_tags_in(there)]
    full = no_room(there, needed, removed)
    if full:
        return [_error("tags", f"{check.id}: {full}", "failover")]
    full = no_room(there, [*needed, *people_tags(SAMPLE_ID, "owner", "reason")], removed)
    if full:
        msg = f"{check.id}: owner and reason of a lock could not be kept. {full}"
        return [Finding("tags", "warning", (), msg)]
    return []


def _about_group(group: RecordGroup, seen: Seen) -> list[Finding]:
    if group.problem is not None:
        return [_error("records", group.problem)]
    if not group.records:
        return [_error("records", f"The zone {group.zone} has no records {group.reported}.")]
    mine, others = group.led_by(seen.out), group.others(seen.out)
    if not mine:
        return [_error("records", _unused(group, seen))]
    if not others:
        return [_error("last serving site", f"{group.reported} has no record of another site.", "failover")]
    found = [_open_fence(group, record) for record in others if record.health_check_id or record.follows_target]
    health, how = _health_of(group, seen)
    if health == "unhealthy":
        found.append(
            _error("last serving site", f"The other site of {group.reported} does not serve: {how}.", "failover")
        )
    longest = max((record.ttl or 0) for record in group.records)
    if longest > _LONG_TTL:
        msg = f"{group.reported} has a TTL of {longest} s: users keep the old answer for that long."
        found.append(Finding("time to live", "warning", (), msg))
    return found


def _unused(group: RecordGroup, seen: Seen) -> str:
    """The message that no record uses the health checks that would be locked, with what to do."""
    for record in group.records:
        children = seen.parents.get(record.health_check_id or "")
        if children:
            return (
                f"A record of {group.reported} uses the calculated health check {record.health_check_id}, which counts "
                f"{', '.join(children)} among others, so it may stay healthy when that is locked. Name "
                f"{record.health_check_id} to be locked too, after the first one."
            )
    return (
        f"No record of {group.reported} uses the health check, so locking it would move no traffic. Set it as the "
        "HealthCheckId of the primary site's record."
    )


def _open_fence(group: RecordGroup, record: Record) -> Finding:
    """The finding that the fence may open. A health check is needed all the same; EvaluateTargetHealth is not."""
    what = "EvaluateTargetHealth" if record.follows_target else f"health check {record.health_check_id}"
    todo = (
        "Turn it off, or accept this."
        if record.follows_target
        else "Keep it all the same: without it nobody knows before a lock whether the other site serves."
    )
    msg = (
        f"The other record of {group.reported} has {what}: while that is unhealthy too, all records are unhealthy. "
        f"Route 53 then treats all as healthy, so users can reach the locked site. {todo}"
    )
    return Finding("fence ineffective", "warning" if record.follows_target else "info", (), msg)


def _health_of(group: RecordGroup, seen: Seen) -> tuple[str, str]:
    """The health of the other site's records, as Route 53 sees it. One healthy record is enough."""
    others = group.others(seen.out) if group.led_by(seen.out) else []
    if not others:
        return (
            "unknown",
            group.problem or f"{group.reported} has no record of another site that can be distinguished from this one",
        )
    reported = [_record_health(record, seen) for record in others]
    for wanted in ("healthy", "unknown"):
        found = [how for health, how in reported if health == wanted]
        if found:
            return wanted, f"{group.reported}: {'; '.join(found)}"
    return "unhealthy", f"{group.reported}: {'; '.join(how for _health, how in reported)}"


def _record_health(record: Record, seen: Seen) -> tuple[str, str]:
    name = f"record {record.identifier or 'without identifier'}"
    check_id = record.health_check_id
    if check_id is None:
        how = "follows its target, which is not asked" if record.follows_target else "has no health check"
        return "unknown", f"{name} {how}"
    if seen.locks.get(check_id) is not None:
        return "unhealthy", f"{name} is locked out too"
    also = next((one for one in (check_id, *seen.children.get(check_id, ())) if one in seen.taken), None)
    if also is not None:
        return "unhealthy", f"{name} is locked out by this run too, with {seen.taken[also]}"
    verdict = seen.verdicts.get(check_id)
    if verdict is None:
        return "unknown", f"{name}: health check {check_id} could not be read"
    if verdict.health == "healthy" and (record.follows_target or not record.everywhere):
        why = "follows its target too, which is not asked" if record.follows_target else "answers some places only"
        return "unknown", f"{name}: {verdict.how}, but it {why}"
    return verdict.health, f"{name}: {verdict.how}"
