# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the documentation of ``failback_gate`` shows can be done: its examples release a lock of the lab."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.test_examples import examples

from lab.process import CLONE, RunningLab

MODULE = CLONE / "plugins" / "modules" / "failback_gate.py"


def test_the_examples_run_and_open_the_lock(
    aws_lab: RunningLab, aws_auth: Json, route53: Any, playbooks: Playbooks, tmp_path: Path
) -> None:
    aws = aws_lab.info["aws"]
    check, lock_id = (
        aws["health_checks"]["primary"],
        f"{datetime.now(UTC) - timedelta(hours=1):%Y%m%dT%H%M%SZ}-3f9a1c2e",
    )
    program = tmp_path / "compare-orders"
    program.write_text('#!/bin/sh\n[ "$ORDERS_PASSWORD" = secret ]\n')
    program.chmod(0o755)
    places = {
        "233e180f-f023-45a3-954e-415303f21eab": check,
        "https://primary.checkout.example.com/lb-check": aws["sites"]["primary"]["check_url"],
        "checkout.example.com": aws["record"]["name"],
        "198.51.100.7": aws["sites"]["backup"]["address"],
        "192.0.2.53": f"{aws['dns']['host']}:{aws['dns']['port']}",
        "/usr/local/bin/compare-orders": str(program),
    }
    lock = {"state": "locked", "health_check_ids": [check], "lock_id": lock_id, "wait_for": "unhealthy"}
    tasks = [{"tidegate.failover.r53_healthcheck_lock": lock}, *examples(MODULE, places)]
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/tidegate.failover.aws": aws_auth},
        "vars": {"orders_password": "secret"},
        "tasks": tasks,
    }
    outcome = playbooks.run_file(playbooks.file([play]))
    assert outcome.returncode == 0, outcome.output
    assert f"ok={len(tasks)} " in outcome.output
    assert (
        route53.get_health_check(HealthCheckId=check)["HealthCheck"]["HealthCheckConfig"]["ResourcePath"] == "/lb-check"
    )
    assert '"msg": []' in outcome.output
