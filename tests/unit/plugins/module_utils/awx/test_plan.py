# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the role awx_setup does about what it finds, above all what it leaves as it is."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._awx.plan import KINDS, plan
from ansible_collections.tidegate.failover.plugins.module_utils._awx.templates import MARK
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, Any]

OURS = {"description": f"Something. {MARK}"}


def options(**changes: Any) -> Json:
    return {
        "state": "present",
        "organization": "Operations",
        "prefix": "Tidegate",
        "project": "Tidegate",
        "project_url": "https://git.example.com/tidegate.git",
        "execution_environment": "",
        "execution_environment_image": "",
        "inventory": "Tidegate",
        "inventory_source": "",
        "credential_types": True,
        "playbooks": [],
        "available": ["failback", "lock_by_alarm", "preflight", "status"],
        "approval_timeout": 3600,
        "schedules": {"preflight": "rule", "status": "rule", "drift": "rule"},
        **changes,
    }


def found(**changes: list[Json]) -> dict[str, list[Json]]:
    return {**{kind: [] for kind in KINDS}, **changes}


def planned(there: dict[str, list[Json]] | None = None, *, check: bool = False, **changes: Any) -> Json:
    return plan(options(**changes), there or found(), check=check)


def names(objects: list[Json]) -> list[str]:
    return [one.get("name") or one["identifier"] for one in objects]


def test_a_schedule_needs_its_playbook() -> None:
    assert names(planned()["schedules"]) == ["Tidegate preflight", "Tidegate status"]
    assert "Tidegate drift" in names(planned(available=["drift", "status"])["schedules"])


def test_a_schedule_with_an_empty_rule_is_none() -> None:
    assert names(planned(schedules={"preflight": "", "status": "rule"})["schedules"]) == ["Tidegate status"]


def test_a_failback_brings_its_gates_its_workflow_and_the_status() -> None:
    made = planned(playbooks=["failback"])
    assert names(made["job_templates"]) == ["Tidegate failback", "Tidegate status", "Tidegate failback gates"]
    assert names(made["workflow_job_template_nodes"]) == ["status", "failback", "approval", "gates"]
    assert made["job_templates"][2]["job_type"] == "check"


def test_without_a_failback_there_is_no_workflow() -> None:
    made = planned(playbooks=["preflight"])
    assert (made["workflow_job_templates"], made["workflow_job_template_nodes"]) == ([], [])


def test_no_node_follows_on_a_failure() -> None:
    nodes = planned()["workflow_job_template_nodes"]
    assert all({"failure_nodes", "always_nodes"}.isdisjoint(node) for node in nodes)


def test_only_what_alarms_launch_takes_any_variable() -> None:
    templates = {one["name"]: one for one in planned()["job_templates"]}
    open_to_all = [name for name, one in templates.items() if one["ask_variables_on_launch"]]
    assert open_to_all == ["Tidegate lock by alarm"]


def test_check_mode_hands_modules_only_what_has_its_surroundings() -> None:
    made = planned(check=True)
    assert names(made["organizations"]) == ["Operations"]
    assert len(made["credential_types"]) == 7
    assert made["job_templates"] == made["schedules"] == made["workflow_job_template_nodes"] == []
    assert {"project Tidegate", "job template Tidegate failback", "workflow node gates"} <= set(made["predicted"])


def test_what_others_share_is_used_as_it_is() -> None:
    there = found(organizations=[{"name": "Operations", "description": ""}], projects=[{"name": "Tidegate"}])
    made = planned(there, project_url="")
    assert (made["organizations"], made["projects"]) == ([], [])
    assert made["notes"][0] == "The organization 'Operations' exists already and is used as it is."


@pytest.mark.parametrize("kind", ["credential_types", "job_templates", "workflow_job_templates", "schedules"])
def test_what_somebody_else_made_is_refused(kind: str) -> None:
    (name, *_others) = names(planned()[kind])
    with pytest.raises(RefusedError, match=f"^Nothing was changed. A .*'{name}' exists that this role did not make"):
        planned(found(**{kind: [{"name": name, "description": "by hand"}]}))


def test_what_is_no_longer_asked_for_is_removed_if_the_role_made_it() -> None:
    there = found(
        job_templates=[{"name": "Tidegate drill", **OURS}, {"name": "Tidegate of others", "description": ""}],
        schedules=[{"name": "Tidegate drift", **OURS}],
    )
    made = planned(there)
    assert names(made["old_job_templates"]) == ["Tidegate drill"]
    assert names(made["old_schedules"]) == ["Tidegate drift"]


def test_a_node_that_somebody_added_is_removed() -> None:
    there = found(workflow_job_template_nodes=[{"identifier": "shortcut"}, {"identifier": "gates"}])
    assert planned(there)["old_workflow_job_template_nodes"] == [{"identifier": "shortcut"}]


def test_absent_removes_what_the_role_made_and_nothing_else() -> None:
    there = found(
        organizations=[{"name": "Operations", **OURS}],
        inventories=[{"name": "Tidegate", **OURS}],
        job_templates=[{"name": "Tidegate drill", **OURS}, {"name": "by hand", "description": None}],
    )
    made = planned(there, state="absent")
    assert {kind: names(made[kind]) for kind in KINDS if made[kind]} == {"job_templates": ["Tidegate drill"]}
    assert [note.partition(" is left")[0] for note in made["notes"]] == [
        "The organization 'Operations'",
        "The inventory 'Tidegate'",
    ]


def test_absent_removes_an_inventory_that_comes_from_the_project() -> None:
    there = found(inventories=[{"name": "Tidegate", **OURS}])
    made = planned(there, state="absent", inventory_source="inventory.yml")
    assert names(made["inventories"]) == ["Tidegate"]


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"playbooks": ["nonsense"]}, "awx_setup_playbooks names nonsense"),
        ({"project_url": ""}, "awx_setup_project_url is not given"),
        ({"execution_environment": "Tidegate"}, "The execution environment 'Tidegate' does not exist"),
        ({"execution_environment_image": "image"}, "without awx_setup_execution_environment"),
        ({"approval_timeout": 0}, "an approval would wait for ever"),
        ({"inventory": " "}, "awx_setup_inventory is empty"),
    ],
)
def test_an_option_that_makes_no_sense_is_refused(changes: Json, problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        planned(**changes)
