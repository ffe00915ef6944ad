# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The fronts of a service are switched by the modules of their kinds, and each has its own sign-in."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.action.maintenance import ActionModule
from ansible_collections.tidegate.failover.tests.unit.plugins.action.looking_task import Json, LookingTask

BALANCER: Json = {
    "maintenance_load_balancer_id": "ocid1.loadbalancer.oc1.iad.aaaaexample",
    "maintenance_backend_set": "app",
    "maintenance_rule_set": "maintenance-page",
    "oci_auth": {"config_profile_name": "of-oci"},
}
SWITCHED: Json = {
    "load_balancer_id": BALANCER["maintenance_load_balancer_id"],
    "strategy": "redirect",
    "rule_set": "maintenance-page",
    "failed": False,
    "changed": True,
    "msg": "In maintenance.",
    "held_back": "",
    "held_by": ["operator"],
    "unexplained": [],
    "released": [],
    "warnings": [],
    "after": {"listeners": {"https": {"rule_set_names": ["maintenance-page"]}}},
    "listeners": ["https"],
}


def switched(folder: Path, service: Json, **answer: object) -> tuple[Json, list[tuple[str, Json]]]:
    """What the action returns, and what it asked."""
    reported: Json = {"changed": True, "msg": "In maintenance.", "load_balancers": [SWITCHED], **answer}
    task = LookingTask(folder, {"checkout": service}, "maintenance", lambda _module, _options: reported)
    return task.run(ActionModule, state="enabled", owner="operator"), task.asked


def test_the_module_of_the_kind_is_asked_with_its_sign_in(tmp_path: Path) -> None:
    result, asked = switched(tmp_path, BALANCER, diff=[{"before": {}, "after": {}}])
    ((module, options),) = asked
    assert (module, options["state"], options["config_profile_name"]) == ("lb_maintenance_mode", "enabled", "of-oci")
    assert (result["changed"], len(result["diff"])) == (True, 1)


def test_a_front_that_fails_fails_the_service(tmp_path: Path) -> None:
    broken = SWITCHED | {"failed": True, "changed": False, "msg": "HTTP 500"}
    result, _asked = switched(tmp_path, BALANCER, failed=True, msg="HTTP 500", load_balancers=[broken])
    assert (result["failed"], "HTTP 500" in result["msg"]) == (True, True)


def test_a_service_without_a_front_is_refused_and_nothing_is_asked(tmp_path: Path) -> None:
    result, asked = switched(tmp_path, {})
    assert (result["failed"], asked) == (True, [])
    assert "Nothing was done" in result["msg"]


def test_reasons_not_to_follow_an_alarm_are_reported_if_they_held_for_every_front(tmp_path: Path) -> None:
    done = SWITCHED | {"display_name": "checkout"}
    held = done | {"changed": False, "held_back": "the backends serve."}
    reported: Json = {"changed": False, "msg": "", "load_balancers": [held, held]}
    task = LookingTask(tmp_path, {"checkout": BALANCER}, "maintenance", lambda _module, _options: reported)
    result = task.run(ActionModule, state="enabled", owner="alarm:a", only_if_backends="down")
    assert (result["held_back"], task.asked[0][1]["only_if_backends"]) == ("the backends serve.", "down")
    reported["load_balancers"] = [held, done]
    assert task.run(ActionModule, state="enabled", owner="alarm:a", only_if_backends="down")["held_back"] == ""


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("maintenance_lisners", "knows the variable maintenance_lisners. Did you mean maintenance_listeners?"),
        ("maintenance_page_titles", "Did you mean maintenance_page_title?"),
    ],
)
def test_a_misspelt_variable_is_refused_before_anything_is_asked(tmp_path: Path, given: str, said: str) -> None:
    task = LookingTask(tmp_path, {"checkout": BALANCER | {given: "x"}}, "maintenance", lambda _module, _options: {})
    result = task.run(ActionModule, state="enabled", check_only=True)
    assert (result["failed"], result["error_code"], task.asked) == (True, "TG-VARIABLES", [])
    assert said in result["msg"]


def test_a_check_of_the_variables_switches_nothing(tmp_path: Path) -> None:
    service = BALANCER | {"maintenance_setup_state": "present", "failover_unknown": 1}
    task = LookingTask(tmp_path, {"checkout": service}, "maintenance", lambda _module, _options: {})
    assert task.run(ActionModule, state="enabled", check_only=True) == {"changed": False, "fronts": []}
    assert task.asked == []
