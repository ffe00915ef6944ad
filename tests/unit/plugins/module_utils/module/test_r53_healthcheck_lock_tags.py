# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Tags of a lock come with it and go with it, and never take anything of another lock along."""

from __future__ import annotations

from dataclasses import replace

from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import recovery_tags

from ..aws.account import Account, preceded_by, refused
from ..lock.health_checks import CHECK_ID, LOCK_ID, NEWER_LOCK_ID, PINNED
from .lock_task import NAMED, NEWER, READ_TAGS, TAG, Tasks, one, path_of


def test_a_lock_stays_on_and_the_task_fails_where_its_tags_cannot_be_kept(tasks: Tasks, account: Account) -> None:
    account.at_next(TAG, refused("AccessDenied"))
    result = tasks.lock(lock_id=LOCK_ID)
    assert path_of(account) == PINNED
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"].startswith("It is locked as asked, but whether its tags are kept is not sure")


def test_where_only_the_words_for_people_are_rejected_the_copy_is_kept_with_a_warning(
    tasks: Tasks, account: Account
) -> None:
    account.at_next(TAG, refused("InvalidInput"))
    result = tasks.lock(lock_id=LOCK_ID)
    assert result["failed"] is False
    assert recovery_tags(LOCK_ID, "/lb-check").items() <= account.tags[CHECK_ID].items()
    assert one(result)["lock"]["owner"] is None
    assert "Owner and reason of the lock could not be kept in tags" in tasks.warnings[0]


def test_where_no_tag_is_taken_at_all_the_task_fails(tasks: Tasks, account: Account) -> None:
    account.at_next(TAG, *[refused("InvalidInput")] * 2)
    assert tasks.lock()["failed"] is True


def test_a_run_that_finds_the_lock_completes_the_copy_and_does_not_sign_for_it(tasks: Tasks, account: Account) -> None:
    account.change(CHECK_ID, ResourcePath=PINNED)
    told = one(tasks.lock(owner="operator:bob"))
    assert account.tags[CHECK_ID] == NAMED | recovery_tags(LOCK_ID, "/lb-check")
    assert (told["changed"], told["lock"]["owner"]) == (True, None)


def test_every_tag_is_looked_at_once_the_last_ones_show_a_gap(tasks: Tasks, account: Account) -> None:
    account.change(CHECK_ID, ResourcePath=PINNED)
    first = account.checks[CHECK_ID]
    account.checks = {f"id-{number:03}": replace(first, id=f"id-{number:03}") for number in range(25)}
    tasks.lock(health_check_ids=list(account.checks))
    assert account.calls.count(TAG) == 25
    tasks.lock(health_check_ids=list(account.checks))
    assert account.calls == ["list_health_checks", READ_TAGS]


def test_tags_that_cannot_be_read_are_a_failure_of_those_health_checks(tasks: Tasks, account: Account) -> None:
    tasks.lock()
    account.at_next(READ_TAGS, refused("AccessDenied"))
    result = tasks.lock()
    assert result["failed"] is True
    assert "whether its tags are kept is not sure" in result["msg"]


def test_tags_that_an_unlock_left_behind_are_removed_by_the_next_one(tasks: Tasks, account: Account) -> None:
    for number in range(4):
        account.tags[CHECK_ID] |= recovery_tags(f"2026112{number}T000000Z-00000000", "/" + "a" * 200)
        account.tags[CHECK_ID][f"tidegate-lock-2026112{number}T000000Z-00000000-owner"] = "operator"
    result = tasks.unlock()
    assert account.tags[CHECK_ID] == NAMED
    assert (result["failed"], result["changed"]) == (False, True)


def test_a_lock_that_was_placed_meanwhile_keeps_its_tags_and_is_not_called_open(tasks: Tasks, account: Account) -> None:
    tags = recovery_tags(NEWER_LOCK_ID, "/lb-check")

    def locked_by_another_run() -> None:
        account.change(CHECK_ID, ResourcePath=NEWER)
        account.tags[CHECK_ID] |= tags

    account.at_next(READ_TAGS, preceded_by(locked_by_another_run))
    result = tasks.unlock()
    assert account.tags[CHECK_ID] == NAMED | tags
    assert (result["failed"], result["changed"]) == (True, False)
    assert f"lock {NEWER_LOCK_ID} was placed since" in result["msg"]
