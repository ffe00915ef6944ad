# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The loop: one step at a time on the state just read, with retries of temporary failures, never past the deadline."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._converge import (
    FIRST_CONTACT_ATTEMPTS,
    Convergence,
    Deadline,
    call_patiently,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    ConflictError,
    RefusedError,
    TransientError,
    UnreachableError,
    WaitTimeoutError,
)

from .clocks import FakeClock


class Counter:
    """An object whose whole state is a number, to be brought to a goal by steps of one."""

    def __init__(self, goal: int, *obstacles: Exception | None, timeout: float = 60.0) -> None:
        self.number = 0
        self.goal = goal
        self.obstacles = list(obstacles)
        self.reads = self.settled = 0
        self.clock = FakeClock()
        self.deadline = Deadline(timeout, self.clock)
        self.loop: Convergence[int, int] = Convergence(
            read=self.read, decide=self.decide, write=self.write, settle=self.settle, deadline=self.deadline
        )

    def read(self) -> int:
        self.reads += 1
        return self.number

    def decide(self, seen: int, written: Sequence[int]) -> list[int]:
        return list(range(seen + 1, self.goal + 1))

    def write(self, seen: int, step: int) -> int:
        obstacle = self.obstacles.pop(0) if self.obstacles else None
        if obstacle is not None:
            raise obstacle
        assert seen == self.number, "written on something else than what was read"
        self.number = step
        return step

    def settle(self) -> bool:
        self.settled += 1
        return False


def throttled() -> TransientError:
    return TransientError("slow down", effect_unknown=False)


def lost() -> TransientError:
    return TransientError("the response was lost", effect_unknown=True)


def test_every_step_is_taken_on_a_fresh_read_and_the_last_needs_none_after_it() -> None:
    counter = Counter(3)
    counter.loop.run()
    assert (counter.number, counter.reads, counter.loop.written) == (3, 3, [1, 2, 3])


def test_nothing_missing_means_one_read_and_no_write() -> None:
    counter = Counter(0)
    counter.loop.run()
    assert (counter.reads, counter.loop.written) == (1, [])


@pytest.mark.parametrize("setback", [ConflictError("changed"), throttled(), lost()])
def test_i2_after_a_setback_the_object_is_read_again_before_it_is_written_again(setback: Exception) -> None:
    counter = Counter(1, setback)
    counter.loop.run()
    assert (counter.number, counter.reads) == (1, 2)


def test_a_lost_response_is_settled_before_the_next_read() -> None:
    counter = Counter(1, lost())
    counter.loop.run()
    assert counter.settled == 1


@pytest.mark.parametrize(("before", "settled"), [(True, 1), (False, 0)])
def test_changes_under_way_are_awaited_before_steps_that_are_right_only_without_them(
    before: bool, settled: int
) -> None:
    counter = Counter(2)
    counter.loop._settles_before = lambda steps: before
    counter.loop.run()
    assert (counter.number, counter.settled) == (2, settled)


def test_a_step_whose_response_was_lost_counts_when_it_is_no_longer_missing() -> None:
    counter = Counter(1, lost())
    answer_is_lost_after_the_effect(counter)
    counter.loop.run()
    assert (counter.number, counter.loop.written, counter.loop.doubtful) == (1, [1], None)


def answer_is_lost_after_the_effect(counter: Counter) -> None:
    settle: Callable[[], bool] = counter.settle

    def effect() -> bool:
        settle()
        counter.number = 1
        return True

    counter.loop._settle = effect


def test_a_step_stays_in_doubt_when_time_runs_out_before_the_next_read() -> None:
    counter = Counter(1, lost(), timeout=0.01)
    with pytest.raises(WaitTimeoutError):
        counter.loop.run()
    assert (counter.loop.written, counter.loop.doubtful) == ([], 1)


def test_i7_the_deadline_ends_in_an_error_that_names_the_last_setback() -> None:
    counter = Counter(1, *[ConflictError("someone else is changing it")] * 500, timeout=30)
    with pytest.raises(WaitTimeoutError, match="wait_timeout of 30 s.*someone else is changing it"):
        counter.loop.run()
    assert counter.clock.seconds <= 30


def test_a_step_that_something_else_keeps_undoing_is_repeated_slowly_and_not_for_ever() -> None:
    counter = Counter(2, timeout=30)
    writes: list[int] = []

    def write_in_vain(seen: int, step: int) -> int:
        assert len(writes) < 100, "written again and again without end"
        writes.append(step)
        return step

    counter.loop._write = write_in_vain
    with pytest.raises(WaitTimeoutError, match="something else keeps undoing it"):
        counter.loop.run()
    assert (counter.loop.written, len(writes) < 20) == ([1], True)


def test_a_refusal_is_not_tried_again() -> None:
    counter = Counter(1, RefusedError("no"))
    with pytest.raises(RefusedError):
        counter.loop.run()
    assert counter.reads == 1


def test_what_was_written_before_a_failure_is_remembered() -> None:
    counter = Counter(3, None, RefusedError("no"))
    with pytest.raises(RefusedError):
        counter.loop.run()
    assert (counter.loop.first, counter.loop.written) == (0, [1])


def test_i3_a_prediction_takes_every_step_on_paper_only() -> None:
    counter = Counter(2)
    counter.loop.predict(lambda seen, step: step)
    assert (counter.number, counter.loop.last, counter.loop.written) == (0, 2, [1, 2])


def failing(failures: list[Exception]) -> Callable[[], str]:
    def call() -> str:
        if failures:
            raise failures.pop(0)
        return "answer"

    return call


def test_i3_a_prediction_that_is_refused_half_way_reports_how_far_the_run_would_come() -> None:
    counter = Counter(3)

    def refuse_the_second(seen: int, step: int) -> int:
        if step == 2:
            raise RefusedError("no")
        return step

    with pytest.raises(RefusedError):
        counter.loop.predict(refuse_the_second)
    assert (counter.loop.last, counter.loop.written) == (1, [1])


def test_a_call_that_changes_nothing_is_repeated_while_its_failures_pass() -> None:
    assert call_patiently(failing([throttled(), lost()]), Deadline(60, FakeClock())) == "answer"


def test_an_address_that_never_answers_is_given_up_long_before_the_deadline() -> None:
    clock = FakeClock()
    with pytest.raises(UnreachableError, match="no route"):
        call_patiently(failing([UnreachableError("no route")] * FIRST_CONTACT_ATTEMPTS), Deadline(600, clock))
    assert clock.seconds < 10


def test_an_address_that_has_answered_once_is_waited_for() -> None:
    deadline = Deadline(600, FakeClock())
    deadline.note_contact()
    assert call_patiently(failing([UnreachableError("restarting")] * 20), deadline) == "answer"


def test_the_service_is_given_the_time_that_it_asks_for() -> None:
    clock = FakeClock()
    call_patiently(failing([TransientError("busy", effect_unknown=False, retry_after=17)]), Deadline(60, clock))
    assert clock.seconds >= 17


def test_pauses_grow_but_start_small_again_after_progress() -> None:
    clock = FakeClock()
    deadline = Deadline(600, clock)
    for _setback in range(8):
        deadline.pause_after(ConflictError("busy"))
    grown = clock.seconds
    deadline.note_progress()
    deadline.pause_after(ConflictError("busy"))
    assert clock.seconds - grown < 1
