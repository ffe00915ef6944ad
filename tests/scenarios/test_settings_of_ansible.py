# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What people set for all their playbooks, in ansible.cfg or a job template, leaves a procedure whole."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks


def set_for_all(monkeypatch: pytest.MonkeyPatch, **settings: str) -> None:
    """Set what ansible.cfg would, for every playbook of the test."""
    own = Playbooks._environment
    monkeypatch.setattr(Playbooks, "_environment", lambda self: own(self) | settings)


def test_where_every_error_is_fatal_a_service_that_cannot_begin_stops_no_other_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_for_all(monkeypatch, ANSIBLE_ANY_ERRORS_FATAL="true")
    world.services["search"] = {"failover_promote_task": "misspelt.yml"}
    outcome = world.run("failover")
    assert set(outcome.failures()) == {"search"}
    assert world.record()["status"] == "completed"


def test_a_time_limit_for_all_tasks_ends_no_procedure_half_way(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    set_for_all(monkeypatch, ANSIBLE_TASK_TIMEOUT="1")
    outcome = world.run("failover")
    assert outcome.returncode == 0, outcome.output
    assert world.record()["status"] == "completed"


@pytest.mark.parametrize("tags", [["--tags", "production"], ["--skip-tags", "untagged"]], ids=["tags", "skip tags"])
@pytest.mark.parametrize("name", ["failover", "preflight", "status", "enter_maintenance", "lock_by_alarm"])
def test_tags_that_leave_out_all_of_a_playbook_fail(playbooks: Playbooks, name: str, tags: list[str]) -> None:
    outcome = playbooks.run(name, *tags, inventory=playbooks.inventory({"checkout": {}}))
    assert outcome.returncode != 0
    assert "no task of this playbook has a tag" in outcome.output


@pytest.mark.parametrize("name", ["failover", "status", "exit_maintenance"])
def test_a_task_to_start_at_is_refused(playbooks: Playbooks, name: str) -> None:
    inventory = playbooks.inventory({"checkout": {}})
    outcome = playbooks.run(name, "--start-at-task", "no task has this name", inventory=inventory)
    assert outcome.returncode != 0
    assert "--start-at-task is 'no task has this name'" in outcome.output


@pytest.mark.parametrize("name", ["failover", "status", "exit_maintenance", "lock_by_alarm"])
def test_an_extra_var_that_would_take_all_tasks_to_another_machine_is_refused(playbooks: Playbooks, name: str) -> None:
    inventory = playbooks.inventory({"checkout": {}})
    outcome = playbooks.run(name, "-e", "ansible_connection=ssh", inventory=inventory)
    assert outcome.returncode != 0
    assert "the extra var ansible_connection is 'ssh'" in outcome.output


@pytest.mark.parametrize("role", ["aws_setup", "failover", "maintenance", "maintenance_setup"])
def test_it_is_refused_by_a_role_in_a_users_play_too(playbooks: Playbooks, role: str) -> None:
    given = {
        "maintenance_state": "enabled",
        "maintenance_setup_load_balancer_id": "x",
        "failover_health_check_ids": ["x"],
        "aws_setup_zone": "example.com",
        "aws_setup_record": "checkout.example.com",
    }
    more = {"maintenance_setup_rule_set": "x", "maintenance_setup_backend_set": "x", "maintenance_setup_port": 1}
    play = {"hosts": "services", "gather_facts": False, "roles": [f"tidegate.failover.{role}"]}
    inventory = playbooks.inventory({"checkout": given | more})
    outcome = playbooks.run_file(playbooks.file([play]), "-i", inventory, "-e", "ansible_connection=ssh")
    assert "the extra var ansible_connection is 'ssh'" in outcome.output
    assert set(outcome.failures()) == {"checkout"}


def test_tags_of_a_playbook_that_imports_another_one_select_it(playbooks: Playbooks) -> None:
    def imports(name: str) -> Json:
        return {"ansible.builtin.import_playbook": f"tidegate.failover.{name}", "tags": [name]}

    site = playbooks.file([imports("failover"), imports("status")])
    inventory = playbooks.inventory({"checkout": {}})
    outcome = playbooks.run_file(site, "--tags", "status", "-i", inventory)
    assert outcome.returncode == 0, outcome.output
    assert "Print the state of all services" in outcome.output


def test_how_users_tasks_become_another_user_concerns_no_task_of_this_collection(world: World) -> None:
    world.checkout.update({"ansible_become": True, "ansible_become_method": "plugin_that_is_not_installed"})
    for name in ("status", "failover"):
        outcome = world.run(name)
        assert outcome.returncode == 0, outcome.output
