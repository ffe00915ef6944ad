# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The common part of all measurements: contestants take turns, and figures are medians over the rounds."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


class BenchError(Exception):
    """A measured program failed; the message names the problem."""


@dataclass(frozen=True)
class Sample:
    """One run of one contestant.

    :ivar seconds: wall time.
    :ivar cpu_seconds: processor time.
    :ivar peak_bytes: the most memory that the largest of its processes held.
    :ivar calls: how often each API operation was called.
    :ivar noticed: for each awaited change, seconds from its end until the request was there that saw it.
    :ivar locked_after: seconds from its start until the last lock was asked for; None if that is not measured.
    :ivar processes: how many processes it started.
    :ivar tasks: how many tasks a person saw.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    calls: dict[str, int] = field(default_factory=dict)
    noticed: tuple[float, ...] = ()
    locked_after: float | None = None
    processes: int | None = None
    tasks: int | None = None


@dataclass(frozen=True)
class Contestant:
    """One way to do something.

    :ivar run: does it once, and sees to it beforehand, unmeasured, that there is something to do.
    """

    name: str
    run: Callable[[], Sample]


@dataclass(frozen=True)
class Aim:
    """What a figure should be.

    :ivar text: the aim in words.
    :ivar observed: the figure, and its most in ``limit``.
    :ivar unit: of both.
    :ivar at_least: ``limit`` is the least that it should be.
    """

    text: str
    observed: float
    limit: float
    unit: str = ""
    at_least: bool = False

    @property
    def met(self) -> bool:
        """Whether it was reached in this run."""
        return self.observed >= self.limit if self.at_least else self.observed <= self.limit


@dataclass(frozen=True)
class Table:
    """Contestants that did the same, side by side.

    :ivar rows: their samples, by name, one for each round and in the same order.
    """

    title: str
    rows: dict[str, list[Sample]]


@dataclass(frozen=True)
class Report:
    """What was measured about one subject.

    :ivar notes: how to read it.
    """

    title: str
    notes: str
    tables: list[Table]
    aims: list[Aim]


def take_turns(
    contestants: Sequence[Contestant], rounds: int, before_round: Callable[[int], None] = lambda _number: None
) -> dict[str, list[Sample]]:
    """Run all contestants in turn, round after round, so that whatever else the machine does hits all of them alike.

    :param before_round: prepares a round, which is the same for all contestants. The first one is 0.
    """
    samples: dict[str, list[Sample]] = {contestant.name: [] for contestant in contestants}
    for number in range(rounds):
        before_round(number)
        for contestant in contestants:
            samples[contestant.name].append(contestant.run())
    return samples


def tables(samples: Mapping[str, list[Sample]]) -> list[Table]:
    """One table for each task; contestants are named by their task and by who does it, with ": " in between."""
    found: dict[str, dict[str, list[Sample]]] = {}
    for name, rows in samples.items():
        task, _colon, who = name.rpartition(": ")
        found.setdefault(task, {})[who] = rows
    return [Table(task, rows) for task, rows in found.items()]


def most_calls(samples: Sequence[Sample], *operations: str) -> int:
    """The most calls of these operations, or of all, that one of the runs made."""
    return max(
        sum(sample.calls[name] for name in operations or sample.calls if name in sample.calls) for sample in samples
    )


def median_ratio(of: Sequence[Sample], to: Sequence[float]) -> float:
    """The median over the rounds of the ratio of a wall time to what it is compared with in the same round.

    :param to: seconds, for each round.
    """
    return statistics.median(sample.seconds / seconds for sample, seconds in zip(of, to, strict=True))
