# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The OCI Function: without a controller, an alarm has the same effect as the module."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import oci
import pytest
import requests
from ansible_collections.tidegate.failover.tests.scenarios.function_run import FUNCTION, PackedFunction, pack
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually

from lab.oci.alarms.message import alarm_message
from lab.oci.alarms.query import parse
from lab.process import RunningLab


@pytest.fixture(scope="module")
def function(scenario_lab: RunningLab, tmp_path_factory: pytest.TempPathFactory) -> PackedFunction:
    folder = tmp_path_factory.mktemp("function") / "packed"
    done = pack(folder)
    assert done.returncode == 0, done.stderr
    oci = scenario_lab.info["oci"]
    configuration = {
        "OCI_ANSIBLE_AUTH_TYPE": "api_key",
        "OCI_CONFIG_FILE": oci["config_file"],
        "OCI_CONFIG_PROFILE": oci["config_profile"],
        "OCI_SERVICE_ENDPOINT": oci["endpoint"],
    }
    return PackedFunction(folder, configuration)


def message(load_balancer: Json, message_type: str, **replaced: Any) -> Json:
    alarm = {
        "id": "ocid1.alarm.oc1.iad.aaaaexample",
        "displayName": "checkout has no healthy backend",
        "notificationTitle": None,
        "severity": "CRITICAL",
        "namespace": "oci_lbaas",
        "body": "{{dimensions.resourceId}},{{dimensions.backendSetName}}," + load_balancer["rule_set"],
        "alarmSummary": None,
        "isNotificationsPerMetricDimensionEnabled": True,
    }
    backends = {"resourceId": load_balancer["id"], "backendSetName": load_balancer["backend_set"]}
    query = parse("UnHealthyBackendServers[1m].max() >= 2")
    return {**alarm_message(alarm, query, message_type, datetime.now(UTC), [backends], 2), **replaced}


def rule_sets(lab: RunningLab, load_balancer: Json) -> dict[str, list[str]]:
    document = lab.control("GET", f"/oci/loadBalancers/{load_balancer['id']}")["document"]
    return {name: listener["ruleSetNames"] for name, listener in document["listeners"].items()}


def set_backends(lab: RunningLab, load_balancer: Json, *, running: bool) -> None:
    """End the application's processes or start them, and wait until the service has seen that."""
    for name in ("app-1", "app-2"):
        lab.control("POST", f"/oci/backends/{name}", {"running": running})
    health = "OK" if running else "CRITICAL"
    eventually(lambda: backend_set_health(lab, load_balancer) == health)


def backend_set_health(lab: RunningLab, load_balancer: Json) -> str:
    config = oci.config.from_file(lab.info["oci"]["config_file"], lab.info["oci"]["config_profile"])
    client = oci.load_balancer.LoadBalancerClient(config, service_endpoint=lab.info["oci"]["endpoint"])
    return str(client.get_backend_set_health(load_balancer["id"], load_balancer["backend_set"]).data.status)


def test_what_is_packed_needs_no_ansible_and_is_unchanged(function: PackedFunction) -> None:
    files = [path for path in function.folder.rglob("*.py") if path.name != "func.py"]
    collection = FUNCTION.parents[2]
    inside = function.folder / "ansible_collections" / "tidegate" / "failover"
    assert files
    assert all(path.read_bytes() == (collection / path.relative_to(inside)).read_bytes() for path in files)
    assert not any("from ansible." in path.read_text(encoding="utf-8") for path in files)


def test_a_folder_with_something_in_it_is_not_packed_into(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    assert pack(tmp_path).returncode == 1
    assert [path.name for path in tmp_path.iterdir()] == ["mine"]


def of_module(playbooks: Playbooks, reported: Path, **options: Any) -> Json:
    """What the module returns of one target, run by Ansible."""
    switch = {"tidegate.failover.lb_maintenance_mode": options, "register": "done"}
    keep = {"ansible.builtin.copy": {"content": "{{ done.load_balancers[0] | to_json }}", "dest": str(reported)}}
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [switch, keep]}
    outcome = playbooks.run_file(playbooks.file([play]))
    assert outcome.returncode == 0, outcome.output
    result: Json = json.loads(reported.read_text(encoding="utf-8"))
    return result


def without_versions(result: Json) -> Json:
    """A result without what is another one each time."""
    return {name: value for name, value in result.items() if name not in ("etag", "work_requests")}


def test_an_alarm_has_the_result_that_the_module_has(
    lab: RunningLab, load_balancer: Json, function: PackedFunction, playbooks: Playbooks, oci_auth: Json, tmp_path: Path
) -> None:
    set_backends(lab, load_balancer, running=False)
    fired = message(load_balancer, "OK_TO_FIRING")
    (by_function,) = function.call(fired).alarms[0]["load_balancers"]
    assert by_function["changed"]
    lab.reset()
    set_backends(lab, load_balancer, running=False)
    by_module = of_module(
        playbooks,
        tmp_path / "result.json",
        state="enabled",
        load_balancer_id=load_balancer["id"],
        backend_set=load_balancer["backend_set"],
        rule_set=load_balancer["rule_set"],
        owner=by_function["held_by"][0],
        reason=fired["title"],
        only_if_backends="down",
        event_time=fired["timestamp"],
        **oci_auth,
    )
    assert without_versions(by_function) == without_versions(by_module)


def test_the_recovery_takes_the_page_away(lab: RunningLab, load_balancer: Json, function: PackedFunction) -> None:
    before = rule_sets(lab, load_balancer)
    set_backends(lab, load_balancer, running=False)
    function.call(message(load_balancer, "OK_TO_FIRING"))
    assert rule_sets(lab, load_balancer) != before
    set_backends(lab, load_balancer, running=True)
    answer = function.call(message(load_balancer, "FIRING_TO_OK"))
    assert (answer.status, answer.alarms[0]["changed"]) == (200, True)
    assert rule_sets(lab, load_balancer) == before


def test_an_alarm_that_was_set_up_puts_the_page_up_and_takes_it_away(
    lab: RunningLab, load_balancer: Json, function: PackedFunction, playbooks: Playbooks, oci_auth: Json
) -> None:
    before, identifier = rule_sets(lab, load_balancer), "ocid1.fnfunc.oc1.iad.aaaaexample"
    lab.control("PATCH", "/oci/settings", {"minute_seconds": 0.2})
    lab.control("PUT", f"/oci/functions/{identifier}", {"folder": str(function.folder)})
    alarm = {
        "name": "checkout-maintenance",
        "compartment_id": lab.info["oci"]["compartment_id"],
        "load_balancer_id": load_balancer["id"],
        "backend_set": load_balancer["backend_set"],
        "rule_set": load_balancer["rule_set"],
        "function_id": identifier,
        **oci_auth,
    }
    task = {"tidegate.failover.oci_maintenance_alarm": alarm}
    outcome = playbooks.run_file(playbooks.file([{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]))
    assert outcome.returncode == 0, outcome.output
    set_backends(lab, load_balancer, running=False)
    eventually(lambda: user_sees(lab, load_balancer) == [302, 503])
    set_backends(lab, load_balancer, running=True)
    eventually(lambda: user_sees(lab, load_balancer) == [301, 200])
    assert rule_sets(lab, load_balancer) == before
    assert eventually(lambda: changes_by_function(lab)[1:]) == ["recovered"]
    assert changes_by_function(lab) == ["firing", "recovered"]


def user_sees(lab: RunningLab, load_balancer: Json) -> list[int]:
    """What a user's request leads to, redirects followed. The service's own redirect to HTTPS is a 301."""
    url, trusted = load_balancer["listeners"]["http"]["url"], lab.info["oci"]["ca_file"]
    answer = requests.get(url, timeout=10, verify=trusted)
    return [*(hop.status_code for hop in answer.history[-1:]), answer.status_code]


def changes_by_function(lab: RunningLab) -> list[str]:
    """The states of the alarms that made the function change something. None of its calls may fail."""
    calls = lab.control("GET", "/oci/functions")["calls"]
    assert {call["status"] for call in calls} == {200}
    alarms = [alarm for call in calls for alarm in json.loads(call["text"])["alarms"]]
    return [alarm["state"] for alarm in alarms if alarm["changed"]]


def test_an_alarm_that_is_delivered_again_changes_nothing(
    lab: RunningLab, load_balancer: Json, function: PackedFunction
) -> None:
    set_backends(lab, load_balancer, running=False)
    fired = message(load_balancer, "OK_TO_FIRING")
    assert [function.call(fired).alarms[0]["changed"] for _delivery in range(2)] == [True, False]


def test_an_alarm_whose_backends_serve_changes_nothing(
    lab: RunningLab, load_balancer: Json, function: PackedFunction
) -> None:
    before = rule_sets(lab, load_balancer)
    answer = function.call(message(load_balancer, "OK_TO_FIRING"))
    assert (answer.status, answer.alarms[0]["changed"]) == (200, False)
    assert rule_sets(lab, load_balancer) == before


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (b"not JSON", "does not have the form of an alarm message"),
        (b"", "does not have the form of an alarm message"),
    ],
)
def test_what_is_no_alarm_is_an_error(function: PackedFunction, given: bytes, why: str) -> None:
    answer = function.call(given)
    assert answer.status == 502
    assert why in answer.body


def test_a_vanished_metric_is_no_error_and_leads_to_nothing(load_balancer: Json, function: PackedFunction) -> None:
    answer = function.call(message(load_balancer, "RESET"))
    assert (answer.status, answer.alarms[0]["changed"]) == (200, False)
    assert "Nothing was done" in answer.alarms[0]["msg"]


def test_a_rule_set_that_does_not_exist_is_an_error_so_that_the_message_comes_again(
    lab: RunningLab, load_balancer: Json, function: PackedFunction
) -> None:
    set_backends(lab, load_balancer, running=False)
    answer = function.call(message({**load_balancer, "rule_set": "missing"}, "OK_TO_FIRING"))
    assert answer.status == 502
    assert "missing" in answer.body


def test_a_map_that_is_not_json_is_an_error(load_balancer: Json, function: PackedFunction) -> None:
    answer = function.call(message(load_balancer, "OK_TO_FIRING"), ALARMS="{")
    assert answer.status == 502
    assert "ALARMS" in answer.body


def test_no_signature_and_no_key_is_logged(lab: RunningLab, load_balancer: Json, function: PackedFunction) -> None:
    set_backends(lab, load_balancer, running=False)
    answer = function.call(message(load_balancer, "OK_TO_FIRING"))
    assert answer.status == 200
    assert "Signature version" not in answer.log
    assert "PRIVATE KEY" not in answer.log
