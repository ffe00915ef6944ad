# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Failovers of many services: what a run refuses before any change, and what it hands on to workflows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import DOES_NOTHING, World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks


def stats(outcome: Outcome) -> Json:
    """What was handed on to workflows."""
    _before, _line, after = outcome.output.partition("RUN: ")
    found: Json = json.loads(after[after.index("{") : after.rindex("}") + 1])
    return found


def test_services_fail_over_side_by_side_and_each_leaves_a_record(
    world: World, route53: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.services["search"] = world.checkout | {"failover_health_check_ids": []}
    shared = {"failover_health_check_ids": [world.backup_check]}
    world.services["a"], world.services["b"] = world.checkout | shared, world.checkout | shared
    outcome = world.run("failover", "-e", "failover_owner=alarm:site")
    assert outcome.returncode != 0
    assert set(outcome.reported()) == {"checkout"}
    assert "failover_health_check_ids is empty" in outcome.failures()["search"]
    assert f"is also that of b ({world.backup_check})" in outcome.failures()["a"]
    assert f"is also that of a ({world.backup_check})" in outcome.failures()["b"]
    statuses = {name: world.record(name)["status"] for name in world.services}
    assert statuses == {"checkout": "completed", "search": "refused", "a": "refused", "b": "refused"}
    assert world.record()["owner"] == "alarm:site"


def test_records_of_all_services_reach_a_workflow_in_one_artefact(world: World) -> None:
    world.services["search"] = world.checkout | {"failover_health_check_ids": [world.backup_check]}
    outcome = world.run("failover", "--check", "-e", "failover_automatic_allowed=false", failover_trigger="automatic")
    assert outcome.returncode != 0
    assert world.lab.writes() == []
    for service in world.services:
        assert "Automatic runs are switched off" in outcome.failures()[service]
    records = stats(outcome)["tidegate_records"]
    assert {name: record["status"] for name, record in records.items()} == dict.fromkeys(world.services, "refused")


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"failover_promote_tasks": "/nowhere/promote.yml", "failover_fence_override": {"reason": "x"}},
            "no such file",
        ),
        ({"failover_promote_tasks": "promote.yml"}, "failover_fences is empty"),
        ({"failover_steps": ["maintenance", "lock"]}, "must come after 'lock'"),
        ({"failover_steps": ["wait"]}, "failover_steps has no lock"),
        ({"failover_promote_task": "promote.yml"}, "Did you mean failover_promote_tasks?"),
        ({"notify_to": [{"webhook": {"url": "https://chat.example.com/hook"}}]}, "notify_to"),
        ({"failover_fences": [{"name": "x", "telnet": {"host": "db"}}]}, "telnet"),
        ({"failover_fence_override": {"fences": ["x"], "reason": "y"}}, "no fence is called"),
    ],
    ids=["file", "no fence", "order", "no lock", "misspelt", "receiver", "unknown gate", "unknown fence"],
)
def test_what_cannot_be_is_refused_before_anything_is_touched(
    world: World, variables: Json, said: str, load_balancer: Json, oci_auth: Json
) -> None:
    page = {"maintenance_load_balancer_id": load_balancer["id"], "oci_auth": oci_auth}
    world.services["checkout"] |= page | variables
    outcome = world.run("failover")
    assert outcome.returncode != 0
    assert said in outcome.failures()["checkout"]
    assert world.lab.writes() == []


def test_a_page_that_cannot_be_put_up_does_not_hold_an_unplanned_failover_up(
    world: World, load_balancer: Json, oci_auth: Json
) -> None:
    page = {"load_balancer_id": load_balancer["id"], "backend_set": "app", "rule_set": "nowhere"}
    world.services["checkout"] |= {"maintenance_targets": [page], "oci_auth": oci_auth}
    outcome = world.run("failover")
    assert outcome.returncode == 0, outcome.output
    assert world.steps() == {"lock": "done", "maintenance": "failed", "wait": "done"}
    assert world.record()["status"] == "completed"


def test_users_tasks_run_here_where_a_service_is_only_a_name(world: World) -> None:
    seen = {"ansible.builtin.command": "pwd"}
    world.checkout["failover_steps"] = ["lock", {"name": "look", "tasks": world.tasks(seen), "read_only": True}]
    outcome = world.run("failover", "--check")
    assert outcome.returncode == 0, outcome.output
    assert "lock: planned, look: done" in outcome.reported()["checkout"]


def test_without_an_inventory_extra_vars_say_all_of_one_service(world: World, playbooks: Playbooks) -> None:
    service = {
        "health_check_ids": world.check,
        "secondary_url": world.checkout["failover_secondary_url"],
        "owner": "alarm:checkout",
        "aws_auth": world.checkout["aws_auth"],
    }
    # Of a survey, questions that were not answered.
    service |= dict.fromkeys(("trigger", "records", "failover_cooldown", "failover_rto", "failover_override"), "")
    outcome = playbooks.run("failover", extra=service)
    assert outcome.returncode == 0, outcome.output
    assert set(outcome.reported()) == {"localhost"}
    assert world.lock_id() is not None


SELECTS_NOTHING = [
    pytest.param([], None, "health_check_ids was not given", id="no inventory"),
    pytest.param(
        [], {"secondary_url": "https://x.example.com/"}, "health_check_ids was not given", id="half a service"
    ),
    pytest.param(["--limit", "db"], None, "--limit db leaves no host of the group 'services'", id="limit"),
    pytest.param(["--limit", "checkout"], {"owner": "bob"}, "such as -e failover_owner=", id="limit and owner"),
    pytest.param(
        ["--limit", "checkout"],
        {"health_check_ids": "x"},
        "--limit checkout leaves out localhost",
        id="limit and extra",
    ),
]


@pytest.mark.parametrize(("arguments", "extra", "said"), SELECTS_NOTHING)
def test_a_run_that_selects_nothing_fails(
    playbooks: Playbooks, arguments: list[str], extra: Json | None, said: str
) -> None:
    services: dict[str, Json] = {"checkout": {}} if arguments else {}
    inventory = playbooks.inventory(services, databases={"hosts": {"db": {}}})
    outcome = playbooks.run("failover", *arguments, inventory=inventory, extra=extra)
    assert outcome.returncode != 0
    assert said in outcome.output
    assert "[TG-NO-HOSTS]" in outcome.output


def test_a_planned_failover_quiesces_first_and_stops_at_a_gate_that_has_not_passed(world: World) -> None:
    world.services["checkout"] |= {
        "failover_type": "planned",
        "failover_quiesce_tasks": world.tasks(*DOES_NOTHING),
        "failover_quiesce_undo_tasks": world.tasks(*DOES_NOTHING),
        "failover_gates": [{"name": "caught up", "command": {"argv": ["false"], "timeout": 1}}],
    }
    outcome = world.run("failover")
    assert outcome.returncode != 0
    assert world.steps() == {"quiesce": "undone", "gates": "failed"}
    assert world.record()["status"] == "undone"
    assert world.lab.writes() == []
