# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab's shop with its two sites as a service that can be failed over, seen from outside."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import dns.resolver
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks

from lab.process import RunningLab

DEADLINE_SECONDS = 30
LOCKED_OUT = "/lb-check-failed-over"
DOES_NOTHING = [{"name": "Do nothing", "ansible.builtin.debug": {"msg": "done"}}]
FAILS = [{"name": "Break", "ansible.builtin.fail": {"msg": "it broke"}}]


class World:
    """The shop, and the playbooks that are run on it.

    :ivar services: variables of the services; ``checkout`` is the shop. Change them before a run.
    """

    def __init__(self, lab: RunningLab, playbooks: Playbooks, aws_auth: Json, folder: Path) -> None:
        self.lab, self._playbooks, self._folder = lab, playbooks, folder
        aws = lab.info["aws"]
        self._aws, self._auth = aws, aws_auth
        self.check: str = aws["health_checks"]["primary"]
        self.backup_check: str = aws["health_checks"]["backup"]
        self.services: dict[str, Json] = {
            "checkout": {
                "failover_health_check_ids": [self.check],
                "failover_records": [{"zone": aws["zone"]["name"], "name": aws["record"]["name"], "type": "A"}],
                "failover_dns_servers": [f"{aws['dns']['host']}:{aws['dns']['port']}"],
                "failover_secondary_url": aws["sites"]["backup"]["check_url"],
                "failover_wait_timeout": DEADLINE_SECONDS,
                "record_dir": str(folder / "records"),
                "aws_auth": aws_auth,
            }
        }

    @property
    def checkout(self) -> Json:
        """The shop's variables."""
        return self.services["checkout"]

    def run(self, name: str, *arguments: str, **extra: Any) -> Outcome:
        """Run a playbook for all services. Whatever it does, it prints no secret."""
        inventory = self._playbooks.inventory(self.services)
        outcome = self._playbooks.run(name, *arguments, inventory=inventory, extra=extra or None)
        assert self._auth["secret_key"] not in outcome.output
        return outcome

    def tasks(self, *tasks: Json) -> str:
        """Write a user's file of tasks; its path."""
        return self._playbooks.file(list(tasks))

    def record(self, service: str = "checkout") -> Json:
        """The last record that was kept of a service."""
        lines = (self._folder / "records" / f"{service}.jsonl").read_text(encoding="utf-8").splitlines()
        last: Json = json.loads(lines[-1])
        return last

    def steps(self, service: str = "checkout") -> dict[str, str]:
        """The outcome of each step of the last run, without those that were skipped."""
        steps = self.record(service)["steps"]
        return {step["name"]: step["status"] for step in steps if step["status"] != "skipped"}

    def settings(self, check: str = "") -> Json:
        """The health check's configuration."""
        config: Json = self.lab.control("GET", f"/aws/health-checks/{check or self.check}")["HealthCheckConfig"]
        return config

    def tags(self) -> dict[str, str]:
        """The primary health check's tags."""
        tags: dict[str, str] = self.lab.control("GET", f"/aws/health-checks/{self.check}")["Tags"]
        return tags

    def state(self) -> dict[str, str]:
        """The state of the shop; empty if no run has left any."""
        states = [value for key, value in self.tags().items() if key.startswith("tidegate-failover")]
        assert len(states) <= 1
        return dict(word.partition("=")[::2] for state in states for word in state.split())

    def lock_id(self) -> str | None:
        """The lock in the primary health check's path."""
        path, lock_id = str(self.settings().get("ResourcePath")).partition("&lock=")[::2]
        return lock_id if path.startswith(LOCKED_OUT) else None

    def latest(self) -> int:
        """The number of the last request that reached the lab. A reset forgets requests and goes on counting."""
        requests = self.lab.requests()
        return int(requests[-1]["n"]) if requests else 0

    def set_site(self, name: str, **state: Any) -> None:
        """Start or stop a site, or let it answer otherwise."""
        self.lab.control("PUT", f"/aws/sites/{name}", state)

    def leads_to(self, name: str) -> bool:
        """Whether DNS leads users to a site."""
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [self._aws["dns"]["host"]], self._aws["dns"]["port"]
        answer = resolver.resolve(self._aws["record"]["name"], "A")
        return [str(item) for item in answer] == [self._aws["sites"][name]["address"]]


def eventually(holds: Callable[[], bool]) -> None:
    """Wait until something holds.

    :raises AssertionError: it did not before the deadline.
    """
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not holds():
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.1)
