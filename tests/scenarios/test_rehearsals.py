# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The playbook drill rehearses a service: without effect nothing is written, with effect everything is taken back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome

GATES = [{"name": "an hour of the day", "window": {"hours": ["00:00-24:00"]}}]


@pytest.fixture
def shop(world: World, tmp_path: Path) -> World:
    """The shop, whose gates pass and whose reports are kept."""
    world.checkout.update(failback_gates=GATES, report_dir=str(tmp_path / "reports"), failover_rto=300)
    return world


def drill(world: World, of: str | list[str], *arguments: str, **extra: Any) -> Outcome:
    """Run the playbook for the shop."""
    return world.run("drill", *arguments, drill_of=of, **extra)


def found(record: Json, result: str) -> set[str]:
    return {f"{one['of']}: {one['what']}" for one in record["drill"]["findings"] if one["result"] == result}


def test_without_effect_nothing_is_written(shop: World) -> None:
    since = shop.latest()
    outcome = drill(shop, ["lock", "failover", "failback"])
    print(outcome.output)
    assert outcome.returncode == 0, outcome.output
    assert shop.lab.writes(since) == []
