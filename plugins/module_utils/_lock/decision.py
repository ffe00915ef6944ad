# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Locking and unlocking: which change a health check needs. Pure functions on plain data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import check_permitted
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import (
    PATH_TYPES,
    Change,
    HealthCheck,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock, check_switches, read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import (
    RecoveryCopy,
    recovery_copies,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lockable import check_updatable
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import (
    BY_SETTINGS,
    Fence,
    Question,
    question_about,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.replacing import (
    check_replaceable,
    path_to_pin,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import LockRequest, UnlockRequest


@dataclass(frozen=True)
class LockDecision:
    """The change that locks a health check, and whether the lock will hold.

    :ivar change: None if it is already locked as requested.
    """

    change: Change | None
    fence: Fence


def check_lockable(check: HealthCheck, request: LockRequest) -> None:
    """Refuse a health check that cannot be locked as requested.

    :raises RefusedError: with the reason.
    """
    check_updatable(check)
    check_switches(check)
    if request.method == "path" and check.type not in PATH_TYPES:
        raise RefusedError(
            f"It is of type {check.type}, which has no path to pin. Use method: auto or invert, which disable and "
            "invert it."
        )
    check_replaceable(check, request)
    path_to_pin(check, request)


def question_for(check: HealthCheck, request: LockRequest) -> Question | None:
    """The request to the endpoint before the decision; None where its answer would not matter."""
    if check.always_unhealthy or check.type not in PATH_TYPES or request.method == "invert":
        return None
    path = path_to_pin(check, request)
    if path is None and read_lock(check, request.lock_path) is None:
        return None
    return question_about(check, path or str(check.path))


def decide_lock(check: HealthCheck, request: LockRequest, seen: Fence | None) -> LockDecision:
    """The change that locks a health check. An existing lock stays, with its id and its original path, unless the
    request names it as the lock to replace.

    A pinned path that is proven not to hold is no lock. So ``auto`` also disables and inverts the health check, and
    ``path`` fails. Where the original path does not fit into the pinned path, ``auto`` and ``invert`` only disable and
    invert: then the path does not change, and no copy of it is needed.

    :param seen: what the endpoint's answer to :func:`question_for` proves.
    :raises RefusedError: the health check cannot be locked as requested.
    """
    check_lockable(check, request)
    path = path_to_pin(check, request)
    pinned = Change(path=path) if path is not None else None
    if check.always_unhealthy:
        return LockDecision(pinned, BY_SETTINGS)
    locked = read_lock(check, request.lock_path) is not None
    if seen is None or (request.method == "auto" and (seen.proven is False or (seen.proven is None and not locked))):
        return LockDecision(Change(path=path, switches=True), BY_SETTINGS)
    if request.method == "path" and seen.proven is False:
        raise RefusedError(
            f"method is path, but {seen.how}, so that would lock nothing. Use method: auto or invert, or let the "
            "endpoint answer that path with 404.",
            code="TG-FENCE-FAILS",
        )
    return LockDecision(pinned, seen)


def decide_unlock(
    check: HealthCheck,
    request: UnlockRequest,
    *,
    tags: Mapping[str, str] | None,
    found_first: str | None,
    moment: Moment,
) -> Change | None:
    """The change that releases a lock, which restores exactly what the lock changed; None if there is no lock.

    :param tags: the health check's tags; needed where the lock does not carry the original path.
    :param found_first: id of the lock in the first read of this run, so that the run never releases a newer lock.
    :param moment: now, to find the age of the evidence.
    :raises RefusedError: the lock is another one, may not be released, or the original path is unknown.
    """
    if check.updatable:
        check_switches(check)
    lock = read_lock(check, request.lock_path)
    if lock is None:
        return None
    wanted = request.lock_id or found_first
    if wanted is not None and lock.id != wanted:
        raise RefusedError(
            f"The lock is {lock.id}, and the lock to release is {wanted}. Somebody has locked the health check since, "
            "or changed it. A newer lock is never released by the id of an older one.",
            code="TG-OTHER-LOCK",
        )
    check_permitted(request.permission, lock.id, moment)
    path = path_to_restore(check, lock, request.restore_path, tags or {})
    return Change(path=None if path == check.path else path or "", switches=False if check.always_unhealthy else None)


def path_to_restore(check: HealthCheck, lock: Lock, restore_path: str | None, tags: Mapping[str, str]) -> str | None:
    """The path before the lock; None if there was none.

    A copy in the tags counts only if exactly one change came after it, which is the change that overwrote our lock.
    After more changes the copy may belong to a lock that was released long ago, and the path may have changed since.

    :raises RefusedError: the path is unknown, or ``restore_path`` contradicts what the lock records.
    """
    if lock.carries_path:
        if restore_path is not None and (restore_path or None) != lock.original_path:
            raise RefusedError(
                f"restore_path is {restore_path!r}, but the lock records that the path was {lock.original_path!r}. "
                "Leave restore_path out; change the path after unlocking if it should be another one."
            )
        return lock.original_path
    if restore_path is not None:
        return restore_path or None
    copies = recovery_copies(tags)
    sure = [copy for copy in copies.values() if copy.version + 1 == check.version]
    if len(sure) == 1:
        return sure[0].path
    raise RefusedError(
        f"Its path {check.path!r} was pinned by something that did not keep the original path, and "
        f"{_about_copies(copies, check.version)}. Give restore_path.",
        code="TG-PATH-NOT-KNOWN",
    )


def _about_copies(copies: Mapping[str, RecoveryCopy], version: int) -> str:
    """Why no copy can be trusted, with all copies, because one may be the path that the user needs."""
    if not copies:
        return "no copy of it is in its tags"
    reported = ", ".join(
        f"{copy.path!r} (lock {lock_id}, on at version {copy.version})" for lock_id, copy in copies.items()
    )
    return (
        f"more than that has changed since a copy was kept, as the health check is at version {version} now. Its tags "
        f"keep: {reported}"
    )
