# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A pinned path carries the original path and the lock's id, and gives both back."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import (
    DEFAULT_LOCK_PATH,
    LOCK_ID,
    PATH_LENGTH,
    Pin,
    check_lock_path,
    is_bare_pin,
    lock_time,
    new_lock_id,
    pinned_path,
    read_pin,
)
from hypothesis import assume, given
from hypothesis import strategies as st

from . import health_checks as of

PATHS = st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=PATH_LENGTH - 1)
LOCK_PATHS = st.from_regex(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]{1,40}", fullmatch=True)
LOCK_IDS = st.from_regex(r"2026112[0-9]T[01][0-9][0-5][0-9][0-5][0-9]Z-[0-9a-f]{8}", fullmatch=True)


def test_a_pinned_path_shows_people_what_it_restores_and_which_lock_it_is() -> None:
    assert of.PINNED == "/lb-check-failed-over?restore=%2Flb-check&lock=20261121T030405Z-3f9a1c2e"


@given(original=PATHS, lock_path=LOCK_PATHS, lock_id=LOCK_IDS)
def test_i1_every_path_that_fits_is_given_back_as_it_was(original: str, lock_path: str, lock_id: str) -> None:
    try:
        pinned = pinned_path(lock_path, f"/{original}", lock_id)
    except RefusedError:
        assume(False)
    assert len(pinned) <= PATH_LENGTH
    assert read_pin(pinned) == Pin(lock_id, f"/{original}")


def test_i1_that_there_was_no_path_is_given_back_too() -> None:
    assert read_pin(pinned_path(DEFAULT_LOCK_PATH, None, of.LOCK_ID)) == Pin(of.LOCK_ID, None)


def test_a_path_fits_up_to_the_last_character() -> None:
    room = PATH_LENGTH - len(pinned_path(DEFAULT_LOCK_PATH, "/", of.LOCK_ID))
    assert len(pinned_path(DEFAULT_LOCK_PATH, "/" + "a" * room, of.LOCK_ID)) == PATH_LENGTH
    with pytest.raises(RefusedError, match="would have 256 characters.*allows 255.*shorter lock_path"):
        pinned_path(DEFAULT_LOCK_PATH, "/" + "a" * (room + 1), of.LOCK_ID)


@pytest.mark.parametrize(
    "path",
    [
        None,
        "",
        "/lb-check",
        "/lb-check-failed-over",
        "/lb-check-failed-over?restore=%2Flb-check",
        f"/lb-check-failed-over?lock={of.LOCK_ID}",
        "/lb-check-failed-over?restore=%2Flb-check&lock=mine",
        f"/lb-check-failed-over?lock={of.LOCK_ID}&restore=%2Flb-check",
        f"/lb-check-failed-over?restore=%2Flb-check&lock={of.LOCK_ID}&more=1",
        f"/lb-check-failed-over?restore=%2Fa&restore=%2Fb&lock={of.LOCK_ID}",
    ],
)
def test_what_is_not_exactly_our_form_is_no_pin_of_ours(path: str | None) -> None:
    assert read_pin(path) is None


def test_a_pin_is_recognised_whichever_lock_path_it_used() -> None:
    assert read_pin(pinned_path("/another", "/lb-check", of.LOCK_ID)) == Pin(of.LOCK_ID, "/lb-check")


@pytest.mark.parametrize(
    "path",
    [
        "/lb-check-failed-over",
        "/lb-check-failed-over?by=hand",
        "/mine",
        f"/elsewhere?restore=%2Flb-check&lock={of.LOCK_ID}&x",
        f"/lb-check-failed-over?lock={of.LOCK_ID}",
    ],
)
def test_a_pinned_path_that_restores_nothing_is_recognised(path: str) -> None:
    assert is_bare_pin(path, "/mine")


@pytest.mark.parametrize("path", [None, "/", "/lb-check", "/lb-check-failed-over/x", "/shop?lock=no", of.PINNED])
def test_no_other_path_is_a_bare_pin(path: str | None) -> None:
    assert not is_bare_pin(path, "/mine")


def test_a_new_lock_is_called_by_its_utc_time_and_a_run_of_its_own() -> None:
    now = datetime(2026, 11, 21, 4, 4, 5, tzinfo=timezone(timedelta(hours=1)))
    first, second = new_lock_id(now), new_lock_id(now)
    assert LOCK_ID.fullmatch(first)
    assert first.startswith("20261121T030405Z-")
    assert first != second


@pytest.mark.parametrize(
    ("lock_id", "time"),
    [
        (of.LOCK_ID, "2026-11-21T03:04:05Z"),
        ("20261341T030405Z-3f9a1c2e", None),
        (f"{of.CHECK_ID}@7", None),
    ],
)
def test_the_time_of_a_lock_is_read_off_its_id_where_it_has_one(lock_id: str, time: str | None) -> None:
    assert lock_time(lock_id) == time


@pytest.mark.parametrize(
    ("lock_path", "words"),
    [
        ("lb-check", "must begin with '/'"),
        ("", "must begin with '/'"),
        ("/", "something that the endpoint does not have"),
        ("/a?b=c", "without '\\?' and '#'"),
        ("/a#b", "without '\\?' and '#'"),
        ("/a b", "characters of a URL's path"),
        ("/ä", "characters of a URL's path"),
        ("/a\n", "characters of a URL's path"),
    ],
)
def test_a_lock_path_that_could_not_be_pinned_is_refused(lock_path: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        check_lock_path(lock_path)


@pytest.mark.parametrize("lock_path", [DEFAULT_LOCK_PATH, "/a/b;c=d%20e"])
def test_a_lock_path_may_hold_what_a_path_may_hold(lock_path: str) -> None:
    check_lock_path(lock_path)
