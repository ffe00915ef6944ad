# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``status``, ``preflight`` and ``drift`` of ten, a hundred and a thousand services, beside what any play costs."""

from __future__ import annotations

import json
import statistics
import sys
from collections import Counter
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from lab.process import RunningLab, running_lab

from .measuring import Aim, Contestant, Report, Sample, tables, take_turns
from .processes import Took, run

SIZES, QUICK_SIZES = (10, 100, 1000), (2, 4)
#: A thousand services take minutes, and are a mean by themselves.
MOST_ROUNDS = 2
#: One in so many has a page.
PAGES = 10

STATUS, PREFLIGHT, DRIFT = LOOKS = "status", "preflight", "drift"
FLOOR = "one task for each host, and one bulk read by r53_healthcheck_info"

NOTES = """\
All services are of one account. One in ten has a page on one load balancer. The floor is a play that runs one task
which does nothing for each host, and one task that reads all health checks with their observations; Ansible starts a
process for each task of each host."""

Json = dict[str, Any]
Samples = Mapping[str, list[Sample]]


def measure(folder: Path, *, rounds: int, quick: bool) -> Report:
    """Start a lab, run all contestants in turn, and sum up the results.

    :param folder: for temporary files.
    :param quick: with so few services that the figures say little, only to check that everything works.
    :raises BenchError: a measured program failed.
    """
    sizes = QUICK_SIZES if quick else SIZES
    with running_lab(folder / "lab") as running:
        lab = ServicesLab(running, folder, max(sizes))
        contestants = [contestant for count in sizes for contestant in _contestants(lab, count)]
        samples = take_turns(contestants, min(rounds, MOST_ROUNDS))
    return Report("services", NOTES, tables(samples), _aims(samples, sizes))


def of(count: int) -> str:
    """The beginning of the names of those that read this many services."""
    return f"{count} services: "


def figures(report: Report) -> dict[str, dict[int, float]]:
    """The processor time of each read that is drawn and of the floor, by number of services."""
    names = {STATUS: STATUS, PREFLIGHT: PREFLIGHT, FLOOR: "floor"}
    found: dict[str, dict[int, float]] = {name: {} for name in names.values()}
    for table in report.tables:
        count = int(table.title.partition(" ")[0])
        for row, samples in table.rows.items():
            if row not in names:
                continue
            found[names[row]][count] = round(statistics.median(sample.cpu_seconds for sample in samples), 2)
    return found


class ServicesLab:
    """Services that are alike, and plays that read some of them.

    :param most: how many health checks there are.
    """

    def __init__(self, lab: RunningLab, home: Path, most: int) -> None:
        self._lab, self._home = lab, home
        aws, oci = lab.info["aws"], lab.info["oci"]
        site, checkout = aws["sites"]["primary"], oci["load_balancers"]["checkout"]
        config = {"IPAddress": site["address"], "Port": site["port"]}
        self._ids = lab.control("POST", "/aws/health-checks", {"count": most, "config": config})["ids"]
        self._aws_auth = {name: aws[name] for name in ("endpoint_url", "access_key", "secret_key", "region")}
        self._common = {
            "aws_auth": self._aws_auth,
            "oci_auth": {
                "config_file_location": oci["config_file"],
                "config_profile_name": oci["config_profile"],
                "service_endpoint": oci["endpoint"],
            },
            "failover_secondary_url": aws["sites"]["backup"]["check_url"],
            "failover_promote_tasks": self._write("promote.json", [{"ansible.builtin.debug": {"msg": "promoted"}}]),
            "failover_fences": [{"name": "scaled to zero", "command": {"argv": ["true"]}}],
            "failback_gates": [{"name": "at night", "window": {"hours": ["00:00-24:00"]}}],
            "failback_move_writer_tasks": str(home / "promote.json"),
        }
        self._page = {
            "maintenance_load_balancer_id": checkout["id"],
            "maintenance_backend_set": checkout["backend_set"],
            "maintenance_rule_set": checkout["rule_set"],
        }

    def look(self, playbook: str, count: int) -> Took:
        """Run a playbook of the collection for so many services."""
        return self._play(f"tidegate.failover.{playbook}", count)

    def floor(self, count: int) -> Took:
        """Do for so many services what cannot be left out."""
        read: Json = {"health_check_ids": self._ids[:count], "include_observations": True, **self._aws_auth}
        tasks = [
            {"tidegate.failover.r53_healthcheck_info": read, "run_once": True},
            {"ansible.builtin.assert": {"that": True, "quiet": True}},
        ]
        local = {"ansible_python_interpreter": sys.executable, "ansible_connection": "local"}
        play = {"hosts": "services", "gather_facts": False, "vars": local, "tasks": tasks}
        return self._play(self._write("floor.json", [play]), count)

    def described(self, count: int) -> str:
        """A file for the bare program: so many services, and the load balancer of those that have a page."""
        common = {"aws": self._aws_auth, "oci": self._common["oci_auth"], "health_check_ids": self._ids[:count]}
        return self._write("described.json", {**common, "balancers": [self._page["maintenance_load_balancer_id"]]})

    def sample(self, took: Took) -> Sample:
        """What a run cost, and the requests since the one before."""
        calls = dict(Counter(request["operation"] for request in self._lab.requests()))
        self._lab.control("DELETE", "/requests")
        return Sample(took.seconds, took.cpu_seconds, took.peak_bytes, calls, processes=took.processes)

    def _play(self, playbook: str, count: int) -> Took:
        hosts = {
            f"service{number:04}": {**self._common, "failover_health_check_ids": [check]}
            | (self._page if number % PAGES == 0 else {})
            for number, check in enumerate(self._ids[:count])
        }
        inventory = self._write("inventory.json", {"services": {"hosts": hosts}})
        self._lab.control("DELETE", "/requests")
        return run([sys.executable, "-m", "ansible", "playbook", playbook, "-i", inventory], self._home)

    def _write(self, name: str, content: Any) -> str:
        path = self._home / name
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)


def _contestants(lab: ServicesLab, count: int) -> list[Contestant]:
    def sampled(look: partial[Took]) -> Sample:
        return lab.sample(look())

    return [
        *(Contestant(of(count) + look, partial(sampled, partial(lab.look, look, count))) for look in LOOKS),
        Contestant(of(count) + FLOOR, partial(sampled, partial(lab.floor, count))),
    ]


def _aims(samples: Samples, sizes: tuple[int, ...]) -> list[Aim]:
    before, most = sizes[-2:]
    found = []
    for look in LOOKS:
        each, fewer = _cpu_of_each(samples, look, most), _cpu_of_each(samples, look, before)
        peak = max(sample.peak_bytes for sample in samples[of(most) + look])
        found += [
            Aim(f"{look} of {most} services: CPU of each / that of {before}", each / fewer, 1.2),
            Aim(f"{look} of {most} services: CPU of each", each * 1000, 40, "ms"),
            Aim(f"{look} of {most} services: peak memory", peak / 1e6, 300, "MB"),
        ]
    return found


def _cpu_of_each(samples: Samples, look: str, count: int) -> float:
    return statistics.median(sample.cpu_seconds for sample in samples[of(count) + look]) / count
