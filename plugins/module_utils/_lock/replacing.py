# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Taking over a lock: one compare-and-set gives it the id of another run, and everything else stays."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import PATH_TYPES, HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock, read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import pinned_path, read_pin, too_long
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import LockRequest


def check_replaceable(check: HealthCheck, request: LockRequest) -> None:
    """Refuse to take over a lock that is not the named one.

    :raises RefusedError: with what was found instead.
    """
    if request.replaces is None:
        return
    if check.type not in PATH_TYPES:
        raise RefusedError(
            f"It is of type {check.type}, which has no path that could carry the id of a lock, so no lock on it can be "
            "taken over. Leave replaces out."
        )
    lock = read_lock(check, request.lock_path)
    if lock is None:
        raise RefusedError(
            f"Lock {request.replaces} was to be replaced, but it was released: somebody has unlocked the health "
            "check since. Check its state again before you lock anything.",
            code="TG-OTHER-LOCK",
        )
    if lock.id not in (request.lock_id, request.replaces):
        raise RefusedError(
            f"Lock {request.replaces} was to be replaced, but the lock is {lock.id}. Somebody else has placed it or "
            "taken it over since. Check its state again, and find out who did that.",
            code="TG-OTHER-LOCK",
        )
    if not lock.carries_path and request.restore_path is None:
        raise RefusedError(
            f"Its path {check.path!r} was pinned by something that did not keep the original path, so a lock that "
            "replaces it could not keep it either. Give restore_path.",
            code="TG-PATH-NOT-KNOWN",
        )
    problem = too_long(_base(check, request), _original(lock, request))
    if problem:
        raise RefusedError(
            f"{problem} So there is no room for the id of a run either, and its lock cannot be taken over. Leave "
            "replaces out."
        )


def path_to_pin(check: HealthCheck, request: LockRequest) -> str | None:
    """The path that a lock has to set; None where the path stays unchanged.

    It also stays unchanged if it does not fit into the pinned path, because disabled and inverted is a lock without it.

    :raises RefusedError: the path would be longer than Route 53 allows, and the method is ``path``, or the path has to
        carry the id of the run that takes over the lock.
    """
    if check.type not in PATH_TYPES:
        return None
    lock = read_lock(check, request.lock_path)
    if lock is None:
        problem = too_long(request.lock_path, check.path)
        if problem and request.method != "path":
            return None
        if problem:
            raise RefusedError(
                f"{problem} Use method: auto or invert, which disable and invert it and leave its path as it is; or "
                "give a shorter lock_path, or a shorter path to the health check."
            )
        return pinned_path(request.lock_path, check.path, request.lock_id)
    if lock.id != request.replaces or lock.id == request.lock_id:
        return None
    return pinned_path(_base(check, request), _original(lock, request), request.lock_id)


def _base(check: HealthCheck, request: LockRequest) -> str:
    """The pinned path without its query. A path of this collection is kept, because it may be proven to hold."""
    return str(check.path).partition("?")[0] if read_pin(check.path) else request.lock_path


def _original(lock: Lock, request: LockRequest) -> str | None:
    return lock.original_path if lock.carries_path else request.restore_path or None
