# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Tags of a lock: within AWS' limits, distinct from those of every other lock, and complete or not at all."""

from __future__ import annotations

import re

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import (
    VALUE_LENGTH,
    RecoveryCopy,
    is_recovery,
    keys_of,
    lock_keys_in,
    no_room,
    people_tags,
    recovery_copies,
    recovery_tags,
    reported_in,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import PATH_LENGTH
from hypothesis import example, given
from hypothesis import strategies as st

from . import health_checks as of

LONG = "/" + "a" * (PATH_LENGTH - 1)
PATHS = st.text(alphabet=st.characters(min_codepoint=33, max_codepoint=126), max_size=PATH_LENGTH - 1).map("/{}".format)


def test_owner_and_reason_are_kept_under_the_name_of_the_lock() -> None:
    tags = people_tags(of.LOCK_ID, "operator:alice", "CHG-1234 data center down")
    assert reported_in(tags, of.LOCK_ID, "owner") == "operator:alice"
    assert reported_in(tags, of.LOCK_ID, "reason") == "CHG-1234 data center down"
    assert reported_in(tags, of.NEWER_LOCK_ID, "owner") is None


def test_no_reason_is_no_tag() -> None:
    assert list(people_tags(of.LOCK_ID, "operator", "")) == [f"tidegate-lock-{of.LOCK_ID}-owner"]


def test_characters_that_tags_may_not_hold_become_underscores() -> None:
    reported = reported_in(people_tags(of.LOCK_ID, "operator", "größe+7@x, 50% <b>down</b>"), of.LOCK_ID, "reason")
    assert reported == "größe+7@x_ 50_ _b_down_/b_"


@given(PATHS, st.integers(1, 10**6))
@example(LONG, 10**6)
def test_i1_every_path_comes_back_from_a_copy_in_two_tags_at_most(path: str, version: int) -> None:
    tags = recovery_tags(of.LOCK_ID, path, version)
    assert recovery_copies(tags) == {of.LOCK_ID: RecoveryCopy(version, path)}
    assert set(tags) <= set(keys_of(of.LOCK_ID))
    assert all(re.fullmatch(f"[A-Za-z0-9_-]{{1,{VALUE_LENGTH}}}", value) for value in tags.values())


def test_that_there_was_no_path_comes_back_too() -> None:
    assert recovery_copies(recovery_tags(of.LOCK_ID, None, 7)) == {of.LOCK_ID: RecoveryCopy(7, None)}


def test_copies_of_several_locks_are_distinguished() -> None:
    tags = recovery_tags(of.LOCK_ID, "/old", 7) | recovery_tags(of.NEWER_LOCK_ID, "/new", 9) | {"Name": "checkout"}
    assert recovery_copies(tags) == {of.LOCK_ID: RecoveryCopy(7, "/old"), of.NEWER_LOCK_ID: RecoveryCopy(9, "/new")}


@given(st.integers(VALUE_LENGTH * 3 // 4, PATH_LENGTH), st.sampled_from(["1", "2"]))
def test_i1_half_a_copy_is_no_copy(length: int, removed: str) -> None:
    tags = recovery_tags(of.LOCK_ID, LONG[:length], 7)
    tags.pop(f"tidegate-lock-{of.LOCK_ID}-restore-{removed}")
    assert recovery_copies(tags) == {}


@pytest.mark.parametrize("value", ["", "not base64!", "no-ASCII-é", "L2xiLWNoZWNr", "/w", "c"])
def test_what_was_not_written_as_a_copy_is_left_out(value: str) -> None:
    assert recovery_copies({f"tidegate-lock-{of.LOCK_ID}-restore-1": value}) == {}


def test_the_keys_of_a_lock_are_all_that_its_tags_may_have() -> None:
    tags = people_tags(of.LOCK_ID, "operator", "reason") | recovery_tags(of.LOCK_ID, LONG, 7)
    assert sorted(keys_of(of.LOCK_ID)) == sorted(tags)
    assert lock_keys_in([*tags, "Name", "tidegate-lock-", f"x-tidegate-lock-{of.LOCK_ID}-owner"]) == list(tags)


def test_only_copies_are_for_recovery() -> None:
    tags = people_tags(of.LOCK_ID, "operator", "reason") | recovery_tags(of.LOCK_ID, LONG, 7)
    assert [key.rpartition(f"{of.LOCK_ID}-")[2] for key in tags if is_recovery(key)] == ["restore-1", "restore-2"]
    assert not is_recovery("Name")


def test_there_is_room_for_ten_tags() -> None:
    there = [f"team-{number}" for number in range(8)]
    assert no_room(there, ["owner", "copy"]) == ""
    assert no_room(there, ["owner", "copy", "team-1"]) == ""
    assert no_room([*there, "old"], ["owner", "copy"], ["old"]) == ""


def test_where_there_is_no_room_it_is_reported_how_many_tags_to_remove_out_of_which() -> None:
    there = [f"team-{number}" for number in range(9)]
    assert no_room(there, ["owner", "copy"]).startswith("The health check has 9 other tags, 2 more are needed, and AWS")
    assert "10 other tags, 1 more is needed" in no_room([*there, "Name"], ["copy"])
    assert no_room([*there, "Name"], ["copy"]).endswith(
        f"Remove at least 1 of: Name, {', '.join(there)}. Then run this again."
    )
