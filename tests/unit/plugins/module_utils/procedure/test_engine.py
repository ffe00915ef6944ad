# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The engine takes a run from task to task: it plans, guards, takes and undoes steps, and reports what it leaves."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.registry import BUILT_IN
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    EARLIER,
    FENCE,
    OTHER,
    PAGE,
    RUN,
    Cloud,
    Role,
    failback,
    failover,
)

DRAIN = {"name": "drain", "tasks": "drain.yml", "undo_tasks": "fill.yml"}
RESIZE = {"name": "resize", "tasks": "resize.yml", "undo_tasks": "shrink.yml"}
WARM = {"name": "warm", "tasks": "warm.yml"}
LOOK = {"name": "look", "tasks": "look.yml", "read_only": True}
PROMOTE = {"name": "promote it", "tasks": "promote.yml", "point_of_no_return": True}


def role(*steps: str | Json, cloud: Cloud | None = None, check: bool = False, **given: t.Any) -> Role:
    """A planned failover that takes these steps."""
    options = failover(**{"type": "planned", "steps": list(steps), "fences": [FENCE], **given})
    return Role(options, Cloud() if cloud is None else cloud, page=PAGE, check=check)


def failing(file: str, *steps: str | Json, **given: t.Any) -> Role:
    """One in which a file of the user's breaks."""
    failed = role(*steps, **given)
    failed.files[f"/inventory/{file}"] = "it broke"
    failed.go()
    return failed


def taken_over(cloud: Cloud) -> None:
    """Another run takes the service over, as a person lets it after an acknowledgement."""
    cloud.locks["check-1"], cloud.phase = OTHER, (OTHER, "running")


def test_steps_are_taken_in_the_order_that_the_user_chose() -> None:
    taken = role("lock", DRAIN, "maintenance", WARM)
    assert taken.go().status == "completed"
    assert list(taken.run.results) == ["lock", "drain", "maintenance", "warm"]
    assert taken.ran == ["/inventory/drain.yml", "/inventory/warm.yml"]


def test_a_run_that_succeeded_is_left_in_the_state() -> None:
    taken = role("lock")
    taken.go()
    assert taken.cloud.phase == (RUN, "failed_over")


def test_a_step_that_was_taken_is_not_taken_again() -> None:
    taken = role("lock", WARM)
    taken.begin()
    taken.step(0)
    taken.step(0)
    assert len(taken.cloud.asked("r53_healthcheck_lock")) == 1


def test_files_that_are_not_there_are_refused_before_anything_is_asked() -> None:
    refused = role("lock", WARM)
    engine = refused.task()
    engine.check_file = lambda path: f"there is no {path}."
    engine.begin()
    assert "there is no /inventory/warm.yml" in engine.run.problem
    assert (engine.run.status, refused.cloud.calls) == ("refused", [])


def test_a_refused_run_takes_no_step_and_is_not_undone() -> None:
    refused = role("lock", "lokc")
    run = refused.go()
    assert (run.status, run.results, run.memory.get("undo", [])) == ("refused", {}, [])
    assert "'lokc'" in run.msg


def test_what_ends_a_run_ends_with_a_full_stop() -> None:
    assert failing("warm.yml", "lock", WARM).run.msg.startswith("warm: it broke. ")


def test_i11_steps_are_undone_in_reverse_each_by_itself() -> None:
    failed = role("lock", DRAIN, RESIZE, WARM)
    failed.files |= {"/inventory/warm.yml": "it broke", "/inventory/shrink.yml": "no route"}
    run = failed.go()
    assert failed.ran[-2:] == ["/inventory/shrink.yml", "/inventory/fill.yml"]
    assert failed.statuses() == {"lock": "undone", "drain": "undone", "resize": "undo failed", "warm": "failed"}
    assert (run.status, failed.cloud.locks) == ("failed", {})
    assert "NOT UNDONE: resize." in run.msg


def test_i11_an_undo_of_our_own_that_breaks_keeps_no_other_from_being_undone() -> None:
    failed = role("lock", "maintenance", WARM)
    failed.files["/inventory/warm.yml"] = "it broke"
    failed.cloud.fails["lb_maintenance_mode disabled"] = "no answer"
    failed.go()
    assert failed.statuses()["maintenance"] == "undo failed"
    assert failed.run.results["maintenance"]["undo"]["msg"] == "no answer"
    assert failed.cloud.locks == {}


def test_all_that_was_undone_is_reported() -> None:
    failed = failing("warm.yml", "lock", DRAIN, WARM)
    assert failed.run.status == "undone"
    assert failed.run.msg.endswith("Everything that had been done was undone.")
    assert failed.cloud.phase == (RUN, "undone")


def test_i11_a_promotion_that_breaks_is_not_undone_and_nothing_before_it_is() -> None:
    failed = failing("promote.yml", "lock", "fences", DRAIN, PROMOTE)
    assert failed.ran == ["/inventory/drain.yml", "/inventory/promote.yml"]
    assert failed.cloud.locks == {"check-1": RUN}
    assert failed.cloud.phase == (RUN, "interrupted")
    assert "The point of no return was passed at" in failed.run.msg
    assert "The lock and the page stay" in failed.run.msg


def test_i11_a_step_of_the_users_called_unlock_does_not_hide_that_the_lock_was_released() -> None:
    lost = role("lock", {"name": "unlock", "tasks": "unlock.yml"}, {"name": "mail", "tasks": "mail.yml"})
    lost.begin()
    for number in range(2):
        lost.step(number)
    lost.cloud.locks.clear()
    lost.step(2)
    assert "no longer holds the service: its lock has been released" in lost.end().msg
    assert lost.ran == ["/inventory/unlock.yml"]


def test_i11_a_run_that_has_lost_the_service_does_not_promote_and_undoes_nothing() -> None:
    lost = role("lock", "fences", DRAIN, PROMOTE)
    lost.begin()
    for number in range(3):
        lost.step(number)
    taken_over(lost.cloud)
    lost.step(3)
    run = lost.end()
    assert lost.ran == ["/inventory/drain.yml"]
    assert f"no longer holds the service: run {OTHER} of operator:bob does" in run.msg
    assert f"Nothing was undone, because run {OTHER} has the service now" in run.msg
    assert (run.point_of_no_return_at, lost.cloud.locks) == (None, {"check-1": OTHER})


def test_i11_a_lock_that_was_opened_meanwhile_stops_the_run_and_what_it_did_is_undone() -> None:
    lost = role("lock", DRAIN, WARM)
    lost.begin()
    lost.step(0)
    lost.step(1)
    lost.cloud.locks.clear()
    lost.step(2)
    run = lost.end()
    assert "its lock has been released" in run.msg
    assert lost.ran == ["/inventory/drain.yml", "/inventory/fill.yml"]


def test_i7_a_state_that_cannot_be_read_stops_a_promotion() -> None:
    blind = role("lock", "fences", PROMOTE)
    blind.begin()
    blind.step(0)
    blind.step(1)
    blind.cloud.fails["failover_state"] = "no answer"
    blind.step(2)
    run = blind.end()
    assert blind.ran == []
    assert "Nothing was undone: no answer" in run.msg


def test_the_run_that_was_faster_is_left_alone() -> None:
    slow = role("lock")
    slow.begin()
    taken_over(slow.cloud)
    slow.step(0)
    run = slow.end()
    assert "Another run acquired the lock first" in run.msg
    assert f"because run {OTHER} has the service now" in run.msg
    assert slow.cloud.phase == (OTHER, "running")


def test_i11_a_users_probe_before_a_change_decides_whether_it_happens() -> None:
    failed = failing("look.yml", "lock", LOOK, WARM)
    assert (failed.run.status, failed.cloud.locks) == ("undone", {})
    assert "/inventory/warm.yml" not in failed.ran


def test_i11_a_step_that_may_fail_does_not_end_the_run() -> None:
    failed = failing("warm.yml", "lock", WARM | {"required": False}, DRAIN)
    assert failed.run.status == "completed"
    assert failed.statuses() == {"lock": "done", "warm": "failed", "drain": "done"}


def test_a_state_that_cannot_be_left_at_the_end_undoes_nothing() -> None:
    taken = role("lock")
    taken.cloud.fails["failover_state failed_over"] = "throttled"
    run = taken.go()
    assert (run.status, taken.cloud.locks) == ("failed", {"check-1": RUN})
    assert "Every step was taken, but the state could not be written: throttled" in run.msg


def test_that_a_claim_could_not_be_left_interrupted_is_reported() -> None:
    failed = role("lock", "fences", PROMOTE)
    failed.files["/inventory/promote.yml"] = "it broke"
    failed.cloud.fails["failover_state interrupted"] = "throttled"
    assert "That could not be left in its state either: throttled" in failed.go().msg


def test_a_lock_that_was_taken_over_from_a_dead_run_stays_where_the_run_is_undone() -> None:
    cloud = Cloud(locks={"check-1": EARLIER}, phase=(EARLIER, "interrupted"))
    failed = failing("warm.yml", "lock", WARM, cloud=cloud)
    assert cloud.locks == {"check-1": failed.run.id}
    assert f"lock {EARLIER} was there before" in failed.run.results["lock"]["undo"]["msg"]


def test_check_mode_runs_only_the_users_files_that_change_nothing() -> None:
    checked = role("lock", "fences", WARM, LOOK, PROMOTE, check=True)
    run = checked.go()
    assert checked.ran == ["/inventory/look.yml"]
    assert checked.statuses()["warm"] == checked.statuses()["promote it"] == "not evaluated"
    assert (run.status, run.point_of_no_return_at) == ("completed", None)


def test_check_mode_undoes_nothing_and_leaves_no_state() -> None:
    checked = role("lock", LOOK, WARM, check=True)
    checked.files["/inventory/look.yml"] = "it broke"
    run = checked.go()
    assert (run.status, run.memory["undo"]) == ("failed", [])
    assert not {"interrupted", "undone"} & set(checked.cloud.phases)


def test_the_guard_reads_the_state_once_before_each_step_that_cannot_be_undone() -> None:
    taken = role("lock", DRAIN, WARM, WARM | {"name": "warm more"})
    taken.go()
    assert len([asked for asked in taken.cloud.asked("failover_state") if set(asked) >= {"run_id"}]) == 4


def test_a_run_is_reported_as_succeeded_before_it_has() -> None:
    taken = role("lock")
    taken.begin()
    taken.step(0)
    reported = taken.task().as_reported()
    assert (reported.status, taken.run.status) == ("completed", "failed")
    assert reported.msg.startswith("Failed over.")


def test_one_that_has_failed_is_reported_as_it_is() -> None:
    failed = failing("warm.yml", "lock", WARM)
    assert failed.task().as_reported() == failed.run


def test_what_nobody_foresaw_in_a_step_fails_that_step_and_what_it_did_is_undone() -> None:
    broken = role("lock", DRAIN)
    broken.begin()
    broken.step(0)
    engine = broken.task()
    engine.take(1)
    engine.break_off("a defect")
    run = broken.end()
    assert run.problem == "drain: a defect"
    assert broken.statuses() == {"lock": "undone", "drain": "undone"}


def test_what_nobody_foresaw_in_an_undo_is_not_reported_as_undone() -> None:
    broken = failing("warm.yml", "lock", DRAIN, WARM)
    engine = broken.task()
    engine.run.results["drain"]["undo"], engine.run.current = None, {"name": "drain", "began": "x"}
    engine.break_off("a defect")
    assert engine.run.results["drain"]["status"] == "undo failed"


@pytest.mark.parametrize("reported", ["", "it broke"])
def test_what_nobody_foresaw_outside_of_a_step_ends_the_run_with_the_first_reason(reported: str) -> None:
    broken = role("lock")
    broken.begin()
    engine = broken.task()
    engine.run.problem = reported
    engine.break_off("a defect")
    assert engine.run.problem == engine.run.msg == (reported or "a defect")


def test_every_built_in_step_belongs_to_a_procedure() -> None:
    assert {name for step in BUILT_IN.values() for name in step.procedures} == {"failover", "failback", "acknowledge"}


def test_steps_pause_once_for_each_file_of_the_users_that_is_left() -> None:
    taken = role("lock", DRAIN, "maintenance", WARM)
    taken.begin()
    assert taken.task().pauses == 2
    taken.step(0)
    taken.step(1)
    assert taken.task().pauses == 1


def test_steps_do_not_pause_for_files_that_check_mode_does_not_run() -> None:
    taken = role("lock", DRAIN, LOOK, check=True)
    taken.begin()
    assert taken.task().pauses == 1


def test_what_only_observes_and_needs_no_file_is_left_to_the_end() -> None:
    taken = role("lock", "maintenance", "wait", "notify", secondary_url="https://other.example.com/")
    taken.begin()
    assert [step["name"] for step in taken.run.to_take[taken.task().tail :]] == ["wait", "notify"]


def test_nothing_that_a_users_file_comes_after_is_left_to_the_end() -> None:
    taken = role("lock", "wait", LOOK, secondary_url="https://other.example.com/")
    taken.begin()
    assert taken.task().tail == 3


def test_steps_that_all_only_observe_are_all_left_to_the_end() -> None:
    taken = role("wait", "notify", secondary_url="https://other.example.com/")
    taken.begin()
    assert (taken.task().tail, taken.task().pauses) == (0, 0)


def test_a_refused_run_runs_no_file_of_the_users() -> None:
    refused = role("lock", DRAIN, "lokc")
    refused.begin()
    assert (refused.task().pauses, refused.task().users_gates(None), refused.ran) == (0, [], [])


@pytest.mark.parametrize("problem", [None, "it broke"])
def test_a_gate_of_the_users_has_a_remedy_only_where_it_failed(problem: str | None) -> None:
    engine = role("lock").task()
    engine.end_gate({"name": "smoke test"}, "2026-11-21T03:05:00Z", problem)
    (result,) = engine.run.memory["task_results"]
    assert (result["passed"], "remedy" in result) == (problem is None, problem is not None)


def test_check_mode_predicts_no_change_of_a_file_that_it_does_not_run() -> None:
    checked = role("lock", WARM, check=True)
    checked.go()
    assert checked.run.results["warm"]["changed"] is False


def test_a_built_in_step_that_ran_a_file_of_the_users_has_changed_something() -> None:
    taken = role("quiesce", "lock", quiesce_tasks="stop.yml")
    taken.go()
    assert taken.run.results["quiesce"]["changed"] is True


@pytest.mark.parametrize(("known", "reported"), [("", "the file broke."), ("a gate failed", "a gate failed.")])
def test_a_run_ends_with_its_own_reason_or_else_with_the_given_one(known: str, reported: str) -> None:
    engine = role("lock").task()
    engine.run.problem = known
    engine.fail("the file broke")
    assert (engine.run.problem, engine.run.msg) == (reported[:-1], reported)


def test_what_nobody_foresaw_does_not_replace_what_was_said_before() -> None:
    engine = role("lock").task()
    engine.run.problem = engine.run.msg = "it broke"
    engine.break_off("a defect")
    assert engine.run.msg == "it broke"


def test_a_library_that_is_missing_refuses_the_run() -> None:
    engine = role("lock").task()
    engine.has_library = lambda _module: False
    engine.begin()
    assert "The Python library boto3 is missing" in engine.run.problem


def test_what_is_left_to_be_seen_before_the_first_step_is_seen_once() -> None:
    taken = Role(failback(), Cloud(locks={"check-1": EARLIER}))
    taken.begin()
    taken.task().prove()
    assert len(taken.cloud.asked("failback_gate")) == 1


def test_i11_a_run_that_is_undone_does_not_say_that_nothing_was() -> None:
    assert "othing was undone" not in failing("warm.yml", "lock", DRAIN, WARM).run.msg


def test_check_mode_leaves_no_state_where_only_a_probe_failed_either() -> None:
    checked = role("lock", LOOK, check=True)
    checked.files["/inventory/look.yml"] = "it broke"
    checked.go()
    assert "interrupted" not in checked.cloud.phases
