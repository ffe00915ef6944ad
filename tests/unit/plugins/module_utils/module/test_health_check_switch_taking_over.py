# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The tags of a lock that was taken over give way to those of the new one."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._aws.service_clock import ServiceClock
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import (
    Change,
    HealthCheck,
    after_change,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import (
    keys_of,
    people_tags,
    recovery_tags,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, pinned_path
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Answer
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_prover import Prover
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_switch import HealthCheckSwitch

from ..lock.health_checks import LOCK_ID, NEWER_LOCK_ID, PINNED, health_check, lock_request

OLD_TAGS = people_tags(LOCK_ID, "operator:alice", "CHG-1") | recovery_tags(LOCK_ID, "/lb-check", 6)
NEW_TAGS = people_tags(NEWER_LOCK_ID, "operator", "") | recovery_tags(NEWER_LOCK_ID, "/lb-check", 8)


class Account:
    """Takes changes and remembers which tags were removed and added, and in how many calls."""

    def __init__(self) -> None:
        self.calls = 0
        self.clock = ServiceClock()
        self.added: dict[str, str] = {}
        self.removed: list[str] = []

    def update(self, check: HealthCheck, change: Change) -> tuple[HealthCheck, None]:
        """UpdateHealthCheck."""
        return after_change(check, change), None

    def add_tags(self, _check_id: str, tags: dict[str, str], instead_of: list[str]) -> None:
        """ChangeTagsForResource with additions."""
        self.calls += 1
        self.added |= tags
        self.removed += instead_of

    def remove_tags(self, _check_id: str, keys: list[str]) -> None:
        """ChangeTagsForResource with removals."""
        self.calls += 1
        self.removed += keys


def taking_over(account: Account, path: str = PINNED) -> HealthCheckSwitch:
    """:data:`LOCK_ID` is to be replaced on a health check whose path is ``path``."""
    switch = HealthCheckSwitch(
        health_check(path),
        lock_request(lock_id=NEWER_LOCK_ID, replaces=LOCK_ID),
        api=t.cast(t.Any, account),
        prover=Prover(lambda _question: Answer(404)),
        deadline=Deadline(1, Clock()),
    )
    switch.switch(check_mode=False)
    return switch


def test_they_are_removed_and_the_new_ones_added_in_one_call() -> None:
    account = Account()
    taking_over(account).keep_tags(check_mode=False)
    assert (account.added, account.removed, account.calls) == (NEW_TAGS, keys_of(LOCK_ID), 1)


def test_those_that_an_aborted_run_left_behind_are_removed() -> None:
    account = Account()
    switch = taking_over(account, pinned_path(DEFAULT_LOCK_PATH, "/lb-check", NEWER_LOCK_ID))
    switch.tags.note(OLD_TAGS | NEW_TAGS)
    switch.keep_tags(check_mode=False)
    assert sorted(account.removed) == sorted(OLD_TAGS)


def test_nothing_is_removed_where_the_takeover_was_refused() -> None:
    account = Account()
    switch = taking_over(account, "/lb-check")
    switch.keep_tags(check_mode=False)
    assert (switch.result()["failed"], account.removed) == (True, [])
