# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The end of a run: its record, where that is kept, and the messages about it."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import ending
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.plugins.module_utils._record.journal import journal_path
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    NOW,
    RUN,
    Role,
    acknowledge,
    failback,
    failover,
)


def result(**more: str) -> Json:
    """The outcome of a step."""
    began, ended = "2026-11-21T03:04:05Z", "2026-11-21T03:04:06.4Z"
    return {"name": "lock", "status": "done", "began": began, "ended": ended, "msg": "Locked."} | more


@pytest.mark.parametrize("options", [failover(), failback(), acknowledge()])
def test_every_procedure_leaves_a_record(options: Json) -> None:
    run = Role(options).go()
    record = ending.record(run, options, "2026-11-21T04:00:00Z")
    assert (record["id"], record["service"], record["status"]) == (run.id, "checkout", run.status)


def test_a_record_reports_the_steps_and_what_was_skipped() -> None:
    run = Role(failover()).go()
    reported = {step["name"]: step["status"] for step in ending.record(run, failover(), NOW)["steps"]}
    assert (reported["lock"], reported["promote"], reported["wait"]) == ("done", "skipped", "done")


def test_a_run_that_was_refused_for_what_would_be_in_its_record_has_one() -> None:
    options = failover(detected_at="yesterday")
    record = ending.record(Role(options).go(), options, "2026-11-21T04:00:00Z")
    assert (record["status"], record["detected_at"]) == ("refused", None)
    assert "failover_detected_at is 'yesterday'" in record["msg"]


def test_a_record_is_kept_where_one_wants_it(tmp_path: Path) -> None:
    assert ending.keep({"service": "checkout"}, str(tmp_path), check=False) == ""
    assert journal_path(str(tmp_path), "checkout").exists()


@pytest.mark.parametrize("folder", ["", "here"])
def test_nothing_is_kept_where_nobody_wants_it_or_in_check_mode(tmp_path: Path, folder: str) -> None:
    assert ending.keep({"service": "checkout"}, str(tmp_path / folder) if folder else "", check=True) == ""
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_cannot_be_kept_changes_nothing_but_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "could not be kept" in ending.keep({"service": "checkout"}, str(tmp_path / "file"), check=False)
    assert "'../x'" in ending.keep({"service": "../x"}, str(tmp_path), check=False)


@pytest.mark.parametrize(
    ("status", "trigger", "steps", "reported"),
    [
        ("completed", "manual", ["notify"], False),
        ("unchanged", "automatic", [], False),
        ("refused", "manual", [], False),
        ("refused", "automatic", [], True),
        ("failed", "manual", ["lock", "notify"], True),
        ("undone", "manual", ["lock", "notify"], True),
        ("failed", "manual", ["lock"], False),
    ],
)
def test_people_are_notified_of_a_failure_where_they_would_be_of_a_success(
    status: str, trigger: str, steps: list[str], reported: bool
) -> None:
    run = Run("failover", RUN, "checkout", NOW, status=status, steps=[{"name": name} for name in steps])
    assert ending.notifies_of_failure(run, trigger) is reported


def test_how_far_a_run_has_come_reports_what_has_only_begun() -> None:
    role = Role(failover(promote_tasks="p.yml", fence_override={"reason": "r"}, steps=["lock", "fences", "promote"]))
    role.begin()
    role.step(0)
    role.step(1)
    assert role.task().take(2) == "/inventory/p.yml"
    progress = ending.progress(role.run, "host/1")
    assert [(step["name"], step["status"]) for step in progress["steps"]] == [
        ("lock", "done"),
        ("fences", "done"),
        ("promote", "begun"),
    ]


def test_how_far_a_run_has_come_reports_an_ended_step_once() -> None:
    role = Role(failover(steps=["lock"]))
    role.begin()
    assert ending.progress(role.run, "host/1")["steps"] == []
    role.step(0)
    assert [step["status"] for step in ending.progress(role.run, "host/1")["steps"]] == ["done"]


def test_a_record_has_the_time_of_detection_and_the_objective() -> None:
    options = failover(steps=["lock"], detected_at="2026-11-21T03:00:00Z", rto=300)
    record = ending.record(Role(options).go(), options, NOW)
    assert (record["detected_at"], record["rto_seconds"]) == ("2026-11-21T03:00:00Z", 300)


def test_the_last_words_tell_each_step() -> None:
    run = Role(failover(steps=["lock"])).go()
    assert ending.reported(run) == f"{run.msg} lock: done."


def test_check_mode_says_so_first() -> None:
    assert ending.reported(Role(failover(), check=True).go()).startswith("Check mode, nothing was changed.")


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ({}, "lock: done, 1.4 s. Locked."),
        ({"msg": ""}, "lock: done, 1.4 s"),
        ({"status": "failed"}, "lock: failed, 1.4 s"),
        ({"ended": "2026-11-21T03:05:35Z", "msg": ""}, "lock: done, 1 min 30 s"),
        ({"ended": "2026-11-21T03:04:14Z", "msg": ""}, "lock: done, 9.0 s"),
        ({"ended": "2026-11-21T03:04:14.9Z", "msg": ""}, "lock: done, 9.9 s"),
        ({"ended": "2026-11-21T03:04:15Z", "msg": ""}, "lock: done, 10 s"),
    ],
)
def test_what_became_of_a_step_is_one_line(more: dict[str, str], line: str) -> None:
    assert ending.line(result(**more)) == line


@pytest.mark.parametrize(("status", "msg"), [("undone", "Unlocked."), ("undo failed", "HTTP 500")])
def test_a_step_that_was_undone_is_not_reported_as_if_it_were_still_in_force(status: str, msg: str) -> None:
    undo = {"status": status, "began": "2026-11-21T03:05:00Z", "ended": "2026-11-21T03:05:02Z", "msg": msg}
    assert ending.line(result(status=status) | {"undo": undo}) == f"lock: {status}, 2.0 s. {msg}"
