# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``r53_healthcheck_lock`` where the account may send only so many requests a second: how near it keeps to that."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.process import running_lab

from .ansible_task import AnsibleTask
from .lock_lab import LockLab
from .measuring import Aim, Report, Sample, Table
from .processes import Took

NOTES = """\
The account may send {rate:g} requests a second, {burst:g} at once. So to read one page and lock {count} takes
{locked:.1f} s or more, and with those for their tags, which come afterwards, {whole:.1f} s. Times
count from the start of the process, which has to find the limit first. It is measured in one run. Every health check
was locked, by one update, and reported as it is; else this would be an error."""


@dataclass(frozen=True)
class Limit:
    """What the account may send.

    :ivar rate: requests per second.
    :ivar burst: requests at once.
    :ivar count: health checks to lock meanwhile.
    """

    rate: float
    burst: float
    count: int

    def seconds(self, requests: int) -> float:
        """The least time in which so many get through."""
        return (requests - self.burst) / self.rate


WHOLE = Limit(rate=5, burst=5, count=500)
QUICK = Limit(rate=20, burst=5, count=40)


@dataclass(frozen=True)
class _Outcome:
    """What a run came to.

    :ivar locked_seconds: from its start to the last request that locked.
    """

    sample: Sample
    locked_seconds: float


def measure(folder: Path, *, rounds: int, quick: bool) -> Report:
    """Start a lab that throttles, and lock.

    :param folder: for temporary files.
    :param rounds: is not used; nearly all of the time is the limit's, so that one round is enough.
    :param quick: with so few health checks that the figures mean little, only to check that everything works.
    :raises BenchError: a measured program failed.
    """
    del rounds
    limit = QUICK if quick else WHOLE
    with running_lab(folder / "lab", "--parts", "aws") as running:
        lab = LockLab(running, limit.count)
        outcome = _lock(lab, _prepared(lab, limit.count, folder), limit)
    locked, whole = limit.seconds(1 + limit.count), limit.seconds(1 + 2 * limit.count + limit.count // 10)
    notes = NOTES.format(rate=limit.rate, burst=limit.burst, count=limit.count, locked=locked, whole=whole)
    table = Table(f"{limit.count} health checks, throttled", {"module, its process alone": [outcome.sample]})
    return Report("r53_healthcheck_lock, throttled", notes, [table], _aims(outcome, locked, whole))


def _prepared(lab: LockLab, count: int, folder: Path) -> AnsibleTask:
    task = lab.lock_task(count, folder)
    lab.begin(lab.unlocked(count))
    task.prepare()
    return task


def _lock(lab: LockLab, task: AnsibleTask, limit: Limit) -> _Outcome:
    lab.begin(lab.unlocked(limit.count))
    lab.throttle(limit.rate, limit.burst)
    began = datetime.now(UTC)
    took = task.run_module()
    return _outcome(lab, took, began)


def _outcome(lab: LockLab, took: Took, began: datetime) -> _Outcome:
    locks = [
        datetime.fromisoformat(request["time"])
        for request in lab.requests()
        if request["operation"] == "UpdateHealthCheck" and request["status"] == 200
    ]
    lab.check_locked()
    lab.check_reported(took.output, changed=True)
    sample = Sample(took.seconds, took.cpu_seconds, took.peak_bytes, lab.calls())
    return _Outcome(sample, (max(locks) - began).total_seconds())


def _aims(outcome: _Outcome, locked: float, whole: float) -> list[Aim]:
    return [
        Aim("until all are locked: time / what the limit allows", outcome.locked_seconds / locked, 1.05),
        Aim("the whole task: time / what the limit allows", outcome.sample.seconds / whole, 1.05),
    ]
