# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A gate passes only in time and with enough consecutive probes; whatever goes wrong fails it, and it alone."""

from __future__ import annotations

import threading
import time

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import UnreachableError
from ansible_collections.tidegate.failover.plugins.module_utils._gates import _evaluation
from ansible_collections.tidegate.failover.plugins.module_utils._gates._evaluation import (
    FRESH,
    GateClock,
    Occasion,
    Outcome,
    evaluate,
    evaluate_all,
    not_evaluated,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation, Probe, Timing, Values

from .gates import NOW, FakeClock, Script, failing, occasion, passing, scripted


def outcome_of(script: Script, timing: Timing | None = None) -> Outcome:
    return evaluate(scripted(script, timing=timing), occasion(script.clock))


def test_one_probe_that_passes_is_enough() -> None:
    script = Script([passing()])
    outcome = outcome_of(script)
    assert (outcome.passed, outcome.observed, outcome.remedy) == (True, "all is healthy", "")
    assert len(script.looks) == 1


def test_a_gate_is_probed_until_it_passes() -> None:
    script = Script([failing(), failing(), passing()])
    assert outcome_of(script, Timing(interval=5, timeout=30)).passed
    assert script.clock.seconds == 10


def test_i7_a_gate_that_does_not_pass_in_time_fails_with_what_it_saw_last() -> None:
    script = Script([failing("first"), failing("last", "Wait.")])
    outcome = outcome_of(script, Timing(interval=5, timeout=30))
    assert (outcome.passed, outcome.observed, outcome.remedy) == (False, "last", "Wait.")
    assert script.clock.seconds <= 30


def test_a_timeout_of_one_second_is_one_probe() -> None:
    script = Script([failing()])
    assert not outcome_of(script, Timing(timeout=1)).passed
    assert len(script.looks) == 1


def test_i7_probes_have_to_pass_in_a_row() -> None:
    script = Script([passing(), passing(), failing(), passing(), passing(), passing()])
    outcome = outcome_of(script, Timing(consecutive=3, interval=1, timeout=30))
    assert (outcome.passed, outcome.observed) == (True, "all is healthy, 3 of 3 times in a row")
    assert len(script.looks) == 6


def test_slow_probes_leave_time_for_as_many_as_asked_for() -> None:
    script = Script([passing()], seconds=0.5)
    assert outcome_of(script, Timing(consecutive=6, interval=5, timeout=26)).passed


def test_too_few_in_a_row_fail_and_say_so() -> None:
    script = Script([failing(), passing()])
    outcome = outcome_of(script, Timing(consecutive=3, interval=4, timeout=10))
    assert (outcome.passed, outcome.observed) == (False, "all is healthy, 2 of 3 times in a row")
    assert "3 times in a row" in outcome.remedy


@pytest.mark.parametrize("sight", [passing(final=True), failing(final=True)])
def test_what_cannot_change_is_checked_once(sight: Observation) -> None:
    script = Script([sight])
    outcome = outcome_of(script, Timing(consecutive=3, interval=1, timeout=30))
    assert (outcome.passed, outcome.observed) == (sight.passed, sight.observed)
    assert len(script.looks) == 1


def test_i7_a_probe_that_passes_too_late_has_failed() -> None:
    outcome = outcome_of(Script([passing()], seconds=31), Timing(timeout=30))
    assert not outcome.passed
    assert "only after the timeout of 30 s" in outcome.observed
    assert outcome.remedy


def test_each_probe_gets_its_time_limit() -> None:
    script = Script([failing(), passing()], seconds=2)
    outcome_of(script, Timing(interval=5, timeout=30))
    assert [look.limit for look in script.looks] == [30, 25]


def test_an_outcome_reports_from_when_to_when() -> None:
    outcome = outcome_of(Script([failing(), passing()], seconds=1), Timing(interval=5, timeout=30))
    assert (outcome.began - NOW).total_seconds() == 0
    assert (outcome.ended - NOW).total_seconds() == 6


def test_a_failure_without_a_remedy_gets_one() -> None:
    assert outcome_of(Script([failing(remedy="")])).remedy


def test_what_was_observed_is_reported_in_one_line() -> None:
    assert outcome_of(Script([passing("two\n lines")])).observed == "two lines"


def test_i7_an_error_of_ours_fails_the_gate_with_its_text() -> None:
    outcome = outcome_of(Script([UnreachableError("nobody is there")]), Timing(timeout=1))
    assert (outcome.passed, outcome.observed) == (False, "nobody is there")
    assert outcome.remedy


def test_i12_an_error_that_nobody_foresaw_fails_the_gate_without_its_text() -> None:
    outcome = outcome_of(Script([KeyError("password=secret")]))
    assert not outcome.passed
    assert "KeyError (gates.py, line" in outcome.observed
    assert "secret" not in outcome.observed + outcome.remedy


def test_a_gate_that_is_broken_is_checked_once() -> None:
    script = Script([KeyError(), passing()])
    assert not outcome_of(script, Timing(interval=1, timeout=30)).passed
    assert len(script.looks) == 1


def test_a_probe_that_would_come_when_the_time_is_over_is_not_waited_for() -> None:
    script = Script([passing()])
    assert not outcome_of(script, Timing(consecutive=4, interval=10, timeout=30)).passed
    assert (len(script.looks), script.clock.seconds) == (3, 20)


def test_a_probe_after_a_slow_one_follows_at_once() -> None:
    script = Script([passing()], seconds=4)
    assert outcome_of(script, Timing(consecutive=2, interval=1, timeout=30)).passed
    assert script.clock.seconds == 8


def test_a_passing_error_is_waited_out() -> None:
    assert outcome_of(Script([UnreachableError("not yet"), passing()])).passed


def test_progress_is_reported_when_it_changes() -> None:
    script, reported = (
        Script([failing("8 MB behind"), failing("8 MB behind"), failing("2 MB behind"), passing()]),
        list[str](),
    )
    evaluate(scripted(script, timing=Timing(interval=5, timeout=30)), occasion(script.clock, reported.append))
    assert reported == [
        "scripted: 8 MB behind; waiting for all healthy, 30 s left",
        "scripted: 2 MB behind; waiting for all healthy, 20 s left",
    ]


def test_unchanged_progress_is_reported_again_later() -> None:
    script, reported = Script([failing()]), list[str]()
    evaluate(scripted(script, timing=Timing(interval=10, timeout=75)), occasion(script.clock, reported.append))
    assert [line.rpartition(", ")[2] for line in reported] == ["75 s left", "45 s left", "15 s left"]


def test_gates_are_evaluated_side_by_side() -> None:
    # Each waits for the other: one after the other they would never pass.
    both = threading.Barrier(2, timeout=10)

    class Meeting(Script):
        def observe(self, _options: Values, _probe: Probe) -> Observation:
            both.wait()
            return passing()

    definitions = [scripted(Meeting([]), name=name) for name in ("one", "other")]
    outcomes = evaluate_all(definitions, occasion(FakeClock()))
    assert [(outcome.definition.name, outcome.passed) for outcome in outcomes] == [("one", True), ("other", True)]


def test_i7_one_that_fails_does_not_hide_the_others() -> None:
    clock = FakeClock()
    definitions = [
        scripted(Script([RuntimeError()], clock=clock), name="broken"),
        scripted(Script([passing()], clock=clock), name="well"),
    ]
    assert [outcome.passed for outcome in evaluate_all(definitions, occasion(clock))] == [False, True]


def test_i7_one_that_hangs_is_given_up_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_evaluation, "GRACE", 0.0)
    end = threading.Event()

    class Hanging(Script):
        def observe(self, _options: Values, _probe: Probe) -> Observation:
            end.wait(60)
            return passing()

    class Impatient(GateClock):
        """Its seconds are hundredths, so that nobody has to wait."""

        def now(self) -> float:
            return time.monotonic() * 100

    hanging = scripted(Hanging([]), timing=Timing(timeout=1))
    (outcome,) = evaluate_all([hanging], Occasion((), None, Impatient(), lambda _text: None))
    end.set()
    assert (outcome.passed, outcome.observed) == (False, "no answer at all, 0 s after the timeout of 1 s")


def test_a_gate_is_given_up_some_time_after_its_own_timeout_and_keeps_no_process_alive(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[tuple[float | None, bool]] = []

    class Thread(threading.Thread):
        def join(self, timeout: float | None = None) -> None:
            waited.append((timeout, self.daemon))
            super().join()

    monkeypatch.setattr(threading, "Thread", Thread)
    evaluate_all([scripted(Script([passing()]), timing=Timing(timeout=30))], occasion(FakeClock()))
    assert waited == [(30 + _evaluation.GRACE, True)]


def test_gates_that_passed_long_before_the_last_one_are_evaluated_again() -> None:
    clock = FakeClock()
    early, late = Script([passing()], clock=clock), Script([passing()], seconds=FRESH + 1, clock=clock)

    class Behind(Script):
        """Looks only once the early gate has its outcome."""

        def observe(self, options: Values, look: Probe) -> Observation:
            for thread in threading.enumerate():
                if thread.name == "early":
                    thread.join(10)
            return late.observe(options, look)

    long = Timing(timeout=600)
    gates = [scripted(early, name="early", timing=long), scripted(Behind([]), name="late", timing=long)]
    outcomes = evaluate_all(gates, occasion(clock))
    assert [(outcome.passed, outcome.ended) for outcome in outcomes] == [(True, clock.utc())] * 2
    assert (len(early.looks), len(late.looks)) == (2, 1)


def test_i7_a_gate_that_check_mode_leaves_alone_has_not_passed() -> None:
    outcome = not_evaluated(scripted(Script([passing()])), FakeClock())
    assert (outcome.evaluated, outcome.passed, outcome.began == outcome.ended) == (False, False, True)
    assert "read_only" in outcome.remedy
