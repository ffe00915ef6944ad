# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The rulebooks that lock a failed site, beside the lab: alarms, topics and queues on one side, checkers on another."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import RunningRulebook, running_rulebook

from lab.process import RunningLab


@dataclass(frozen=True)
class Account:
    """The lab's AWS account and its shop with two sites."""

    lab: RunningLab

    @property
    def info(self) -> Json:
        """What ``lab.json`` contains about it."""
        reported: Json = self.lab.info["aws"]
        return reported

    @property
    def auth(self) -> Json:
        """How to sign in, as the playbooks take it."""
        return {name: self.info[name] for name in ("endpoint_url", "access_key", "secret_key", "region")}

    @property
    def primary(self) -> str:
        """The id of the primary site's health check."""
        return str(self.info["health_checks"]["primary"])

    def client(self, service: str) -> Any:
        """A client of boto3."""
        return boto3.client(
            service,
            endpoint_url=self.info["endpoint_url"],
            region_name=self.info["region"],
            aws_access_key_id=self.info["access_key"],
            aws_secret_access_key=self.info["secret_key"],
        )

    @property
    def backup(self) -> str:
        """The id of the other site's health check."""
        return str(self.info["health_checks"]["backup"])

    def watch_primary(self) -> None:
        """Create the alarm of the guides."""
        self.client("cloudwatch").put_metric_alarm(
            AlarmName="primary-is-down",
            Namespace="AWS/Route53",
            MetricName="HealthCheckStatus",
            Dimensions=[{"Name": "HealthCheckId", "Value": self.primary}],
            Statistic="Minimum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="LessThanThreshold",
            TreatMissingData="notBreaching",
            AlarmActions=[self.info["sns_topic_arn"]],
            OKActions=[self.info["sns_topic_arn"]],
        )

    def make_queue(self) -> str:
        """A queue that gets what the topic gets; returns its URL."""
        client = self.client("sqs")
        url = str(client.create_queue(QueueName=f"alarms-{uuid.uuid4().hex}")["QueueUrl"])
        arn = client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.client("sns").subscribe(TopicArn=self.info["sns_topic_arn"], Protocol="sqs", Endpoint=arn)
        return url

    def set_primary(self, *, running: bool) -> None:
        """End the primary site, or start it."""
        self.set_site("primary", running=running)

    def set_site(self, name: str, *, running: bool) -> None:
        """End a site, or start it."""
        self.lab.control("PUT", f"/aws/sites/{name}", {"running": running})

    def check(self, site: str = "primary") -> Json:
        """A site's health check, with the lab's verdict and its tags."""
        reported: Json = self.lab.control("GET", f"/aws/health-checks/{self.info['health_checks'][site]}")
        return reported

    def is_locked(self, site: str = "primary") -> bool:
        """Whether a site is kept out."""
        config = self.check(site)["HealthCheckConfig"]
        pinned = config["ResourcePath"].startswith("/lb-check-failed-over?")
        return bool(pinned or (config.get("Disabled") and config.get("Inverted")))

    def lock_owner(self) -> str:
        """Who locked it, by its tags."""
        return next((value for name, value in self.check()["Tags"].items() if name.endswith("-owner")), "")


@contextmanager
def lock_by_alarm(
    account: Account,
    rulebook: str,
    home: Path,
    variables: Json,
    *arguments: str,
    environment: dict[str, str] | None = None,
) -> Iterator[RunningRulebook]:
    """Run one of the rulebooks while the block runs."""
    home.mkdir(parents=True, exist_ok=True)
    inventory = home / "inventory.json"
    # Like users' inventories, it has services and no localhost.
    known = {"all": {"vars": {"aws_auth": account.auth}}, "services": {"hosts": {"search": {}}}}
    inventory.write_text(json.dumps(known), encoding="utf-8")
    with running_rulebook(rulebook, home, variables, str(inventory), *arguments, environment=environment) as running:
        yield running
