# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Procedures beside the least possible cost: one task, one service, and many services at once."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from lab.process import running_lab

from .ansible_task import AnsibleTask
from .lock import PEER
from .lock_lab import MODULE as LOCK
from .lock_lab import PINNED
from .maintenance import MODULE as PAGE
from .measuring import Aim, Contestant, Report, Sample, tables, take_turns
from .procedures_lab import Json, ProceduresLab
from .processes import CLONE, Took, run

MANY, QUICK_MANY = (1, 10, 100), (2,)
#: More would take hours, and hundred services are a mean by themselves.
MOST_ROUNDS_OF_MANY = 2
WORK_REQUEST_SECONDS = 0.5

OURS = "by the collection"
EMPTY = "an empty playbook"
BARE = "a bare program with the same calls"
BULK = "one bulk lock by r53_healthcheck_lock"
ONE_LOCK = "one lock by a task: "
ONE_PAGE = "one page by a task: "
ONE_SERVICE = "failover of one service, with page, DNS and verification: "

#: What a person is shown besides the steps.
FRAME_TASKS = 25
#: Those that are taken: lock, page, wait, verify, notify.
STEPS = 5

NOTES = """\
Time until locked is from the start of the process until the lab got the request that locks the last service. Tasks are
headings on the screen. Processes are those that Python started. A failover waits as the bare program does: until the
other site has answered twice in a row, a second apart, before the lock, after the page, and for the verification. The
first service alone has a record in the zone. oracle.oci is not measured: it does not come from PyPI, and its modules
take no endpoint, so they cannot be pointed at the lab."""

Samples = Mapping[str, list[Sample]]


def measure(folder: Path, *, rounds: int, quick: bool) -> Report:
    """Start a lab, run all contestants in turn, and sum up the results.

    :param folder: for temporary files.
    :param quick: with so few services that the figures say little, only to check that everything works.
    :raises BenchError: a measured program failed.
    """
    sizes = QUICK_MANY if quick else MANY
    with running_lab(folder / "lab", "--work-request-seconds", str(WORK_REQUEST_SECONDS)) as running:
        contestants = _Contestants(ProceduresLab(running, folder), folder)
        samples = take_turns([*contestants.of_one_task(), *contestants.of_one_service()], rounds)
        samples |= take_turns(contestants.of_many(sizes), min(rounds, MOST_ROUNDS_OF_MANY))
    return Report("procedures", NOTES, tables(samples), _aims(samples, sizes))


def many(count: int) -> str:
    """How the names of those begin that fail so many services over in one run."""
    return f"{count} service{'s' if count > 1 else ''} in one run: "


class _Contestants:
    """All that take turns."""

    def __init__(self, lab: ProceduresLab, home: Path) -> None:
        self._lab, self._home = lab, home

    def of_one_task(self) -> list[Contestant]:
        """A lock and a page, each by a task of ours and by others'."""
        return [
            self._contestant(ONE_LOCK + OURS, lambda: self._task("lock", LOCK, self._lock_options())),
            self._contestant(ONE_LOCK + PEER, lambda: self._task("peer", PEER, self._peer_options())),
            Contestant(ONE_PAGE + OURS, self._sample_of_page),
        ]

    def of_one_service(self) -> list[Contestant]:
        """A failover, and the two that it is measured by."""
        return [
            self._contestant(ONE_SERVICE + OURS, self._fail_over, pages=1),
            Contestant(ONE_SERVICE + EMPTY, self._sample_of_nothing),
            self._contestant(ONE_SERVICE + BARE, self._run_bare, pages=1),
        ]

    def of_many(self, sizes: tuple[int, ...]) -> list[Contestant]:
        """The same for so many in one run, each beside the lock of as many."""
        found = []
        for count in sizes:
            found += [
                self._contestant(many(count) + OURS, self._fail_over, count, pages=count),
                self._contestant(many(count) + BULK, self._lock_in_bulk, count),
                self._contestant(many(count) + BARE, self._run_bare, count, pages=count),
            ]
        return found

    def _contestant(self, name: str, run_once: Callable[[], Took], count: int = 1, *, pages: int = 0) -> Contestant:
        def sampled() -> Sample:
            self._lab.begin(count)
            return self._lab.sample(run_once, pages=pages)

        return Contestant(name, sampled)

    def _sample_of_page(self) -> Sample:
        self._lab.begin(1)
        took = self._task("page", PAGE, self._page_options())
        return Sample(took.seconds, took.cpu_seconds, took.peak_bytes, self._lab.calls(), processes=took.processes)

    def _sample_of_nothing(self) -> Sample:
        took = self._task("empty", "empty", {})
        return Sample(took.seconds, took.cpu_seconds, took.peak_bytes, processes=took.processes)

    def _task(self, name: str, module: str, options: Json) -> Took:
        return AnsibleTask(name, module, options, self._home).run_playbook()

    def _lock_options(self) -> Json:
        return {"state": "locked", "health_check_ids": self._lab.ids, "owner": "operator:bench", **self._lab.sign_in()}

    def _peer_options(self) -> Json:
        path = f"{PINNED}20260101T000000Z-00000000"
        (check,) = self._lab.ids
        return {"state": "present", "health_check_id": check, "resource_path": path, **self._lab.sign_in()}

    def _page_options(self) -> Json:
        return {"state": "enabled", "owner": "operator:bench", **self._lab.page(), **self._lab.sign_in_at_oci()}

    def _lock_in_bulk(self) -> Took:
        return self._task("bulk", LOCK, self._lock_options())

    def _fail_over(self) -> Took:
        playbook = [sys.executable, "-m", "ansible", "playbook", "tidegate.failover.failover"]
        return run([*playbook, "-i", str(self._lab.inventory)], self._home)

    def _run_bare(self) -> Took:
        program = [sys.executable, "-m", f"{__package__}.bare_failover", str(self._lab.described)]
        return run(program, self._home, PYTHONPATH=str(CLONE))


def _aims(samples: Samples, sizes: tuple[int, ...]) -> list[Aim]:
    service, empty, bare = (samples[ONE_SERVICE + name] for name in (OURS, EMPTY, BARE))
    floor_cpu = [nothing.cpu_seconds + program.cpu_seconds for nothing, program in zip(empty, bare, strict=True)]
    floor_lock = [nothing.seconds + _locked(program) for nothing, program in zip(empty, bare, strict=True)]
    shown = max(sample.tasks or 0 for sample in service)
    calls = max(sum(sample.calls.values()) for sample in service)
    bare_calls = max(sum(sample.calls.values()) for sample in bare)
    most, each = sizes[-1], samples[many(sizes[-1]) + OURS]
    return [
        Aim(
            f"one lock by a task: CPU / CPU of {PEER}",
            _ratio(_cpu(samples[ONE_LOCK + OURS]), _cpu(samples[ONE_LOCK + PEER])),
            0.6,
        ),
        Aim(
            "one service: locked after / (empty playbook + bare program)",
            _ratio([_locked(sample) for sample in service], floor_lock),
            2,
        ),
        Aim("one service: CPU / (empty playbook + bare program)", _ratio(_cpu(service), floor_cpu), 3),
        Aim("one service: tasks on the screen besides one for each step", shown - STEPS, FRAME_TASKS),
        Aim("one service: API calls / those of the bare program", calls / bare_calls, 1.3),
        Aim(
            f"{most} services: all locked after / one bulk lock",
            _ratio([_locked(sample) for sample in each], [_locked(sample) for sample in samples[many(most) + BULK]]),
            3,
        ),
        Aim(f"{most} services: CPU of each", statistics.median(_cpu(each)) / most, 1, "s"),
    ]


def _cpu(samples: list[Sample]) -> list[float]:
    return [sample.cpu_seconds for sample in samples]


def _locked(sample: Sample) -> float:
    return sample.locked_after or 0.0


def _ratio(of: list[float], to: list[float]) -> float:
    """The median over the rounds of a ratio within one round."""
    return statistics.median(mine / others for mine, others in zip(of, to, strict=True))
