# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Holds and moves in the tags of a listener."""

from __future__ import annotations

import re

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener.recorded import (
    Hold,
    Move,
    recorded_in,
    tags_of_hold,
    tags_of_moves,
)
from hypothesis import given
from hypothesis import strategies as st

#: API reference of Elastic Load Balancing, Tag.
ALLOWED = re.compile(r"[\w_.:/=+\-@]*", re.ASCII)
SINCE = "2026-11-21T03:04:05Z"
TEXTS = st.text(max_size=100)
PRIORITIES = st.integers(1, 50_000)


@given(owner=TEXTS, reason=TEXTS, is_leaving=st.booleans())
def test_a_hold_is_read_as_it_was_written(*, owner: str, reason: str, is_leaving: bool) -> None:
    hold = Hold(owner, SINCE, reason, is_leaving)
    tags = tags_of_hold(hold)
    assert recorded_in({"team": "web", **tags}).holds == (hold,)
    assert all(ALLOWED.fullmatch(text) for pair in tags.items() for text in pair)
    assert all(len(key) <= 128 and len(value) <= 256 for key, value in tags.items())


@given(
    st.lists(st.tuples(st.integers(1, 50_000), st.lists(st.integers(1, 50_000), min_size=1, max_size=3)), max_size=99)
)
def test_moves_are_read_as_they_were_written(pairs: list[tuple[int, list[int]]]) -> None:
    moves = tuple(Move(f"{number:016x}", before, tuple(to)) for number, (before, to) in enumerate(pairs, start=1))
    tags = tags_of_moves(moves) if moves else {}
    assert recorded_in(tags).moves == moves
    assert len(tags) < 30


@pytest.mark.parametrize("edit", ["1/1/000000000000/x", "", "2/1/x/y", "1/3/x"])
def test_what_was_edited_is_damaged_and_not_absent(edit: str) -> None:
    key = next(iter(tags_of_hold(Hold("operator", SINCE))))
    assert recorded_in({key: edit}).damaged == (key,)
    assert recorded_in({"tidegate.failover:moved.1": edit}).damaged == ("tidegate.failover:moved.1",)


def test_a_hold_in_the_place_of_another_owner_is_damaged() -> None:
    mine, other = tags_of_hold(Hold("mine", SINCE)), tags_of_hold(Hold("other", SINCE))
    swapped = dict(zip(mine, other.values(), strict=True))
    assert recorded_in(swapped).damaged == tuple(mine)


def test_people_can_read_the_owner_in_the_console() -> None:
    assert "/holds/change:CHG-1/Database+upgrade" in next(
        iter(tags_of_hold(Hold("change:CHG-1", SINCE, "Database upgrade")).values())
    )
