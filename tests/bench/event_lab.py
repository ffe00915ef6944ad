# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Rulebooks beside the lab, each with something that an alarm leads to and that can be put back."""

from __future__ import annotations

import json
import os
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ansible_collections.tidegate.failover.tests.scenarios.oci_events import (
    PASSWORD,
    USER,
    MaintenanceByAlarm,
    maintenance_by_alarm,
)
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account, lock_by_alarm
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import (
    RunningRulebook,
    eventually,
    running_rulebook,
)

from lab.ports import free_port
from lab.process import RunningLab

from .measuring import BenchError, Sample

Json = dict[str, Any]
_PATIENCE = 60.0
_LOOK = 0.01
_TICKS = os.sysconf("SC_CLK_TCK")


def rulebook_bytes(pid: int) -> int:
    """The memory (resident set) that a process and all that it has started hold now."""
    return sum(_resident(process) for process in _family(pid))


def _family(pid: int) -> list[int]:
    """A process with all below it. Each thread has children of its own (proc(5), task/TID/children)."""
    files = Path(f"/proc/{pid}/task").glob("*/children")
    below = [int(child) for file in files for child in _words(file)]
    return [pid, *(process for child in below for process in _family(child))]


def _words(file: Path) -> list[str]:
    try:
        return file.read_text(encoding="ascii").split()
    except (FileNotFoundError, ProcessLookupError):  # It has ended since it was listed.
        return []


def _resident(pid: int) -> int:
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (FileNotFoundError, ProcessLookupError):  # As above.
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")


def _cpu_seconds(pid: int) -> float:
    """Processor time of a process, and of those that it has started and waited for (proc(5), stat, fields 14 to 17)."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return sum(int(field) for field in fields[11:15]) / _TICKS


def _timed(rulebook: RunningRulebook, trigger: Callable[[], None], arrived: Callable[[], bool]) -> Sample:
    """Give an alarm and wait for its effect, then for the end of the playbook.

    :raises BenchError: there was no effect.
    """
    pid = rulebook.process.pid
    cpu_before, idle = _cpu_seconds(pid), len(_family(pid))
    played = rulebook.reported().count("\nPLAY RECAP ")
    began = time.monotonic()
    trigger()
    while not arrived():
        if time.monotonic() - began > _PATIENCE:
            raise BenchError(f"the alarm had no effect within {_PATIENCE:g} s:\n{rulebook.reported()[-4000:]}")
        time.sleep(_LOOK)
    seconds, held = time.monotonic() - began, rulebook_bytes(pid)
    # Only what has ended is counted with the process that started it.
    eventually(lambda: rulebook.reported().count("\nPLAY RECAP ") > played and len(_family(pid)) <= idle)
    return Sample(seconds, _cpu_seconds(pid) - cpu_before, held)


def _message(service: MaintenanceByAlarm, message_type: str) -> Json:
    about = {"resourceId": service.checkout["id"], "backendSetName": "app"}
    return {
        "dedupeKey": uuid.uuid4().hex,
        "title": service.alarm()["title"],
        "body": f"{about['resourceId']},app,maintenance-page",
        "type": message_type,
        "timestampEpochMillis": int(datetime.now(UTC).timestamp() * 1000),
        "alarmMetaData": [{"id": service.alarm()["id"], "dimensions": [about]}],
    }


def _accepted(status: int) -> None:
    if status != 200:
        raise BenchError(f"the source answered {status} to a message that is as it should be")


@dataclass(frozen=True)
class PageByAlarm:
    """The rulebook that puts the page up. Both backends are dead, so that an alarm is true."""

    service: MaintenanceByAlarm
    pristine: Json

    @classmethod
    @contextmanager
    def running(cls, lab: RunningLab, home: Path) -> Iterator[PageByAlarm]:
        """Run it while the block runs."""
        oci = lab.info["oci"]
        auth = {
            "config_file_location": oci["config_file"],
            "config_profile_name": oci["config_profile"],
            "service_endpoint": oci["endpoint"],
        }
        with maintenance_by_alarm(lab, home, auth) as service:
            service.quicken()
            service.set_backends(running=False)
            eventually(lambda: service.alarm()["unhealthy"] == 2)
            yield cls(service, cls._document(service))

    @property
    def rulebook(self) -> RunningRulebook:
        """The rulebook."""
        return self.service.rulebook

    def once(self) -> Sample:
        """One alarm, from a load balancer without the page."""
        self.service.lab.control("PUT", self._path(self.service), self.pristine)
        fired = _message(self.service, "OK_TO_FIRING")
        return _timed(self.rulebook, lambda: _accepted(self.service.post(fired)), self._is_up)

    def post_nothing(self, _number: int) -> None:
        """A message that is accepted and leads to nothing."""
        _accepted(self.service.post(_message(self.service, "RESET")))

    def _is_up(self) -> bool:
        return "maintenance-page" in (self._document(self.service)["listeners"]["https"].get("ruleSetNames") or [])

    @classmethod
    def _document(cls, service: MaintenanceByAlarm) -> Json:
        document: Json = service.lab.control("GET", cls._path(service))["document"]
        return document

    @staticmethod
    def _path(service: MaintenanceByAlarm) -> str:
        return f"/oci/loadBalancers/{service.checkout['id']}"


@dataclass(frozen=True)
class EmptyPlaybook:
    """A rulebook with the same source, filter and condition, whose playbook only touches a file."""

    service: MaintenanceByAlarm
    mark: Path

    @classmethod
    @contextmanager
    def running(cls, lab: RunningLab, home: Path) -> Iterator[EmptyPlaybook]:
        """Run it while the block runs."""
        home.mkdir(parents=True)
        mark, port = home / "mark", free_port()
        task = {"ansible.builtin.file": {"path": str(mark), "state": "touch", "mode": "0600"}}
        play = {"hosts": "localhost", "connection": "local", "gather_facts": False, "tasks": [task]}
        playbook, rulebook, inventory = home / "empty.yml", home / "rulebook.yml", home / "inventory.json"
        playbook.write_text(json.dumps([play]), encoding="utf-8")
        rulebook.write_text(json.dumps([cls._ruleset(lab, playbook, port, home)]), encoding="utf-8")
        inventory.write_text(json.dumps({"all": {}}), encoding="utf-8")
        with running_rulebook(str(rulebook), home, {}, str(inventory)) as running:
            yield cls(MaintenanceByAlarm(lab, running, f"https://127.0.0.1:{port}/"), mark)

    @staticmethod
    def _ruleset(lab: RunningLab, playbook: Path, port: int, home: Path) -> Json:
        oci, password = lab.info["oci"], home / "password"
        password.write_text(PASSWORD, encoding="utf-8")
        source = {
            "port": port,
            "certfile": oci["endpoint_certificate"],
            "keyfile": oci["endpoint_key"],
            "username": USER,
            "password_file": str(password),
            "topics": [oci["topic"]["id"]],
        }
        return {
            "name": "Empty",
            "hosts": "localhost",
            "sources": [
                {"tidegate.failover.oci_notifications": source, "filters": [{"tidegate.failover.alarm": None}]}
            ],
            "rules": [
                {
                    "name": "Fired",
                    "condition": 'event.alarm.state == "firing"',
                    "action": {"run_playbook": {"name": str(playbook)}},
                }
            ],
        }

    def once(self) -> Sample:
        """One alarm."""
        self.mark.unlink(missing_ok=True)
        fired = _message(self.service, "OK_TO_FIRING")
        return _timed(self.service.rulebook, lambda: _accepted(self.service.post(fired)), self.mark.exists)


@dataclass(frozen=True)
class LockByAlarm:
    """The rulebook that locks a dead primary site, by way of the lab's SNS."""

    account: Account
    rulebook: RunningRulebook
    pristine: Json

    @classmethod
    @contextmanager
    def running(cls, lab: RunningLab, home: Path) -> Iterator[LockByAlarm]:
        """Run it while the block runs."""
        account, port = Account(lab), free_port()
        topic = account.info["sns_topic_arn"]
        variables = {
            "sns_port": port,
            "sns_topics": [topic],
            "sns_hosts": r"localhost:[0-9]+",
            "sns_ca_file": account.info["ca_file"],
        }
        with lock_by_alarm(account, "route53_lock_sns", home, variables) as running:
            sns = account.client("sns")
            sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{port}/")
            eventually(lambda: sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1")
            account.set_primary(running=False)
            eventually(lambda: not account.check()["Healthy"])
            cls._watch(account)
            yield cls(account, running, lab.control("GET", "/aws/health-checks"))

    @staticmethod
    def _watch(account: Account) -> None:
        """An alarm on it that does not change its state by itself while this runs."""
        account.client("cloudwatch").put_metric_alarm(
            AlarmName="primary-is-down",
            Namespace="AWS/Route53",
            MetricName="HealthCheckStatus",
            Dimensions=[{"Name": "HealthCheckId", "Value": account.primary}],
            Statistic="Minimum",
            Period=86400,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="LessThanThreshold",
            TreatMissingData="ignore",
            AlarmActions=[account.info["sns_topic_arn"]],
        )

    def once(self) -> Sample:
        """One alarm, from a health check that is not locked."""
        self.account.lab.control("PUT", "/aws/health-checks", {"probed": True, **self.pristine})
        eventually(lambda: not self.account.check()["Healthy"])
        cloudwatch = self.account.client("cloudwatch")
        for state in ("OK", "INSUFFICIENT_DATA"):
            cloudwatch.set_alarm_state(AlarmName="primary-is-down", StateValue=state, StateReason="before the bench")

        def trigger() -> None:
            cloudwatch.set_alarm_state(AlarmName="primary-is-down", StateValue="ALARM", StateReason="bench")

        return _timed(self.rulebook, trigger, self.account.is_locked)
