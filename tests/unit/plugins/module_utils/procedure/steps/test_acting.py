# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The steps claim, unlock, maintenance, release and notify, and those that run a file of the user's."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.registry import BUILT_IN, known_steps
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps import (
    claim,
    maintenance,
    notify,
    release,
    unlock,
)
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    OTHER,
    PAGE,
    RUN,
    Cloud,
    context_of,
    failback,
    failover,
)

ALICE = {"name": "alice"}


def claimed(cloud: Cloud, *, check: bool = False, **given: str | Json | None) -> Context:
    """A failback that has claimed a service with two health checks, and whose gates have passed."""
    cloud.locks = {"check-1": RUN, "check-2": RUN}
    context = context_of(failback(health_check_ids=list(cloud.locks), **given), cloud, check=check)
    context.run.lock_ids = [RUN]
    context.run.memory = {
        "locks": [{"health_check_id": check, "lock": {"id": lock}} for check, lock in cloud.locks.items()],
        "first": {"evidence": {"lock_ids": [RUN], "gates": []}, "required_gates": [{"name": "caught up"}]},
    }
    return context


def planned(name: str, options: Json, page: Json) -> Json:
    """A step as part of a run."""
    return known_steps(options["operation"], options, page)[name]


def test_the_claim_was_taken_before_and_is_only_reported() -> None:
    context = context_of(failback(), cloud := Cloud())
    context.run.memory["claimed"] = {"changed": True, "msg": "locked."}
    claim.take(context)
    assert (context.outcome, cloud.calls) == ({"changed": True, "msg": "locked."}, [])


@pytest.mark.parametrize(
    ("claim_before", "before", "phase"),
    [
        ("settled", {"phase": "failed_over"}, "failed_over"),
        *(("settled", {"phase": phase}, "interrupted") for phase in ("interrupted", "undone", "releasing", "serving")),
        ("foreign", None, "interrupted"),
        # The state is of an earlier outage.
        ("foreign", {"phase": "failed_over"}, "interrupted"),
    ],
)
def test_letting_go_says_again_what_earlier_runs_have_left(claim_before: str, before: Json | None, phase: str) -> None:
    context = context_of(failback(), cloud := Cloud())
    context.run.memory["may"] = {"claim": claim_before, "state": before}
    assert claim.undo(context) == "The site stays locked out."
    assert cloud.phase == (RUN, phase)


def test_the_locks_are_opened_with_evidence_the_claim_last() -> None:
    unlock.take(claimed(cloud := Cloud()))
    asked = cloud.asked("r53_healthcheck_lock")
    assert [options["health_check_ids"] for options in asked] == [["check-2"], ["check-1"]]
    assert all(options["required_gates"] == [{"name": "caught up"}] for options in asked)
    assert [options.get("wait_for") for options in asked] == [None, "healthy"]


def test_the_state_is_written_while_the_claim_is_still_held() -> None:
    unlock.take(claimed(cloud := Cloud()))
    assert cloud.calls[0][1]["phase"] == "releasing"


def test_i6_a_health_check_that_was_not_locked_then_is_not_opened_now() -> None:
    context = claimed(cloud := Cloud())
    context.run.memory["locks"][1]["lock"] = None
    cloud.locks["check-2"] = OTHER
    unlock.take(context)
    assert cloud.locks == {"check-2": OTHER}


def test_what_was_opened_before_one_is_refused_counts_as_a_change() -> None:
    context = claimed(cloud := Cloud(fails={"r53_healthcheck_lock check-1": "not allowed"}))
    with pytest.raises(TidegateError, match="not allowed"):
        unlock.take(context)
    assert context.outcome["changed"]
    assert list(cloud.locks) == ["check-1"]


def test_overrides_and_the_path_to_restore_are_handed_on_only_where_they_are_given() -> None:
    override: Json = {"gates": ["caught up"], "reason": "r"}
    unlock.take(claimed(cloud := Cloud(), override=override, restore_path="/lb-check"))
    asked = cloud.asked("r53_healthcheck_lock")[-1]
    assert (asked["override"], asked["restore_path"]) == (override, "/lb-check")
    unlock.take(claimed(cloud := Cloud()))
    assert not {"override", "restore_path"} & set(cloud.asked("r53_healthcheck_lock")[-1])


def test_check_mode_says_which_locks_would_be_opened() -> None:
    unlock.take(context := claimed(cloud := Cloud(), check=True))
    assert (context.outcome["msg"], cloud.calls) == (f"To release: {RUN}.", [])


def test_the_page_must_come_up_only_where_the_failover_is_planned() -> None:
    assert planned("maintenance", failover(type="planned"), PAGE)["required"] is True
    assert planned("maintenance", failover(), PAGE)["required"] is False


def test_a_service_without_a_page_skips_it() -> None:
    assert "maintenance_load_balancer_id" in planned("maintenance", failover(), {})["skip"]
    assert planned("maintenance", failover(), PAGE)["skip"] == ""


def test_undone_the_page_goes() -> None:
    cloud = Cloud(held=["failover:checkout"])
    assert maintenance.undo(context_of(failover(), cloud, page=PAGE)) == "page disabled."
    assert cloud.held == []


@pytest.mark.parametrize(("page", "tasks", "skip"), [(PAGE, "", False), ({}, "r.yml", False), ({}, "", True)])
def test_a_release_takes_the_page_away_or_runs_the_users_file(page: Json, tasks: str, skip: bool) -> None:
    step = planned("release", failback(release_tasks=tasks), page)
    assert (bool(step["skip"]), step["tasks"]) == (skip, tasks)
    release.take(context_of(failback(release_tasks=tasks), cloud := Cloud(held=["failover:checkout"]), page=page))
    assert (cloud.held == []) is bool(page)


def test_people_are_notified_and_the_result_is_kept() -> None:
    context = context_of(failover())
    context.tell = lambda: [{"to": "alice", "status": "failed"}]
    notify.take(context)
    assert context.run.notifications == [{"to": "alice", "status": "failed"}]
    assert (context.outcome["status"], context.outcome["msg"]) == ("done", "alice: failed")


@pytest.mark.parametrize(
    ("sent", "check", "status"), [([], False, "skipped"), ([{"to": "alice", "status": "not sent"}], True, "planned")]
)
def test_nobody_is_notified_without_targets_or_in_check_mode(sent: list[Json], check: bool, status: str) -> None:
    context = context_of(failover(), check=check)
    context.tell = lambda: sent
    notify.take(context)
    assert (context.outcome["status"], context.outcome["changed"]) == (status, False)


def test_a_step_of_the_users_is_taken_where_its_file_is_given() -> None:
    step = planned("scale", failover(scale_tasks="s.yml", scale_undo_tasks="u.yml"), {})
    assert (step["tasks"], step["undo_tasks"], step["skip"]) == ("s.yml", "u.yml", "")
    assert planned("scale", failover(), {})["skip"] == "failover_scale_tasks is not given."


def test_i11_promoting_and_moving_the_writer_and_unlocking_cannot_be_taken_back() -> None:
    final = [
        name
        for options in (failover(), failback())
        for name, step in known_steps(options["operation"], options, {}).items()
        if step["point_of_no_return"]
    ]
    assert sorted(final) == ["move_writer", "promote", "unlock"]


def test_i11_the_steps_that_only_observe_are_these() -> None:
    assert sorted(name for name, step in BUILT_IN.items() if step.observes) == ["notify", "soak", "verify", "wait"]


def test_a_step_is_found_by_lying_in_its_folder() -> None:
    own = {name: step for name, step in BUILT_IN.items() if not step.module}
    assert all(step.take.__module__.rpartition(".")[2] in (name, "page") for name, step in own.items())
    assert len(own) == 13


@pytest.mark.parametrize("check", [False, True])
def test_an_unlock_changes_something(check: bool) -> None:
    unlock.take(context := claimed(Cloud(), check=check))
    assert context.outcome["changed"] is True


def test_the_steps_that_change_nothing_before_others_decide_are_these() -> None:
    assert sorted(name for name, step in BUILT_IN.items() if step.read_only) == ["data_gates", "fences", "gates"]


def test_the_steps_that_need_no_claim_are_these() -> None:
    assert sorted(name for name, step in BUILT_IN.items() if step.unguarded) == ["maintenance", "release"]
