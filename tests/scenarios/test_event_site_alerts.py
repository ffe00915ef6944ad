# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Two sites that have lost each other, by way of Prometheus Alertmanager: one of them stays, with nobody awake."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import (
    RunningRulebook,
    eventually,
    needs_java,
    running_rulebook,
)

from lab.ports import free_port
from lab.process import RunningLab, running_lab

ACCELERATOR = "a1234567890abcdef.awsglobalaccelerator.com"
#: The names of the sites in alerts are those of their Infinispan clusters.
PRIMARY, BACKUP = "primary", "backup"
PASSWORD = "s3cret of the webhook"
BOTH = {PRIMARY: 100.0, BACKUP: 100.0}


@dataclass(frozen=True)
class Sso:
    """The lab's accelerator in front of two sites, with an Infinispan cluster in each."""

    lab: RunningLab
    home: Path

    @property
    def auth(self) -> Json:
        """How to sign in to AWS."""
        return {name: self.lab.info["aws"][name] for name in ("endpoint_url", "access_key", "secret_key", "region")}

    def accelerators(self) -> Json:
        """The map of accelerators."""
        groups = self.lab.info["aws"]["global_accelerator"]["groups"]
        sites = {"primary": PRIMARY, "secondary": BACKUP}
        return {ACCELERATOR: {"name": "sso"} | {place: self._site(name, groups) for place, name in sites.items()}}

    def _site(self, name: str, groups: Json) -> Json:
        cluster = self.lab.info["infinispan"]["sites"][name]
        password = self.home / "infinispan-password"
        password.write_text(self.lab.info["infinispan"]["password"] + "\n", encoding="utf-8")
        infinispan = {
            "url": cluster["url"],
            "url_username": self.lab.info["infinispan"]["username"],
            "url_password_file": str(password),
        }
        return {"site": name, "endpoint_group_arn": groups[name], "infinispan": infinispan}

    def dials(self) -> dict[str, float]:
        """The traffic dial of each site."""
        client: Any = boto3.client(
            "globalaccelerator",
            endpoint_url=self.auth["endpoint_url"],
            region_name="us-west-2",
            aws_access_key_id=self.auth["access_key"],
            aws_secret_access_key=self.auth["secret_key"],
        )
        groups = self.lab.info["aws"]["global_accelerator"]["groups"]
        return {
            site: client.describe_endpoint_group(EndpointGroupArn=arn)["EndpointGroup"]["TrafficDialPercentage"]
            for site, arn in groups.items()
        }

    def serving(self) -> list[str]:
        """The sites that get traffic."""
        return [site for site, dial in self.dials().items() if dial]

    def backup_of(self, site: str) -> str:
        """Whether a site sends its changes to the other one."""
        caches = self.lab.control("GET", f"/infinispan/sites/{site}")["caches"]
        (state,) = {found for cache in caches.values() for found in (cache["backup"] or {}).values()}
        return str(state)


def alert(lost: str, by: str, **more: Any) -> Json:
    """An alert of one site that it has lost the other one."""
    labels = {"alertname": "SiteOffline", "accelerator": ACCELERATOR, "severity": "critical", "site": lost}
    return {"labels": labels | {"reporter": by}, **more}


@dataclass(frozen=True)
class Following:
    """A rulebook that follows alerts about the accelerator."""

    sso: Sso
    rulebook: RunningRulebook
    port: int
    records: Path

    def send(self, *alerts: Json, **more: Any) -> Json:
        """Have Alertmanager send a notification."""
        given = {"url": f"http://127.0.0.1:{self.port}/", "alerts": list(alerts), "seconds": 20}
        credentials = {"username": "keycloak", "password": PASSWORD}
        reported: Json = self.sso.lab.control("POST", "/aws/alertmanager", given | credentials | more)
        return reported

    def recorded(self) -> list[Json]:
        """The outcomes of alerts."""
        files = self.records.glob("*.jsonl")
        return [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]

    def wait_for_records(self, count: int) -> list[str]:
        """Wait until this number of alerts were acted on; returns their outcomes."""
        eventually(lambda: len(self.recorded()) == count)
        return [record["status"] for record in self.recorded()]


@contextmanager
def following(sso: Sso, home: Path, name: str = "site_alerts", *arguments: str, **more: Any) -> Iterator[Following]:
    """Run one of the rulebooks while the block runs."""
    home.mkdir(exist_ok=True)
    password, records, inventory = home / "password", home / "records", home / "inventory.json"
    password.write_text(f"{PASSWORD}\n", encoding="utf-8")
    # Like users' inventories, it has services and no localhost.
    known = {"all": {"vars": {"aws_auth": sso.auth}}, "services": {"hosts": {"search": {}}}}
    inventory.write_text(json.dumps(known), encoding="utf-8")
    port = more.pop("port", None) or free_port()
    variables = {
        "alertmanager_port": port,
        "alertmanager_username": "keycloak",
        "alertmanager_password_file": str(password),
        "site_alerts_accelerators": sso.accelerators(),
        "site_alerts_record_directory": str(records),
        **more,
    }
    with running_rulebook(name, home, variables, str(inventory), *arguments) as running:
        yield Following(sso, running, port, records)


@pytest.fixture(scope="module")
def sso_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("sso-lab"), "--parts", "aws", "infinispan") as lab:
        yield lab


@pytest.fixture
def sso(sso_lab: RunningLab, tmp_path: Path) -> Sso:
    sso_lab.reset()
    return Sso(sso_lab, tmp_path)


@pytest.fixture(scope="module")
def rulebook(sso_lab: RunningLab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Following]:
    """The rulebook ``site_alerts``, running."""
    home = tmp_path_factory.mktemp("site-alerts")
    with following(Sso(sso_lab, home), home) as running:
        yield running


@pytest.fixture
def alerts(sso: Sso, rulebook: Following) -> Iterator[Following]:
    """The running rulebook beside a fresh lab, without records."""
    assert sso.dials() == BOTH
    for file in rulebook.records.glob("*.jsonl"):
        file.unlink()
    yield rulebook
    rulebook.rulebook.wait_for_playbooks()
    assert rulebook.rulebook.is_up()


@needs_java
def test_an_alert_takes_the_lost_site_out_and_its_end_does_not_bring_it_back(alerts: Following) -> None:
    lost = alert(BACKUP, by=PRIMARY)
    assert alerts.send(lost, password="wrong") == {"status": 401, "attempts": 1}
    assert alerts.send(lost, token=PASSWORD) == {"status": 401, "attempts": 1}
    assert alerts.send(lost) == {"status": 200, "attempts": 1}
    assert alerts.wait_for_records(1) == ["completed"]
    assert alerts.sso.dials() == {PRIMARY: 100, BACKUP: 0}
    assert (alerts.sso.backup_of(PRIMARY), alerts.sso.backup_of(BACKUP)) == ("offline", "online")

    mark = alerts.rulebook.reported().count("Not acted on")
    alerts.send({**lost, "status": "resolved"})
    eventually(lambda: alerts.rulebook.reported().count("Not acted on") > mark)
    assert alerts.sso.serving() == [PRIMARY]
    assert len(alerts.recorded()) == 1


@needs_java
def test_i10_of_two_sites_that_report_each_other_at_once_exactly_one_stays(alerts: Following) -> None:
    opposite = [alert(BACKUP, by=PRIMARY), alert(PRIMARY, by=BACKUP)]
    with ThreadPoolExecutor() as pool:
        assert [reported["status"] for reported in pool.map(alerts.send, opposite)] == [200, 200]
    assert sorted(alerts.wait_for_records(2)) == ["completed", "dropped"]
    (stays,) = alerts.sso.serving()
    # The site that stays stops its replication; the other site continues its replication.
    assert alerts.sso.backup_of(stays) == "offline"
    assert "is not known to serve" in next(one["reason"] for one in alerts.recorded() if one["status"] == "dropped")


@needs_java
def test_i10_both_alerts_in_one_notification_leave_one_site(alerts: Following) -> None:
    alerts.send(alert(PRIMARY, by=BACKUP), alert(BACKUP, by=PRIMARY))
    assert sorted(alerts.wait_for_records(2)) == ["completed", "dropped"]
    assert len(alerts.sso.serving()) == 1


@needs_java
def test_i9_an_alert_of_a_site_that_is_not_healthy_is_held_back(alerts: Following) -> None:
    alerts.sso.lab.control("PUT", "/aws/global-accelerator", {PRIMARY: "UNHEALTHY"})
    alerts.send(alert(BACKUP, by=PRIMARY))
    assert alerts.wait_for_records(1) == ["dropped"]
    assert alerts.sso.dials() == BOTH
    assert alerts.sso.backup_of(PRIMARY) == "online"


@needs_java
def test_a_run_that_fails_is_repeated(alerts: Following) -> None:
    alerts.sso.lab.control("PUT", "/aws/denied", {"actions": ["globalaccelerator:*"]})
    alerts.send(alert(BACKUP, by=PRIMARY))
    assert alerts.wait_for_records(1) == ["failed"]
    alerts.sso.lab.control("PUT", "/aws/denied", {"actions": []})
    assert alerts.wait_for_records(2) == ["failed", "completed"]
    assert alerts.sso.serving() == [PRIMARY]


@needs_java
def test_i9_hostile_labels_and_other_alerts_lead_to_no_run(alerts: Following) -> None:
    mark, runs = alerts.rulebook.reported().count("Not acted on"), alerts.rulebook.reported().count("\nPLAY [")
    hostile = alert("{{ lookup('pipe', 'id') }}", by=PRIMARY)
    other = alert(BACKUP, by=PRIMARY)
    other["labels"] = {**other["labels"], "alertname": "Watchdog"}
    alerts.send(hostile, other)
    eventually(lambda: alerts.rulebook.reported().count("Not acted on") == mark + 2)
    assert alerts.rulebook.reported().count("\nPLAY [") == runs
    assert "lookup('pipe'" not in alerts.rulebook.reported()[-5000:]


@needs_java
def test_i8_a_notification_that_was_taken_is_acted_on_although_the_process_was_killed(sso: Sso, tmp_path: Path) -> None:
    durable = ("site_alerts_durable", "--persistence-id", "1", "--id", "1")
    more: Json = {"drools_db_file_path": str(tmp_path / "events"), "port": free_port()}
    # Requests for an endpoint group hang, so the playbook has begun, and has done nothing when it is killed.
    sso.lab.add_fault("hang", operation="DescribeEndpointGroup", times=None)
    with following(sso, tmp_path / "rulebook", *durable, **more) as alerts:
        assert alerts.send(alert(PRIMARY, by=BACKUP))["status"] == 200
        eventually(lambda: any(one["operation"] == "DescribeEndpointGroup" for one in sso.lab.requests()))
        alerts.rulebook.kill()
    sso.lab.control("DELETE", "/faults")
    with following(sso, tmp_path / "rulebook", *durable, **more) as alerts:
        eventually(alerts.recorded)
        eventually(lambda: alerts.rulebook.reported().count("\nPLAY RECAP ") >= 1)
    # The playbook of the process that was killed may have come to its end by itself.
    assert {one["status"] for one in alerts.recorded()} <= {"completed", "unchanged"}
    assert alerts.rulebook.reported().count("\nPLAY [") == 2
    assert sso.dials() == {PRIMARY: 0, BACKUP: 100}


def taken(state: str = "firing", *, lost: str, by: str) -> Json:
    """An alert as the filter hands it on."""
    return {
        "origin": "alertmanager",
        "state": state,
        "name": "SiteOffline",
        "at": "2026-11-21T03:04:05.678Z",
        "object": f"accelerator:{ACCELERATOR}",
        "accelerator": ACCELERATOR,
        "site": lost,
        "reporter": by,
        "owner": "alarm:SiteOffline",
        "key": f"{lost}",
    }


def test_i10_opposite_runs_in_two_processes_leave_exactly_one_site(sso: Sso, playbooks: Playbooks) -> None:
    # As a rule both have seen both sites serve before either takes one out. Where one of them begins late it sees
    # what the other has done; then the other site stays.
    sso.lab.add_fault("latency", operation="UpdateEndpointGroup", times=2, seconds=8)
    common = {"accelerators": sso.accelerators(), "aws_auth": sso.auth}
    both = [{"lost": PRIMARY, "by": BACKUP}, {"lost": BACKUP, "by": PRIMARY}]
    with ThreadPoolExecutor() as pool:
        runs = [
            pool.submit(playbooks.run, "site_by_alert", extra={**common, "alarm": taken(**sites)}) for sites in both
        ]
        outcomes = [run.result() for run in runs]
    assert [outcome.returncode for outcome in outcomes] == [0, 0], "".join(one.output for one in outcomes)
    (stays,) = sso.serving()
    gone, of_the_one_that_stays = (BACKUP, outcomes[0]) if stays == PRIMARY else (PRIMARY, outcomes[1])
    assert re.search(
        "none would have been left|no site was taken out of the accelerator", of_the_one_that_stays.output
    ), of_the_one_that_stays.output
    assert (sso.backup_of(stays), sso.backup_of(gone)) == ("offline", "online")


def test_i9_an_alert_that_arrived_long_ago_is_held_back(sso: Sso, playbooks: Playbooks, tmp_path: Path) -> None:
    extra = {
        "accelerators": sso.accelerators(),
        "aws_auth": sso.auth,
        "alarm": taken(lost=BACKUP, by=PRIMARY),
        "received_at": (datetime.now(UTC) - timedelta(hours=2)).isoformat(),
        "record_directory": str(tmp_path),
    }
    outcome = playbooks.run("site_by_alert", extra=extra)
    assert (outcome.returncode, sso.dials()) == (0, BOTH), outcome.output
    record = json.loads((tmp_path / "sso.jsonl").read_text(encoding="utf-8"))
    assert (record["status"], "arrived 720" in record["reason"]) == ("dropped", True)


@pytest.mark.parametrize(
    ("alarm", "reported"),
    [
        (taken("recovered", lost=BACKUP, by=PRIMARY), "A resolved alert never brings a site back"),
        (taken(lost="site-c", by=PRIMARY), "about the site site-c"),
        (taken(lost=BACKUP, by=PRIMARY) | {"accelerator": "b.example.com"}, "which is in accelerators 0 times"),
    ],
)
def test_i4_an_alert_about_something_else_fails_and_changes_nothing(
    sso: Sso, playbooks: Playbooks, alarm: Json, reported: str
) -> None:
    extra = {"accelerators": sso.accelerators(), "aws_auth": sso.auth, "alarm": alarm}
    outcome = playbooks.run("site_by_alert", extra=extra)
    assert outcome.returncode != 0
    assert reported in outcome.output
    assert sso.dials() == BOTH


def test_check_mode_says_what_would_happen(sso: Sso, playbooks: Playbooks) -> None:
    mark = (sso.lab.requests() or [{"number": 0}])[-1]["number"]
    extra = {
        "accelerators": sso.accelerators(),
        "aws_auth": sso.auth,
        "alarm": taken(lost=BACKUP, by=PRIMARY),
    }
    outcome = playbooks.run("site_by_alert", "--check", extra=extra)
    assert outcome.returncode == 0, outcome.output
    assert "would lead to the primary site" in outcome.output
    assert sso.lab.writes(since=mark) == []
