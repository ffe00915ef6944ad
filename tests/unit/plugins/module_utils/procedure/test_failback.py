# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The checks of a failback before it begins, and what it leaves if it does not begin."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._failover.decision import Asked, Service, decide
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import State
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.failback import PROCEDURE, problems
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    CAUGHT_UP,
    EARLIER,
    NOW,
    OTHER,
    PAGE,
    RUN,
    Cloud,
    Role,
    failback,
)

#: Resources that each move users.
_RESOURCES = {"alb": [{"name": "https"}], "dns": [{"name": "shop.example.com"}], "autoscaling": [{"name": "app"}]}
OVERRIDE = {"gates": ["caught up"], "reason": "the database is new"}


def _lock(lock_id: str) -> Lock:
    return Lock(lock_id, "path", "tidegate", True, "/lb-check")


def failed_over() -> Cloud:
    """A service whose failover has ended."""
    return Cloud(locks={"check-1": EARLIER}, phase=(EARLIER, "failed_over"), held=["failover:checkout"])


def role(cloud: Cloud | None = None, *, page: Json | None = None, check: bool = False, **given: t.Any) -> Role:
    """A failback of it."""
    return Role(failback(**given), cloud or failed_over(), page=PAGE if page is None else page, check=check)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"health_check_ids": []}, "failback_health_check_ids is empty"),
        ({"gates": []}, "No gates are defined"),
        ({"data_gates": ["cauhgt up"]}, "failback_data_gates names cauhgt up"),
        ({"override": {"gates": ["x"], "reason": "y"}}, "failback_override names x"),
        ({"override": {"gates": ["caught up"]}}, "failback_override needs a reason"),
        ({"verify_url": "https://me:secret@example.com/"}, "failback_verify_url holds a user"),
        ({"gates": [{"name": "x", "tcp": {"hots": "y"}}]}, "failback_gates: "),
        ({"gates": [{"postgresql": {"dsn": "host=db"}}]}, "failback_gates: "),
        ({"gates": ["tcp"]}, "failback_gates: "),
    ],
)
def test_what_is_wrong_with_the_variables_is_reported(given: Json, said: str) -> None:
    assert any(said in problem for problem in problems(failback(**given)))


def test_a_gate_without_a_name_is_refused_in_the_words_of_gates() -> None:
    run = role(gates=[{"postgresql": {"dsn": "host=db"}}]).go()
    assert run.msg.startswith("failback_gates: ")


def test_a_secret_is_not_repeated() -> None:
    assert "secret" not in " ".join(problems(failback(verify_url="https://me:secret@example.com/")))


def test_all_that_is_wrong_is_reported_at_once_and_nothing_is_asked() -> None:
    run = (failing := role(health_check_ids=[], gates=[])).go()
    assert (run.status, len(run.problem.splitlines()), failing.cloud.calls) == ("refused", 2, [])


def test_it_opens_the_lock_and_takes_the_page_away() -> None:
    run = (back := role()).go()
    assert run.status == "completed", run.msg
    assert (back.cloud.locks, back.cloud.held) == ({}, [])
    assert back.cloud.phases == ["failing_back", "releasing", "serving"]


def test_it_is_named_after_the_time_of_the_lock_that_it_takes_over() -> None:
    run = (back := role()).go()
    assert run.id == f"{EARLIER[:16]}-{RUN[17:]}"
    assert back.cloud.asked("r53_healthcheck_lock")[0]["replaces"] == EARLIER


def test_evidence_is_for_the_lock_that_is_opened() -> None:
    back = role()
    run = back.go()
    (opened,) = [asked for asked in back.cloud.asked("r53_healthcheck_lock") if asked["state"] == "unlocked"]
    assert (opened["lock_id"], opened["evidence"]["lock_ids"]) == (run.id, [run.id])


def test_a_gate_that_does_not_pass_lets_the_service_go() -> None:
    back = role()
    back.cloud.fails["caught up"] = "12 bytes are missing"
    run = back.go()
    assert (run.status, run.results) == ("refused", {})
    assert run.msg == "The site is not ready for traffic. caught up: 12 bytes are missing."
    assert back.cloud.phases == ["failing_back", "failed_over"]


def test_i8_a_failback_that_is_refused_does_not_make_a_foreign_lock_a_failover() -> None:
    cloud = Cloud(locks={"check-1": "check-1@7"}, fails={"caught up": "1 MB behind"})
    assert role(cloud).go().status == "refused"
    left = Service(_lock(cloud.locks["check-1"]), State(*cloud.phase))
    found = decide(left, Asked("failover", OTHER, False, True, 3600, "acknowledge"), Moment(datetime.now(UTC)))
    assert (found.allowed, found.already, found.replaces) == (True, False, RUN)


def test_what_an_earlier_failover_has_left_is_reported_again() -> None:
    cloud = failed_over()
    cloud.phase, cloud.fails = (EARLIER, "interrupted"), {"caught up": "no"}
    role(cloud).go()
    assert cloud.phase[1] == "interrupted"


def test_a_gate_that_cannot_be_evaluated_lets_the_service_go() -> None:
    cloud = failed_over()
    cloud.fails["failback_gate"] = "it broke"
    assert role(cloud).go().msg == "it broke."
    assert cloud.phase[1] == "failed_over"


@pytest.mark.parametrize("broken", ["r53_healthcheck_info", "failover_state failing_back"])
def test_i8_a_claim_that_got_half_way_lets_the_service_go(broken: str) -> None:
    cloud = failed_over()
    cloud.fails[broken] = "throttled"
    run = role(cloud).go()
    assert (run.status, run.msg) == ("refused", "throttled.")
    assert cloud.phase == (cloud.locks["check-1"], "failed_over")


def test_i8_a_claim_that_broke_after_its_effect_lets_the_service_go() -> None:
    cloud = failed_over()
    cloud.fails["r53_healthcheck_lock"], cloud.after_effect = "no tags", {"r53_healthcheck_lock"}
    assert role(cloud).go().status == "refused"
    assert cloud.phase == (cloud.locks["check-1"], "failed_over")


def test_a_service_that_another_run_has_taken_is_not_let_go() -> None:
    back = role()
    back.task().begin()
    back.cloud.locks["check-1"], back.cloud.phase = OTHER, (OTHER, "failing_back")
    back.cloud.fails["caught up"] = "no"
    back.task().prove()
    assert back.cloud.phase == (OTHER, "failing_back")


@pytest.mark.parametrize("broken", ["failback_gate", "r53_healthcheck_info"])
def test_i8_a_defect_lets_the_service_go_too(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cloud, f"_{broken}", lambda _cloud, options: options["a defect"])
    cloud = failed_over()
    assert "a defect" in role(cloud).go().msg
    assert cloud.phase == (cloud.locks["check-1"], "failed_over")


def test_other_health_checks_of_the_site_that_are_still_locked_are_not_called_nothing_to_do() -> None:
    cloud = Cloud(locks={"check-2": EARLIER})
    run = role(cloud, health_check_ids=["check-1", "check-2"]).go()
    assert run.status == "refused"
    assert f"others of the site are: check-2 by {EARLIER}" in run.msg


def test_that_it_could_not_be_let_go_is_reported() -> None:
    cloud = failed_over()
    cloud.fails = {"caught up": "no", "failover_state failed_over": "throttled"}
    assert "The claim on the service could not be released either: throttled" in role(cloud).go().msg


def test_an_override_lets_a_failed_gate_be_and_is_kept() -> None:
    cloud = failed_over()
    cloud.fails["caught up"] = "no"
    run = role(cloud, override=OVERRIDE).go()
    assert run.status == "completed", run.msg
    assert run.overrides == [
        {"what": "failback gates", "names": ["caught up"], "reason": OVERRIDE["reason"], "by": "operator:alice"}
    ]
    assert cloud.asked("r53_healthcheck_lock")[-1]["override"] == OVERRIDE


def test_a_service_that_is_not_locked_and_has_no_page_is_left_as_it_is() -> None:
    run = role(Cloud()).go()
    assert (run.status, run.steps) == ("unchanged", [])


def test_i8_what_a_killed_failback_left_after_its_unlock_is_done() -> None:
    cloud = Cloud(held=["failover:checkout"], phase=(EARLIER, "releasing"))
    run = role(cloud, verify_url="https://checkout.example.com/").go()
    assert (run.status, cloud.held) == ("completed", [])
    assert list(run.results) == ["wait", "release", "verify", "notify"]
    assert "The remaining steps of the earlier failback are done" in run.msg


@pytest.mark.parametrize("phase", ["failed_over", "interrupted", "undone", "serving"])
def test_i8_of_a_failover_whose_lock_a_person_released_only_the_page_is_left(phase: str) -> None:
    cloud = Cloud(held=["failover:checkout"], phase=(EARLIER, phase))
    run = role(cloud, verify_url="https://checkout.example.com/", resources=_RESOURCES).go()
    assert (run.status, cloud.held, list(run.results)) == ("completed", [], ["release", "verify", "notify"])
    assert "The page of the failover is released too, and no users were moved." in run.msg


def test_a_page_that_somebody_else_holds_is_nothing_that_is_left() -> None:
    assert role(Cloud(held=["operator:bob"])).go().status == "unchanged"


def test_check_mode_plans_the_unlock_and_writes_no_state() -> None:
    back = role(check=True)
    assert back.go().status == "completed"
    assert back.cloud.phases == []
    assert back.run.results["unlock"]["status"] == "planned"


def test_an_unsafe_order_is_refused_before_anything_is_asked() -> None:
    run = (back := role(steps=["release", "unlock"])).go()
    assert "'release' must come after 'unlock'" in run.msg
    assert back.cloud.calls == []


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"data_gates": ["caught up"], "steps": ["unlock"]}, "'unlock' must come after 'data_gates'"),
        ({"move_writer_tasks": "w.yml", "steps": ["unlock"]}, "'unlock' must come after 'move_writer'"),
        (
            {"data_gates": ["caught up"], "quiesce_tasks": "q.yml", "steps": ["data_gates", "quiesce", "unlock"]},
            "'data_gates' must come after 'quiesce'",
        ),
    ],
)
def test_nothing_lets_users_in_before_data_is_proven_and_the_writer_has_moved(given: Json, said: str) -> None:
    assert said in role(**given).go().msg


@pytest.mark.parametrize(
    ("claim", "said"), [("open", "The lock is released, and users"), ("under way", "The lock stays")]
)
def test_what_is_to_be_done_next_follows_from_what_the_claim_is(claim: str, said: str) -> None:
    assert PROCEDURE.forward(claim).startswith(said)


def test_checkers_that_do_not_come_back_are_reported_with_what_the_lock_is_by_then() -> None:
    back = role()
    back.cloud.fails["r53_healthcheck_lock unlocked"] = "the checkers still find it unhealthy"
    back.cloud.after_effect = {"r53_healthcheck_lock unlocked"}
    run = back.go()
    assert run.status == "failed"
    assert "The lock is released, and users are on their way" in run.msg


def test_a_second_health_check_that_is_refused_leaves_the_claim_and_says_so() -> None:
    cloud = failed_over()
    cloud.locks["check-2"], cloud.fails = EARLIER, {"r53_healthcheck_lock check-2": "not allowed"}
    run = role(cloud, health_check_ids=["check-1", "check-2"]).go()
    assert "The lock stays, so users stay where they are" in run.msg
    assert cloud.phase == (run.id, "interrupted")


def test_gates_that_are_tasks_are_run_first_and_count() -> None:
    gate = {"name": "orders agree", "tasks": {"file": "compare.yml"}}
    back = role(gates=[gate])
    back.files["compare.yml"] = "3 orders are missing"
    assert back.go().status == "refused"
    (asked,) = back.cloud.asked("failback_gate")
    assert asked["task_results"][0]["observed"] == "3 orders are missing"


def test_gates_on_data_that_are_tasks_are_run_again_and_the_last_time_counts() -> None:
    gate = {"name": "orders agree", "tasks": {"file": "compare.yml"}}
    back = role(gates=[gate, CAUGHT_UP], data_gates=["orders agree"])
    assert back.go().status == "completed"
    assert back.ran == ["compare.yml", "compare.yml"]
    assert [len(asked["task_results"]) for asked in back.cloud.asked("failback_gate")] == [1, 1]


def test_gates_that_are_tasks_and_may_change_something_are_not_run_in_check_mode() -> None:
    gates = [
        {"name": "orders agree", "tasks": {"file": "compare.yml"}},
        {"name": "no jobs run", "tasks": {"file": "jobs.yml", "read_only": True}},
    ]
    back = role(gates=gates, check=True)
    back.go()
    assert back.ran == ["jobs.yml"]


def test_users_own_steps_are_taken_after_the_unlock_too() -> None:
    back = role(steps=["unlock", {"name": "warm", "tasks": "warm.yml"}])
    assert back.go().status == "completed", back.run.msg
    assert back.ran == ["/inventory/warm.yml"]


def test_users_own_steps_after_the_unlock_are_not_taken_where_the_site_is_locked_again() -> None:
    back = role(steps=["unlock", {"name": "warm", "tasks": "warm.yml"}])
    back.begin()
    for number in (0, 1):
        back.step(number)
    back.cloud.locks["check-1"] = OTHER
    back.step(2)
    assert f"no longer holds the service: run {OTHER}" in back.end().msg
    assert back.ran == []


def test_i8_a_failback_that_was_aborted_after_its_unlock_is_not_finished_beside_one_that_goes_on() -> None:
    state = {"run": EARLIER, "phase": "releasing", "by": "ctl1/4711", "began_at": "2026-11-21T03:04:05Z"}
    engine = role(Cloud(may={"state": state})).task()
    engine.context.is_running = lambda by, _began_at: by == "ctl1/4711"
    engine.begin()
    assert "its failback" in engine.run.problem
    assert "Its process (ctl1/4711) is still running on this host." in engine.run.problem


def test_a_page_that_was_left_over_is_reported_where_no_step_would_take_it_away() -> None:
    cloud = Cloud(held=["failover:checkout"])
    run = role(cloud, steps=["unlock", "verify"], verify_url="https://checkout.example.com/").go()
    assert (run.status, run.results, cloud.held) == ("unchanged", {}, ["failover:checkout"])
    assert "But the page of the failover is still up, and failback_steps has no release" in run.msg


def unfinished(*steps: str | Json, check: bool = False, **given: t.Any) -> Role:
    """A failback after one that was aborted after its unlock."""
    cloud = Cloud(may={"state": {"run": EARLIER, "phase": "releasing"}})
    return role(cloud, steps=list(steps), check=check, **given)


def test_i8_what_comes_right_after_the_unlock_is_left_to_do() -> None:
    finished = unfinished("unlock", "release")
    finished.go()
    assert list(finished.run.results) == ["release"]


def test_i8_what_is_left_waits_for_the_users_first() -> None:
    finished = unfinished("unlock", "wait", "release")
    finished.go()
    assert list(finished.run.results) == ["wait", "release"]
    assert [asked["wait_for"] for asked in finished.cloud.asked("r53_healthcheck_lock")] == ["healthy"]


def test_i7_what_is_left_moves_no_users_to_a_site_that_the_checkers_do_not_find_healthy() -> None:
    (finished := unfinished("unlock", "alb", "dns", "wait", resources=_RESOURCES)).cloud.fails = {
        "r53_healthcheck_lock unlocked": "the wait_timeout ran out"
    }
    run = finished.go()
    assert (run.status, run.results, run.point_of_no_return_at) == ("refused", {}, None)
    assert run.msg == "None of the remaining steps of the failback was taken. the wait_timeout ran out."


def test_what_is_left_waits_for_the_checkers_before_it_moves_users() -> None:
    (finished := unfinished("unlock", "alb", "dns", "wait", resources=_RESOURCES)).go()
    asked = [module for module, options in finished.cloud.calls if module != "failover_state"]
    assert asked == ["r53_healthcheck_lock", "alb_weights", "r53_record_switch"]


def test_check_mode_does_not_wait_for_the_checkers() -> None:
    (finished := unfinished("unlock", "wait", check=True)).go()
    assert finished.cloud.asked("r53_healthcheck_lock") == []


def test_i8_users_own_steps_before_the_unlock_are_not_taken_again() -> None:
    finished = unfinished({"name": "stop jobs", "tasks": "stop.yml"}, "unlock", "release")
    finished.go()
    assert finished.ran == []


def test_a_failback_of_one_health_check_asks_for_no_others() -> None:
    role(cloud := Cloud()).go()
    assert cloud.asked("r53_healthcheck_info") == []


@pytest.mark.parametrize(("reason", "kept"), [("CHG-1", "CHG-1"), ("", "failback")])
def test_the_lock_reports_why_it_was_taken_over(reason: str, kept: str) -> None:
    (back := role(reason=reason)).go()
    assert back.cloud.asked("r53_healthcheck_lock")[0]["reason"] == kept


@pytest.mark.parametrize("cloud", [failed_over(), Cloud()], ids=["locked", "open"])
def test_of_health_checks_only_the_locks_are_read(cloud: Cloud) -> None:
    role(cloud, health_check_ids=["check-1", "check-2"]).go()
    assert {asked["include_observations"] for asked in cloud.asked("r53_healthcheck_info")} == {False}


@pytest.mark.parametrize(("check", "since"), [(False, NOW), (True, None)])
def test_i11_what_is_left_after_an_unlock_is_never_undone(check: bool, since: str | None) -> None:
    (finished := unfinished("unlock", "release", check=check)).go()
    assert finished.run.point_of_no_return_at == since


@pytest.mark.parametrize(("given", "handed_on"), [(None, {}), ("/lb-check", {"restore_path": "/lb-check"})])
def test_the_claim_gets_the_path_that_is_to_be_restored(given: str | None, handed_on: Json) -> None:
    (back := role(restore_path=given)).go()
    claimed = back.cloud.asked("r53_healthcheck_lock")[0]
    assert {name: value for name, value in claimed.items() if name == "restore_path"} == handed_on


def test_a_failback_that_is_refused_runs_no_tasks_of_gates() -> None:
    gate = {"name": "orders agree", "tasks": {"file": "compare.yml"}}
    back = role(Cloud(may={"allowed": False, "msg": "Held."}), gates=[gate])
    back.go()
    assert back.ran == []


def test_a_release_that_ran_a_file_of_the_users_has_changed_something() -> None:
    cloud = Cloud(locks={"check-1": EARLIER}, phase=(EARLIER, "failed_over"))
    assert role(cloud, release_tasks="fill.yml").go().results["release"]["changed"] is True


def test_i8_a_failback_of_which_no_step_is_left_is_completed_too() -> None:
    finished = unfinished("unlock")
    assert (finished.go().status, finished.cloud.phases) == ("completed", ["serving"])
