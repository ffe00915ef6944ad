# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""From a site that a monitor sees failing to users at the other site, with nobody awake."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import (
    RunningRulebook,
    eventually,
    needs_java,
    running_rulebook,
)

pytestmark = needs_java

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:checkout is down"


@pytest.fixture
def rulebook(world: World, playbooks: Playbooks, tmp_path: Path) -> Iterator[RunningRulebook]:
    site = world.lab.info["aws"]["sites"]["primary"]["check_url"]
    variables = {
        "health_monitor_targets": [{"name": "checkout primary", "service": "checkout", "http": {"url": site}}],
        "health_monitor_interval": 0.2,
        "failover_confirm_within": 20,
        "failover_alarm_record_directory": str(tmp_path / "alarms"),
    }
    # Another service beside it, which nothing must happen to.
    world.services["search"] = {"failover_health_check_ids": [world.backup_check]}
    inventory = playbooks.inventory(world.services)
    with running_rulebook("failover", tmp_path, variables, inventory) as running:
        yield running


def test_a_site_that_the_monitor_and_the_checkers_see_failing_is_failed_over_once(
    world: World, rulebook: RunningRulebook
) -> None:
    eventually(lambda: "checkout primary is healthy now" in rulebook.reported())
    world.set_site("primary", running=False)
    eventually(lambda: world.leads_to("backup"))
    eventually(lambda: world.state().get("phase") == "failed_over")
    rulebook.wait_for_playbooks()
    record = world.record()
    assert (record["service"], record["trigger"]) == ("checkout", "automatic")

    world.set_site("primary", running=True)
    eventually(lambda: rulebook.reported().count("checkout primary is healthy now") == 2)
    eventually(lambda: "Not acted on: {'origin': 'health_monitor', 'state': 'recovered'" in rulebook.reported())
    assert world.leads_to("backup")
    assert not world.settings(world.backup_check)["Inverted"]


def test_i9_what_only_the_monitor_sees_failing_is_not_failed_over(
    world: World, playbooks: Playbooks, tmp_path: Path
) -> None:
    alarm = {
        "origin": "health_monitor",
        "state": "firing",
        "name": "checkout primary",
        "id": ARN,
        "at": "2026-11-21T03:04:05.678Z",
        "service": None,
        "object": ARN,
        "owner": "alarm:checkout primary",
        "key": "0b4c6a21",
    }
    records = tmp_path / "alarms"
    # The map names the service, and the record is named after the service.
    named = {"alarms": {ARN: {"service": "checkout"}}, "record_directory": str(records)}
    outcome = world.run("failover_by_alarm", alarm=alarm, confirm_within=0, **named)
    assert outcome.returncode == 0, outcome.output
    assert world.lab.writes() == []
    kept = json.loads((records / "checkout.jsonl").read_text(encoding="utf-8"))
    assert kept["status"] == "dropped"
    assert "checkers see success" in kept["reason"]


@pytest.mark.parametrize("service", ["all", "checkout,search", ""])
def test_i9_an_alarm_cannot_name_more_than_one_service(world: World, service: str) -> None:
    alarm = {"state": "firing", "name": "x", "id": None, "at": "2026-11-21T03:04:05.678Z", "service": service}
    outcome = world.run("failover_by_alarm", alarm=alarm | {"owner": "alarm:x", "key": "1", "object": "x"})
    assert outcome.returncode != 0
    assert "is no host of the group 'services'" in outcome.output
    assert world.lab.requests() == []
