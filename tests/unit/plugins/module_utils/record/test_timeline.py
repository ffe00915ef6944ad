# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The picture of a run shows each moment and each step where it belongs."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._record.record import procedure_record
from ansible_collections.tidegate.failover.plugins.module_utils._record.timeline import timeline
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import duration
from hypothesis import given
from hypothesis import strategies as st

from .runs import RUN, step


def drawn(*steps: dict[str, Any], **run: Any) -> dict[str, Any]:
    return timeline(procedure_record({**RUN, **run}, steps))


def marks(line: dict[str, Any]) -> dict[str, float]:
    return {mark["name"]: mark["seconds"] for mark in line["marks"]}


def test_moments_stand_in_order() -> None:
    line = drawn(step("verify", ended="03:05:00"), point_of_no_return_at="2026-11-21T03:04:00Z")
    assert list(marks(line)) == ["detected", "decided", "point of no return", "recovered", "ended"]
    assert list(marks(line).values()) == [0, 10, 60, 120, 130]


def test_a_step_is_as_long_as_it_took() -> None:
    promoted = drawn(step("promote", began="03:03:13", ended="03:04:18"))["bars"][0]
    assert (promoted["at"], promoted["length"], promoted["label"]) == (0.1, 0.5, "1 min 5 s")


def test_a_step_that_never_ran_has_no_bar() -> None:
    never = {"name": "verify", "status": "not evaluated", "began": None, "ended": None}
    assert drawn(never, step("soak", "skipped"))["bars"] == []


def test_the_objective_is_drawn_where_it_is_near() -> None:
    line = drawn(rto_seconds=300)
    assert marks(line)["recovery time objective"] == 300
    assert (line["seconds"], line["elapsed"]) == (300, 130)


def test_an_objective_far_away_leaves_room_for_the_run() -> None:
    assert "recovery time objective" not in marks(drawn(rto_seconds=3600))


def test_a_run_that_took_no_time_can_be_drawn() -> None:
    line = drawn(detected_at=None, ended=RUN["began"])
    assert [mark["at"] for mark in line["marks"]] == [0, 0]


@given(st.integers(min_value=1, max_value=200_000))
def test_ticks_are_few_and_within(seconds: int) -> None:
    line = drawn(detected_at=None, rto_seconds=None, began="2026-11-21T00:00:00Z", ended=_later(seconds))
    assert 1 <= len(line["ticks"]) <= 9
    assert all(0 <= tick["at"] <= 1 for tick in line["ticks"])


@pytest.mark.parametrize(
    ("seconds", "reported"),
    [
        (0, "0 s"),
        (0.42, "0.4 s"),
        (9, "9 s"),
        (59.6, "1 min"),
        (185, "3 min 5 s"),
        (7800, "2 h 10 min"),
        (3605, "1 h 5 s"),
    ],
)
def test_a_duration_is_reported_as_people_do(seconds: float, reported: str) -> None:
    assert duration(seconds) == reported


def _later(seconds: int) -> str:
    days, rest = divmod(seconds, 86400)
    return f"2026-11-{21 + days}T{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}Z"
