# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Holds survive being written into tags, within OCI's limits."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import (
    TAG_VALUE_BYTES,
    TAGS_PER_RESOURCE,
    Hold,
    UnreadableHoldsError,
    is_alarm,
    read_holds,
    tags_with,
)
from hypothesis import given
from hypothesis import strategies as st

TEXT = st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"]), min_size=1, max_size=30)
HOLDS = st.builds(Hold, listener=TEXT, rule_set=TEXT, owner=TEXT, since=st.just("2026-11-21T03:04:05Z"), reason=TEXT)


@given(st.lists(HOLDS, max_size=5, unique_by=lambda hold: hold.key))
def test_what_is_written_is_read_back(holds: list[Hold]) -> None:
    assert read_holds(tags_with(holds, {})) == tuple(sorted(holds))


@given(st.lists(HOLDS, max_size=5, unique_by=lambda hold: hold.key))
def test_no_tag_is_longer_than_oci_allows(holds: list[Hold]) -> None:
    assert all(len(value.encode()) <= TAG_VALUE_BYTES for value in tags_with(holds, {}).values())


def test_other_tags_stay_as_they_are() -> None:
    tags = {"team": "web", "tidegate-holds-1": "[]", "tidegate-holds-note": "mine"}
    assert tags_with([], tags) == {"team": "web", "tidegate-holds-note": "mine"}


def test_no_holds_leave_no_tag() -> None:
    assert tags_with([], tags_with([Hold("http", "page", "operator", "now")], {})) == {}


def test_listeners_of_one_owner_share_an_entry() -> None:
    tags = tags_with([Hold(name, "page", "operator", "now") for name in ("a", "b")], {})
    assert tags == {"tidegate-holds-1": '[["operator","page",["a","b"],"now",""]]'}


def many(count: int, reason: str = "") -> list[Hold]:
    return [Hold("http", "page", f"owner-{number:02}", "2026-11-21T03:04:05Z", reason) for number in range(count)]


def test_reasons_are_left_out_where_room_is_short() -> None:
    tags = tags_with(many(10, reason="r" * 100), {f"tag{number}": "" for number in range(7)})
    assert {hold.reason for hold in read_holds(tags)} == {""}
    assert len(tags) <= TAGS_PER_RESOURCE


def test_holds_that_do_not_fit_even_so_are_refused() -> None:
    with pytest.raises(RefusedError, match="the load balancer has 9 others and OCI allows 10"):
        tags_with(many(10), {f"tag{number}": "" for number in range(9)})


@pytest.mark.parametrize(
    "value",
    [
        "",
        "[",
        "[" * 5000,
        "7",
        '[["operator","page","http","now",""]]',
        '[["operator","page",[1],"now",""]]',
        '[["a","b",[],"c"]]',
    ],
)
def test_tags_that_somebody_edited_are_an_error_not_an_absence_of_holds(value: str) -> None:
    with pytest.raises(UnreadableHoldsError):
        read_holds({"tidegate-holds-1": value})


def test_a_missing_middle_part_is_an_error() -> None:
    tags = tags_with(many(8, reason="r" * 60), {})
    del tags["tidegate-holds-2"]
    with pytest.raises(UnreadableHoldsError):
        read_holds(tags)


@pytest.mark.parametrize(
    ("owner", "expected"),
    [("alarm", True), ("alarm:x", True), ("ALARM : x", True), ("alarmist", False), ("operator", False)],
)
def test_an_alarm_is_known_by_its_prefix(owner: str, expected: bool) -> None:
    assert is_alarm(owner) is expected
