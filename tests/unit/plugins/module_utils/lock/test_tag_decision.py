# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which tags a lock adds and removes, so that tags stay right also if runs compete or are killed."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import (
    keys_of,
    people_tags,
    recovery_tags,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, pinned_path
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import LockRequest, UnlockRequest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.tag_decision import (
    keys_that_are_over,
    left_over_keys,
    missing_tags,
    surplus_tags,
)

from . import health_checks as of

OPEN = of.health_check()
LOCKED = of.health_check(of.PINNED, version=8)
NEWER = of.health_check(pinned_path(DEFAULT_LOCK_PATH, "/lb-check", of.NEWER_LOCK_ID), version=9)
BARE = of.health_check(DEFAULT_LOCK_PATH, version=8)
BY_HAND = of.always_unhealthy(version=8)
MINE = of.lock_request(owner="operator:alice", reason="CHG-1")
TAKEOVER = of.lock_request(lock_id=of.NEWER_LOCK_ID, owner="operator:bob", replaces=of.LOCK_ID)
UNLOCK = of.unlock_request()
PEOPLE = people_tags(of.LOCK_ID, "operator:alice", "CHG-1")
COPY = recovery_tags(of.LOCK_ID, "/lb-check", 8)
OLD = people_tags("20261120T000000Z-0badcafe", "operator:carol", "")


def test_a_lock_that_was_just_placed_is_signed_and_keeps_a_copy_of_its_path() -> None:
    assert missing_tags(OPEN, LOCKED, MINE, None, switched=True) == PEOPLE | COPY


def test_a_lock_that_has_all_of_its_tags_misses_none() -> None:
    assert missing_tags(OPEN, LOCKED, MINE, PEOPLE | COPY, switched=True) == {}


def test_tags_that_were_not_read_are_left_unchanged_where_the_lock_was_found() -> None:
    assert missing_tags(LOCKED, LOCKED, MINE, None, switched=False) == {}


def test_an_open_health_check_misses_no_tags() -> None:
    assert missing_tags(OPEN, OPEN, MINE, {}, switched=True) == {}


def test_a_bare_path_gets_no_tags_of_ours() -> None:
    assert missing_tags(BARE, BARE, MINE, {}, switched=True) == {}


def test_a_run_aborted_before_it_signed_signs_when_it_is_run_again() -> None:
    assert missing_tags(LOCKED, LOCKED, MINE, COPY, switched=False) == PEOPLE


def test_another_run_does_not_sign_a_lock_that_it_found() -> None:
    other = of.lock_request(lock_id=of.NEWER_LOCK_ID, owner="operator:bob")
    assert missing_tags(LOCKED, LOCKED, other, COPY, switched=False) == {}


def test_a_signed_lock_keeps_its_owner_where_one_of_the_two_tags_is_missing() -> None:
    owner = people_tags(of.LOCK_ID, "operator:carol", "")
    assert missing_tags(LOCKED, LOCKED, MINE, owner | COPY, switched=True) == {}


def test_a_lock_made_stronger_before_its_tags_were_read_is_not_signed_again() -> None:
    assert missing_tags(LOCKED, LOCKED, MINE, None, switched=True) == COPY


def test_a_takeover_of_its_own_lock_signs_nothing_new() -> None:
    again = of.lock_request(owner="operator:bob", replaces=of.LOCK_ID)
    assert missing_tags(LOCKED, LOCKED, again, COPY, switched=True) == {}


def test_a_takeover_signs_the_new_lock() -> None:
    missing = missing_tags(LOCKED, NEWER, TAKEOVER, PEOPLE | COPY, switched=True)
    assert missing == people_tags(of.NEWER_LOCK_ID, "operator:bob", "") | recovery_tags(
        of.NEWER_LOCK_ID, "/lb-check", 9
    )


def test_a_copy_of_an_older_version_is_written_again() -> None:
    older = PEOPLE | recovery_tags(of.LOCK_ID, "/lb-check", 7)
    assert missing_tags(LOCKED, LOCKED, MINE, older, switched=False) == COPY


def test_a_lock_without_a_path_is_signed_by_the_run_that_placed_it() -> None:
    lock_id = f"{of.CHECK_ID}@8"
    signed = people_tags(lock_id, "operator:alice", "CHG-1")
    assert missing_tags(OPEN, BY_HAND, MINE, None, switched=True) == signed


@pytest.mark.parametrize(
    ("first", "check", "request_", "switched", "over"),
    [
        (LOCKED, OPEN, UNLOCK, True, of.LOCK_ID),
        (LOCKED, NEWER, UNLOCK, True, of.LOCK_ID),
        (LOCKED, OPEN, UNLOCK, False, None),
        (LOCKED, LOCKED, UNLOCK, True, None),
        (OPEN, OPEN, UNLOCK, True, None),
        (LOCKED, NEWER, TAKEOVER, True, of.LOCK_ID),
        (LOCKED, NEWER, TAKEOVER, False, of.LOCK_ID),
        (LOCKED, LOCKED, TAKEOVER, True, None),
        (LOCKED, OPEN, TAKEOVER, True, None),
        (OPEN, LOCKED, MINE, True, None),
    ],
)
def test_the_tags_of_a_lock_are_over_once_it_was_opened_or_taken_over(
    first: HealthCheck,
    check: HealthCheck,
    request_: LockRequest | UnlockRequest,
    switched: bool,
    over: str | None,
) -> None:
    assert keys_that_are_over(first, check, request_, switched=switched) == (keys_of(over) if over else [])


@pytest.mark.parametrize(
    ("check", "request_", "switched", "left"),
    [
        (OPEN, UNLOCK, False, [*OLD, *PEOPLE]),
        (OPEN, MINE, False, []),
        (LOCKED, MINE, False, [*OLD]),
        (LOCKED, UNLOCK, False, []),
        (BARE, MINE, False, []),
        (BY_HAND, MINE, False, []),
        (BY_HAND, MINE, True, [*OLD, *PEOPLE]),
    ],
)
def test_tags_of_no_lock_are_removed_once_they_cannot_hold_what_is_needed(
    check: HealthCheck,
    request_: LockRequest | UnlockRequest,
    switched: bool,
    left: list[str],
) -> None:
    assert left_over_keys(check, request_, OLD | PEOPLE | {"Name": "checkout"}, switched=switched) == left


def test_what_is_over_is_removed_also_where_the_tags_were_not_read() -> None:
    assert surplus_tags(LOCKED, OPEN, UNLOCK, None, switched=True) == keys_of(of.LOCK_ID)


def test_of_tags_that_were_read_only_those_that_are_there_are_removed() -> None:
    tags = OLD | PEOPLE | {"Name": "checkout"}
    assert surplus_tags(LOCKED, OPEN, UNLOCK, tags, switched=True) == [*OLD, *PEOPLE]


def test_tags_of_the_lock_that_is_on_stay() -> None:
    assert surplus_tags(OPEN, LOCKED, MINE, OLD | PEOPLE, switched=True) == [*OLD]
