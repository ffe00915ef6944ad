# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The lock on a health check, who placed it and how to undo it: read from its settings, and from tags if given."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import PATH_TYPES, HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import reported_in
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import (
    is_bare_pin,
    lock_time,
    read_pin,
    too_long,
)


@dataclass(frozen=True)
class Lock:
    """A lock as it is found on a health check.

    :ivar id: the id in the pinned path; where there is none, the health check's id and version, so that any change
        by anybody makes it another lock.
    :ivar method: ``path`` (only pinned) or ``invert`` (disabled and inverted, pinned or not).
    :ivar placed_by: ``tidegate``; ``foreign`` for a bare pinned path; ``hand`` for disabled and inverted without a
        pinned path; None where only tags could distinguish ``tidegate`` from ``hand``, and they were not read.
    :ivar carries_path: whether the health check itself holds the original path.
    :ivar original_path: the path to restore, if it is known; None also means "had no path".
    :ivar since: when it was placed, as ``YYYY-MM-DDTHH:MM:SSZ``, if known.
    """

    id: str
    method: str
    placed_by: str | None
    carries_path: bool
    original_path: str | None = None
    since: str | None = None
    owner: str | None = None
    reason: str | None = None


def read_lock(check: HealthCheck, lock_path: str, tags: Mapping[str, str] | None = None) -> Lock | None:
    """The lock on a health check; None if there is none, or the health check cannot be locked.

    :param lock_path: the path that would be pinned, to recognise a bare pinned path.
    :param tags: the health check's tags, if they were read.
    """
    if not check.updatable:
        return None
    pin = read_pin(check.path)
    method = "invert" if check.always_unhealthy else "path"
    known = tags or {}
    if pin is not None:
        owner, reason = reported_in(known, pin.lock_id, "owner"), reported_in(known, pin.lock_id, "reason")
        since = lock_time(pin.lock_id)
        return Lock(pin.lock_id, method, "tidegate", True, pin.original_path, since, owner, reason)
    lock_id = f"{check.id}@{check.version}"
    if check.type in PATH_TYPES and is_bare_pin(check.path, lock_path):
        return Lock(lock_id, method, "foreign", False)
    if not check.always_unhealthy:
        return None
    owner, reason = reported_in(known, lock_id, "owner"), reported_in(known, lock_id, "reason")
    would_be_pinned = check.type in PATH_TYPES and not too_long(lock_path, check.path)
    by_hand_or_unknown = "hand" if tags is not None or would_be_pinned else None
    placed_by = "tidegate" if owner else by_hand_or_unknown
    return Lock(lock_id, method, placed_by, True, check.path, None, owner, reason)


def check_switches(check: HealthCheck) -> None:
    """Refuse a health check with only one of Disabled and Inverted: a lock would not hold, or have the opposite effect.

    :raises RefusedError: with the reason and what to do.
    """
    if check.disabled == check.inverted:
        return
    found, meaning, missing = (
        ("Disabled and not Inverted", "it counts as healthy whatever its endpoint does", "Inverted")
        if check.disabled
        else ("Inverted and not Disabled", "it counts as healthy while its endpoint fails", "Disabled")
    )
    raise RefusedError(
        f"It is {found}: {meaning}, so a pinned path would not lock it, and what it should be afterwards is not known. "
        f"Either take that back, or set {missing} too, which makes it always unhealthy and so locks it.",
        code="TG-SWITCHED-BY-HAND",
    )
