# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``drift`` of one, ten and thirty services, beside a bare program that makes the same calls."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Mapping
from pathlib import Path

from lab.process import running_lab

from .ansible_task import AnsibleTask
from .measuring import Aim, Contestant, Report, Sample, most_calls, tables, take_turns
from .processes import CLONE, Took, run
from .services import DRIFT, ServicesLab

SIZES, QUICK_SIZES = (1, 10, 30), (1, 2)

OURS = "by the collection"
BARE = "a bare program with the same calls"
EMPTY = "nothing: an empty playbook"

NOTES = """\
All services are of one account, and nothing has drifted. One in ten has a page on one load balancer. The floor is an
empty playbook and the bare program, which reads the same and compares nothing; both are measured in the same round."""

Samples = Mapping[str, list[Sample]]


def measure(folder: Path, *, rounds: int, quick: bool) -> Report:
    """Start a lab, run all contestants in turn, and sum up the results.

    :param folder: for temporary files.
    :param quick: with fewer services, only to check that everything works.
    :raises BenchError: a measured program failed.
    """
    sizes = QUICK_SIZES if quick else SIZES
    with running_lab(folder / "lab") as running:
        lab = ServicesLab(running, folder, max(sizes))
        empty = AnsibleTask("empty", "empty", {}, folder)
        contestants = [Contestant(EMPTY, lambda: lab.sample(empty.run_playbook()))]
        for count in sizes:
            contestants += _contestants(lab, folder, count)
        samples = take_turns(contestants, rounds)
    return Report("drift", NOTES, tables(samples), aims(samples, sizes))


def of(count: int) -> str:
    """How the names of those begin that check so many services."""
    return f"{count} service{'s' if count > 1 else ''}: "


def _contestants(lab: ServicesLab, home: Path, count: int) -> list[Contestant]:
    def bare() -> Took:
        program = [sys.executable, "-m", f"{__package__}.bare_drift", lab.described(count)]
        return run(program, home, PYTHONPATH=str(CLONE))

    return [
        Contestant(of(count) + OURS, lambda: lab.sample(lab.look(DRIFT, count))),
        Contestant(of(count) + BARE, lambda: lab.sample(bare())),
    ]


def aims(samples: Samples, sizes: tuple[int, ...]) -> list[Aim]:
    """For each number of services the cost, as a ratio within one round, and the calls."""
    found = []
    for count in sizes:
        ours, bare = samples[of(count) + OURS], samples[of(count) + BARE]
        found += [
            Aim(f"{of(count)}CPU / (empty playbook + bare program)", _ratio(ours, samples[EMPTY], bare), 2),
            Aim(f"{of(count)}API calls / those of the bare program", most_calls(ours) / most_calls(bare), 1),
        ]
    return found


def _ratio(ours: list[Sample], empty: list[Sample], bare: list[Sample]) -> float:
    """The median over the rounds of the ratio within one round."""
    rounds = zip(ours, empty, bare, strict=True)
    return statistics.median(own.cpu_seconds / (none.cpu_seconds + other.cpu_seconds) for own, none, other in rounds)
