# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a tag keeps of a service between its runs."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import (
    BY_LENGTH,
    PHASES,
    TAG,
    State,
    by_word,
    next_state,
    read_state,
    reported_state,
    state_tag,
)
from hypothesis import given
from hypothesis import strategies as st

NOW = datetime(2026, 11, 21, 3, 4, 5, 678, tzinfo=UTC)
SECOND = NOW.replace(microsecond=0)
RUN, NEWER_RUN = "20261121T030405Z-3f9a1c2e", "20261121T040506Z-00c0ffee"
TIMES = st.none() | st.integers(0, 2**34).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))
STATES = st.builds(
    State, st.just(RUN), st.sampled_from(PHASES), TIMES, TIMES, TIMES, by=st.text().map(by_word), began_at=TIMES
)


@given(STATES)
def test_what_was_written_is_read_again(state: State) -> None:
    assert read_state(state_tag(state), RUN) == state


@given(STATES)
def test_it_fits_into_a_tag_of_aws(state: State) -> None:
    [(key, text)] = state_tag(state).items()
    assert (len(key) <= 128, len(text) <= 256) == (True, True)
    assert re.fullmatch(r"[\w .:/=+@-]*", text)


def test_without_a_tag_there_is_no_state() -> None:
    assert read_state({"Name": "checkout"}, RUN) is None
    assert reported_state(None) is None


def test_the_tag_of_an_older_release_is_read() -> None:
    assert read_state({TAG: f"run={RUN} phase=failed_over failed-over-at=2026-11-21T03:04:05Z"}, RUN) == State(
        RUN, "failed_over", failed_over_at=SECOND
    )


def test_a_suppression_under_its_former_name_still_counts_and_is_written_under_the_new_one() -> None:
    old = read_state({TAG: f"run={RUN} phase=failed_over downtime-until=2026-11-21T03:04:05Z"}, RUN)
    assert old == State(RUN, "failed_over", suppressed_until=SECOND)
    after = next_state(old, run=NEWER_RUN, phase="failed_over", operation="acknowledge", now=NOW, suppress=None)
    assert "suppressed-until=2026-11-21T03:04:05Z" in state_tag(after)[f"{TAG}-{NEWER_RUN}"]


def test_a_suppression_under_both_names_is_no_state() -> None:
    times = "suppressed-until=2026-11-21T03:04:05Z downtime-until=2026-11-21T05:04:05Z"
    with pytest.raises(ValueError, match="downtime-until"):
        read_state({TAG: f"run={RUN} phase=failed_over {times}"}, RUN)


@pytest.mark.parametrize("holder", [RUN, NEWER_RUN])
def test_of_two_states_that_of_the_lock_counts(holder: str) -> None:
    tags = state_tag(State(RUN, "running")) | state_tag(State(NEWER_RUN, "interrupted"))
    assert (found := read_state(tags, holder)) is not None
    assert found.run == holder


def test_i7_a_suppression_outlives_the_late_write_of_a_run_that_lost_the_service() -> None:
    late, kept = State(RUN, "failed_over", failed_over_at=SECOND), State(NEWER_RUN, "interrupted", None, NOW, SECOND)
    assert read_state(state_tag(late) | state_tag(kept), None) == State(
        NEWER_RUN, "interrupted", SECOND, SECOND, SECOND
    )


def test_i7_a_state_under_the_key_of_another_run_is_not_believed() -> None:
    with pytest.raises(ValueError, match=NEWER_RUN):
        read_state({f"{TAG}-{NEWER_RUN}": f"run={RUN} phase=running"}, RUN)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "failed over by bob",
        "run=yesterday phase=running",
        f"run={RUN} phase=asleep",
        f"run={RUN} phase=running of=bob",
        f"run={RUN} phase=running failed-over-at=yesterday",
        f"run={RUN}  phase=running",
    ],
)
def test_i7_a_tag_that_a_person_wrote_is_not_taken_for_a_state(text: str) -> None:
    with pytest.raises(ValueError, match="^"):
        read_state({TAG: text}, RUN)


def after(before: State | None, phase: str, operation: str, suppress: int | None = None) -> State:
    """The state that :data:`NEWER_RUN` writes."""
    return next_state(before, run=NEWER_RUN, phase=phase, operation=operation, now=NOW, suppress=suppress)


@pytest.mark.parametrize("phase", ["failed_over", "interrupted"])
def test_a_failover_leaves_its_time_whether_it_succeeded_or_not(phase: str) -> None:
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


@pytest.mark.parametrize(("suppress", "until"), [(60, SECOND + timedelta(seconds=60)), (0, None), (None, SECOND)])
def test_a_suppression_is_set_ended_or_left(suppress: int | None, until: datetime | None) -> None:
    before = State(RUN, "serving", suppressed_until=SECOND)
    assert after(before, "serving", "acknowledge", suppress).suppressed_until == until


def test_results_show_times_as_people_write_them() -> None:
    assert reported_state(State(RUN, "serving", SECOND)) == {
        "run": RUN,
        "phase": "serving",
        "failed_over_at": "2026-11-21T03:04:05Z",
        "acknowledged_at": None,
        "suppressed_until": None,
        "began_at": None,
        "by": None,
    }


# Who carries a run out.


def begun(before: State | None, by: str, phase: str = "running") -> State:
    return next_state(before, run=RUN, phase=phase, operation="failover", now=NOW, suppress=None, by=by)


def test_a_run_that_begins_leaves_who_carries_it_out_since_when() -> None:
    assert begun(State(NEWER_RUN, "serving"), "ctl1/4711") == State(RUN, "running", by="ctl1/4711", began_at=SECOND)


@pytest.mark.parametrize("by", ["ctl1/4711", ""])
def test_a_run_that_writes_again_began_when_it_first_did(by: str) -> None:
    before = State(RUN, "running", by="ctl1/4711", began_at=SECOND - timedelta(minutes=1))
    assert begun(before, by) == before


def test_a_run_that_another_process_goes_on_with_began_again() -> None:
    before = State(RUN, "running", by="ctl1/4711", began_at=SECOND - timedelta(minutes=1))
    assert begun(before, "ctl2/8") == State(RUN, "running", by="ctl2/8", began_at=SECOND)


def test_a_run_that_has_ended_is_carried_out_by_nobody() -> None:
    before = State(RUN, "running", by="ctl1/4711", began_at=SECOND)
    assert begun(before, "ctl1/4711", "undone") == State(RUN, "undone")


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("ctl1.example.com/4711", "ctl1.example.com/4711"),
        ("AWX job 12", "AWX_job_12"),
        ("c" * 80 + "/4711", "c" * 59 + "/4711"),
        ("c" * 80, "c" * BY_LENGTH),
        ("c/" + "4" * 80, "c/" + "4" * 62),
        ("cc/" + "4" * 62, "c/" + "4" * 62),
        ("cc/" + "4" * 63, "cc/" + "4" * 61),
    ],
    ids=["short", "spaces", "long host", "no slash", "long number", "a letter left", "no letter left"],
)
def test_who_carries_a_run_out_is_one_word_that_fits(text: str, word: str) -> None:
    assert by_word(text) == word
