# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""I11, row by row: what each step leaves behind where it fails. The same table stands in the role's README."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    CAUGHT_UP,
    CONTROLS,
    EARLIER,
    FENCE,
    PAGE,
    RUN,
    Role,
    failback,
    failover,
)

README = Path(__file__).parents[5] / "roles" / "procedure" / "README.md"

UNDONE, UNCONFIRMED, FORWARD, ON = "undone", "moved, not confirmed", "forward only", "goes on"

#: The procedures, in the order of the columns.
PROCEDURES = (
    "planned failover",
    "planned failover, promotes",
    "unplanned failover",
    "unplanned failover, promotes",
    "failback",
)
TABLE = {
    "`quiesce`": (UNDONE, UNDONE, "", "", UNDONE),
    "`gates`": (UNDONE, UNDONE, "", "", ""),
    "`lock`, first health check": (UNDONE, UNDONE, UNDONE, UNDONE, ""),
    "`lock`, another one": (UNDONE, UNDONE, FORWARD, UNDONE, ""),
    "`lock`, routing control": (UNDONE, UNDONE, FORWARD, UNDONE, ""),
    "`fences`": (UNDONE, UNDONE, FORWARD, UNDONE, ""),
    "`maintenance`": (UNDONE, UNDONE, ON, ON, ""),
    "`data_gates`": ("", "", "", "", UNDONE),
    "`promote`": ("", FORWARD, "", FORWARD, ""),
    "`rds`, no promotion": (UNDONE, "", FORWARD, "", UNDONE),
    "`rds`, promotes": ("", FORWARD, "", FORWARD, FORWARD),
    "`scale`": (UNDONE, FORWARD, FORWARD, FORWARD, ""),
    "`autoscaling`": (UNDONE, UNDONE, FORWARD, FORWARD, FORWARD),
    "`alb`": (UNDONE, FORWARD, FORWARD, FORWARD, FORWARD),
    "`dns`": (UNDONE, FORWARD, FORWARD, FORWARD, FORWARD),
    "`global_accelerator`": (UNDONE, FORWARD, FORWARD, FORWARD, FORWARD),
    "`move_writer`": ("", "", "", "", FORWARD),
    "`unlock`": ("", "", "", "", FORWARD),
    "`unlock`, routing control": ("", "", "", "", FORWARD),
    "`wait`": (UNCONFIRMED,) * 5,
    "`release`": ("", "", "", "", FORWARD),
    "`verify`": (UNCONFIRMED,) * 5,
    "`soak`": ("", "", "", "", ON),
    "`notify`": (UNCONFIRMED,) * 5,
    "your own, in the end, changes something": (UNDONE, FORWARD, FORWARD, FORWARD, FORWARD),
    "your own, in the end, `read_only`": (UNCONFIRMED,) * 5,
}

#: What breaks, by what breaks it in the cloud and in files.
_BREAKS = {
    "`quiesce`": "/inventory/quiesce.yml",
    "`gates`": "caught up",
    "`lock`, first health check": "r53_healthcheck_lock check-1",
    "`lock`, another one": "r53_healthcheck_lock check-2",
    "`lock`, routing control": "routing_control_lock locked",
    "`fences`": "scaled to zero",
    "`maintenance`": "lb_maintenance_mode enabled",
    "`data_gates`": "caught up",
    "`promote`": "/inventory/promote.yml",
    "`rds`, no promotion": "rds_failover moves",
    "`rds`, promotes": "rds_failover moves",
    "`scale`": "/inventory/scale.yml",
    "`autoscaling`": "autoscaling_capacity",
    "`alb`": "alb_weights",
    "`dns`": "r53_record_switch",
    "`global_accelerator`": "global_accelerator_site",
    "`move_writer`": "/inventory/move_writer.yml",
    "`unlock`": "r53_healthcheck_lock unlocked",
    "`unlock`, routing control": "routing_control_lock unlocked",
    "`wait`": "the other site serves",
    "`release`": "lb_maintenance_mode disabled",
    "`verify`": "users are served",
    "`soak`": "users go on being served",
    "`notify`": "",
    "your own, in the end, changes something": "/inventory/own.yml",
    "your own, in the end, `read_only`": "/inventory/own.yml",
}
#: What moves resources breaks on its way there, and not where it is put back.
_RESOURCES: Json = {
    "`autoscaling`": {"autoscaling": [{"group": "standby"}]},
    "`alb`": {"alb": [{"listener_arn": "arn"}]},
    "`dns`": {"dns": [{"name": "static.example.com"}]},
    "`global_accelerator`": {"global_accelerator": [{"name": "checkout"}]},
}
#: The same in a failback, where that is something else.
_BREAKS_A_FAILBACK = {
    "`wait`": "DNS leads to the primary site: checkout.example.com A",
}


@pytest.fixture(autouse=True)
def no_ttl_has_to_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


def role_of(procedure: str, row: str) -> Role:
    """A run of a procedure that takes all its steps."""
    options = _failback() if procedure == "failback" else _failover(procedure)
    if row in _RESOURCES:
        options["resources"] = _RESOURCES[row]
    if row.endswith("routing control"):
        options["routing_controls"] = CONTROLS
    if row.startswith("your own"):
        own = {"name": "own", "tasks": "own.yml", "read_only": "read_only" in row}
        options["steps"] = [*_steps(procedure), own]
    if row.startswith("`rds`"):
        options |= _databases(promotes="no" not in row)
    role = Role(options, page=PAGE)
    if procedure == "failback":
        role.cloud.locks, role.cloud.phase = {"check-1": EARLIER, "check-2": EARLIER}, (EARLIER, "failed_over")
        role.cloud.held = ["failover:checkout"]
    return role


def _databases(*, promotes: bool) -> Json:
    """In place of users' tasks that move a writer."""
    replica: Json = {"replica": "west", "source": "east"}
    cluster: Json = {"cluster": "sessions", "writer": {"primary": "a", "secondary": "b"}}
    return {"promote_tasks": "", "move_writer_tasks": "", "resources": {"rds": [replica if promotes else cluster]}}


def _failover(procedure: str) -> Json:
    more = {"promote_tasks": "promote.yml"} if "promotes" in procedure else {}
    return failover(
        type=procedure.partition(" ")[0],
        health_check_ids=["check-1", "check-2"],
        gates=[CAUGHT_UP],
        fences=[FENCE],
        quiesce_tasks="quiesce.yml",
        quiesce_undo_tasks="resume.yml",
        scale_tasks="scale.yml",
        scale_undo_tasks="shrink.yml",
        verify_url="https://checkout.example.com/",
        **more,
    )


def _failback() -> Json:
    return failback(
        health_check_ids=["check-1", "check-2"],
        data_gates=["caught up"],
        records=[{"name": "checkout.example.com", "primary_answers": ["198.51.100.7"], "ttl": 1}],
        quiesce_tasks="quiesce.yml",
        quiesce_undo_tasks="resume.yml",
        move_writer_tasks="move_writer.yml",
        verify_url="https://checkout.example.com/",
        soak=10,
    )


def _steps(procedure: str) -> list[str]:
    if procedure == "failback":
        return ["quiesce", "data_gates", "move_writer", "unlock", "release"]
    usual = ["lock", "fences", "maintenance", "scale"]
    return ["lock", "fences", "maintenance", "promote", "scale"] if "promotes" in procedure else usual


def fail_at(row: str, procedure: str, role: Role) -> Run:
    """The run in which that breaks, once it has begun."""
    role.begin()
    broken = _BREAKS_A_FAILBACK.get(row, _BREAKS[row]) if procedure == "failback" else _BREAKS[row]
    if row == "`notify`":
        role.untellable = "it broke"
    elif broken == "rds_failover moves":
        role.cloud.fails[f"rds_failover {'primary' if procedure == 'failback' else 'secondary'}"] = "it broke"
    elif broken.startswith("/"):
        role.files[broken] = "it broke"
    else:
        to = "primary" if procedure == "failback" else "secondary"
        role.cloud.fails[f"{broken} {to}" if row in _RESOURCES else broken] = "it broke"
    for number in range(len(role.run.to_take)):
        role.step(number)
    return role.end()


def left(run: Run) -> str:
    """What a run has left, by its report and by the outcomes of its steps."""
    if run.status == "completed":
        return ON
    if run.status == "undone":
        return UNDONE
    undone = [result for result in run.results.values() if result["undo"]]
    assert (run.status, undone) == ("failed", [])
    assert "undone" in run.msg
    return UNCONFIRMED if "moved, and that is not confirmed" in run.msg else FORWARD


def cases() -> Iterator[tuple[str, str, str]]:
    """Each cell of the table."""
    for row, cells in TABLE.items():
        for procedure, leaves in zip(PROCEDURES, cells, strict=True):
            if leaves:
                yield row, procedure, leaves


@pytest.mark.parametrize(("row", "procedure", "leaves"), list(cases()))
def test_i11_what_a_step_leaves_where_it_fails(row: str, procedure: str, leaves: str) -> None:
    role = role_of(procedure, row)
    run = fail_at(row, procedure, role)
    assert left(run) == leaves
    assert any(result["status"] == "failed" or result["undo"] for result in run.results.values())


@pytest.mark.parametrize(("row", "procedure", "leaves"), [case for case in cases() if case[1] != "failback"])
def test_i11_the_site_stays_locked_out_unless_everything_was_undone(row: str, procedure: str, leaves: str) -> None:
    role = role_of(procedure, row)
    fail_at(row, procedure, role)
    assert role.cloud.locks.get("check-1") == (None if leaves == UNDONE else RUN)
    assert not role.cloud.held or leaves != UNDONE


@pytest.mark.parametrize(("row", "leaves"), [(row, cells[-1]) for row, cells in TABLE.items() if cells[-1]])
def test_i11_a_failback_that_is_undone_leaves_the_site_locked_out_and_failed_over(row: str, leaves: str) -> None:
    role = role_of("failback", row)
    fail_at(row, "failback", role)
    if leaves == UNDONE:
        assert list(role.cloud.locks) == ["check-1", "check-2"]
        assert role.cloud.phase[1] == "failed_over"
        assert "/inventory/resume.yml" in role.ran
    else:
        assert "/inventory/resume.yml" not in role.ran


def test_i11_the_readme_has_the_same_table() -> None:
    lines = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    begin = next(number for number, row in enumerate(rows) if row[1:] == list(PROCEDURES))
    found = {row[0]: tuple(row[1:]) for row in rows[begin + 1 :] if not re.fullmatch("-+", row[0])}
    assert {row: cells for row, cells in found.items() if len(cells) == len(PROCEDURES)} == TABLE


def test_i11_a_lock_that_is_in_force_though_its_step_broke_is_not_opened_where_nothing_is_promoted() -> None:
    role = Role(failover())
    role.cloud.fails["r53_healthcheck_lock locked"] = "its tags could not be written"
    role.cloud.after_effect = {"r53_healthcheck_lock locked"}
    assert left(role.go()) == FORWARD
    assert role.cloud.locks == {"check-1": RUN}
