# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The shop's service as an inventory describes it: its sites, its fence, its gates and its own files of tasks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lab.postgresql.programs import find_programs
from lab.process import RunningLab

NAME = "checkout"
GATE_ON_DATA = "database has caught up"
_TASKS = Path(__file__).parent / "tasks"
#: pg_isready's status for a server that does not answer.
_NO_RESPONSE = 2
_WAIT_SECONDS = 60
_RTO_SECONDS = 120

Json = dict[str, Any]


def variables(lab: RunningLab, reports: Path) -> Json:
    """Variables of the host that stands for the service.

    :param reports: the folder for the pages about all runs.
    """
    aws = lab.info["aws"]
    primary, backup = (aws["sites"][site] for site in ("primary", "backup"))
    return {
        "aws_auth": {name: aws[name] for name in ("endpoint_url", "access_key", "secret_key", "region")},
        "report_dir": str(reports),
        "failover_health_check_ids": [aws["health_checks"]["primary"]],
        "failover_records": [
            {
                "zone": aws["zone"]["name"],
                **aws["record"],
                "answers": [backup["address"]],
                "primary_answers": [primary["address"]],
            }
        ],
        "failover_dns_servers": [f"{aws['dns']['host']}:{aws['dns']['port']}"],
        "failover_rto": _RTO_SECONDS,
        "failover_wait_timeout": _WAIT_SECONDS,
        **_failover(lab, backup),
        **_failback(lab, primary),
        "story_control": lab.info["control"],
    }


def _failover(lab: RunningLab, backup: Json) -> Json:
    old = lab.info["postgresql"]["servers"]["primary"]
    asks = [str(find_programs().folder / "pg_isready"), "-t", "2", "-h", old["host"], "-p", str(old["port"])]
    keep_out = {
        "name": "close the old site",
        "tasks": str(_TASKS / "close_primary.yml"),
        "undo_tasks": str(_TASKS / "open_primary.yml"),
    }
    return {
        "failover_secondary_url": backup["check_url"],
        "failover_verify_url": f"{backup['url']}orders?client=operator",
        "failover_fences": [
            {"name": "the old database is down", "command": {"argv": asks, "rc": [_NO_RESPONSE], "timeout": 20}}
        ],
        "failover_steps": ["lock", "fences", keep_out, "promote", "wait", "verify", "notify"],
        "failover_promote_tasks": str(_TASKS / "promote_backup.yml"),
    }


def _failback(lab: RunningLab, primary: Json) -> Json:
    servers = lab.info["postgresql"]["servers"]
    return {
        "failback_verify_url": f"{primary['url']}orders?client=operator",
        "failback_wait_timeout": _WAIT_SECONDS,
        "failback_gates": [
            {
                "name": "primary answers its health check",
                "http": {"url": primary["check_url"], "consecutive": 2, "interval": 0.5, "timeout": 20},
            },
            {
                "name": GATE_ON_DATA,
                "postgresql": {
                    "dsn": servers["backup"]["monitor_dsn"],
                    "standby_dsn": servers["primary"]["monitor_dsn"],
                    "standby_name": "primary",
                    "max_lag_bytes": 0,
                    "interval": 0.5,
                    "timeout": 10,
                },
            },
        ],
        "failback_quiesce_tasks": str(_TASKS / "close_backup.yml"),
        "failback_quiesce_undo_tasks": str(_TASKS / "open_backup.yml"),
        "failback_move_writer_tasks": str(_TASKS / "move_writer.yml"),
        "failback_release_tasks": str(_TASKS / "follow_primary.yml"),
    }
