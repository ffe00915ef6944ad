# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Findings about health checks and routing controls that differ from the claim, the lock's tags or the variables."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding, Repair, not_observed
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import State, read_state
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import PATH_TYPES
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import lock_id_of, reported_in
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import LOCK_ID

Json = Mapping[str, t.Any]

#: In these phases the lock of the run has to be in force.
_LOCKED = frozenset({"running", "failing_back", "failed_over", "interrupted"})
#: The time that a lock may need until checkers report it.
_TAKES_EFFECT = timedelta(minutes=5)


@dataclass(frozen=True)
class Locking:
    """How the service is locked.

    :ivar path: the path of its health checks while they are not locked; empty if that is not known.
    :ivar guard: the options of ``r53_healthcheck_lock`` that protect the last serving site.
    """

    lock_path: str
    method: str = "auto"
    path: str = ""
    guard: Json = field(default_factory=dict)


@dataclass(frozen=True)
class Claim:
    """The claim on the service, from its first health check.

    :ivar locked: whether the service is locked, or has to be; None if that is not known.
    """

    state: State | None
    lock: Json | None
    locked: bool | None


def claim_of(checks: Sequence[Json]) -> Claim:
    """The service's claim, as far as it is known.

    :param checks: the results of ``r53_healthcheck_info``, with the primary site's health check first.
    """
    if not checks or (checks[0]["failed"] and "tags" not in checks[0]):
        return Claim(None, None, None)
    lock = checks[0].get("lock")
    try:
        state = read_state(checks[0]["tags"], lock["id"] if lock else None)
    except ValueError:
        return Claim(None, lock, True if lock else None)
    return Claim(state, lock, lock is not None or (state is not None and state.phase in _LOCKED))


def is_moved(claim: Claim, controls: Json | None, *, has_checks: bool) -> bool | None:
    """Whether the service is locked at its primary site, so that its resources belong to the other one.

    A lock that could not be read is not the absence of a lock.

    :param controls: what was read of its routing controls; None if it has none.
    :returns: None if that is not known.
    """
    states = {(controls["states"] or {}).get(arn) for arn in controls["site"]} if controls else {"On"}
    if claim.locked or states == {"Off"}:
        return True
    return None if states != {"On"} or (has_checks and claim.locked is None) else False


def findings(checks: Sequence[Json], locking: Locking, now: datetime) -> list[Finding]:
    """Findings about the health checks of one service."""
    claim = claim_of(checks)
    found: list[Finding] = []
    for position, check in enumerate(checks):
        if check["failed"]:
            found.append(not_observed(str(check["health_check_id"]), str(check["msg"])))
        if "tags" in check:
            found += _of_check(check, claim, locking, now, first=position == 0)
    return found


def _of_check(check: Json, claim: Claim, locking: Locking, now: datetime, *, first: bool) -> Iterator[Finding]:
    lock = check.get("lock")
    if first and claim.state is None and claim.locked is None:
        yield not_observed(check["health_check_id"], "its tag tidegate-failover cannot be understood")
    if lock is None:
        opened = _opened(check, claim, first=first)
        if opened:
            yield _lock_opened(check, opened, locking, doubtful=_is_doubtful(claim, opened))
        yield from _changed(check, locking, path_known=not opened)
        return
    if lock["placed_by"] in ("foreign", "hand"):
        yield _pinned(check, lock)
    if check.get("health") == "healthy" and _has_had_time(lock, now):
        yield _without_effect(check, lock, locking)


def _opened(check: Json, claim: Claim, *, first: bool) -> str:
    """The lock that should be in force; empty if none is known.

    The state shows whether a run ended in order. Tags of a lock that are older than such a state are only left over.
    """
    state = claim.state
    if state is not None and (state.phase in _LOCKED if first else state.phase == "failed_over"):
        return state.run
    ids = sorted({lock_id for key in check["tags"] if (lock_id := lock_id_of(key))})
    ended = state.run if state is not None and state.phase not in _LOCKED else ""
    left = [one for one in ids if not _is_of_before(one, ended)]
    return left[-1] if left else ""


def _is_of_before(lock_id: str, ended: str) -> bool:
    """Whether a lock was placed before a run that ended in order, or is the lock that this run released.

    The id of a failback begins with the time of the lock that it takes over. The part after the time is random.
    """
    placed, over = LOCK_ID.fullmatch(lock_id), LOCK_ID.fullmatch(ended)
    return bool(placed and over and placed[1] <= over[1])


def _is_doubtful(claim: Claim, lock_id: str) -> bool:
    """Whether a failback may have released the lock, and was aborted before it removed the tags. The id has no time."""
    return claim.state is not None and claim.state.phase not in _LOCKED and not LOCK_ID.fullmatch(lock_id)


def _lock_opened(check: Json, lock_id: str, locking: Locking, *, doubtful: bool) -> Finding:
    if doubtful:
        return Finding(
            "lock_opened",
            str(check["health_check_id"]),
            f"The health check is not locked; {_reported_settings(check)}. The service's last run released its locks.",
            f"lock {lock_id}, or no tags of it.",
            "find out who unlocked it (CloudTrail: UpdateHealthCheck). If it was that run, delete the tags that begin "
            f"with tidegate-lock-{lock_id}; if not, lock it again with r53_healthcheck_lock.",
        )
    return Finding(
        "lock_opened",
        str(check["health_check_id"]),
        f"The health check is not locked; {_reported_settings(check)}.",
        f"lock {lock_id}, which no run of this collection has released.",
        "find out who unlocked it (CloudTrail: UpdateHealthCheck). To lock it again, run the drift watch with "
        "drift_repair=lock_opened; to accept that it is unlocked, run the playbook acknowledge.",
        Repair("r53_healthcheck_lock", _locking(check, lock_id, locking)),
    )


def _locking(check: Json, lock_id: str, locking: Locking) -> dict[str, t.Any]:
    """The options that lock the health check again, with the same id if its path can contain one."""
    tags, check_id = check["tags"], str(check["health_check_id"])
    reported = {what: reported_in(tags, lock_id, what) for what in ("owner", "reason")}
    # Without a path, the lock id is made from the health check's version, so the new lock has another id.
    named = {"lock_id": lock_id} if LOCK_ID.fullmatch(lock_id) else {}
    return {
        "state": "locked",
        "health_check_ids": [check_id],
        "lock_path": locking.lock_path,
        "method": locking.method,
        **named,
        **{what: value for what, value in reported.items() if value},
        **locking.guard,
    }


def _changed(check: Json, locking: Locking, *, path_known: bool) -> Iterator[Finding]:
    settings = check["configuration"]
    disabled, inverted = bool(settings.get("disabled")), bool(settings.get("inverted"))
    if disabled != inverted:
        disabled_only = "Disabled and not Inverted, so it is healthy whatever its endpoint does."
        inverted_only = "Inverted and not Disabled, so it is healthy while its endpoint fails."
        yield _by_hand(check, f"It is {disabled_only if disabled else inverted_only}", "neither Disabled nor Inverted.")
    path = settings.get("resource_path") or ""
    if path_known and locking.path and check["type"] in PATH_TYPES and path != locking.path:
        yield _by_hand(check, f"Its path is {path!r}.", f"the path {locking.path!r}, as the service's variables say.")


def _by_hand(check: Json, observed: str, expected: str) -> Finding:
    return Finding(
        "health_check_changed",
        str(check["health_check_id"]),
        observed,
        expected,
        "find out who changed it (CloudTrail: UpdateHealthCheck), and set it back.",
    )


def _pinned(check: Json, lock: Json) -> Finding:
    how = "by something else than this collection" if lock["placed_by"] == "foreign" else "by hand"
    return Finding(
        "health_check_changed",
        str(check["health_check_id"]),
        f"It is locked {how}; {_reported_settings(check)}.",
        "a lock that a run of this collection has placed, or none.",
        "find out who locked it. To take it over, run the playbook acknowledge; to unlock it, use "
        "r53_healthcheck_lock with restore_path.",
    )


def _without_effect(check: Json, lock: Json, locking: Locking) -> Finding:
    lock_id = str(lock["id"])
    return Finding(
        "lock_without_effect",
        str(check["health_check_id"]),
        f"Lock {lock_id} is in place, and Route 53 counts the site as healthy.",
        "an unhealthy health check as long as the lock is on.",
        "find out what answers the pinned path with 2xx or 3xx. To disable and invert the health check besides, run "
        "the drift watch with drift_repair=lock_without_effect.",
        Repair("r53_healthcheck_lock", {**_locking(check, lock_id, locking), "method": "invert"}),
    )


def _has_had_time(lock: Json, now: datetime) -> bool:
    return not lock["since"] or now - datetime.fromisoformat(lock["since"]) > _TAKES_EFFECT


def _reported_settings(check: Json) -> str:
    settings = check["configuration"]
    switches = [name for name in ("disabled", "inverted") if settings.get(name)]
    path = f"path {settings['resource_path']!r}" if settings.get("resource_path") else "no path"
    return ", ".join([path, *switches, f"version {check['version']}"])


def findings_of_controls(seen: Json | None, claim: Claim, target: Json | None) -> list[Finding]:
    """Findings about the service's routing controls.

    :param seen: ``site``, ``states`` by ARN, and ``problem``; None if it has none.
    :param target: the service as a target of ``routing_control_lock``.
    """
    if not seen:
        return []
    if seen["problem"]:
        return [not_observed("routing controls", str(seen["problem"]))]
    states = {arn: str((seen["states"] or {}).get(arn)) for arn in seen["site"]}
    unknown = [arn for arn, state in states.items() if state not in ("On", "Off")]
    found = [not_observed(arn, f"its state is {states[arn]}") for arn in unknown]
    wanted = "Off" if claim.locked else "On"
    if claim.locked is None:
        return found
    apart = [arn for arn, state in states.items() if arn not in unknown and state != wanted]
    repair = Repair("routing_control_lock", {"state": "locked", "targets": [target]}) if claim.locked else None
    return found + [_control(arn, states[arn], repair) for arn in apart]


def _control(arn: str, state: str, repair: Repair | None) -> Finding:
    if repair is None:
        return Finding(
            "resource_elsewhere",
            arn,
            f"The routing control is {state}, and no run has claimed the service.",
            "On while the primary site serves.",
            "run the failover again if the site failed, or turn it on with routing_control_lock.",
        )
    return Finding(
        "lock_opened",
        arn,
        f"The routing control is {state}, and the service is failed over.",
        "Off as long as the service is locked.",
        "find out who turned it on. To turn it off again, run the drift watch with drift_repair=lock_opened.",
        repair,
    )
