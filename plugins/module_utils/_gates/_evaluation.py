# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Evaluates gates in parallel. Each gate is probed until it has passed or its time is over. Fails closed."""

from __future__ import annotations

import threading
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError, place_of
from ansible_collections.tidegate.failover.plugins.module_utils._gates._definition import Definition
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation, Probe, Timing

#: Seconds. After a failure, a probe with less time than this could only report a timeout.
SHORTEST_PROBE = 1.0
#: Seconds that a probe may exceed its limit. After that the gate fails.
GRACE = 15.0
#: Seconds. A gate that passed this long before the last one is evaluated again, so that all evidence is equally recent.
FRESH = 60.0
#: Seconds after which a gate that still waits for the same thing reports that again.
_REPORT_INTERVAL = 30.0

_ONCE = Timing(consecutive=1, interval=1.0, timeout=60)


class GateClock(Clock):
    """The clock for deadlines, and for times that people read."""

    def utc(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)


@dataclass(frozen=True)
class Outcome:
    """The outcome of one gate.

    :ivar evaluated: False if check mode did not evaluate the gate. Then ``passed`` is False too.
    :ivar measured: the figures of the last probe.
    """

    definition: Definition
    passed: bool
    observed: str
    remedy: str
    began: datetime
    ended: datetime
    evaluated: bool = True
    measured: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Occasion:
    """The circumstances of an evaluation, the same for all gates of a task.

    :ivar tell: takes a line of text that reports progress to a person who waits.
    :ivar memories: what probes of a gate leave for later probes, by the gate's name.
    """

    lock_ids: tuple[str, ...]
    requester: str | None
    clock: GateClock
    tell: Callable[[str], None]
    memories: dict[str, dict[str, t.Any]] = field(default_factory=dict)


def evaluate_all(definitions: Sequence[Definition], occasion: Occasion) -> list[Outcome]:
    """Evaluate all gates in parallel, and return their outcomes in the same order.

    If all gates pass, those that passed long before the last one are evaluated once more.
    """
    outcomes = _side_by_side(definitions, occasion)
    if not all(outcome.passed for outcome in outcomes):
        return outcomes
    now = occasion.clock.utc()
    stale = [outcome.definition for outcome in outcomes if (now - outcome.ended).total_seconds() > FRESH]
    renewed = {outcome.definition.name: outcome for outcome in _side_by_side(stale, occasion)}
    return [renewed.get(outcome.definition.name, outcome) for outcome in outcomes]


def not_evaluated(definition: Definition, clock: GateClock) -> Outcome:
    """The outcome of a gate that check mode does not evaluate, because a probe may change something."""
    now = clock.utc()
    remedy = "Declare it read_only if it changes nothing, or run without check mode."
    return Outcome(definition, False, "not evaluated in check mode", remedy, now, now, evaluated=False)


def evaluate(definition: Definition, occasion: Occasion) -> Outcome:
    """Probe one gate until it has passed, or its time is over."""
    clock, timing = occasion.clock, definition.timing or _ONCE
    deadline = Deadline(timing.timeout, clock)
    waiting = _Waiting(definition, occasion, deadline)
    began, in_a_row = clock.utc(), 0
    memory = occasion.memories.setdefault(definition.name, {})
    while True:
        begin = clock.now()
        probe = Probe(clock.utc(), deadline.remaining, occasion.lock_ids, occasion.requester, memory)
        seen = _in_time(_probe(definition, probe), deadline)
        in_a_row = in_a_row + 1 if seen.passed else 0
        passed = seen.passed and (seen.final or in_a_row >= timing.consecutive)
        observed = _counted(seen, in_a_row, timing)
        pause = max(0.0, begin + timing.interval - clock.now())
        if passed or seen.final or deadline.remaining <= pause + (0.0 if seen.passed else SHORTEST_PROBE):
            remedy = "" if passed else seen.remedy or _too_few(in_a_row, timing)
            return Outcome(definition, passed, observed, remedy, began, clock.utc(), measured=seen.measured)
        waiting.tell(observed)
        deadline.sleep(pause)


class _Waiting:
    """Reports what a gate waits for: whenever that changes, and at intervals."""

    def __init__(self, definition: Definition, occasion: Occasion, deadline: Deadline) -> None:
        self._definition, self._occasion, self._deadline = definition, occasion, deadline
        self._last_line, self._last_time = "", 0.0

    def tell(self, observed: str) -> None:
        now = self._occasion.clock.now()
        if observed == self._last_line and now - self._last_time < _REPORT_INTERVAL:
            return
        self._last_line, self._last_time = observed, now
        self._occasion.tell(
            f"{self._definition.name}: {observed}; waiting for {self._definition.expected}, "
            f"{self._deadline.remaining:.0f} s left"
        )


def _probe(definition: Definition, probe: Probe) -> Observation:
    try:
        return definition.kind.observe(definition.options, probe)
    except TidegateError as problem:
        return Observation(False, str(problem), "Follow its message, and evaluate the gates again.")
    # An unexpected error fails this gate only, and must not hide the results of the others. Its message may contain
    # secrets, so only its type and place are reported.
    except Exception as broken:  # noqa: BLE001
        place = place_of(broken)
        return Observation(
            False,
            f"the gate itself broke with {type(broken).__name__} ({place})",
            "This is a defect of the gate. Report it; until it is fixed, an override of the unlock can skip the gate.",
            final=True,
        )


def _in_time(seen: Observation, deadline: Deadline) -> Observation:
    if not seen.passed or deadline.remaining > 0:
        return seen
    late = f"{seen.observed}, but only after the timeout of {deadline.timeout:g} s"
    return replace(seen, passed=False, observed=late, remedy="Give the gate a longer timeout, or find what is slow.")


def _counted(seen: Observation, in_a_row: int, timing: Timing) -> str:
    observed = " ".join(seen.observed.split())
    if timing.consecutive == 1 or seen.final or not seen.passed:
        return observed
    return f"{observed}, {in_a_row} of {timing.consecutive} times in a row"


def _too_few(in_a_row: int, timing: Timing) -> str:
    if not in_a_row:
        return "Evaluate the gates again when it has changed."
    return f"It has to pass {timing.consecutive} times in a row. Evaluate the gates again, or give it a longer timeout."


def _side_by_side(definitions: Sequence[Definition], occasion: Occasion) -> list[Outcome]:
    """Use one daemon thread for each gate: Python does not wait for these at exit, but for those of its pools."""
    found: dict[str, Outcome] = {}

    def run(definition: Definition) -> None:
        found[definition.name] = evaluate(definition, occasion)

    began = occasion.clock.utc()
    threads = [
        threading.Thread(target=run, args=(definition,), name=definition.name, daemon=True)
        for definition in definitions
    ]
    for thread in threads:
        thread.start()
    start = occasion.clock.now()
    for thread, definition in zip(threads, definitions, strict=True):
        end = start + (definition.timing or _ONCE).timeout + GRACE
        thread.join(max(0.0, end - occasion.clock.now()))
    return [found.get(definition.name) or _given_up(definition, began, occasion) for definition in definitions]


def _given_up(definition: Definition, began: datetime, occasion: Occasion) -> Outcome:
    timeout = (definition.timing or _ONCE).timeout
    observed = f"no answer at all, {GRACE:g} s after the timeout of {timeout:g} s"
    return Outcome(definition, False, observed, "Find out why it hangs.", began, occasion.clock.utc())
