# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a tag keeps of a service between its runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import (
    PHASES,
    TAG,
    State,
    next_state,
    read_state,
    told_state,
    write_state,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 21, 3, 4, 5, 678, tzinfo=UTC)
SECOND = NOW.replace(microsecond=0)
RUN, NEWER_RUN = "20261121T030405Z-3f9a1c2e", "20261121T040506Z-00c0ffee"
TIMES = st.none() | st.integers(0, 2**34).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
STATES = st.builds(State, st.just(RUN), st.sampled_from(PHASES), TIMES, TIMES, TIMES)


@given(STATES)
def test_what_was_written_is_read_again(state: State) -> None:
    assert read_state({TAG: write_state(state)}) == state


@given(STATES)
def test_it_fits_into_a_tag_of_aws(state: State) -> None:
    text = write_state(state)
    assert len(text) <= 256
    assert re.fullmatch(r"[\w .:/=+@-]*", text)


def test_without_a_tag_there_is_no_state() -> None:
    assert read_state({"Name": "checkout"}) is None
    assert told_state(None) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "failed over by bob",
        "run=yesterday phase=running",
        f"run={RUN} phase=asleep",
        f"run={RUN} phase=running by=bob",
        f"run={RUN} phase=running failed-over-at=yesterday",
        f"run={RUN}  phase=running",
    ],
)
def test_i7_a_tag_that_a_person_wrote_is_not_taken_for_a_state(text: str) -> None:
    with pytest.raises(ValueError, match="^"):
        read_state({TAG: text})


def after(before: State | None, phase: str, operation: str, downtime: int | None = None) -> State:
    """The state that :data:`NEWER_RUN` writes."""
    return next_state(before, run=NEWER_RUN, phase=phase, operation=operation, now=NOW, downtime=downtime)


@pytest.mark.parametrize("phase", ["failed_over", "interrupted"])
def test_a_failover_leaves_its_time_whether_it_ended_well_or_not(phase: str) -> None:
    assert after(None, phase, "failover") == State(NEWER_RUN, phase, failed_over_at=SECOND)


@pytest.mark.parametrize("phase", ["running", "undone"])
def test_a_failover_that_has_only_begun_or_was_undone_is_none(phase: str) -> None:
    before = State(RUN, "serving", failed_over_at=SECOND - timedelta(days=1))
    assert after(before, phase, "failover").failed_over_at == before.failed_over_at


def test_a_failback_keeps_when_the_service_was_failed_over() -> None:
    before = State(RUN, "failed_over", SECOND, SECOND, SECOND)
    assert after(before, "serving", "failback") == State(NEWER_RUN, "serving", SECOND, SECOND, SECOND)


def test_an_acknowledgement_leaves_its_time() -> None:
    assert after(State(RUN, "failed_over"), "failed_over", "acknowledge").acknowledged_at == SECOND


@pytest.mark.parametrize(("downtime", "until"), [(60, SECOND + timedelta(seconds=60)), (0, None), (None, SECOND)])
def test_a_downtime_is_set_ended_or_left(downtime: int | None, until: datetime | None) -> None:
    before = State(RUN, "serving", downtime_until=SECOND)
    assert after(before, "serving", "acknowledge", downtime).downtime_until == until


def test_results_show_times_as_people_write_them() -> None:
    assert told_state(State(RUN, "serving", SECOND)) == {
        "run": RUN,
        "phase": "serving",
        "failed_over_at": "2026-11-21T03:04:05Z",
        "acknowledged_at": None,
        "downtime_until": None,
    }
