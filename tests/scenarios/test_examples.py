# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the documentation shows can be done: every example is run against the lab."""

from __future__ import annotations

import ast
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import boto3
import pytest
import requests
import yaml
from ansible_collections.tidegate.failover.plugins.module_utils._routing_control.decision import lock_id_of
from ansible_collections.tidegate.failover.tests.scenarios.alb_run import LoadBalancer
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

from lab.process import CLONE, RunningLab

SECOND_ID = "ocid1.loadbalancer.oc1.phx.bbbbexample"
MODULES = CLONE / "plugins" / "modules"
OCI_MODULES = sorted(MODULES.glob("lb_*.py"))
CHECK_ID = "233e180f-f023-45a3-954e-415303f21eab"
LOCK_ID = "20261121T030405Z-3f9a1c2e"
PINNED = f"/lb-check-failed-over?restore=%2Flb-check&lock={LOCK_ID}"
#: The path that the health check has to have when an example begins; for those that follow from the one before, none.
PATHS_BEFORE = {
    "Lock the failed site out": "/lb-check",
    "Unlock the site although one gate has not passed": PINNED,
    "Take over the lock of an aborted run, and no other lock": PINNED,
    "Release a lock of a Lambda that did not keep the path": "/lb-check-failed-over",
    "Lock a site out if another site is known to serve all its names": "/lb-check",
    "Lock a site out although no other site is known to serve": "/lb-check",
    "Lock all services of a data center out, each with its own lock": "/lb-check",
}
#: Those of another service.
OTHERS = ("7f000001-0000-4000-8000-000000000002", "7f000001-0000-4000-8000-000000000003")


@pytest.mark.parametrize("module", OCI_MODULES, ids=lambda path: path.stem)
def test_the_examples_of_a_module_run(
    module: Path, lab: RunningLab, load_balancer: Json, oci_auth: Json, playbooks: Playbooks
) -> None:
    add_second_load_balancer(lab, load_balancer)
    add_page_in_place(lab, load_balancer)
    tasks = examples(module, {"ocid1.loadbalancer.oc1.iad.aaaaexample": load_balancer["id"]})
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/tidegate.failover.oci": oci_auth},
        "tasks": tasks,
    }
    outcome = playbooks.run_file(playbooks.file([play]))
    assert outcome.returncode == 0, outcome.output
    assert f"ok={len(tasks)} " in outcome.output


def test_the_examples_of_the_lock_by_routing_controls_run(
    aws_lab: RunningLab, aws_auth: Json, playbooks: Playbooks
) -> None:
    tasks = examples(MODULES / "routing_control_lock.py", {})
    found = aws_lab.info["aws"]["routing_controls"]
    now = "{{ now(utc=true, fmt='%Y-%m-%dT%H:%M:%SZ') }}"
    gate = {"name": "replication", "digest": "d1"}
    passed = {"passed": True, "observed": "0 bytes", "expected": "0 bytes", "from": now, "to": now}
    variables = {
        "controls": found["controls"],
        "cluster_endpoints": found["endpoints"],
        "safety_rule_arn": safety_rule(aws_auth, list(found["controls"].values())),
        "gates": [gate],
        "evidence": {"lock_ids": [lock_id_of(found["controls"]["primary"])], "date": now, "gates": [gate | passed]},
    }
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/tidegate.failover.aws": aws_auth},
        "vars": variables,
        "tasks": tasks,
    }
    outcome = playbooks.run_file(playbooks.file([play]))
    assert outcome.returncode == 0, outcome.output
    assert f"ok={len(tasks)} " in outcome.output


def safety_rule(auth: Json, controls: list[str]) -> str:
    """A rule that keeps one of the routing controls on; its ARN."""
    config: Any = boto3.client(
        "route53-recovery-control-config",
        endpoint_url=auth["endpoint_url"],
        region_name="us-west-2",
        aws_access_key_id=auth["access_key"],
        aws_secret_access_key=auth["secret_key"],
    )
    rule = {
        "Name": "one-stays-on",
        "ControlPanelArn": controls[0].partition("/routingcontrol")[0],
        "AssertedControls": controls,
        "RuleConfig": {"Type": "ATLEAST", "Threshold": 1, "Inverted": False},
        "WaitPeriodMs": 0,
    }
    return str(config.create_safety_rule(ClientToken="one", AssertionRule=rule)["AssertionRule"]["SafetyRuleArn"])


def test_the_examples_of_the_lock_run_and_each_changes_something(
    aws_lab: RunningLab, aws_auth: Json, route53: Any, playbooks: Playbooks
) -> None:
    add_records(aws_lab, route53, CHECK_ID, "second")
    tasks = examples(MODULES / "r53_healthcheck_lock.py", {})
    assert {task["name"] for task in tasks} >= PATHS_BEFORE.keys()
    now = "{{ now(utc=true, fmt='%Y-%m-%dT%H:%M:%SZ') }}"
    gates = [{"name": "replication", "digest": "d1"}, {"name": "sessions are back", "digest": "d2"}]
    passed = {"passed": True, "observed": "0 bytes", "expected": "0 bytes", "from": now, "to": now}
    evidence = {
        "lock_ids": ["{{ locked.health_checks[0].lock.id }}", LOCK_ID],
        "date": now,
        "gates": [gate | passed for gate in gates],
    }
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/tidegate.failover.aws": aws_auth},
        "vars": {"gates": gates, "evidence": evidence},
        "tasks": [step for task in tasks for step in (*preparation(aws_lab, task["name"]), task)],
    }
    outcome = playbooks.run_file(playbooks.file([play]))
    assert outcome.returncode == 0, outcome.output
    assert f"changed={len(tasks)} " in outcome.output


def preparation(lab: RunningLab, example: str) -> list[Json]:
    """The task that brings the health checks to where an example can begin, if it needs that."""
    if example not in PATHS_BEFORE:
        return []
    checks = [
        health_check(lab, CHECK_ID, PATHS_BEFORE[example], {"Name": "checkout primary"}),
        health_check(lab, "second", "/lb-check", {"site": "frankfurt"}),
        *(health_check(lab, check_id, "/lb-check", {}) for check_id in OTHERS),
    ]
    request = {
        "url": f"{lab.info['control']}/lab/aws/health-checks",
        "method": "PUT",
        "body_format": "json",
        "body": {"health_checks": checks, "probed": True},
        "status_code": 204,
    }
    seen = {
        "name": "Wait until the checkers see it",
        "tidegate.failover.r53_healthcheck_info": {"health_check_ids": ["second"]},
        "register": "seen",
        "until": "seen.health_checks[0].health == 'healthy'",
        "retries": 30,
        "delay": 1,
    }
    return [{"name": "Prepare", "ansible.builtin.uri": request}, seen]


def add_records(lab: RunningLab, route53: Any, *check_ids: str) -> None:
    """Let DNS follow the health checks of the examples."""
    checks = [health_check(lab, check_id, "/lb-check", {}) for check_id in check_ids]
    lab.control("PUT", "/aws/health-checks", {"health_checks": checks})
    zone = lab.info["aws"]["zone"]
    record = {"Name": f"checkout.{zone['name']}", "Type": "A", "Weight": 1, "TTL": 5}
    record |= {"ResourceRecords": [{"Value": "192.0.2.1"}]}
    changes = [
        {"Action": "UPSERT", "ResourceRecordSet": {**record, "SetIdentifier": check_id, "HealthCheckId": check_id}}
        for check_id in check_ids
    ]
    route53.change_resource_record_sets(HostedZoneId=zone["id"], ChangeBatch={"Changes": changes})


def health_check(lab: RunningLab, check_id: str, path: str, tags: Json) -> Json:
    """A health check of the primary site, as the lab's control API takes it."""
    site = lab.info["aws"]["sites"]["primary"]
    config = {"Type": "HTTP", "IPAddress": site["address"], "Port": site["port"], "ResourcePath": path}
    config |= {"RequestInterval": 10, "FailureThreshold": 1, "Disabled": False, "Inverted": False, "EnableSNI": False}
    reported = {"Id": check_id, "CallerReference": check_id, "HealthCheckConfig": config, "HealthCheckVersion": 1}
    return reported | {"Tags": tags}


def test_the_examples_of_the_info_about_locks_run(aws_lab: RunningLab, aws_auth: Json, playbooks: Playbooks) -> None:
    checks = [health_check(aws_lab, CHECK_ID, "/lb-check-failed-over", {"Name": "checkout primary"})]
    aws_lab.control("PUT", "/aws/health-checks", {"health_checks": checks})
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/tidegate.failover.aws": aws_auth},
        "tasks": examples(MODULES / "r53_healthcheck_info.py", {}),
    }
    outcome = playbooks.run_file(playbooks.file([play]))
    assert outcome.returncode == 0, outcome.output
    assert '"msg": "nobody"' in outcome.output
    assert "checkout primary" in outcome.output


@pytest.mark.parametrize("module", ["alb_maintenance_mode", "alb_maintenance_mode_info"])
def test_the_examples_of_application_load_balancers_run(
    module: str, aws_lab: RunningLab, aws_auth: Json, playbooks: Playbooks
) -> None:
    LoadBalancer(aws_lab)
    tasks = examples(MODULES / f"{module}.py", {})
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/tidegate.failover.aws": aws_auth},
        "vars": {"vault_tester_secret": "open-sesame-4711-abcd"},
        "tasks": tasks,
    }
    outcome = playbooks.run_file(playbooks.file([play]))
    assert outcome.returncode == 0, outcome.output
    assert f"ok={len(tasks)} " in outcome.output
    # Each of the module that switches changes something.
    assert module.endswith("_info") or f"changed={len(tasks)} " in outcome.output


def test_the_example_of_global_accelerator_runs(aws_lab: RunningLab, aws_auth: Json, playbooks: Playbooks) -> None:
    groups, shown = aws_lab.info["aws"]["global_accelerator"]["groups"], "{{ accelerator }}/listener/0123vxyz"
    places = {
        f"{shown}/endpoint-group/ab88888example": groups["primary"],
        f"{shown}/endpoint-group/cd99999example": groups["backup"],
    }
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/tidegate.failover.aws": aws_auth},
        "tasks": examples(MODULES / "global_accelerator_site.py", places),
    }
    outcome = playbooks.run_file(playbooks.file([play]))
    assert outcome.returncode == 0, outcome.output
    assert "changed=1 " in outcome.output


def examples(module: Path, places: dict[str, str]) -> list[Any]:
    """The tasks in the EXAMPLES of a module, at other places."""
    assigned = {
        statement.targets[0].id: statement.value
        for statement in ast.parse(module.read_text(encoding="utf-8")).body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }
    text = str(ast.literal_eval(assigned["EXAMPLES"]))
    for shown, meant in places.items():
        text = text.replace(shown, meant)
    tasks: list[Any] = yaml.safe_load(text)
    return tasks


def add_second_load_balancer(lab: RunningLab, load_balancer: Json) -> None:
    """Another load balancer like the first one, whose rule set and listeners have the names that the examples use."""
    base = f"{lab.info['control']}/lab/oci/loadBalancers"
    document = requests.get(f"{base}/{load_balancer['id']}", timeout=10).json()["document"]
    document["ruleSets"] = {"sorry": document["ruleSets"][load_balancer["rule_set"]]}
    document["listeners"]["api"] = document["listeners"].pop("http") | {"name": "api", "ruleSetNames": []}
    requests.put(f"{base}/{SECOND_ID}", json=document, timeout=10).raise_for_status()


def add_page_in_place(lab: RunningLab, load_balancer: Json) -> None:
    """A backend set and a routing policy with the names that the examples of a page in place use."""
    path = f"/oci/loadBalancers/{load_balancer['id']}"
    document = lab.control("GET", path)["document"]
    document["backendSets"]["sorry"] = document["backendSets"]["maintenance-page"] | {"name": "sorry"}
    rule = {
        "name": "testers",
        "condition": "http.request.headers[(i 'X-Tester')] eq 'open sesame'",
        "actions": [{"name": "FORWARD_TO_BACKENDSET", "backendSetName": load_balancer["backend_set"]}],
    }
    document["routingPolicies"] = {"testers": {"name": "testers", "conditionLanguageVersion": "V1", "rules": [rule]}}
    lab.control("PUT", path, document)


def test_the_commands_of_the_labs_readme_run(tmp_path: Path) -> None:
    readme = (CLONE / "lab" / "README.md").read_text("utf-8")
    commands = [command.strip() for command in re.findall(r"^\$ ([^#\n]*)", readme, re.MULTILINE)]
    # It runs in a terminal of its own there, until Ctrl-C or until the last command.
    assert (commands[0], commands.count("python -m lab down")) == ("python -m lab up", 1)
    commands.remove("python -m lab down")
    lines = ["python -m lab up --detach", "trap 'python -m lab down' EXIT", *commands[1:]]
    settings = {"PYTHONPATH": str(CLONE), "PATH": f"{CLONE / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"}
    done = subprocess.run(
        ["/bin/bash", "-euxo", "pipefail", "-c", "\n".join(lines).replace("curl ", "curl --fail ")],
        cwd=tmp_path,
        env=os.environ | settings,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert not (tmp_path / ".lab").exists()


def test_the_first_window_can_be_followed_by_hand(tmp_path: Path) -> None:
    guide = (CLONE / "docs" / "first_window.md").read_text("utf-8")
    shown = "".join(re.findall(r"^```bash\n(.*?)^```", guide, re.DOTALL | re.MULTILINE))
    (tmp_path / ".venv").symlink_to(CLONE / ".venv")
    done = subprocess.run(
        ["/bin/bash", "-euo", "pipefail", "-c", shown],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(CLONE), "ANSIBLE_CONFIG": str(CLONE / "ansible.cfg")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.findall(r'"checkout +(\w+) .*"', done.stdout) == ["standby", "primary"]
    assert re.findall(r"^HTTP/1.1 (\d+)", done.stdout, re.MULTILINE) == [
        "301",
        "200",
        "301",
        "302",
        "503",
        "301",
        "200",
    ]
    assert not (tmp_path / ".lab").exists()
