# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The rulebook ``oci_maintenance`` beside the lab, and both ends of it: backends and users."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import (
    RunningRulebook,
    eventually,
    running_rulebook,
)

from lab.ports import free_port
from lab.process import RunningLab

USER, PASSWORD = "ons", "correct horse battery staple"
BACKENDS = ("app-1", "app-2")


@dataclass(frozen=True)
class MaintenanceByAlarm:
    """The lab, and a rulebook that listens to its alarms."""

    lab: RunningLab
    rulebook: RunningRulebook
    url: str

    @property
    def checkout(self) -> Json:
        """The lab's load balancer, as ``lab.json`` describes it."""
        reported: Json = self.lab.info["oci"]["load_balancers"]["checkout"]
        return reported

    def quicken(self) -> None:
        """Let a fresh lab be quick about alarms and health checks."""
        self.lab.control("PATCH", "/oci/settings", {"minute_seconds": 0.3})
        path = f"/oci/loadBalancers/{self.checkout['id']}"
        document = self.lab.control("GET", path)["document"]
        document["backendSets"]["app"]["healthChecker"]["intervalInMillis"] = 200
        self.lab.control("PUT", path, document)

    def subscribe(self) -> None:
        """Let the lab's topic deliver to the rulebook."""
        endpoint = self.url.replace("https://", f"https://{USER}:{PASSWORD.replace(' ', '%20')}@")
        self.lab.control("POST", "/oci/subscriptions", {"endpoint": endpoint})
        eventually(lambda: self.lab.control("GET", "/oci/subscriptions")[0]["lifecycleState"] == "ACTIVE")

    def set_backends(self, *, running: bool) -> None:
        """End the application's processes, or start them."""
        for name in BACKENDS:
            self.lab.control("POST", f"/oci/backends/{name}", {"running": running})

    def attach_by_hand(self) -> None:
        """Show the page without a hold, like a user of another tool."""
        path = f"/oci/loadBalancers/{self.checkout['id']}"
        document = self.lab.control("GET", path)["document"]
        for name in ("http", "https"):
            document["listeners"][name]["ruleSetNames"] = [self.checkout["rule_set"]]
        self.lab.control("PUT", path, document)

    def users_get(self, *, page: bool) -> bool:
        """Whether that is what a user's request ends in, redirects followed."""
        trusted = self.lab.info["oci"]["ca_file"]
        answer = requests.get(self.checkout["listeners"]["http"]["url"], timeout=10, verify=trusted)
        # The service's own redirect from HTTP to HTTPS is a 301.
        to_page = [hop for hop in answer.history if hop.status_code == 302]
        return bool(to_page) == page and answer.status_code == (503 if page else 200)

    def holders(self) -> set[str]:
        """Who holds the page, by the load balancer's tags."""
        document = self.lab.control("GET", f"/oci/loadBalancers/{self.checkout['id']}")["document"]
        tags = document["freeformTags"]
        text = "".join(tags[name] for name in sorted(tags) if name.startswith("tidegate-holds-"))
        return {group[0] for group in json.loads(text or "[]")}

    def records(self) -> list[Json]:
        """What the playbooks recorded of alarms, oldest first."""
        files = (self.rulebook.log.parent / "records").glob("*.jsonl")
        records = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
        return sorted(records, key=lambda record: str(record["happened"]))

    def alarm(self) -> Json:
        """The lab's alarm: its ``id`` and ``title``, and how many backends are ``unhealthy``."""
        reported: Json = self.lab.control("GET", "/oci/alarms")[0]
        return reported

    def post(self, body: bytes | Json, password: str = PASSWORD, **headers: str) -> int:
        """Send the rulebook anything, as somebody on the internet could; returns the status of the answer."""
        given = {"X-OCI-NS-MessageType": "Notification", "X-OCI-NS-TopicOcid": self.lab.info["oci"]["topic"]["id"]}
        answer = requests.post(
            self.url,
            data=body if isinstance(body, bytes) else json.dumps(body).encode(),
            headers={**given, **{name.replace("_", "-"): value for name, value in headers.items()}},
            auth=(USER, password),
            verify=self.lab.info["oci"]["ca_file"],
            timeout=30,
        )
        return answer.status_code


@contextmanager
def maintenance_by_alarm(
    lab: RunningLab, home: Path, oci_auth: Json, *arguments: str, rulebook: str = "oci_maintenance", **more: Any
) -> Iterator[MaintenanceByAlarm]:
    """Run the rulebook while the block runs."""
    home.mkdir(parents=True, exist_ok=True)
    password_file = home / "password"
    password_file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    inventory = home / "inventory.json"
    # Like users' inventories, it has services and no localhost.
    known = {"all": {"vars": {"oci_auth": oci_auth}}, "services": {"hosts": {"search": {}}}}
    inventory.write_text(json.dumps(known), encoding="utf-8")
    oci = lab.info["oci"]
    port = int(more.pop("port", 0)) or free_port()
    variables = {
        "oci_notifications_port": port,
        "oci_notifications_certfile": oci["endpoint_certificate"],
        "oci_notifications_keyfile": oci["endpoint_key"],
        "oci_notifications_username": USER,
        "oci_notifications_password_file": str(password_file),
        "oci_notifications_topics": [oci["topic"]["id"]],
        "oci_notifications_oracle_hosts": r"127\.0\.0\.1:[0-9]+",
        "oci_notifications_ca_file": oci["ca_file"],
        "oci_maintenance_record_directory": str(home / "records"),
        **more,
    }
    with running_rulebook(rulebook, home, variables, str(inventory), *arguments) as running:
        yield MaintenanceByAlarm(lab, running, f"https://127.0.0.1:{port}/")
