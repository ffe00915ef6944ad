# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Each step that moves a resource of a service in AWS, beside a bare boto3 program with the same calls."""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from ansible_collections.tidegate.failover.tests.scenarios.whole_service import WholeService

from lab.process import RunningLab, running_lab

from .ansible_task import AnsibleTask
from .measuring import Aim, BenchError, Contestant, Report, Sample, most_calls, tables, take_turns
from .processes import BENCH, Took, run

PROCESS = "module, its process alone"
BARE = "bare boto3 program"
EMPTY = "nothing: empty module, its process alone"

NOTES = """\
Each moves one resource to the secondary site and waits until it is there: a Multi-AZ instance of RDS fails over, a
group of two instances is scaled up, a listener gets other weights, a name of one value is switched, an endpoint group
of Global Accelerator is dialled to 0, a routing control is turned off. Time is that of the processor: both wait for
the same. The modules also read what might refuse a move, and read back what has no versions."""

Json = dict[str, Any]
Samples = Mapping[str, list[Sample]]


@dataclass(frozen=True)
class Moved:
    """One resource.

    :ivar module: what moves it.
    :ivar options: of the module, without the sign-in.
    :ivar target: for the bare program.
    :ivar put_back: brings it back to the primary site.
    """

    module: str
    options: Json
    target: Json
    put_back: Callable[[], object]


def measure(folder: Path, *, rounds: int, quick: bool) -> Report:
    """Start a lab, run all contestants in turn, and sum up the results.

    :param folder: for temporary files.
    :param quick: makes no difference.
    :raises BenchError: a measured program failed.
    """
    del quick
    with running_lab(folder / "lab", "--parts", "aws") as lab:
        service = WholeService(lab)
        empty = AnsibleTask("empty", "empty", {}, folder)
        empty.prepare()
        contestants = [Contestant(EMPTY, lambda: _sample(lab, empty.run_module))]
        steps = _steps(service)
        for name, moved in steps.items():
            contestants += _contestants(name, moved, service, folder)
        samples = take_turns(contestants, rounds)
    return Report("resources", NOTES, tables(samples), [aim for name in steps for aim in _aims(samples, name)])


def _steps(service: WholeService) -> dict[str, Moved]:
    found: dict[str, Moved] = {}
    for kind, module in _MODULES.items():
        targets = service.undoable[kind]
        put_back = partial(service.put_back, kind)
        found[kind] = Moved(module, {"targets": targets, "to": "secondary"}, targets[0], put_back)
    controls = service.lab.info["aws"]["routing_controls"]
    target = {
        "routing_control_arns": [controls["controls"]["primary"]],
        "other_routing_control_arns": [controls["controls"]["backup"]],
        "cluster_endpoints": controls["endpoints"],
    }
    found["routing_control"] = Moved(
        "routing_control_lock",
        {"targets": [target], "state": "locked"},
        target,
        partial(service.lab.control, "PUT", "/aws/routing-controls", {"primary": "On"}),
    )
    return found


_MODULES = {
    "rds": "rds_failover",
    "autoscaling": "autoscaling_capacity",
    "alb": "alb_weights",
    "dns": "r53_record_switch",
    "global_accelerator": "global_accelerator_site",
}


def _contestants(name: str, moved: Moved, service: WholeService, home: Path) -> list[Contestant]:
    task = AnsibleTask(name, f"tidegate.failover.{moved.module}", {**moved.options, **service.auth}, home)
    task.prepare()
    sign_in = [f"--{option}={value}" for option, value in service.auth.items()]
    bare = [sys.executable, str(BENCH / "bare_resources.py"), *sign_in, name, json.dumps(moved.target)]

    def contestant(who: str, run_once: Callable[[], Took]) -> Contestant:
        return Contestant(f"{name}: {who}", lambda: _moving(service, name, moved, run_once))

    return [contestant(PROCESS, task.run_module), contestant(BARE, lambda: run(bare, home))]


def _moving(service: WholeService, name: str, moved: Moved, run_once: Callable[[], Took]) -> Sample:
    """One measured run. What comes before and after it is not measured.

    :raises BenchError: nothing has moved.
    """
    moved.put_back()
    before = service.everything()
    sample = _sample(service.lab, run_once)
    kind = name if name in before else "routing controls"
    if service.everything()[kind] == before[kind]:
        raise BenchError(f"{name} has moved nothing")
    return sample


def _sample(lab: RunningLab, run_once: Callable[[], Took]) -> Sample:
    lab.control("DELETE", "/requests")
    took = run_once()
    calls = dict(Counter(request["operation"] for request in lab.requests()))
    return Sample(took.seconds, took.cpu_seconds, took.peak_bytes, calls)


def _aims(samples: Samples, name: str) -> list[Aim]:
    process, bare = samples[f"{name}: {PROCESS}"], samples[f"{name}: {BARE}"]
    ratios = [
        module.cpu_seconds / (nothing.cpu_seconds + 1.5 * program.cpu_seconds)
        for module, nothing, program in zip(process, samples[EMPTY], bare, strict=True)
    ]
    calls = most_calls(process) / most_calls(bare)
    return [
        Aim(f"{name}: CPU of the process / (empty module + 1.5 x bare program)", statistics.median(ratios), 1),
        Aim(f"{name}: calls / those of the bare program", calls, 2),
    ]
