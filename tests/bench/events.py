# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""From an alarm to its effect, beside an empty playbook that the same engine starts for the same alarm."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

from lab.process import running_lab

from .event_lab import EmptyPlaybook, LockByAlarm, PageByAlarm, rulebook_bytes
from .measuring import Aim, Contestant, Report, Sample, Table, take_turns

PAGE = "alarm of OCI to the page on the listener"
LOCK = "alarm of CloudWatch to the locked health check"
EMPTY = "the same alarm of OCI to an empty playbook"
#: What the playbooks may take longer than an empty one until their effect is there, in seconds.
MORE_SECONDS = 1.0
MESSAGES, QUICK_MESSAGES = 1000, 100
SENDERS = 8

NOTES = """\
Seconds are from the POST to the source until the effect is there: the page attached to the listener, the health check
locked; for the empty playbook, which has one task that touches a file, that file. That of CloudWatch is from the change
of the alarm's state on, so the lab's SNS is part of it. CPU seconds and memory are those of ansible-rulebook with all
that it has started, its Java engine among it.
{senders} senders at once got {rate:.0f} messages per second accepted, of a kind that leads to nothing. After that the
whole rulebook held {held:.0f} MB."""

Samples = Mapping[str, list[Sample]]


def measure(folder: Path, *, rounds: int, quick: bool) -> Report:
    """Start a lab and the rulebooks, and let alarms take turns.

    :param folder: for temporary files.
    :raises BenchError: a measured program failed.
    """
    with ExitStack() as running:
        lab = running.enter_context(running_lab(folder / "lab", "--work-request-seconds", "0.05"))
        page = running.enter_context(PageByAlarm.running(lab, folder / "page"))
        empty = running.enter_context(EmptyPlaybook.running(lab, folder / "empty"))
        lock = running.enter_context(LockByAlarm.running(lab, folder / "lock"))
        contestants = [Contestant(EMPTY, empty.once), Contestant(PAGE, page.once), Contestant(LOCK, lock.once)]
        samples = take_turns(contestants, rounds, lambda _number: None)
        rate = _accepted_per_second(page.post_nothing, QUICK_MESSAGES if quick else MESSAGES)
        held = rulebook_bytes(page.rulebook.process.pid)
    notes = NOTES.format(senders=SENDERS, rate=rate, held=held / 1e6)
    return Report("events", notes, [Table("from an alarm to its effect", dict(samples))], _aims(samples))


def _accepted_per_second(post: Callable[[int], None], messages: int) -> float:
    began = time.monotonic()
    with ThreadPoolExecutor(SENDERS) as senders:
        list(senders.map(post, range(messages)))
    return messages / (time.monotonic() - began)


def _aims(samples: Samples) -> list[Aim]:
    return [
        Aim(f"{name}: seconds more than the empty playbook", _more(samples, name), MORE_SECONDS, "s")
        for name in (PAGE, LOCK)
    ]


def _more(samples: Samples, name: str) -> float:
    pairs = zip(samples[name], samples[EMPTY], strict=True)
    return statistics.median(full.seconds - empty.seconds for full, empty in pairs)
