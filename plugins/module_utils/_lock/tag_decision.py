# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Which tags of a lock are missing on a health check, and which ones are left over. Pure functions on plain data."""

from __future__ import annotations

from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._lock import lock_tags
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import read_pin
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import LockRequest, UnlockRequest

Tags = Mapping[str, str]


def missing_tags(check: HealthCheck, request: LockRequest, tags: Tags | None, *, switched: bool) -> dict[str, str]:
    """The tags that go with the lock and are known not to be there; of a lock found in place, once they were read.

    Owner and reason are told only by the run that placed the lock, so that another run which finds it in the meantime
    does not sign for it.

    :param check: as it is after locking.
    :param tags: the tags that it has, if they were read.
    :param switched: whether this run placed the lock.
    """
    lock = read_lock(check, request.lock_path)
    if lock is None or lock.placed_by == "foreign" or (tags is None and not switched):
        return {}
    pin = read_pin(check.path)
    placed_it = pin.lock_id == request.lock_id if pin else switched
    people = lock_tags.people_tags(lock.id, request.owner, request.reason) if placed_it else {}
    copy = lock_tags.recovery_tags(lock.id, pin.original_path) if pin else {}
    return {key: value for key, value in (people | copy).items() if key not in (tags or {})}


def replaced_tags(check: HealthCheck, request: LockRequest, tags: Tags | None) -> list[str]:
    """The keys that the tags of a lock may have which was taken over. There is not room for those of many locks."""
    lock = read_lock(check, request.lock_path)
    if request.replaces is None or lock is None or lock.id == request.replaces:
        return []
    return [key for key in lock_tags.keys_of(request.replaces) if tags is None or key in tags]


def left_over_tags(
    first: HealthCheck, check: HealthCheck, request: UnlockRequest, tags: Tags | None, *, switched: bool
) -> list[str]:
    """The keys that tags may have of locks which are open now, whichever.

    :param first: the health check as it was found.
    :param check: as it is now.
    :param switched: whether this run opened the lock that was found.
    """
    if read_lock(check, request.lock_path) is not None:
        return []
    opened = read_lock(first, request.lock_path)
    keys = lock_tags.keys_of(opened.id) if opened and switched else []
    return [*keys, *(key for key in lock_tags.lock_keys_in(tags or {}) if key not in keys)]
