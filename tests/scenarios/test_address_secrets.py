# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Invariant 12: a password that somebody put into an address is not shown, however verbose the run is."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

CANARY = "canary-3c5e"
#: Nobody listens at this port.
ADDRESS = f"http://user:{CANARY}@127.0.0.1:9"
KEYS = {"access_key": "AKIAEXAMPLE", "secret_key": "example", "region": "us-east-1", "endpoint_url": ADDRESS}
SQUARE_PEG = {"wait_timeout": "soon"}


def gate(kind: str, **options: object) -> Json:
    return {"tidegate.failover.failback_gate": {"gates": [{"name": "asked", kind: {"timeout": 1, **options}}]}}


TASKS: dict[str, Json] = {
    "gate http": gate("http", url=ADDRESS),
    "gate http and a wrong option": gate("http", url=ADDRESS, method="PUSH"),
    "gate http and an unknown option": gate("http", uri=ADDRESS),
    "gate infinispan": gate("infinispan", url=ADDRESS, returning_url=ADDRESS, site="a"),
    "gate on AWS": gate("cloudwatch_alarm", alarm="a", **KEYS),
    "maintenance": {
        "tidegate.failover.lb_maintenance_mode_info": {"load_balancer_id": "a", "service_endpoint": ADDRESS}
    },
    "maintenance and a wrong option": {
        "tidegate.failover.lb_maintenance_mode": {"service_endpoint": ADDRESS, **SQUARE_PEG}
    },
    "message of OCI": {
        "tidegate.failover.oci_notification": {"topic_id": "a", "title": "b", "body": "c", "service_endpoint": ADDRESS}
    },
    "message of AWS": {
        "tidegate.failover.sns_notification": {"topic_arn": "a", "subject": "b", "text": "c", "wait_timeout": 1, **KEYS}
    },
    "health checks": {"tidegate.failover.r53_healthcheck_info": {"health_check_ids": ["a"], **KEYS}},
    "health checks and a wrong option": {"tidegate.failover.r53_healthcheck_lock": {**KEYS, **SQUARE_PEG}},
}


def play(**more: object) -> list[Json]:
    return [{"hosts": "localhost", "gather_facts": False, **more}]


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_i12_a_password_in_an_address_is_not_shown(playbooks: Playbooks, task: Json) -> None:
    # From ansible-core 2.21 on, results hold the invocation only where it is asked for.
    outcome = playbooks.run_file(playbooks.file(play(vars={"ansible_inject_invocation": True}, tasks=[task])), "-vvvv")
    assert outcome.returncode != 0
    assert "invocation" in outcome.output
    assert CANARY not in outcome.output


def test_i12_the_address_that_is_verified_may_hold_no_password(playbooks: Playbooks) -> None:
    role = {
        "role": "tidegate.failover.maintenance",
        "maintenance_state": "enabled",
        "maintenance_owner": "a",
        "maintenance_load_balancer_id": "a",
        "maintenance_listeners": ["http"],
        "maintenance_rule_set": "page",
        "maintenance_verify_url": ADDRESS,
    }
    outcome = playbooks.run_file(playbooks.file(play(roles=[role])), "-vvvv")
    assert outcome.returncode != 0
    assert "maintenance_verify_url holds a user or a password" in outcome.output
    assert CANARY not in outcome.output


@pytest.mark.parametrize(
    ("role", "option"),
    [
        ("failover", "failover_verify_url"),
        ("failover", "failover_secondary_url"),
        ("failback", "failback_verify_url"),
    ],
)
def test_i12_a_procedure_refuses_such_an_address_before_anything_else(
    playbooks: Playbooks, tmp_path: Path, role: str, option: str
) -> None:
    given = {
        "role": f"tidegate.failover.{role}",
        f"{role}_health_check_ids": ["233e180f-f023-45a3-954e-415303f21eab"],
        f"{role}_owner": "a",
        f"{role}_record_dir": str(tmp_path),
        option: ADDRESS,
    }
    outcome = playbooks.run_file(playbooks.file(play(roles=[given])), "-vvvv")
    assert outcome.returncode != 0
    assert "holds a user or a password, which would be shown" in outcome.output
    assert CANARY not in outcome.output + "".join(file.read_text(encoding="utf-8") for file in tmp_path.iterdir())
