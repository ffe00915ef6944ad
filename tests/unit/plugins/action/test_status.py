# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Status reads for all services in one task, prints one table, and hands out to each what is its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible import constants
from ansible_collections.tidegate.failover.plugins.action.status import ActionModule
from ansible_collections.tidegate.failover.tests.unit.plugins.action.looking_task import Json, LookingTask
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.failover.test_status import (
    LOCK,
    STATE,
    check,
    page,
)

CHECKOUT: Json = {"failover_health_check_ids": ["check-a"]}
ORDERS: Json = {
    "failover_health_check_ids": ["check-b"],
    "maintenance_load_balancer_id": "ocid1.loadbalancer.oc1.iad.aaaaexample",
    "maintenance_backend_set": "app",
    "maintenance_rule_set": "maintenance-page",
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary files of a run."""
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))


def answer(module: str, options: Json) -> Json:
    """The modules' results where the second service is locked, and shows its page."""
    if module == "lb_maintenance_mode_info":
        return {"load_balancers": [page(True, owners=("operator",)) for _target in options["targets"]]}
    locked: dict[str, Json] = {"check-b": {"health": "unhealthy", "lock": LOCK, "tidegate_failover": STATE}}
    return {"health_checks": [check(name, **locked.get(name, {})) for name in options["health_check_ids"]]}


def test_all_services_are_read_by_one_call_for_each_module(tmp_path: Path) -> None:
    task = LookingTask(tmp_path, {"checkout": CHECKOUT, "orders": ORDERS}, "status", answer)
    task.run(ActionModule, do="read")
    assert sorted(module for module, _options in task.asked) == ["lb_maintenance_mode_info", "r53_healthcheck_info"]


def test_the_table_has_a_line_for_each_service_and_is_printed_by_who_has_read(tmp_path: Path) -> None:
    task = LookingTask(tmp_path, {"checkout": CHECKOUT, "orders": ORDERS}, "status", answer)
    found = task.run(ActionModule, do="read")["found"]
    printed = [task.run(ActionModule, host, do="print", found=found) for host in (0, 1)]
    assert ("LOCKED" in printed[0]["msg"][1], printed[1]) == (True, {"changed": False})


def test_each_service_gets_how_it_stands_itself(tmp_path: Path) -> None:
    task = LookingTask(tmp_path, {"checkout": CHECKOUT, "orders": ORDERS}, "status", answer)
    found = task.run(ActionModule, do="read")["found"]
    reported = [task.run(ActionModule, host, do="hand_out", found=found) for host in (0, 1)]
    assert [(one["lock"] is None, one["maintenance"] is None) for one in reported] == [(True, True), (False, False)]


def test_a_service_whose_variables_cannot_be_used_fails_and_hides_no_other(tmp_path: Path) -> None:
    services = {"checkout": CHECKOUT | {"failover_health_check_ids": {"no": "list"}}, "orders": ORDERS}
    task = LookingTask(tmp_path, services, "status", answer)
    found = task.run(ActionModule, do="read")["found"]
    reported = [task.run(ActionModule, host, do="hand_out", found=found) for host in (0, 1)]
    assert [one["failed"] for one in reported] == [True, False]


def test_an_account_that_cannot_be_read_is_a_problem_of_its_services_alone(tmp_path: Path) -> None:
    def refuses(module: str, options: Json) -> Json:
        return {"failed": True, "msg": "no rights"} if options.get("profile") == "other" else answer(module, options)

    services = {"checkout": CHECKOUT | {"aws_auth": {"profile": "other"}}, "orders": ORDERS}
    task = LookingTask(tmp_path, services, "status", refuses)
    found = task.run(ActionModule, do="read")["found"]
    reported = [task.run(ActionModule, host, do="hand_out", found=found) for host in (0, 1)]
    assert [one["failed"] for one in reported] == [True, False]
    assert "no rights" in reported[0]["msg"]


def test_gates_of_a_locked_service_are_evaluated_where_that_is_wanted(tmp_path: Path) -> None:
    gates = [{"name": "on-call agrees", "attestation": {"by": "", "statement": "CHG-1"}}]
    services = {"orders": ORDERS | {"failback_gates": gates, "status_evaluate_gates": True}}
    task = LookingTask(tmp_path, services, "status", answer)
    found = task.run(ActionModule, do="read")["found"]
    reported = task.run(ActionModule, do="hand_out", found=found)
    assert reported["gates"] == {"defined": 1, "failed": ["on-call agrees"]}


def test_the_process_that_is_forked_for_each_service_holds_no_sdk() -> None:
    actions = "ansible_collections.tidegate.failover.plugins.action"
    program = (
        f"import sys, {actions}.status, {actions}.preflight; print({{'boto3', 'botocore', 'oci'}} & {{*sys.modules}})"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
