# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The guide for AWS is followed from nothing to failback: its files, its commands, and the output that it shows."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import yaml
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account

from lab.process import CLONE, RunningLab

GUIDE = (CLONE / "docs" / "aws.md").read_text(encoding="utf-8")
CHECK_ID = "233e180f-f023-45a3-954e-415303f21eab"
PASSWORD = "correct-horse-battery"
HOME, AWAY = "us-east-1", "eu-central-1"
_FILE = re.compile(r"^```yaml\n# (\S+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
_COMMANDS = re.compile(r"^```console\n(\$ .*?)^```", re.DOTALL | re.MULTILINE)
_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
#: What differs from run to run: ids, times, and how long something took.
_VARIES = re.compile(
    rf"{_UUID}|\d{{8}}T\d{{6}}Z-[0-9a-f]{{8}}|\d{{4}}-\d\d-\d\dT[\d:]+Z|(?<=[ (])\d+(?:\.\d+)? (?:s|min)\b(?: \d+ s)?"
)


def commands() -> list[tuple[str, list[str]]]:
    """Each command of the guide, with the lines that it shows of what that prints."""
    parts = [part.splitlines() for block in _COMMANDS.findall(GUIDE) for part in re.split(r"(?m)^\$ ", block)[1:]]
    return [(command, [line for line in shown if line]) for command, *shown in parts]


class Reader:
    """A user who follows the guide, with the lab in place of AWS."""

    def __init__(self, lab: RunningLab, playbooks: Playbooks, folder: Path) -> None:
        self._lab, self._playbooks, self._folder = lab, playbooks, folder
        self.account, self._commands = Account(lab), commands()
        info = self.account.info
        self._sites, self._dns, zone = info["sites"], info["dns"], info["zone"]["name"]
        #: What the guide writes, and what it is in the lab.
        self._places = {
            "https://primary.checkout.example.com/lb-check": self._sites["primary"]["check_url"],
            "https://backup.checkout.example.com/lb-check": self._sites["backup"]["check_url"],
            "primary.checkout.example.com": f"primary.pay.{zone}",
            "backup.checkout.example.com": f"backup.pay.{zone}",
            "checkout.example.com": f"pay.{zone}",
            "example.com": zone,
            "192.0.2.10": self._sites["primary"]["address"],
            "198.51.100.10": self._sites["backup"]["address"],
            "/usr/local/bin/primary-is-scaled-to-zero": "/bin/true",
            "/var/lib/tidegate": str(folder / "records"),
            "/srv/failover": str(folder),
        }
        for name, text in _FILE.findall(GUIDE):
            self._write(name, self._placed(yaml.safe_load(text)))

    def _placed(self, content: Any) -> Any:
        if isinstance(content, list):
            return [self._placed(one) for one in content]
        if isinstance(content, dict) and "profile" in content:
            return self.account.auth
        if isinstance(content, dict):
            return {name: self._placed(value) for name, value in content.items()}
        return self._places.get(content, content) if isinstance(content, str) else content

    def _write(self, name: str, content: Any) -> None:
        if name == "inventory.yml":
            content["services"]["vars"] |= {
                "vault_database_password": PASSWORD,
                # The lab's sites speak HTTP at a port of their own, and its names are asked of the lab.
                "aws_setup_check_type": "HTTP",
                "aws_setup_check_port": self._sites["primary"]["port"],
                "aws_setup_record_ttl": 1,
                "failover_dns_servers": [f"{self._dns['host']}:{self._dns['port']}"],
            }
        file = self._folder / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(yaml.safe_dump(content), encoding="utf-8")

    def runs(self, playbook: str, *, fails: bool = False) -> str:
        """Run the next command of the guide, which is this playbook; returns what was printed."""
        command, shown = self._commands.pop(0)
        words = [str(self._folder / word) if word.endswith(".yml") else word for word in command.split()]
        assert words[0] == "ansible-playbook"
        assert words[1].endswith(playbook)
        outcome = self._playbooks.run_file(*words[1:])
        assert (outcome.returncode != 0) == fails, outcome.output
        assert PASSWORD not in outcome.output
        printed = iter(_VARIES.sub("...", line) for line in self._as_in_the_guide(outcome.output).splitlines())
        # In this order, with other lines in between.
        missing = [line for line in shown if _VARIES.sub("...", line) not in printed]
        assert missing == [], outcome.output
        return outcome.output

    def _as_in_the_guide(self, output: str) -> str:
        for written, meant in sorted(self._places.items(), key=lambda place: -len(place[1])):
            output = output.replace(meant, written)
        return output

    def enters(self, check_id: str) -> None:
        """Write the id of the health check into the variables, where the guide has one."""
        file = self._folder / "host_vars" / "checkout.yml"
        file.write_text(file.read_text(encoding="utf-8").replace(CHECK_ID, check_id), encoding="utf-8")

    def measures(self, replica: str, region: str, seconds: float, *, ago: int = 0) -> None:
        """Publish the lag of a replica to CloudWatch, now or as of some minutes ago."""
        auth = self.account.auth
        keys = {"aws_access_key_id": auth["access_key"], "aws_secret_access_key": auth["secret_key"]}
        client: Any = boto3.client("cloudwatch", endpoint_url=auth["endpoint_url"], region_name=region, **keys)
        value: Json = {"MetricName": "ReplicaLag", "Value": seconds, "Unit": "Seconds"}
        value["Timestamp"] = datetime.now(UTC) - timedelta(minutes=ago)
        value["Dimensions"] = [{"Name": "DBInstanceIdentifier", "Value": replica}]
        client.put_metric_data(Namespace="AWS/RDS", MetricData=[value])

    def left(self) -> list[str]:
        """The health checks of the service that there are."""
        every = self._lab.control("GET", "/aws/health-checks")["health_checks"]
        return [one["Tags"]["Name"] for one in every if one["Tags"].get("tidegate-setup") == "checkout"]

    @property
    def has_finished(self) -> bool:
        """Whether no command of the guide is left."""
        return not self._commands


def test_the_guide_leads_from_nothing_to_failback_and_to_nothing(
    aws_lab: RunningLab, playbooks: Playbooks, tmp_path: Path
) -> None:
    reader = Reader(aws_lab, playbooks, tmp_path)
    reader.runs("set_up.yml")
    found = re.findall(rf'"({_UUID})"', reader.runs("health_checks.yml"))
    assert len(found) == 1
    reader.enters(found[0])
    reader.measures("checkout-standby", AWAY, 2)

    reader.runs("preflight")
    reader.runs("drill")
    reader.account.set_primary(running=False)
    reader.runs("failover")
    reader.runs("status")

    reader.account.set_primary(running=True)
    reader.runs("rebuild.yml")
    reader.measures("checkout-2", HOME, 120, ago=2)
    reader.runs("failback", fails=True)
    reader.measures("checkout-2", HOME, 0)
    reader.runs("failback")
    reader.runs("status")

    assert len(reader.left()) == 2
    reader.runs("set_up.yml")
    assert (reader.left(), reader.has_finished) == ([], True)
