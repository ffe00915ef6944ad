# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which tags of a lock are missing on a health check, and which are left over. Pure functions on plain data."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._lock import lock_tags
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import read_pin
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import LockRequest, UnlockRequest

Tags = Mapping[str, str]


def missing_tags(
    first: HealthCheck, check: HealthCheck, request: LockRequest, tags: Tags | None, *, switched: bool
) -> dict[str, str]:
    """The tags that the lock needs and that are missing; for a lock found in place, only if the tags were read.

    Only the run that placed the lock writes owner and reason, so another run that finds the lock in the meantime does
    not sign it. The copy of the path is missing too if the health check has a newer version than the copy.

    :param first: the health check as it was found.
    :param check: the health check after locking.
    :param tags: the tags of the health check, if they were read.
    :param switched: whether this run placed the lock.
    """
    lock = read_lock(check, request.lock_path)
    if lock is None or lock.placed_by == "foreign" or (tags is None and not switched):
        return {}
    pin = read_pin(check.path)
    placed_it = pin.lock_id == request.lock_id if pin else switched
    signs = placed_it and not _is_signed(first, lock.id, request, tags)
    people = lock_tags.people_tags(lock.id, request.owner, request.reason) if signs else {}
    copy = lock_tags.recovery_tags(lock.id, pin.original_path, check.version) if pin else {}
    known = tags or {}
    return {key: value for key, value in people.items() if key not in known} | {
        key: value for key, value in copy.items() if known.get(key) != value
    }


def _is_signed(first: HealthCheck, lock_id: str, request: LockRequest, tags: Tags | None) -> bool:
    """Whether a lock that was found has its owner and reason. A run that only makes the lock stronger changes neither.

    If an aborted run had not signed its lock, it does so when it is run again. A run that names its own lock in
    ``replaces`` takes over no lock, and may have any owner.
    """
    found = read_lock(first, request.lock_path)
    if found is None or found.id != lock_id:
        return False
    return request.replaces == lock_id or tags is None or bool(lock_tags.people_keys_in(tags, lock_id))


def keys_that_are_over(
    first: HealthCheck, check: HealthCheck, request: LockRequest | UnlockRequest, *, switched: bool
) -> list[str]:
    """All keys that the tags of the lock may have that this run has released or taken over, whatever came since.

    :param first: the health check as it was found.
    :param check: the health check now.
    :param switched: whether this run has changed the health check.
    """
    lock = read_lock(check, request.lock_path)
    if isinstance(request, LockRequest):
        over = request.replaces if lock else None
    else:
        opened = read_lock(first, request.lock_path) if switched else None
        over = opened.id if opened else None
    return lock_tags.keys_of(over) if over and (lock is None or lock.id != over) else []


def left_over_keys(
    check: HealthCheck, request: LockRequest | UnlockRequest, tags: Tags, *, switched: bool
) -> list[str]:
    """The keys of tags that belong to no current lock. Their runs were aborted, or a person or program that ignores
    tags released their locks.

    If something else has pinned the path, these tags may contain the path to restore. A lock by hand may be a lock of
    this collection whose settings somebody has changed. So the tags stay until there is a lock with an id, or no lock.

    :param check: the health check now.
    :param switched: whether this run has changed the health check.
    """
    lock = read_lock(check, request.lock_path, tags)
    keys = lock_tags.lock_keys_in(tags)
    if lock is None:
        return keys if isinstance(request, UnlockRequest) else []
    if not (read_pin(check.path) or (switched and lock.carries_path)) or isinstance(request, UnlockRequest):
        return []
    return [key for key in keys if key not in lock_tags.keys_of(lock.id)]


def surplus_tags(
    first: HealthCheck,
    check: HealthCheck,
    request: LockRequest | UnlockRequest,
    tags: Tags | None,
    *,
    switched: bool,
) -> list[str]:
    """The keys of tags to remove; if the tags were read, only keys that exist."""
    over = keys_that_are_over(first, check, request, switched=switched)
    if tags is None:
        return over
    left = left_over_keys(check, request, tags, switched=switched)
    return [key for key in tags if key in over or key in left]
