# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Services to fail over in the lab, and what the lab saw of who did it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3

from lab.process import RunningLab

from .maintenance_lab import LISTENER, without_traffic
from .measuring import BenchError, Sample
from .processes import Took

LOCKED_OUT = "/lb-check-failed-over"
WAIT_SECONDS = 60

Json = dict[str, Any]


class ProceduresLab:
    """The lab's shop, and as many more services like it as are asked for, each with a load balancer of its own."""

    def __init__(self, lab: RunningLab, home: Path) -> None:
        self._lab, self._home = lab, home
        self._aws, self._oci = lab.info["aws"], lab.info["oci"]
        self.inventory, self.described = home / "inventory.json", home / "services.json"
        self.ids: list[str] = []
        self._balancers: list[str] = []
        self._checkout: Json = self._oci["load_balancers"]["checkout"]

    def sign_in(self) -> Json:
        """The address and credentials of the lab's AWS, as options of a task."""
        return {name: self._aws[name] for name in ("endpoint_url", "access_key", "secret_key", "region")}

    def sign_in_at_oci(self) -> Json:
        """The same for its OCI."""
        return {
            "config_file_location": self._oci["config_file"],
            "config_profile_name": self._oci["config_profile"],
            "service_endpoint": self._oci["endpoint"],
        }

    def page(self) -> Json:
        """Where the page of the first service is, as options of a task."""
        return {
            "load_balancer_id": self._balancers[0],
            "listeners": [LISTENER],
            "rule_set": self._checkout["rule_set"],
        }

    def calls(self) -> dict[str, int]:
        """The number of calls of each operation since :meth:`begin`."""
        return dict(Counter(request["operation"] for request in self._lab.requests()))

    def begin(self, count: int) -> None:
        """Let there be so many services that nobody has failed over, describe them, and forget all requests."""
        self._lab.reset()
        site = self._aws["sites"]["primary"]
        config = {"IPAddress": site["address"], "Port": site["port"]}
        self.ids = [self._aws["health_checks"]["primary"]]
        if count > 1:
            more = self._lab.control("POST", "/aws/health-checks", {"count": count - 1, "config": config})
            self.ids += more["ids"]
        self._balancers = [f"{self._checkout['id'][:-4]}{number:04x}" for number in range(count)]
        for number, balancer in enumerate(self._balancers):
            document = self._page_free | {"displayName": f"service-{number}"}
            self._lab.control("PUT", f"/oci/loadBalancers/{balancer}", document)
        self._describe()
        self._read_zone()
        self._lab.control("DELETE", "/requests")

    def _read_zone(self) -> None:
        """The first read after a reset takes the lab a second, which must not be measured."""
        route53 = boto3.client(
            "route53",
            endpoint_url=self._aws["endpoint_url"],
            aws_access_key_id=self._aws["access_key"],
            aws_secret_access_key=self._aws["secret_key"],
            region_name=self._aws["region"],
        )
        zone = route53.list_hosted_zones_by_name(DNSName=self._aws["zone"]["name"])["HostedZones"][0]["Id"]
        route53.list_resource_record_sets(HostedZoneId=zone)

    @cached_property
    def _page_free(self) -> Json:
        document = without_traffic(self._lab.control("GET", f"/oci/loadBalancers/{self._checkout['id']}")["document"])
        document["listeners"][LISTENER]["ruleSetNames"] = []
        return document

    def _describe(self) -> None:
        """For Ansible and for the bare program. The first service has a record in the zone, where it is waited for."""
        hosts: dict[str, Json] = {}
        bare: list[Json] = []
        url, record = self._aws["sites"]["backup"]["check_url"], self._aws["record"]["name"]
        zone, server = self._aws["zone"]["name"], f"{self._aws['dns']['host']}:{self._aws['dns']['port']}"
        rule_set = self._checkout["rule_set"]
        for check, balancer in zip(self.ids, self._balancers, strict=True):
            page = {"load_balancer_id": balancer, "listeners": [LISTENER], "rule_set": rule_set}
            hosts[f"service-{len(hosts)}"] = {
                "failover_health_check_ids": [check],
                "failover_secondary_url": url,
                "failover_verify_url": url,
                "failover_wait_timeout": WAIT_SECONDS,
                "maintenance_targets": [page],
                "record_dir": str(self._home / "records"),
                "aws_auth": self.sign_in(),
                "oci_auth": self.sign_in_at_oci(),
            }
            bare.append({"check": check, "balancer": balancer, "listener": LISTENER, "rule_set": rule_set})
            bare[-1] |= {"path": LOCKED_OUT, "other_url": url, "verify_url": url}
        hosts["service-0"]["failover_records"] = [{"zone": zone, "name": record, "type": "A"}]
        hosts["service-0"]["failover_dns_servers"] = [server]
        bare[0] |= {"zone": zone, "record": record, "dns_server": server}
        self.inventory.write_text(json.dumps({"services": {"hosts": hosts}}), encoding="utf-8")
        asked = {"aws": self.sign_in(), "oci": self.sign_in_at_oci(), "services": bare}
        self.described.write_text(json.dumps(asked), encoding="utf-8")

    def sample(self, run_once: Callable[[], Took], *, pages: int) -> Sample:
        """One measured run.

        :param pages: how many load balancers show the page afterwards.
        :raises BenchError: a service is not locked, or its page is not there.
        """
        took = run_once()
        requests = self._lab.requests()
        pinned: dict[str, float] = {}
        for request in requests:
            if request["operation"] == "UpdateHealthCheck" and request["status"] == 200:
                check = request["path"].rpartition("/")[2]
                pinned.setdefault(check, datetime.fromisoformat(request["time"]).timestamp())
        if set(self.ids) != set(pinned):
            raise BenchError(f"{len(self.ids)} services should be locked, but {len(pinned)} are")
        shown = sum(self._shows_page(balancer) for balancer in self._balancers)
        if shown != pages:
            raise BenchError(f"{pages} load balancers should show the page, but {shown} do")
        return Sample(
            took.seconds,
            took.cpu_seconds,
            took.peak_bytes,
            self.calls(),
            locked_after=max(pinned.values()) - took.began,
            processes=took.processes,
            tasks=sum(line.startswith(("TASK [", "RUNNING HANDLER [")) for line in took.output.splitlines()),
        )

    def _shows_page(self, balancer: str) -> bool:
        document = self._lab.control("GET", f"/oci/loadBalancers/{balancer}")["document"]
        return self._checkout["rule_set"] in document["listeners"][LISTENER]["ruleSetNames"]
