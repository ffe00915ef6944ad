# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""On a schedule, with nobody awake, an alarm that somebody has disabled is found and enabled again."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import (
    eventually,
    needs_java,
    running_rulebook,
)

pytestmark = needs_java


def test_each_watch_checks_again_and_puts_back_what_is_named(
    world: World, playbooks: Playbooks, tmp_path: Path
) -> None:
    account = Account(world.lab)
    account.watch_primary()
    cloudwatch = account.client("cloudwatch")
    world.checkout["drift_alarms"] = [{"name": "primary-is-down"}]
    variables = {"drift_interval": 1, "drift_watch_settle": 0, "drift_watch_repair": ["alarm_disabled"]}
    inventory = playbooks.inventory(world.services)
    world.lab.control("DELETE", "/requests")

    def enabled() -> bool:
        (alarm,) = cloudwatch.describe_alarms(AlarmNames=["primary-is-down"])["MetricAlarms"]
        return bool(alarm["ActionsEnabled"])

    with running_rulebook("drift", tmp_path, variables, inventory) as rulebook:
        eventually(lambda: rulebook.reported().count("checkout: no drift.") >= 2, 180)
        assert world.lab.writes() == []
        cloudwatch.disable_alarm_actions(AlarmNames=["primary-is-down"])
        eventually(enabled, 120)
        seen = rulebook.reported().count("checkout: no drift.")
        eventually(lambda: rulebook.reported().count("checkout: no drift.") > seen, 120)
        rulebook.wait_for_playbooks()
        assert "checkout: alarm_disabled primary-is-down" in rulebook.reported()
