# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Holds survive being written into tags, within OCI's limits."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import (
    TAG_VALUE_BYTES,
    TAGS_BYTES,
    TAGS_PER_RESOURCE,
    Hold,
    UnreadableHoldsError,
    _short_document,
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


FULL = {f"tag{number}": "" for number in range(10)}
NINE = {f"tag{number}": "" for number in range(9)}
#: As long as an alarm's owner can be.
ALARM = f"alarm:{'a' * 58}"


def on_listeners(count: int, owner: str = ALARM) -> list[Hold]:
    names = [f"https-shop-{number:02}.example.com" for number in range(count)]
    return [Hold(name, "maintenance-page", owner, "2026-11-21T03:04:05Z") for name in names]


def test_the_hold_of_an_alarm_on_sixteen_listeners_fits_into_one_tag() -> None:
    holds = on_listeners(16)
    tags = tags_with(holds, NINE)
    assert len(tags) == TAGS_PER_RESOURCE
    assert read_holds(tags, [hold.listener for hold in holds]) == tuple(holds)


@given(st.lists(HOLDS, max_size=5, unique_by=lambda hold: hold.key))
def test_what_is_written_in_the_shortest_form_is_read_back(holds: list[Hold]) -> None:
    tags = {"tidegate-holds-1": _short_document(holds)} if holds else {}
    bare = sorted(replace(hold, reason="") for hold in holds)
    assert read_holds(tags, {hold.listener for hold in holds}) == tuple(bare)


def test_owners_on_the_same_listeners_share_an_entry_in_the_shortest_form() -> None:
    both = [*on_listeners(16, "alarm:one"), *on_listeners(16, "alarm:two")]
    assert set(read_holds(tags_with(both, NINE), {hold.listener for hold in both})) == set(both)


def test_a_hold_on_a_listener_that_is_gone_keeps_its_mark_in_the_shortest_form() -> None:
    tags = tags_with(on_listeners(16), NINE)
    names = [hold.listener for hold in read_holds(tags, ["https-shop-00.example.com"])]
    assert "https-shop-00.example.com" in names
    assert len([name for name in names if name.startswith("#")]) == 15


@pytest.mark.parametrize(
    "document",
    [
        '{"p":[["abcd","o",1]]}',
        '{"p":[["abcde","o"]]}',
        '{"p":[["abcde"]]}',
        '{"p":[["abcde","o",true]]}',
        '{"p":1}',
        '{"p":[["","o",1]]}',
        *(f'{{"p":[["abcde","o",{seconds}]]}}' for seconds in (2**40, 2**56, 2**63)),
    ],
)
def test_a_shortest_form_that_somebody_edited_is_an_error(document: str) -> None:
    with pytest.raises(UnreadableHoldsError):
        read_holds({"tidegate-holds-1": document}, ["http"])


def test_without_any_room_it_is_reported_which_tags_there_are_and_how_many_to_free() -> None:
    with pytest.raises(
        RefusedError,
        match=r"at least 1 free-form tag\. .* 10 others \(tag0, .*, tag9\).*Remove 1 .*move it to",
    ):
        tags_with(on_listeners(16), FULL)


def test_holds_that_do_not_fit_even_in_the_shortest_form_are_refused() -> None:
    with pytest.raises(RefusedError, match=r"at least 2 free-form tags\. The load balancer has 9 others .* Remove 1"):
        tags_with(many(20), NINE)


def test_several_tags_that_are_too_many_are_counted() -> None:
    with pytest.raises(RefusedError, match=r"Remove 2 of them, or move them to defined tags"):
        tags_with(many(20), FULL)


@pytest.mark.parametrize("others", [{"team": "web"}, {"team": "é" * 50}, NINE])
def test_what_is_to_be_freed_is_reported_to_the_byte(others: dict[str, str]) -> None:
    def tags(letters: int) -> dict[str, str]:
        return tags_with(on_listeners(1), others, {"Operations": {"note": "x" * letters}})

    with pytest.raises(RefusedError, match="Shorten or remove tags by") as refused:
        tags(5500)
    over = int(re.findall(r"by (\d+) bytes", str(refused.value))[0])
    whole = {"freeformTags": tags(5500 - over), "definedTags": {"Operations": {"note": "x" * (5500 - over)}}}
    assert len(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode()) == TAGS_BYTES
    with pytest.raises(RefusedError, match="by 1 bytes"):
        tags(5501 - over)


def test_where_there_are_no_free_form_tags_none_are_named() -> None:
    with pytest.raises(RefusedError, match="Free-form ones: none"):
        tags_with(on_listeners(1), {}, {"Operations": {"note": "x" * 5500}})


@pytest.mark.parametrize("tags", [1, 2])
def test_a_tag_is_filled_before_the_next_one_is_begun(tags: int) -> None:
    empty = tags_with([Hold("http", "page", "operator", "now")], {})
    reason = "r" * (tags * TAG_VALUE_BYTES - len(empty["tidegate-holds-1"]))
    filled = tags_with([Hold("http", "page", "operator", "now", reason)], {})
    assert [len(value) for value in filled.values()] == [TAG_VALUE_BYTES] * tags


def test_letters_beyond_ascii_take_no_more_room_than_they_have_bytes() -> None:
    hold = Hold("http", "Wartung für alle", "operator", "now")
    assert "für" in tags_with([hold], {})["tidegate-holds-1"]
    assert "für" in _short_document([hold])


def test_defined_tags_take_up_room_too() -> None:
    with pytest.raises(RefusedError, match=r"5\d\d\d bytes, and OCI allows 5120\. Shorten or remove tags by \d+ bytes"):
        tags_with(on_listeners(1), {"team": "web"}, {"Operations": {"note": "x" * 5050}})


def test_the_last_hold_can_always_be_deleted() -> None:
    assert tags_with([], FULL) == FULL


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
