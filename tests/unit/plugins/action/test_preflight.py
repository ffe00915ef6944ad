# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Preflight plans and checks all services in one task, and gives each service its own blockers."""

from __future__ import annotations

import typing as t
from pathlib import Path

import pytest
from ansible import constants
from ansible_collections.tidegate.failover.plugins.action.preflight import ActionModule
from ansible_collections.tidegate.failover.tests.unit.plugins.action.looking_task import Json, LookingTask

SITE: Json = {"health": "healthy", "how": "all checkers see it healthy", "answers": {}}
BALANCER = "ocid1.loadbalancer.oc1.iad.aaaaexample"
#: A service that could be failed over and back.
READY: Json = {
    "failover_health_check_ids": ["check-a"],
    "failover_records": [{"zone": "example.com", "name": "checkout.example.com"}],
    "failover_secondary_url": "https://backup.example.com/",
    "failback_gates": [{"name": "up", "tcp": {"host": "primary.example.com", "port": 443}}],
}


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder for temporary files of a run."""
    monkeypatch.setattr(constants, "DEFAULT_LOCAL_TMP", str(tmp_path))


def answer(module: str, options: Json) -> Json:
    """What modules return when everything is healthy."""
    if module == "failover_preflight":
        services = options["services"]
        return {"services": [{"name": one["name"], "findings": [], "other_site": SITE} for one in services]}
    if module == "failback_gate":
        return {"evidence": {"gates": [{"name": gate["name"], "passed": True} for gate in options["gates"]]}}
    if module == "routing_control_lock":
        return {"targets": [{"name": one["name"], "failed": False, "msg": ""} for one in options["targets"]]}
    page = {"failed": False, "msg": "", "warnings": [], "no_room_for_alarms": ""}
    return {"load_balancers": [page | {"load_balancer_id": one["load_balancer_id"]} for one in options["targets"]]}


def findings(folder: Path, services: dict[str, Json], answering: t.Any = answer) -> dict[str, list[str]]:
    """What was found of each service, as its check and level."""
    task = LookingTask(folder, services, "failover", answering)
    looked = task.run(ActionModule, do="look")
    found: dict[str, list[Json]] = looked["ansible_stats"]["data"]["tidegate_preflight"]
    return {name: [f"{one['check']}: {one['level']}" for one in ones] for name, ones in found.items()}


def test_a_service_with_all_that_a_failover_needs_is_ready(tmp_path: Path) -> None:
    assert findings(tmp_path, {"checkout": READY}) == {"checkout": []}


def test_all_services_are_checked_by_one_call_for_each_module(tmp_path: Path) -> None:
    other = READY | {"failover_health_check_ids": ["check-b"]}
    task = LookingTask(tmp_path, {"checkout": READY, "orders": other}, "failover", answer)
    task.run(ActionModule, do="look")
    assert sorted(module for module, _options in task.asked) == ["failback_gate", "failover_preflight"]


def test_a_service_that_is_ready_is_reported_so(tmp_path: Path) -> None:
    task = LookingTask(tmp_path, {"checkout": READY}, "failover", answer)
    found = task.run(ActionModule, do="look")["found"]
    reported = task.run(ActionModule, do="hand_out", found=found)
    assert (reported["failed"], reported["msg"].partition(".")[0]) == (False, "READY")


def test_a_service_that_is_not_ready_fails_with_its_reasons(tmp_path: Path) -> None:
    task = LookingTask(tmp_path, {"checkout": READY | {"failover_health_check_ids": []}}, "failover", answer)
    found = task.run(ActionModule, do="look")["found"]
    reported = task.run(ActionModule, do="hand_out", found=found)
    assert reported["failed"]
    assert "failover_health_check_ids is empty" in reported["msg"]


def test_variables_of_the_wrong_kind_are_found(tmp_path: Path) -> None:
    services = {"checkout": READY | {"failover_wait_timeout": "soon"}}
    assert findings(tmp_path, services)["checkout"] == ["variables: error"]


def test_a_misspelt_variable_is_found(tmp_path: Path) -> None:
    services = {"checkout": READY | {"failover_promote_task": "promote.yml"}}
    assert "variables: error" in findings(tmp_path, services)["checkout"]


def test_a_health_check_of_two_services_is_found_at_both(tmp_path: Path) -> None:
    found = findings(tmp_path, {"checkout": READY, "orders": READY})
    assert all(found[name] for name in ("checkout", "orders"))


def with_controls(site: str, other: str, check: str) -> Json:
    """A service with a routing control for each site."""
    endpoints = [{"endpoint": "https://a.example.com/v1", "region": "us-east-1"}]
    controls = {"site": [site], "others": [other], "cluster_endpoints": endpoints}
    return READY | {"failover_health_check_ids": [check], "failover_routing_controls": controls}


def test_a_routing_control_of_two_services_is_found_at_both(tmp_path: Path) -> None:
    services = {"checkout": with_controls("a", "b", "check-a"), "orders": with_controls("a", "b", "check-b")}
    found = findings(tmp_path, services)
    assert all("variables: error" in found[name] for name in services)


def test_routing_controls_of_each_service_are_checked_by_themselves(tmp_path: Path) -> None:
    asked = []

    def refuses(module: str, options: Json) -> Json:
        if module != "routing_control_lock":
            return answer(module, options)
        asked.append([target["name"] for target in options["targets"]])
        return {"targets": [{"name": one["name"], "failed": True, "msg": "the last one"} for one in options["targets"]]}

    services = {"checkout": with_controls("a", "b", "check-a"), "orders": with_controls("b", "a", "check-b")}
    assert findings(tmp_path, services, refuses) == {name: ["resources: error"] for name in services}
    assert asked == [["checkout"], ["orders"]]


def test_a_file_that_is_missing_is_found(tmp_path: Path) -> None:
    services = {"checkout": READY | {"failover_scale_tasks": "missing.yml"}}
    assert findings(tmp_path, services)["checkout"]


@pytest.mark.parametrize(
    "given", [["check-b", "check-a"], "check-b,check-a", "check-b, check-a", "{{ ['check-b', 'check-a'] }}"]
)
def test_a_health_check_of_a_service_outside_of_the_run_is_noticed_however_it_is_given(
    tmp_path: Path, given: t.Any
) -> None:
    outside = READY | {"failover_health_check_ids": given}
    task = LookingTask(tmp_path, {"checkout": READY, "orders": outside}, "failover", answer)
    found = task.run(ActionModule, limit=["checkout"], do="look")["ansible_stats"]["data"]["tidegate_preflight"]
    assert any("orders" in one["msg"] for one in found["checkout"])


def test_an_account_that_cannot_be_read_is_found_at_its_services_alone(tmp_path: Path) -> None:
    def refuses(module: str, options: Json) -> Json:
        if module == "failover_preflight" and options.get("profile") == "other":
            return {"failed": True, "msg": "no rights"}
        return answer(module, options)

    other = READY | {"failover_health_check_ids": ["check-b"], "aws_auth": {"profile": "other"}}
    found = findings(tmp_path, {"checkout": READY, "orders": other}, refuses)
    assert (found["checkout"], "account: error" in found["orders"]) == ([], True)


def test_another_site_that_does_not_answer_is_found(tmp_path: Path) -> None:
    def silent(module: str, options: Json) -> Json:
        if module != "failback_gate":
            return answer(module, options)
        gates = [{"name": gate["name"], "passed": False} for gate in options["gates"]]
        said = {"observed": "connection refused", "expected": "200", "remedy": "Start it."}
        return {"evidence": {"gates": [gate | said for gate in gates]}}

    assert findings(tmp_path, {"checkout": READY}, silent) == {"checkout": ["last serving site: error"]}


def test_each_service_has_the_pages_of_its_own_load_balancers(tmp_path: Path) -> None:
    def full(module: str, options: Json) -> Json:
        reported = answer(module, options)
        for page in reported.get("load_balancers", []):
            page["no_room_for_alarms"] = "no tag is left" if page["load_balancer_id"].endswith("full") else ""
        return reported

    def page(name: str) -> Json:
        return {
            "maintenance_load_balancer_id": f"{BALANCER}{name}",
            "maintenance_backend_set": "app",
            "maintenance_rule_set": "maintenance-page",
        }

    services = {name: page(name) for name in ("a", "b", "full")}
    assert findings(tmp_path, services, full) == {"a": [], "b": [], "full": ["maintenance: warning"]}
