# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The second story: the primary site fails, and traffic must not return to it automatically (AWS Route 53)."""

from __future__ import annotations

import json
import time
from typing import Any

import dns.resolver
import requests

from lab.demo.telling import DemoError, browse, expect, heading, run, say

#: How long the checkers and DNS may take, in seconds. The lab's intervals are compressed.
PATIENCE = 30
#: How long DNS is watched to check that an answer stays: many times longer than checkers need to find a site healthy.
WATCH = 5
GATES = [{"name": "database has caught up", "digest": "sha256:example"}]


def tell(lab: dict[str, Any]) -> None:
    """The primary fails, is locked, restarts, stays locked, and gets its traffic back.

    :raises DemoError: a user saw something unexpected.
    """
    stage = _Stage(lab)
    check = lab["aws"]["health_checks"]["primary"]

    heading("1. Before: DNS leads users to the primary site")
    stage.expect_site("primary")

    heading("2. The primary fails. Route 53's checkers detect it, and DNS leads users to the backup")
    stage.set_site("primary", running=False)
    stage.expect_site("backup")

    heading("3. The health check is locked, so that traffic cannot return to the primary automatically")
    stage.lock(state="locked", health_check_ids=[check], owner="operator:alice", reason="CHG-1234 primary site down")
    say("The path of the health check now contains the original path and the lock's id:")
    stage.show_health_check(check)

    heading("4. The primary comes back, with old data. DNS still leads users to the backup")
    stage.set_site("primary", running=True)
    stage.expect_site("backup", watch=True)

    heading("5. An attempt to unlock without evidence that the site may serve is refused")
    unlock: dict[str, Any] = {"state": "unlocked", "health_check_ids": [check], "required_gates": GATES}
    stage.lock(**unlock, refused=True)

    heading("6. A person unlocks with an override, which names the skipped gate and the reason")
    override = {"gates": [GATES[0]["name"]], "reason": "CHG-1234 the database was copied by hand"}
    stage.lock(**unlock, override=override, wait_for="healthy")
    stage.expect_site("primary")


class _Stage:
    """The lab's two sites behind its name server, and the module that locks."""

    def __init__(self, lab: dict[str, Any]) -> None:
        self._aws = lab["aws"]
        self._control = f"{lab['control']}/lab/aws"
        self._resolver = dns.resolver.Resolver(configure=False)
        self._resolver.nameservers = [self._aws["dns"]["host"]]
        self._resolver.port = self._aws["dns"]["port"]

    def set_site(self, name: str, *, running: bool) -> None:
        """Start or stop a site."""
        requests.put(f"{self._control}/sites/{name}", json={"running": running}, timeout=10).raise_for_status()
        say(f"The {name} site is {'started' if running else 'stopped'}.")

    def expect_site(self, name: str, *, watch: bool = False) -> None:
        """Query DNS until it leads to a site, or watch for a while that it keeps leading there; then show the answer.

        :raises DemoError: DNS leads to another site.
        """
        wanted = self._aws["sites"][name]["address"]
        deadline = time.monotonic() + (WATCH if watch else PATIENCE)
        while (self._address() == wanted) is watch and time.monotonic() < deadline:
            time.sleep(0.2)
        address = self._address()
        record, server = self._aws["record"], self._aws["dns"]
        print(f"    dig @{server['host']} -p {server['port']} {record['name']} {record['type']}")
        print(
            f"     -> {address} ({self._site_at(address)}){f', for {WATCH} seconds now' if watch else ''}", flush=True
        )
        if address != wanted:
            raise DemoError(f"DNS should have led to the {name} site")
        expect(browse(f"http://{address}:{self._aws['sites'][name]['port']}/"), [200])

    def lock(self, *, refused: bool = False, **options: Any) -> None:
        """Run the module that locks and unlocks."""
        environment = {
            "AWS_ENDPOINT_URL": self._aws["endpoint_url"],
            "AWS_ACCESS_KEY_ID": self._aws["access_key"],
            "AWS_SECRET_ACCESS_KEY": self._aws["secret_key"],
            "AWS_REGION": self._aws["region"],
        }
        module = "tidegate.failover.r53_healthcheck_lock"
        run(f"ansible localhost -m {module} -a", json.dumps(options), environment=environment, fails=refused)

    def show_health_check(self, health_check_id: str) -> None:
        """Print the present settings in Route 53."""
        config = requests.get(f"{self._control}/health-checks/{health_check_id}", timeout=10).json()[
            "HealthCheckConfig"
        ]
        print(f"    ResourcePath: {config['ResourcePath']}")
        print(f"    Disabled: {config.get('Disabled')}, Inverted: {config.get('Inverted')}", flush=True)

    def _address(self) -> str:
        answer = self._resolver.resolve(self._aws["record"]["name"], self._aws["record"]["type"])
        return str(answer[0])

    def _site_at(self, address: str) -> str:
        return next(str(name) for name, site in self._aws["sites"].items() if site["address"] == address)
