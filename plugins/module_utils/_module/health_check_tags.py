# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Brings the tags of one health check of ``r53_healthcheck_lock`` in line with its lock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import (
    TAG_KEYS_AT_ONCE,
    HealthCheckApi,
    Tags,
)
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    RefusedError,
    ServiceRejectedError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock import lock_tags, tag_decision
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import LockRequest, UnlockRequest


class NoRoomError(ServiceRejectedError):
    """The service did not accept the copy of the path, because the health check has too many tags."""

    own_code = "TG-NO-TAGS-LEFT"


@dataclass(frozen=True)
class Standing:
    """The state of the health check.

    :ivar first: the health check as it was found.
    :ivar now: the health check now, as far as is known.
    :ivar switched: whether this run has changed the health check, or may have.
    """

    first: HealthCheck
    now: HealthCheck
    switched: bool


class LockTags:
    """The tags of a lock: for people, and to restore the original path if a writer overwrites the pinned path.

    :ivar found: the tags as they were read; None if they were not read.
    :ivar now: the tags as they are now, as far as is known.
    :ivar changed: whether any were added or removed.
    :ivar warnings: what a person should know although nothing failed.
    """

    def __init__(
        self,
        check_id: str,
        request: LockRequest | UnlockRequest,
        *,
        api: HealthCheckApi,
        deadline: Deadline,
        tags: Tags | None,
    ) -> None:
        self.found = self.now = tags
        self.changed = False
        self.warnings: list[str] = []
        self._check_id, self._request, self._api, self._deadline = check_id, request, api, deadline

    def note(self, tags: Tags) -> None:
        """Take note of the tags that were read."""
        self.found = self.now = tags

    def missing(self, standing: Standing) -> Tags:
        """The tags that the lock needs and that are missing, as far as is known."""
        if not isinstance(self._request, LockRequest):
            return {}
        return tag_decision.missing_tags(
            standing.first, standing.now, self._request, self.now, switched=standing.switched
        )

    def surplus(self, standing: Standing) -> list[str]:
        """The keys of tags that belong to no current lock."""
        return tag_decision.surplus_tags(
            standing.first, standing.now, self._request, self.now, switched=standing.switched
        )

    def keep(self, standing: Standing, read_again: Callable[[], HealthCheck], *, check_mode: bool) -> None:
        """Bring the tags in line with the lock.

        :param read_again: reads the health check again.
        :raises TidegateError: some tags could not be added or removed. The lock itself is not changed.
        """
        over = tag_decision.keys_that_are_over(standing.first, standing.now, self._request, switched=standing.switched)
        if not check_mode and not set(self.surplus(standing)) <= set(over):
            # These tags belong to none of the locks that were read. They may belong to a lock that was placed since.
            standing = Standing(standing.first, read_again(), standing.switched)
            self._check_still_open(standing)
        added, removed = self.missing(standing), self.surplus(standing)
        if not check_mode:
            added = self._change(added, removed)
        self.changed = bool(added) or any(key in (self.now or {}) for key in removed)
        kept = {key: value for key, value in (self.now or {}).items() if key not in removed}
        self.now = {**kept, **added} if kept or added or self.now is not None else None

    def _check_still_open(self, standing: Standing) -> None:
        newer = read_lock(standing.now, self._request.lock_path)
        if newer is not None and isinstance(self._request, UnlockRequest) and not standing.switched:
            raise RefusedError(
                f"It was not locked at first, and is now: lock {newer.id} was placed since. A run does not "
                "release a lock that is newer than what it read. Check its state again, and find out who placed it.",
                code="TG-OTHER-LOCK",
            )

    def _change(self, added: Tags, removed: list[str]) -> Tags:
        """Add and remove tags in one call as far as possible, and return the added ones. A health check may lack room
        for the tags of two locks, and the copy of the path must exist all the time."""
        if added:
            first, removed = removed[:TAG_KEYS_AT_ONCE], removed[TAG_KEYS_AT_ONCE:]
            added = self._add(added, first)
        self._remove(removed)
        return added

    def _add(self, tags: Tags, instead_of: list[str]) -> Tags:
        """Add all tags or, where the service does not accept all of them, only the copy of the path. Owner and reason
        are only for people."""
        copy = {key: value for key, value in tags.items() if lock_tags.is_recovery(key)}
        try:
            self._send(tags, instead_of)
        except ServiceRejectedError as problem:
            full = lock_tags.no_room(self.now or (), tags, instead_of)
            if copy == tags:
                if full:
                    raise NoRoomError(full) from problem
                raise
            self.warnings.append(f"Owner and reason of the lock could not be kept in tags: {full or problem}")
        else:
            return tags
        if copy:
            return self._add(copy, instead_of)
        self._remove(instead_of)
        return {}

    def _send(self, tags: Tags, instead_of: list[str]) -> None:
        call_patiently(lambda: self._api.add_tags(self._check_id, tags, instead_of), self._deadline)

    def _remove(self, keys: list[str]) -> None:
        for start in range(0, len(keys), TAG_KEYS_AT_ONCE):
            part = keys[start : start + TAG_KEYS_AT_ONCE]
            call_patiently(partial(self._api.remove_tags, self._check_id, part), self._deadline)
