# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Where the clock of the machine is wrong that runs the playbooks, which AWS's own time shows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World


def test_a_failover_dates_its_lock_by_aws_and_no_failback_begins(world: World) -> None:
    world.lab.add_fault("clock_skew", service="route53", seconds=240, times=None)
    world.checkout["failover_steps"] = ["lock"]
    world.checkout["failback_gates"] = [{"name": "held down", "hold_down": {"minimum": 1}}]
    outcome = world.run("failover")
    assert outcome.returncode == 0, outcome.output
    lock_id = world.record()["id"]
    placed = datetime.strptime(lock_id.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert placed - datetime.now(UTC) > timedelta(minutes=2)
    refused = world.run("failback")
    assert refused.returncode != 0
    assert "behind that of AWS" in refused.failures()["checkout"]
    assert world.lock_id() == lock_id
