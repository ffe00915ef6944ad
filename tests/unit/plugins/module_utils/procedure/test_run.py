# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A run as plain data: the steps that were started, their outcomes, and what is undone."""

from __future__ import annotations

import json
import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import (
    Json,
    Run,
    Step,
    begin_step,
    end_step,
    end_undo,
    fail_step,
    has_unlocked,
    keeps_what_was_done,
    needs_guard,
    only_observes,
    reported_undo,
    steps_reported,
    steps_to_undo,
)
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import NOW, RUN

LOCK: Step = {"name": "lock", "own": True, "undo": True}
DRAIN: Step = {"name": "drain", "tasks": "drain.yml", "undo_tasks": "fill.yml"}
WARM: Step = {"name": "warm", "tasks": "warm.yml"}
PROMOTE: Step = {"name": "promote", "tasks": "promote.yml", "point_of_no_return": True}
LOOK: Step = {"name": "look", "tasks": "look.yml", "read_only": True}
VERIFY: Step = {"name": "verify", "own": True, "read_only": True, "observes": True}


def run_of(*steps: Step, **more: t.Any) -> Run:
    """A run with these steps."""
    return Run("failover", RUN, "checkout", NOW, steps=list(steps), **more)


def taken(*steps: Step, fails: str = "", **more: t.Any) -> Run:
    """A run that has taken these steps, up to the one that fails."""
    run = run_of(*steps, **more)
    for step in run.to_take:
        begin_step(run, step, NOW)
        if step["name"] == fails:
            fail_step(run, step, "it broke", {}, NOW)
            break
        end_step(run, step, {"lock_ids": [RUN]} if step["name"] == "lock" else {}, NOW)
    return run


def ended(step: Step, outcome: Json, *, check: bool = False) -> Json:
    """What is kept of a step that has gone well."""
    run = run_of(step, check=check)
    begin_step(run, step, NOW)
    end_step(run, step, outcome, NOW)
    return run.results[step["name"]]


def test_a_run_travels_as_json() -> None:
    run = taken(LOCK, DRAIN, fails="drain")
    assert Run.from_json(json.loads(json.dumps(run.to_json()))) == run


@pytest.mark.parametrize(
    ("step", "outcome", "check", "status", "changed"),
    [
        (WARM, {}, False, "done", True),
        (WARM, {"changed": False}, False, "unchanged", False),
        (WARM, {"changed": True}, True, "planned", True),
        (WARM, {"status": "not evaluated", "changed": False}, True, "not evaluated", False),
        (LOOK, {}, False, "done", False),
        (LOOK, {}, True, "done", False),
        (VERIFY, {"status": "planned", "changed": False}, True, "planned", False),
    ],
)
def test_what_a_step_has_become_follows_from_what_it_left(
    step: Step, outcome: Json, check: bool, status: str, changed: bool
) -> None:
    result = ended(step, outcome, check=check)
    assert (result["status"], result["changed"]) == (status, changed)


def test_what_steps_leave_is_kept_in_order_and_a_lock_once() -> None:
    run = run_of(LOCK, WARM)
    for step, gate in ((LOCK, "a"), (WARM, "b")):
        begin_step(run, step, NOW)
        end_step(run, step, {"lock_ids": [RUN], "gates": [{"name": gate}], "overrides": [{"what": gate}]}, NOW)
    assert run.lock_ids == [RUN]
    assert [gate["name"] for gate in run.gates] == ["a", "b"]
    assert [override["what"] for override in run.overrides] == ["a", "b"]


def test_a_failed_step_ends_the_run_and_says_where() -> None:
    run = taken(LOCK, WARM, fails="warm")
    assert (run.problem, run.ended_by, run.goes_on) == ("warm: it broke", "warm", False)


def test_a_step_that_need_not_succeed_lets_the_run_go_on() -> None:
    page = {"name": "maintenance", "own": True, "undo": True, "required": False}
    run = taken(page, fails="maintenance")
    assert (run.results["maintenance"]["status"], run.goes_on, run.ended_by) == ("failed", True, "")


def test_a_step_that_failed_may_have_changed_something_unless_it_only_reads() -> None:
    assert taken(WARM, fails="warm").results["warm"]["changed"]
    assert not taken(LOOK, fails="look").results["look"]["changed"]


def test_i11_the_point_of_no_return_is_where_a_promotion_begins() -> None:
    run = run_of(LOCK, PROMOTE)
    begin_step(run, LOCK, NOW)
    assert run.point_of_no_return_at is None
    begin_step(run, PROMOTE, "2026-11-21T03:04:06Z")
    begin_step(run, PROMOTE, "2026-11-21T03:04:07Z")
    assert run.point_of_no_return_at == "2026-11-21T03:04:06Z"


def test_check_mode_passes_no_point_of_no_return() -> None:
    assert taken(LOCK, PROMOTE, check=True, claim_is_final=True).point_of_no_return_at is None


@pytest.mark.parametrize("fails", ["", "lock"])
def test_i11_the_claim_is_the_point_of_no_return_where_it_is_final(fails: str) -> None:
    run = run_of(LOCK, claim_is_final=True)
    begin_step(run, LOCK, NOW)
    if fails:
        fail_step(run, LOCK, "the second health check is refused", {"lock_ids": [RUN]}, NOW)
    else:
        end_step(run, LOCK, {"lock_ids": [RUN]}, NOW)
    assert run.point_of_no_return_at == NOW


def test_a_lock_of_another_run_is_no_point_of_no_return() -> None:
    run = run_of(LOCK, claim_is_final=True)
    begin_step(run, LOCK, NOW)
    end_step(run, LOCK, {"lock_ids": ["check-2@7"]}, NOW)
    assert run.point_of_no_return_at is None


@pytest.mark.parametrize(
    ("step", "more", "needed"),
    [
        (PROMOTE, {}, True),
        (WARM, {}, True),
        (DRAIN, {}, False),
        (DRAIN, {"point_of_no_return_at": NOW}, True),
        (VERIFY, {"point_of_no_return_at": NOW}, False),
        (PROMOTE, {"check": True}, False),
        (PROMOTE, {"lock_ids": []}, False),
        (WARM | {"unguarded": True}, {}, False),
    ],
)
def test_the_claim_is_checked_before_all_that_cannot_be_undone(step: Step, more: Json, needed: bool) -> None:
    assert needs_guard(run_of(step, **{"lock_ids": [RUN], **more}), step) is needed


def test_a_users_probe_only_observes_before_steps_that_only_wait() -> None:
    assert only_observes(run_of(LOOK, {"name": "wait", "own": True, "observes": True}), LOOK)


def test_i11_a_users_probe_only_observes_where_nothing_that_changes_anything_comes_after_it() -> None:
    assert only_observes(run_of(LOCK, LOOK, VERIFY), LOOK)
    assert not only_observes(run_of(LOCK, LOOK, WARM), LOOK)


def test_i11_a_step_after_it_that_is_skipped_does_not_count() -> None:
    assert only_observes(run_of(LOOK, WARM | {"skip": "not given"}), LOOK)


def test_a_built_in_step_observes_only_if_it_says_so() -> None:
    assert only_observes(run_of(VERIFY), VERIFY)
    assert not only_observes(run_of(LOCK), {**LOOK, "own": True})


def test_a_users_step_that_changes_something_never_only_observes() -> None:
    assert not only_observes(run_of(WARM), WARM)


@pytest.mark.parametrize(
    ("steps", "fails", "keeps"),
    [
        ((LOCK, WARM), "warm", False),
        ((LOCK, VERIFY), "verify", True),
        ((VERIFY, LOCK), "verify", False),
        ((LOCK, PROMOTE), "promote", True),
        ((LOCK, WARM), "", False),
    ],
)
def test_i11_what_was_done_is_kept_after_a_promotion_and_where_only_a_probe_failed(
    steps: tuple[Step, ...], fails: str, keeps: bool
) -> None:
    assert keeps_what_was_done(taken(*steps, fails=fails)) is keeps


def test_i11_steps_are_undone_in_reverse_also_the_one_that_got_half_way() -> None:
    assert steps_to_undo(taken(LOCK, DRAIN, fails="drain")) == ["drain", "lock"]


def test_i11_nothing_is_undone_after_a_promotion_has_begun() -> None:
    assert steps_to_undo(taken(LOCK, DRAIN, PROMOTE, fails="promote")) == []


def test_what_cannot_be_undone_and_what_was_not_begun_is_left_out() -> None:
    assert steps_to_undo(taken(LOCK, WARM, DRAIN, fails="warm")) == ["lock"]


@pytest.mark.parametrize("status", ["unchanged", "not evaluated"])
def test_what_changed_nothing_is_not_undone(status: str) -> None:
    run = taken(LOCK, DRAIN, WARM, fails="warm")
    run.results["drain"]["status"] = status
    assert steps_to_undo(run) == ["lock"]


def test_check_mode_undoes_nothing() -> None:
    assert steps_to_undo(taken(LOCK, DRAIN, fails="drain", check=True)) == []


def test_what_was_undone_says_how() -> None:
    run = taken(LOCK, DRAIN, fails="drain")
    end_undo(run, "drain", problem=None, msg="filled", now=NOW)
    assert run.results["drain"]["undo"] == {"status": "undone", "began": NOW, "ended": NOW, "msg": "filled"}
    assert (run.undone, reported_undo(run)) == (True, "Everything that had been done was undone.")


def test_what_could_not_be_undone_is_left_to_a_person() -> None:
    run = taken(LOCK, DRAIN, fails="drain")
    end_undo(run, "drain", problem="no route", msg="", now=NOW)
    assert run.results["drain"]["undo"]["msg"] == "no route"
    assert (run.undone, reported_undo(run)) == (False, "NOT UNDONE: drain. Undo it by hand.")


def test_steps_are_reported_in_their_order_up_to_the_first_that_was_not_reached() -> None:
    skipped = {"name": "scale", "skip": "not given"}
    run = taken(LOCK, skipped, WARM, VERIFY, skipped | {"name": "soak"}, fails="warm")
    assert [(step["name"], step["status"]) for step in steps_reported(run)] == [
        ("lock", "done"),
        ("scale", "skipped"),
        ("warm", "failed"),
    ]


def test_a_skipped_step_reports_why_and_has_changed_nothing() -> None:
    (reported,) = steps_reported(run_of({"name": "scale", "skip": "not given"}))
    assert (reported["msg"], reported["changed"]) == ("not given", False)


def test_a_run_without_a_change_does_not_go_on() -> None:
    assert not run_of(LOCK, status="unchanged").goes_on


@pytest.mark.parametrize(("memory", "opened"), [({}, True), ({"only": []}, True), ({}, False)])
def test_i11_a_run_that_has_opened_the_lock_or_finishes_one_that_did_has_unlocked(memory: Json, opened: bool) -> None:
    unlock = {"name": "unlock", "own": True}
    run = taken(unlock, memory=memory) if opened and not memory else run_of(unlock, memory=memory)
    run.operation = "failback"
    assert has_unlocked(run) is opened
