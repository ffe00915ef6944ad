# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One swap of fronts that answer in place, beside a bare program: a backend set of OCI, a route of Cloud Foundry."""

from __future__ import annotations

import statistics
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

from lab.process import RunningLab, running_lab

from .ansible_task import AnsibleTask
from .maintenance_lab import LISTENER, MaintenanceLab
from .measuring import Aim, BenchError, Contestant, Report, Sample, most_calls, tables, take_turns
from .processes import BENCH, Took, run

#: How long a work request of the load balancer takes. Cloud Foundry answers once a change is through.
WORK_REQUEST_SECONDS = 1.0
QUICK_WORK_REQUEST_SECONDS = 0.1
PAGE_BACKEND_SET = "maintenance-page"

BALANCER = "one load balancer, its backend set swapped: "
ROUTE = "one route of Cloud Foundry: "
PLAYBOOK = "module, by ansible-playbook"
PROCESS = "module, its process alone"
EMPTY = "empty module, its process alone"
BARE = "bare program"

NOTES = """\
The floor of a load balancer is 1 GetLoadBalancer, 1 UpdateListener, 1 UpdateLoadBalancer and GetWorkRequest until each
has ended. That of a route is the sign-in, 1 call each to find the app and the route, 1 UpdateRoute and 1
ReplaceDestinations. The module reads a route again before and after a write, because Cloud Foundry has no conditional
requests; it reads the audit events around the replace, and beforehand what can refuse the way back."""

Samples = Mapping[str, list[Sample]]


class BalancerLab(MaintenanceLab):
    """A load balancer whose listener gets another default backend set."""

    def __init__(self, lab: RunningLab) -> None:
        super().__init__(lab, 1)
        checkout = lab.info["oci"]["load_balancers"]["checkout"]["id"]
        page = lab.control("GET", f"/oci/loadBalancers/{checkout}")["document"]["backendSets"][PAGE_BACKEND_SET]
        # The module puts no page up that nobody serves.
        self._pristine["backendSets"][PAGE_BACKEND_SET] = page
        self.options = {
            "load_balancer_id": self.ids[0],
            "listeners": [LISTENER],
            "strategy": "backend_set",
            "maintenance_backend_set": PAGE_BACKEND_SET,
            **self.sign_in(),
        }

    def bare(self) -> list[str]:
        """The bare program's command line."""
        options = [f"--{name}={value}" for name, value in self.sign_in().items()]
        where = [f"--listener={LISTENER}", f"--page_backend_set={PAGE_BACKEND_SET}", *self.ids]
        return [sys.executable, str(BENCH / "bare_maintenance.py"), *options, *where]

    def is_swapped(self) -> bool:
        """Whether users get the page."""
        return bool(self.documents()[0]["listeners"][LISTENER]["defaultBackendSetName"] == PAGE_BACKEND_SET)


class RouteLab:
    """The lab's route, and what the lab saw of who switched it."""

    def __init__(self, lab: RunningLab) -> None:
        self._lab, self._info = lab, lab.info["cloudfoundry"]
        self._path = f"/cloudfoundry/routes/{self._info['route']}"
        self._before = [
            {name: one[name] for name in ("app", "port", "protocol")}
            for one in lab.control("GET", self._path)["destinations"]
        ]
        client = self._info["client"]
        self._sign_in = {
            "api_url": self._info["api_url"],
            "client_id": client["name"],
            "client_secret": client["secret"],
        }
        self.options = {
            "route_guid": self._info["route"],
            "responder_app": self._info["responder_app"],
            **self._sign_in,
        }

    def bare(self) -> list[str]:
        """The bare program's command line."""
        given = self._sign_in | {"uaa_url": self._info["uaa_url"], "route": self._info["route"]}
        options = [f"--{name}={value}" for name, value in (given | {"responder": self._info["responder_app"]}).items()]
        return [sys.executable, str(BENCH / "bare_route.py"), *options]

    def begin(self) -> None:
        """Put the route back to what it was, and forget all requests."""
        self._lab.control("PUT", self._path, {"destinations": self._before, "annotations": {}})
        self._lab.control("DELETE", "/requests")

    def is_swapped(self) -> bool:
        """Whether users get the page."""
        found = self._lab.control("GET", self._path)["destinations"]
        return [one["app"]["guid"] for one in found] == [self._info["guids"][f"app {self._info['responder_app']}"]]

    def calls(self) -> dict[str, int]:
        """The number of calls of each operation since :meth:`begin`."""
        return dict(Counter(request["operation"] for request in self._lab.requests()))


def measure(folder: Path, *, rounds: int, quick: bool) -> Report:
    """Start a lab, run all contestants in turn, and sum up the results.

    :param folder: for temporary files.
    :param quick: with work requests so short that the figures say little, only to check that everything works.
    :raises BenchError: a measured program failed.
    """
    seconds = QUICK_WORK_REQUEST_SECONDS if quick else WORK_REQUEST_SECONDS
    start = ("--parts", "oci", "cloudfoundry", "--work-request-seconds", str(seconds))
    with running_lab(folder / "lab", *start) as running:
        empty = AnsibleTask("empty", "empty", {}, folder)
        empty.prepare()
        contestants = [
            *_contestants(BALANCER, "lb_maintenance_mode", BalancerLab(running), empty, folder),
            *_contestants(ROUTE, "cf_maintenance_mode", RouteLab(running), empty, folder),
        ]
        samples = take_turns(contestants, rounds)
    return Report(
        "fronts", NOTES, tables(samples), [*_aims(samples, BALANCER), *_aims(samples, ROUTE), *_calls(samples)]
    )


def _contestants(
    front: str, module: str, lab: BalancerLab | RouteLab, empty: AnsibleTask, home: Path
) -> list[Contestant]:
    options = {"state": "enabled", "owner": "operator:bench", **lab.options}
    task = AnsibleTask(module, f"tidegate.failover.{module}", options, home)
    lab.begin()
    task.prepare()

    def contestant(name: str, run_once: Callable[[], Took], *, swaps: bool = True) -> Contestant:
        return Contestant(front + name, lambda: _sample(lab, run_once, swaps=swaps))

    return [
        contestant(PLAYBOOK, task.run_playbook),
        contestant(BARE, lambda: run(lab.bare(), home)),
        contestant(PROCESS, task.run_module),
        contestant(EMPTY, empty.run_module, swaps=False),
    ]


def _sample(lab: BalancerLab | RouteLab, run_once: Callable[[], Took], *, swaps: bool) -> Sample:
    """One measured run. What comes before and after it is not measured.

    :raises BenchError: the page is not where it should be afterwards.
    """
    lab.begin()
    took = run_once()
    calls = lab.calls()
    if lab.is_swapped() != swaps:
        raise BenchError(f"The page should{'' if swaps else ' not'} be up after:\n{took.output}")
    return Sample(took.seconds, took.cpu_seconds, took.peak_bytes, calls)


def _aims(samples: Samples, front: str) -> list[Aim]:
    process, empty, bare = (samples[front + name] for name in (PROCESS, EMPTY, BARE))
    ratios = [
        module.cpu_seconds / (nothing.cpu_seconds + 1.5 * program.cpu_seconds)
        for module, nothing, program in zip(process, empty, bare, strict=True)
    ]
    peak = max(one.peak_bytes for one in process) / max(one.peak_bytes for one in bare)
    return [
        Aim(f"{front}CPU of the process / (empty module + 1.5 x bare program)", statistics.median(ratios), 1),
        Aim(f"{front}peak memory of the process / of the bare program", peak, 1.5),
    ]


def _calls(samples: Samples) -> list[Aim]:
    balancer, route = samples[BALANCER + PROCESS], samples[ROUTE + PROCESS]
    return [
        Aim(f"{BALANCER}calls that write", most_calls(balancer, "UpdateListener", "UpdateLoadBalancer"), 2),
        Aim(f"{ROUTE}calls that write", most_calls(route, "UpdateRoute", "ReplaceDestinations"), 2),
        Aim(f"{ROUTE}calls of any kind / those of the bare program", _ratio(route, samples[ROUTE + BARE]), 4),
    ]


def _ratio(module: list[Sample], bare: list[Sample]) -> float:
    return most_calls(module) / most_calls(bare)
