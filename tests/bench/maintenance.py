# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``lb_maintenance_mode`` beside an empty module and the bare SDK: one load balancer, twenty, nothing to do."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from lab.process import running_lab

from .ansible_task import AnsibleTask
from .maintenance_lab import LISTENER, Json, MaintenanceLab
from .measuring import Aim, Contestant, Report, Sample, median_ratio, most_calls, tables, take_turns
from .processes import BENCH, Took, run

MODULE = "tidegate.failover.lb_maintenance_mode"
MANY = 20
#: How long a work request takes, at least, and the most that is added to it in a round: no pace of looking should
#: happen to fit the times of all rounds.
WORK_REQUEST_SECONDS = 1.0
SPREAD_SECONDS = 0.5
QUICK_WORK_REQUEST_SECONDS = 0.1
_GOLDEN_RATIO = (5**0.5 - 1) / 2

PLAYBOOK = "module, by ansible-playbook"
PROCESS = "module, its process alone"
EMPTY_PLAYBOOK = "empty module, by ansible-playbook"
EMPTY_PROCESS = "empty module, its process alone"
BARE = "bare SDK program"
ONE = "one load balancer: "
ALL = f"{MANY} load balancers: "
AGAIN = "nothing to do: "

NOTES = """\
The load balancer's two work requests, one for the page and one for the hold, are part of every time. They take 1.0 to
1.5 s each, the same for all within a round. Calls are those of one run, all load balancers together. The floor for one
is 1 GetLoadBalancer, 1 UpdateListener (the page), 1 UpdateLoadBalancer (the hold) and GetWorkRequest until each has
ended; the module makes one more GetLoadBalancer, because each of its writes is guarded by the version that it read
last, and the first write moves the version on. The bare program's second write is not guarded."""

Samples = Mapping[str, list[Sample]]


def measure(folder: Path, *, rounds: int, quick: bool) -> Report:
    """Start a lab, run all contestants in turn, and sum up the results.

    :param folder: for temporary files.
    :param quick: with work requests so short that the figures say little, only to check that everything works.
    :raises BenchError: a measured program failed.
    """
    shortest, spread = (QUICK_WORK_REQUEST_SECONDS, 0.0) if quick else (WORK_REQUEST_SECONDS, SPREAD_SECONDS)
    start = ("--parts", "oci", "--work-request-seconds", str(QUICK_WORK_REQUEST_SECONDS))
    with running_lab(folder / "lab", *start) as running:
        lab = MaintenanceLab(running, MANY)

        def before_round(number: int) -> None:
            lab.set_work_request_seconds(shortest + spread * (number * _GOLDEN_RATIO % 1))

        samples = take_turns(_contestants(lab, folder), rounds, before_round)
    return Report("lb_maintenance_mode", NOTES, tables(samples), _aims(samples))


def _contestants(lab: MaintenanceLab, home: Path) -> list[Contestant]:
    """All that take turns, in the order of a round: those that are compared stand close together."""
    empty = AnsibleTask("empty", "empty", {}, home)
    one = AnsibleTask("one", MODULE, _options(lab, 1), home)
    many = AnsibleTask("many", MODULE, _options(lab, MANY), home)
    for task in (empty, one, many):
        lab.begin()
        task.prepare()
    switched = lab.documents()

    def contestant(
        name: str, run_once: Callable[[], Took], attached: int, found: list[Json] | None = None
    ) -> Contestant:
        return Contestant(name, lambda: _sample(lab, run_once, attached, found))

    return [
        contestant(ONE + PLAYBOOK, one.run_playbook, 1),
        contestant(ONE + EMPTY_PLAYBOOK, empty.run_playbook, 0),
        contestant(ONE + BARE, lambda: _run_bare(lab, home, 1), 1),
        contestant(ONE + PROCESS, one.run_module, 1),
        contestant(ONE + EMPTY_PROCESS, empty.run_module, 0),
        contestant(ALL + PLAYBOOK, many.run_playbook, MANY),
        contestant(ALL + PROCESS, many.run_module, MANY),
        contestant(ALL + BARE, lambda: _run_bare(lab, home, MANY), MANY),
        contestant(AGAIN + PLAYBOOK, one.run_playbook, MANY, switched),
        contestant(AGAIN + PROCESS, one.run_module, MANY, switched),
    ]


def _options(lab: MaintenanceLab, balancers: int) -> Json:
    targets = [
        {"load_balancer_id": identifier, "listeners": [LISTENER], "rule_set": lab.rule_set}
        for identifier in lab.ids[:balancers]
    ]
    where = targets[0] if balancers == 1 else {"targets": targets}
    return {"state": "enabled", "owner": "operator:bench", **where, **lab.sign_in()}


def _run_bare(lab: MaintenanceLab, home: Path, balancers: int) -> Took:
    options = [f"--{name}={value}" for name, value in lab.sign_in().items()]
    where = [f"--listener={LISTENER}", f"--rule_set={lab.rule_set}", *lab.ids[:balancers]]
    return run([sys.executable, str(BENCH / "bare_maintenance.py"), *options, *where], home)


def _sample(lab: MaintenanceLab, run_once: Callable[[], Took], attached: int, found: list[Json] | None) -> Sample:
    """One measured run. What comes before and after it, an exit from maintenance among it, is not measured.

    :param attached: how many load balancers show the page afterwards.
    :param found: the load balancers as the run is to find them, if not without the page.
    """
    lab.begin(found)
    took = run_once()
    calls = lab.calls()
    lab.check_attached(attached)
    return Sample(took.seconds, took.cpu_seconds, took.peak_bytes, calls, lab.noticed())


def _aims(samples: Samples) -> list[Aim]:
    process = samples[ONE + PROCESS]
    peak = max(sample.peak_bytes for sample in process)
    late = [seconds for sample in process for seconds in sample.noticed]
    late_of_many = [seconds for sample in samples[ALL + PROCESS] for seconds in sample.noticed]
    return [
        _against_bare("by ansible-playbook", samples, PLAYBOOK, EMPTY_PLAYBOOK),
        _against_bare("its process alone", samples, PROCESS, EMPTY_PROCESS),
        _many_against_one("by ansible-playbook", samples, PLAYBOOK),
        _many_against_one("its process alone", samples, PROCESS),
        Aim("one load balancer, peak memory of the module's process", peak / 1e6, 65, "MB"),
        Aim("one load balancer, end of a work request noticed, at worst after", max(late), 0.5, "s"),
        Aim(f"{MANY} load balancers, the same", max(late_of_many), 0.5, "s"),
        Aim("one load balancer, GetLoadBalancer calls", most_calls(process, "GetLoadBalancer"), 2),
        Aim("one load balancer, calls that write", most_calls(process, "UpdateListener", "UpdateLoadBalancer"), 2),
        Aim("nothing to do, calls of any kind", most_calls(samples[AGAIN + PROCESS]), 2),
    ]


def _against_bare(how: str, samples: Samples, module: str, empty: str) -> Aim:
    pairs = zip(samples[ONE + empty], samples[ONE + BARE], strict=True)
    allowed = [nothing.seconds + 1.5 * bare.seconds for nothing, bare in pairs]
    ratio = median_ratio(samples[ONE + module], allowed)
    return Aim(f"one load balancer, {how}: time / (empty module + 1.5 x bare program)", ratio, 1)


def _many_against_one(how: str, samples: Samples, module: str) -> Aim:
    ratio = median_ratio(samples[ALL + module], [sample.seconds for sample in samples[ONE + module]])
    return Aim(f"{MANY} load balancers in one task, {how}: time / time of one", ratio, 2)
