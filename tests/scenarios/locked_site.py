# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The lab's primary site with its health checks, as the tests of the lock see it."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
from ansible_collections.tidegate.failover.tests.scenarios.lock_run import look, switch
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import RunningLab

LOCK_ID = "20261121T030405Z-3f9a1c2e"
LOCKED_OUT = "/lb-check-failed-over"
OVERRIDE = {"reason": "CHG-1234"}
GATES = [{"name": "replication", "digest": "d1"}, {"name": "sessions", "digest": "d2"}]
DEADLINE_SECONDS = 20


class Site:
    """Health checks of the lab's primary site, and the module run over them."""

    def __init__(self, lab: RunningLab, client: Any) -> None:
        info = lab.info["aws"]
        self.lab, self.client = lab, client
        self.place = {"IPAddress": info["sites"]["primary"]["address"], "Port": info["sites"]["primary"]["port"]}
        self.tls_port: int = info["sites"]["primary"]["tls_port"]
        self.primary: str = info["health_checks"]["primary"]
        self.backup: str = info["health_checks"]["backup"]
        self._numbers = itertools.count()

    def create(self, **config: Any) -> str:
        """Make a health check; its id."""
        reference = f"test-{next(self._numbers)}"
        check = self.client.create_health_check(CallerReference=reference, HealthCheckConfig=config)["HealthCheck"]
        tags = [{"Key": "Name", "Value": "checkout"}, {"Key": "team", "Value": "web"}]
        self.client.change_tags_for_resource(ResourceType="healthcheck", ResourceId=check["Id"], AddTags=tags)
        return str(check["Id"])

    def create_kind(self, kind: str) -> str:
        """Create a health check of a kind; returns its id."""
        http = {"Type": "HTTP", **self.place, "RequestInterval": 10, "FailureThreshold": 1}
        every_setting = {
            **http,
            "Type": "HTTPS_STR_MATCH",
            "Port": self.tls_port,
            "SearchString": "UP",
            "EnableSNI": False,
            "FullyQualifiedDomainName": "primary.shop.example.com",
            "ResourcePath": "/lb-check",
            "MeasureLatency": True,
            "Regions": ["us-east-1", "us-west-2", "eu-west-1"],
        }
        kinds: dict[str, Json] = {
            "path": {**http, "ResourcePath": "/lb-check"},
            "query": {**http, "ResourcePath": "/lb-check?lock=a%2Fb&restore=%2F&a+b"},
            "no path": http,
            "long path": {**http, "ResourcePath": "/" + "%2F" * 80},
            "all settings": every_setting,
            "tcp": {"Type": "TCP", **self.place, "RequestInterval": 10},
            "calculated": {"Type": "CALCULATED", "HealthThreshold": 1, "ChildHealthChecks": [self.backup]},
            "alarm": {"Type": "CLOUDWATCH_METRIC", "AlarmIdentifier": {"Name": "lag", "Region": "us-east-1"}},
        }
        if kind == "alarm":
            self.set_alarm("OK")
        return self.create(**kinds[kind])

    def set_alarm(self, state: str) -> None:
        """Bring the alarm of the health checks of that kind to a state."""
        auth = self.lab.info["aws"]
        cloudwatch = boto3.client(
            "cloudwatch",
            endpoint_url=auth["endpoint_url"],
            region_name=auth["region"],
            aws_access_key_id=auth["access_key"],
            aws_secret_access_key=auth["secret_key"],
        )
        cloudwatch.put_metric_alarm(
            AlarmName="lag",
            Namespace="Shop",
            MetricName="Lag",
            Statistic="Maximum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
            TreatMissingData="ignore",
        )
        cloudwatch.set_alarm_state(AlarmName="lag", StateValue=state, StateReason="test")

    def everything(self, check_id: str) -> Json:
        """All that the service keeps of a health check, but its version."""
        raw: Json = self.lab.control("GET", f"/aws/health-checks/{check_id}")
        return {name: raw[name] for name in ("HealthCheckConfig", "Tags")}

    def config(self, check_id: str) -> Json:
        """Its settings."""
        config: Json = self.everything(check_id)["HealthCheckConfig"]
        return config

    def is_healthy(self, check_id: str) -> bool:
        """The verdict that DNS answers follow."""
        verdict: bool = self.lab.control("GET", f"/aws/health-checks/{check_id}")["Healthy"]
        return verdict

    def lock(self, *check_ids: str, **options: Any) -> Json:
        """Lock."""
        return switch(self.client, state="locked", health_check_ids=check_ids or [self.primary], **options)

    def unlock(self, *check_ids: str, **options: Any) -> Json:
        """Unlock, with an override by default."""
        chosen = {"override": OVERRIDE, **options}
        return switch(self.client, state="unlocked", health_check_ids=check_ids or [self.primary], **chosen)

    def lock_id(self, check_id: str = "") -> str | None:
        """The id of the lock on a health check."""
        lock = look(self.client, health_check_ids=[check_id or self.primary])["health_checks"][0]["lock"]
        return str(lock["id"]) if lock else None


def eventually(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, f"not within {DEADLINE_SECONDS} s"
        time.sleep(0.05)


def evidence(lock_id: str, **changes: Any) -> Json:
    """Evidence that releases a lock, except for the changes."""
    now = datetime.now(UTC)
    age, gates = changes.pop("age", 0), changes.pop("gates", GATES)
    at = (now - timedelta(seconds=age)).isoformat()
    result = {"passed": True, "observed": "0 bytes", "expected": "0 bytes", "from": at, "to": at}
    return {"lock_ids": [lock_id], "date": at, "gates": [gate | result for gate in gates]} | changes
