# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""I13: each service takes its own steps in its own order, whatever other services are in the run."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import DOES_NOTHING, World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

FENCE = {"name": "scaled to zero", "command": {"argv": ["true"], "timeout": 5}}
NOT_CAUGHT_UP = {"name": "the other database has caught up", "command": {"argv": ["false"], "timeout": 1}}
OVERRIDE = {"checks": ["last serving site"], "reason": "two services share the shop's two sites"}


def leaves_mark(world: World, place: Path, word: str) -> str:
    """A user's tasks that write down which service came by."""
    command = f"echo '{{{{ inventory_hostname }}}} {word}' >> '{place}'"
    return world.tasks({"ansible.builtin.shell": {"cmd": command}})


@pytest.fixture
def marks(world: World, tmp_path: Path) -> Path:
    """Two services that skip different steps, the simpler one first; what they leave when they come by."""
    place = tmp_path / "marks"
    promotes: Json = {
        "failover_fences": [FENCE],
        "failover_promote_tasks": leaves_mark(world, place, "promote"),
        "failover_type": "planned",
    }
    quiesces = {
        "failover_quiesce_tasks": leaves_mark(world, place, "quiesce"),
        "failover_quiesce_undo_tasks": world.tasks(*DOES_NOTHING),
        "failover_gates": [NOT_CAUGHT_UP],
    }
    other = {"failover_health_check_ids": [world.backup_check], "failover_override": OVERRIDE}
    world.services = {
        "api": world.checkout | promotes,
        "checkout": world.checkout | promotes | quiesces | other,
    }
    return place


@pytest.mark.parametrize("forks", ["1", "5"])
def test_i13_a_service_that_skips_steps_does_not_change_the_order_of_another(
    world: World, marks: Path, forks: str
) -> None:
    outcome = world.run("failover", "--forks", forks)
    assert outcome.returncode != 0
    assert sorted(marks.read_text(encoding="utf-8").splitlines()) == ["api promote", "checkout quiesce"]
    assert world.steps("checkout") == {"quiesce": "undone", "gates": "failed"}
    assert world.record("api")["status"] == "completed"
