# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a run found on a health check, did and left behind, as plain data and as a sentence for people."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import Permission
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import recovery_copies
from ansible_collections.tidegate.failover.plugins.module_utils._lock.observations import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Fence
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import UnlockRequest


def picture(check: HealthCheck) -> dict[str, t.Any]:
    """What a user sees in ``before``, ``after`` and the diff: all that a run may change."""
    return {"resource_path": check.path, "disabled": check.disabled, "inverted": check.inverted}


def reported_lock(lock: Lock, tags: Mapping[str, str] | None) -> dict[str, t.Any]:
    """A lock as results show it.

    :param tags: the health check's tags, if they were read; they may keep a path that the lock does not carry.
    """
    reported = asdict(lock)
    carries_path = reported.pop("carries_path")
    copies = {} if carries_path else recovery_copies(tags or {})
    kept = [{"lock_id": lock_id, "path": copy.path, "version": copy.version} for lock_id, copy in copies.items()]
    return {**reported, "original_path_known": carries_path, "recovery_copies": kept}


def reported_observation(observation: Observation) -> dict[str, t.Any]:
    """What a checker saw, as results show it."""
    return {
        "region": observation.region,
        "ip_address": observation.ip_address,
        "healthy": observation.healthy,
        "status": observation.text,
        "checked_time": observation.checked.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def locked_message(lock: Lock, fence: Fence, *, changed: bool) -> str:
    """Reports that a health check is locked, or was already, and whether the fence is proven."""
    verb = "Locked" if changed else "Already locked"
    owner = (
        f" by {lock.owner}"
        if lock.owner
        else {"foreign": " by something else", "hand": " by hand"}.get(lock.placed_by or "", "")
    )
    holds = "is proven to hold" if fence.proven else "is not proven to hold"
    return f"{verb}{owner}, lock {lock.id}; it {holds}: {fence.how}."


def reported_fence(fence: Fence) -> str:
    """The fence as one word in results. A fence that is proven not to hold is "unproven" too."""
    return "proven" if fence.proven else "unproven"


def unlocked_message(released: Lock | None, request: UnlockRequest, path: str | None) -> str:
    """Reports that a health check is unlocked, or was already, where the path came from, and what permitted it."""
    if released is None:
        return "Not locked, so there is no lock to release."
    restored = f"path {path!r} is in force again" if path else "it has no path, as before"
    source = "" if released.carries_path else f" as {'its tags show' if request.restore_path is None else 'requested'}"
    return f"Unlocked, lock {released.id} is released and {restored}{source}; {_grounds(request.permission)}."


def _grounds(permission: Permission) -> str:
    skipped = sorted(permission.override.gates) if permission.override else []
    proven = [gate.name for gate in permission.required if gate.name not in skipped]
    grounds = [f"proven by {', '.join(proven)}"] if proven else []
    if permission.override:
        what = f"without {', '.join(skipped)}" if skipped else "without any gate"
        grounds.append(f"{what}, because: {permission.override.reason}")
    return " and ".join(grounds)


def summary(results: Sequence[Mapping[str, t.Any]]) -> str:
    """What happened to all health checks of a run that succeeded."""
    if len(results) == 1:
        return str(results[0]["msg"])
    changed = sum(result["changed"] for result in results)
    unproven = sum(result["fence"] == "unproven" for result in results)
    reported = (
        f"{len(results)} health checks: {changed} changed, {len(results) - changed} already in the requested state."
    )
    return f"{reported} The fence of {unproven} is unproven." if unproven else reported


def summary_of_failure(results: Sequence[Mapping[str, t.Any]]) -> str:
    """Which health checks failed, why, and which were changed nevertheless."""
    failed = [result for result in results if result["failed"]]
    if len(results) == 1:
        return str(failed[0]["msg"])
    changed = [result["health_check_id"] for result in results if result["changed"]]
    problems = " | ".join(f"{result['health_check_id']}: {result['msg']}" for result in failed)
    return (
        f"{len(failed)} of {len(results)} health checks failed; the others match the requested state. Changed by this "
        f"run: {', '.join(changed) or 'none'}. {problems}"
    )


def summary_of_targets(results: Sequence[Mapping[str, t.Any]]) -> str:
    """The result of all targets of a task: which failed, why, and which were changed nevertheless."""
    failed = [result for result in results if result["failed"]]
    changed = [result for result in results if result["changed"]]
    if len(results) == 1:
        return str(results[0]["msg"])
    if not failed:
        return f"{len(results)} targets: {len(changed)} changed, {len(results) - len(changed)} unchanged."
    problems = " | ".join(f"{result['lock_id']}: {result['msg']}" for result in failed)
    return (
        f"{len(failed)} of {len(results)} targets failed; the others match the requested state. Locks changed by this "
        f"run: {', '.join(result['lock_id'] for result in changed) or 'none'}. {problems}"
    )
