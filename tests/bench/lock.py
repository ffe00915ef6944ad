# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``r53_healthcheck_lock`` beside ``amazon.aws.route53_health_check`` and bare boto3: lock, and lock again."""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from lab.process import running_lab

from .ansible_task import AnsibleTask
from .lock_lab import Json, LockLab
from .measuring import Aim, Contestant, Report, Sample, median_ratio, most_calls, tables, take_turns
from .processes import BENCH, Took, run

PEER = "amazon.aws.route53_health_check"
WRITES = ("UpdateHealthCheck", "ChangeTagsForResource")
#: API reference, ListHealthChecks: what one page can hold.
PAGE = 1000

PLAYBOOK = "module, by ansible-playbook"
PROCESS = "module, its process alone"
PEER_PLAYBOOK = f"{PEER}, by ansible-playbook"
PEER_PROCESS = f"{PEER}, its process alone"
PEER_LOOP = f"{PEER} in a loop"
BARE = "bare boto3 program"
BARE_WITHOUT_TAGS = "bare boto3 program, without tags"
#: Route 53 answers from one region, so most are an ocean away from it.
NETWORK_SECONDS = 0.1
#: Those with one health check are so quick that chance matters, so they take more turns than the others.
TURNS_WITH_ONE = 4
OVER_NETWORK = f"1 health check, each answer {NETWORK_SECONDS:g} s later: "

NOTES = """\
Both calls that write are part of every time of the module and of the bare program: UpdateHealthCheck locks, and
ChangeTagsForResource keeps who did it and a copy of the original path. {peer} makes
the same update and writes no tags. All health checks have the same endpoint, so the module asks it once whether the
pinned path holds. The health checks are all that the account has.
The loop over {most} is extrapolated: what it took for {longer}, and for each one more what it took for each one more
from {shorter} to {longer}. That makes {seconds:.0f} s."""

Samples = Mapping[str, list[Sample]]


@dataclass(frozen=True)
class Sizes:
    """How many health checks.

    :ivar lock: to lock in one task, ascending; the first is 1.
    :ivar loop: to loop over with the other module, ascending, each also among ``lock``. What more would take is
        extrapolated from them.
    :ivar pages: so many that they take two pages, to lock again.
    """

    lock: tuple[int, ...]
    loop: tuple[int, int]
    pages: int = PAGE + 200


WHOLE = Sizes(lock=(1, 20, 100, 500), loop=(20, 100))
QUICK = Sizes(lock=(1, 2, 3, 6), loop=(2, 3))


def measure(folder: Path, *, rounds: int, quick: bool) -> Report:
    """Start a lab, run all contestants in turn, and sum up the results.

    :param folder: for temporary files.
    :param quick: with so few health checks that the figures say little, only to check that everything works.
    :raises BenchError: a measured program failed.
    """
    sizes = QUICK if quick else WHOLE
    with running_lab(folder / "lab", "--parts", "aws") as running:
        lab = LockLab(running, sizes.pages)
        contestants = _Contestants(lab, folder, sizes)
        samples = take_turns(contestants.with_one(), rounds if quick else rounds * TURNS_WITH_ONE)
        samples |= take_turns(contestants.with_many(), rounds)
    loop_seconds = _extrapolated(samples, sizes)
    shorter, longer = sizes.loop
    seconds = statistics.median(loop_seconds)
    notes = NOTES.format(peer=PEER, most=sizes.lock[-1], shorter=shorter, longer=longer, seconds=seconds)
    return Report("r53_healthcheck_lock", notes, tables(samples), _aims(samples, sizes, loop_seconds))


def locking(count: int) -> str:
    """How the names of those begin that lock so many."""
    return f"{count} health check{'s' if count > 1 else ''}: "


def again(count: int) -> str:
    """How the names of those begin that find so many locked."""
    return f"nothing to do, {locking(count)}"


class _Contestants:
    """All that take turns."""

    def __init__(self, lab: LockLab, home: Path, sizes: Sizes) -> None:
        self._lab, self._home, self._sizes = lab, home, sizes
        self._tasks = {count: lab.lock_task(count, home) for count in (*sizes.lock, sizes.pages)}
        one = self._tasks[1]
        lab.begin(lab.unlocked(1))
        one.prepare()
        self._like = lab.health_checks()[0]
        for count in (*sizes.lock[1:], sizes.pages):
            lab.begin(lab.locked(count, self._like))
            self._tasks[count].prepare()
        self._peer = AnsibleTask("peer", PEER, self._peer_options(lab.unlocked(1)[0]["Id"]), home)
        lab.begin(lab.unlocked(1))
        self._peer.prepare()

    def with_one(self) -> list[Contestant]:
        """Those with one health check, in the order of a round: those that are compared stand close together."""
        return [*self._lockers_over_network(), *self._lockers(1)]

    def with_many(self) -> list[Contestant]:
        """All others, likewise."""
        sizes = self._sizes
        return [
            *(locker for count in sizes.lock[1:] for locker in self._lockers(count)),
            *self._lockers_again(sizes.loop[0]),
            *self._lockers_again(sizes.lock[-1]),
            self._module_again(sizes.pages),
        ]

    def _lockers(self, count: int) -> list[Contestant]:
        lab, task, title, found = self._lab, self._tasks[count], locking(count), self._lab.unlocked(count)

        def locks(name: str, run_once: Callable[[], Took]) -> Contestant:
            return Contestant(title + name, lambda: _lock(lab, run_once, found))

        lockers = [locks(PLAYBOOK, task.run_playbook)]
        if count == 1:
            lockers += [locks(PEER_PLAYBOOK, self._peer.run_playbook)]
        lockers += [Contestant(title + PROCESS, lambda: _lock(lab, task.run_module, found, reports=True))]
        if count == 1:
            lockers += [locks(PEER_PROCESS, self._peer.run_module)]
        lockers += [locks(BARE, lambda: self._run_bare(found))]
        if count == self._sizes.lock[-1]:
            lockers += [locks(BARE_WITHOUT_TAGS, lambda: self._run_bare(found, "--without_tags"))]
        if count in self._sizes.loop:
            lockers += [locks(PEER_LOOP, self._loop(found).run_playbook)]
        return lockers

    def _lockers_over_network(self) -> list[Contestant]:
        lab, found = self._lab, self._lab.unlocked(1)
        runs = {PROCESS: self._tasks[1].run_module, PEER_PROCESS: self._peer.run_module}
        runs[BARE] = lambda: self._run_bare(found)

        def locks(name: str, run_once: Callable[[], Took]) -> Contestant:
            return Contestant(OVER_NETWORK + name, lambda: _lock(lab, run_once, found, answer_seconds=NETWORK_SECONDS))

        return [locks(name, run_once) for name, run_once in runs.items()]

    def _lockers_again(self, count: int) -> list[Contestant]:
        lab, task, title = self._lab, self._tasks[count], again(count)
        found = lab.locked(count, self._like)

        def finds(name: str, run_once: Callable[[], Took]) -> Contestant:
            return Contestant(title + name, lambda: _lock_again(lab, run_once, found))

        lockers = [finds(PLAYBOOK, task.run_playbook), self._module_again(count)]
        lockers += [finds(BARE, lambda: self._run_bare(found))]
        if count in self._sizes.loop:
            lockers += [finds(PEER_LOOP, self._loop(found).run_playbook)]
        return lockers

    def _module_again(self, count: int) -> Contestant:
        lab, task, found = self._lab, self._tasks[count], self._lab.locked(count, self._like)
        return Contestant(again(count) + PROCESS, lambda: _lock_again(lab, task.run_module, found, reports=True))

    def _loop(self, checks: list[Json]) -> AnsibleTask:
        ids = [check["Id"] for check in checks]
        return AnsibleTask(f"loop-{len(ids)}", PEER, self._peer_options("{{ item }}"), self._home, loop=ids)

    def _peer_options(self, check_id: str) -> Json:
        return {"state": "present", "health_check_id": check_id, "resource_path": self._path, **self._lab.sign_in()}

    @property
    def _path(self) -> str:
        path: str = self._like["HealthCheckConfig"]["ResourcePath"]
        return path

    def _run_bare(self, checks: list[Json], *more: str) -> Took:
        options = [f"--{name}={value}" for name, value in self._lab.sign_in().items()]
        ids = [check["Id"] for check in checks]
        return run(
            [sys.executable, str(BENCH / "bare_lock.py"), *options, f"--path={self._path}", *more, *ids], self._home
        )


def _lock(
    lab: LockLab,
    run_once: Callable[[], Took],
    found: list[Json],
    *,
    reports: bool = False,
    answer_seconds: float = 0.0,
) -> Sample:
    """One measured run that locks, and what comes before and after it unmeasured.

    :param reports: it prints what it did, which has to be right.
    :param answer_seconds: how long every answer takes longer than it takes here.
    """
    lab.begin(found, answer_seconds)
    took = run_once()
    calls = lab.calls()
    lab.check_locked()
    if reports:
        lab.check_reported(took.output, changed=True)
    return Sample(took.seconds, took.cpu_seconds, took.peak_bytes, calls)


def _lock_again(lab: LockLab, run_once: Callable[[], Took], found: list[Json], *, reports: bool = False) -> Sample:
    """One measured run that finds everything as it should be."""
    lab.begin(found)
    took = run_once()
    calls = lab.calls()
    lab.check_unchanged(found)
    if reports:
        lab.check_reported(took.output, changed=False)
    return Sample(took.seconds, took.cpu_seconds, took.peak_bytes, calls)


def _extrapolated(samples: Samples, sizes: Sizes) -> list[float]:
    """Seconds of the loop over the most health checks, for each round, by its slope between those measured."""
    shorter, longer = sizes.loop
    pairs = zip(samples[locking(shorter) + PEER_LOOP], samples[locking(longer) + PEER_LOOP], strict=True)
    return [
        long.seconds + (sizes.lock[-1] - longer) * (long.seconds - short.seconds) / (longer - shorter)
        for short, long in pairs
    ]


def _aims(samples: Samples, sizes: Sizes, loop_seconds: list[float]) -> list[Aim]:
    one, most, pages = sizes.lock[0], sizes.lock[-1], sizes.pages
    faster = [loop / ours.seconds for loop, ours in zip(loop_seconds, samples[locking(most) + PLAYBOOK], strict=True)]
    return [
        _against_peer("by ansible-playbook", samples, PLAYBOOK, PEER_PLAYBOOK),
        _against_peer("its process alone", samples, PROCESS, PEER_PROCESS),
        Aim(f"{most} health checks: so many times faster than the loop", statistics.median(faster), 60, at_least=True),
        Aim(
            f"{most} health checks, cost per check: module's process / bare program",
            _cost_of_each(samples, sizes, PROCESS) / _cost_of_each(samples, sizes, BARE),
            1.2,
        ),
        Aim(f"{locking(one)}calls", most_calls(samples[locking(one) + PROCESS]), 4),
        Aim(f"{again(most)}calls that write", most_calls(samples[again(most) + PROCESS], *WRITES), 0),
        Aim(f"{again(most)}calls of any kind", most_calls(samples[again(most) + PROCESS]), 2),
        Aim(f"{again(pages)}calls of any kind", most_calls(samples[again(pages) + PROCESS]), 3),
    ]


def _against_peer(how: str, samples: Samples, module: str, peer: str) -> Aim:
    ratio = median_ratio(samples[locking(1) + module], [sample.seconds for sample in samples[locking(1) + peer]])
    return Aim(f"1 health check, {how}: time / time of {PEER}", ratio, 0.9)


def _cost_of_each(samples: Samples, sizes: Sizes, name: str) -> float:
    """Seconds for each health check more: what many take longer than one, at the median."""
    one, most = sizes.lock[0], sizes.lock[-1]
    seconds = {
        count: statistics.median(sample.seconds for sample in samples[locking(count) + name]) for count in (one, most)
    }
    return (seconds[most] - seconds[one]) / (most - one)
