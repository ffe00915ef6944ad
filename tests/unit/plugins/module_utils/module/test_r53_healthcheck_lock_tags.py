# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Tags of a lock come with it and go with it, and never take anything of another lock along."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import recovery_tags
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH

from ..aws.account import Account, preceded_by, refused
from ..lock.health_checks import CHECK_ID, LOCK_ID, NEWER_LOCK_ID, PINNED, health_check
from .lock_task import NAMED, NEWER, READ_TAGS, TAG, UPDATE, Tasks, one, path_of

THIRD_LOCK_ID = "20261121T050607Z-0badcafe"


def test_a_lock_stays_on_and_the_task_fails_where_its_tags_cannot_be_kept(tasks: Tasks, account: Account) -> None:
    account.at_next(TAG, refused("AccessDenied"))
    result = tasks.lock(lock_id=LOCK_ID)
    assert path_of(account) == PINNED
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"].startswith("It is locked as requested, but whether its tags are kept is not sure")


def test_where_only_the_words_for_people_are_rejected_the_copy_is_kept_with_a_warning(
    tasks: Tasks, account: Account
) -> None:
    account.at_next(TAG, refused("InvalidInput"))
    result = tasks.lock(lock_id=LOCK_ID)
    assert result["failed"] is False
    assert recovery_tags(LOCK_ID, "/lb-check", 8).items() <= account.tags[CHECK_ID].items()
    assert one(result)["lock"]["owner"] is None
    assert "Owner and reason of the lock could not be kept in tags" in tasks.warnings[0]


def test_where_no_tag_is_taken_at_all_the_task_fails(tasks: Tasks, account: Account) -> None:
    account.at_next(TAG, *[refused("InvalidInput")] * 2)
    assert tasks.lock()["failed"] is True


def test_a_run_that_finds_the_lock_completes_the_copy_and_does_not_sign_for_it(tasks: Tasks, account: Account) -> None:
    account.change(CHECK_ID, ResourcePath=PINNED)
    reported = one(tasks.lock(owner="operator:bob"))
    assert account.tags[CHECK_ID] == NAMED | recovery_tags(LOCK_ID, "/lb-check", 8)
    assert (reported["changed"], reported["lock"]["owner"]) == (True, None)


def test_every_tag_is_read_once_the_last_ones_show_a_gap(tasks: Tasks, account: Account) -> None:
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
        account.tags[CHECK_ID] |= recovery_tags(f"2026112{number}T000000Z-00000000", "/" + "a" * 200, 5)
        account.tags[CHECK_ID][f"tidegate-lock-2026112{number}T000000Z-00000000-owner"] = "operator"
    result = tasks.unlock()
    assert account.tags[CHECK_ID] == NAMED
    assert (result["failed"], result["changed"]) == (False, True)


def test_a_lock_that_was_placed_meanwhile_keeps_its_tags_and_is_not_called_open(tasks: Tasks, account: Account) -> None:
    tags = recovery_tags(NEWER_LOCK_ID, "/lb-check", 8)

    def locked_by_another_run() -> None:
        account.change(CHECK_ID, ResourcePath=NEWER)
        account.tags[CHECK_ID] |= tags

    account.at_next(READ_TAGS, preceded_by(locked_by_another_run))
    result = tasks.unlock()
    assert account.tags[CHECK_ID] == NAMED | tags
    assert (result["failed"], result["changed"]) == (True, False)
    assert f"lock {NEWER_LOCK_ID} was placed since" in result["msg"]


def released_by_a_script(tasks: Tasks, account: Account) -> None:
    """Lock; then another program writes the path and so releases the lock, without removing the tags."""
    tasks.lock(lock_id=LOCK_ID)
    account.change(CHECK_ID, ResourcePath="/lb-check")


def test_i1_the_copy_of_a_lock_that_a_script_opened_is_not_taken_for_the_path_of_today(
    tasks: Tasks, account: Account
) -> None:
    released_by_a_script(tasks, account)
    account.change(CHECK_ID, ResourcePath="/ready")
    account.change(CHECK_ID, ResourcePath=DEFAULT_LOCK_PATH)
    result = tasks.unlock()
    assert (result["failed"], path_of(account)) == (True, DEFAULT_LOCK_PATH)
    assert f"'/lb-check' (lock {LOCK_ID}, on at version 8). Give restore_path" in result["msg"]
    assert tasks.unlock(restore_path="/ready")["failed"] is False
    assert (path_of(account), account.tags[CHECK_ID]) == ("/ready", NAMED)


def test_tags_that_a_script_left_are_removed_by_the_next_lock(tasks: Tasks, account: Account) -> None:
    released_by_a_script(tasks, account)
    tasks.lock(lock_id=NEWER_LOCK_ID)
    assert not [key for key in account.tags[CHECK_ID] if LOCK_ID in key]
    assert recovery_tags(NEWER_LOCK_ID, "/lb-check", 10).items() <= account.tags[CHECK_ID].items()


def test_tags_that_a_script_left_are_removed_by_a_run_that_finds_a_newer_lock(tasks: Tasks, account: Account) -> None:
    released_by_a_script(tasks, account)
    account.change(CHECK_ID, ResourcePath=NEWER)
    tasks.lock()
    assert account.tags[CHECK_ID] == NAMED | recovery_tags(NEWER_LOCK_ID, "/lb-check", 10)


def test_tags_that_a_script_left_are_removed_by_the_next_unlock_with_those_of_its_lock(
    tasks: Tasks, account: Account
) -> None:
    released_by_a_script(tasks, account)
    account.change(CHECK_ID, ResourcePath=NEWER)
    assert tasks.unlock()["failed"] is False
    assert account.tags[CHECK_ID] == NAMED


def test_under_a_path_that_something_else_has_pinned_the_copies_stay(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    account.change(CHECK_ID, ResourcePath=DEFAULT_LOCK_PATH)
    before = dict(account.tags[CHECK_ID])
    tasks.lock(method="invert")
    assert account.tags[CHECK_ID] == before


def test_the_tags_of_a_lock_that_came_while_left_over_ones_were_found_stay(tasks: Tasks, account: Account) -> None:
    released_by_a_script(tasks, account)
    tags = recovery_tags(NEWER_LOCK_ID, "/lb-check", 11)

    def taken_over() -> None:
        account.change(CHECK_ID, ResourcePath=NEWER)
        account.tags[CHECK_ID] |= tags

    account.at_next(READ_TAGS, preceded_by(taken_over))
    assert tasks.lock(lock_id=THIRD_LOCK_ID)["failed"] is False
    assert tags.items() <= account.tags[CHECK_ID].items()


def test_where_left_over_tags_cannot_be_read_the_lock_has_its_own_and_a_warning_is_given(
    tasks: Tasks, account: Account
) -> None:
    account.at_next(READ_TAGS, refused("AccessDenied"))
    assert tasks.lock(lock_id=LOCK_ID)["failed"] is False
    assert recovery_tags(LOCK_ID, "/lb-check", 8).items() <= account.tags[CHECK_ID].items()
    assert "Whether tags of older locks are left is not known" in tasks.warnings[0]


# Ten tags are all that a health check can have.


def test_without_room_the_lock_holds_and_it_is_reported_which_tags_there_are_to_free(
    tasks: Tasks, account: Account
) -> None:
    account.tags[CHECK_ID] |= {f"team-{number}": "x" for number in range(9)}
    result = tasks.lock(lock_id=LOCK_ID)
    assert (result["failed"], path_of(account)) == (True, PINNED)
    assert result["msg"].startswith("It is locked as requested, and the lock holds.")
    assert "Remove at least 1 of: Name, team-0, team-1" in result["msg"]
    account.tags[CHECK_ID].pop("team-0")
    assert tasks.lock(lock_id=LOCK_ID)["failed"] is False
    assert recovery_tags(LOCK_ID, "/lb-check", 8).items() <= account.tags[CHECK_ID].items()


def test_with_room_for_the_copy_alone_the_lock_is_not_signed_and_it_is_reported_what_to_free(
    tasks: Tasks, account: Account
) -> None:
    account.tags[CHECK_ID] |= {f"team-{number}": "x" for number in range(8)}
    result = tasks.lock(lock_id=LOCK_ID)
    assert (result["failed"], one(result)["lock"]["owner"]) == (False, None)
    assert "Remove at least 2 of: Name, team-0" in tasks.warnings[0]


def test_tags_that_a_script_left_make_room(tasks: Tasks, account: Account) -> None:
    released_by_a_script(tasks, account)
    account.tags[CHECK_ID] |= {f"team-{number}": "x" for number in range(6)}
    assert tasks.lock(lock_id=NEWER_LOCK_ID)["failed"] is False
    assert tasks.warnings == []


def test_a_lock_that_needs_no_copy_only_warns_where_nobody_can_sign_for_it(tasks: Tasks, account: Account) -> None:
    account.checks[CHECK_ID] = health_check(None, Type="TCP")
    account.tags[CHECK_ID] |= {f"team-{number}": "x" for number in range(9)}
    assert tasks.lock()["failed"] is False
    assert "Owner and reason of the lock could not be kept in tags" in tasks.warnings[0]


# Owner and reason change only with the holder of the lock.

STRONGER: dict[str, t.Any] = {
    "lock_id": LOCK_ID,
    "method": "invert",
    "owner": "operator",
    "reason": "the page comes up",
}


def signature(account: Account) -> dict[str, str]:
    return {key: value for key, value in account.tags[CHECK_ID].items() if key.endswith(("owner", "reason"))}


@pytest.mark.parametrize("replaces", [LOCK_ID, None], ids=["takes itself over", "names itself"])
@pytest.mark.parametrize("reason", ["CHG-1", ""])
@pytest.mark.parametrize("unread", [0, 1], ids=["tags are read", "tags cannot be read"])
def test_i1_a_lock_that_only_gets_another_method_keeps_who_placed_it_and_why(
    tasks: Tasks, account: Account, reason: str, replaces: str | None, unread: int
) -> None:
    tasks.lock(lock_id=LOCK_ID, reason=reason)
    signed = signature(account)
    account.at_next(READ_TAGS, *[refused("AccessDenied")] * unread)
    tasks.lock(**STRONGER, replaces=replaces)
    assert (account.checks[CHECK_ID].always_unhealthy, signature(account)) == (True, signed)


def test_i3_check_mode_predicts_another_method_with_the_owner_that_stays(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    predicted = tasks.lock(**STRONGER, replaces=LOCK_ID, check_mode=True)
    assert account.written == []
    assert tasks.lock(**STRONGER, replaces=LOCK_ID) == predicted
    assert one(predicted)["lock"]["owner"] == "operator:alice"


def test_i3_a_lock_that_has_the_method_already_is_not_written_again(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    tasks.lock(**STRONGER, replaces=LOCK_ID)
    assert tasks.lock(**STRONGER, replaces=LOCK_ID)["changed"] is False
    assert account.written == []


def test_a_lock_that_cannot_get_another_method_keeps_who_placed_it(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    signed = signature(account)
    account.at_next(UPDATE, refused("AccessDenied"))
    assert tasks.lock(**STRONGER, replaces=LOCK_ID)["failed"] is True
    assert signature(account) == signed


def test_a_lock_that_nobody_signed_is_not_signed_by_who_gives_it_another_method(tasks: Tasks, account: Account) -> None:
    account.change(CHECK_ID, ResourcePath=PINNED)
    reported = one(tasks.lock(**STRONGER, replaces=LOCK_ID))
    assert (reported["changed"], reported["lock"]["owner"], reported["lock"]["reason"]) == (True, None, None)


def test_a_run_aborted_before_it_signed_its_lock_signs_it_when_it_is_run_again(tasks: Tasks, account: Account) -> None:
    account.change(CHECK_ID, ResourcePath=PINNED)
    assert one(tasks.lock(lock_id=LOCK_ID))["lock"]["owner"] == "operator:alice"
