# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A person takes a service over from the run that has it."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.acknowledge import problems
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps.acknowledge import take
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    EARLIER,
    RUN,
    Cloud,
    Role,
    acknowledge,
    context_of,
)


def role(cloud: Cloud | None = None, **given: t.Any) -> Role:
    """An acknowledgement of an aborted run."""
    died = Cloud(locks={"check-1": EARLIER}, phase=(EARLIER, "running"))
    return Role(acknowledge(**given), died if cloud is None else cloud)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"health_check_ids": []}, "acknowledge_health_check_ids is empty"),
        ({"reason": ""}, "A reason is needed"),
        ({"reason": "..."}, "A reason is needed"),
    ],
)
def test_what_is_wrong_with_the_variables_is_reported(given: Json, said: str) -> None:
    (problem,) = problems(acknowledge(**given))
    assert said in problem


def test_the_lock_is_taken_over_under_the_time_that_it_had() -> None:
    acknowledged = role()
    run = acknowledged.go()
    assert run.status == "completed", run.msg
    assert acknowledged.cloud.locks == {"check-1": f"{EARLIER[:16]}-{RUN[17:]}"}
    assert acknowledged.cloud.phase == (run.id, "interrupted")
    assert f"locked out, by {run.id}; no run holds the service" in run.msg


def test_a_service_that_is_not_locked_is_only_written_down() -> None:
    acknowledged = role(Cloud())
    assert acknowledged.go().msg == "Acknowledged. The site is not locked."
    assert (acknowledged.cloud.locks, acknowledged.cloud.phase) == ({}, (RUN, "serving"))


@pytest.mark.parametrize(("given", "written"), [(None, {}), (0, {"suppress": 0}), ("600", {"suppress": 600})])
def test_a_suppression_is_written_only_where_one_is_given(given: t.Any, written: Json) -> None:
    acknowledged = role(suppress=given)
    acknowledged.go()
    asked = acknowledged.cloud.asked("failover_state")[-1]
    assert {name: value for name, value in asked.items() if name == "suppress"} == written


def test_the_run_is_that_of_the_lock_where_nothing_is_to_be_replaced() -> None:
    cloud = Cloud(locks={"check-1": RUN}, may={"replaces": None})
    assert role(cloud).go().status == "completed"
    assert cloud.asked("r53_healthcheck_lock") == []


def test_a_lock_that_cannot_be_taken_over_is_left_and_the_failure_reported() -> None:
    acknowledged = role()
    acknowledged.cloud.fails["r53_healthcheck_lock"] = "not allowed"
    run = acknowledged.go()
    assert run.status == "failed"
    assert run.msg == "acknowledge: not allowed."
    assert acknowledged.cloud.locks == {"check-1": EARLIER}


def taken(lock: Json | None) -> Context:
    """The step, taken for a service with this lock."""
    context = context_of(acknowledge(reason="looked"), Cloud(locks={"check-1": EARLIER} if lock else {}))
    context.run.memory["may"] = {"replaces": lock and lock["id"], "state": None, "next_phase": "x", "lock": lock}
    context.left_by = lambda lock_id, _state: f"{lock_id} had promoted."
    take(context)
    return context


def test_what_the_run_of_the_lock_has_left_is_reported() -> None:
    assert taken({"id": EARLIER}).outcome["msg"].endswith(f" {EARLIER} had promoted.")


def test_where_there_is_no_lock_no_run_has_left_anything() -> None:
    assert "had promoted" not in taken(None).outcome["msg"]


@pytest.mark.parametrize(("lock", "lock_ids"), [({"id": EARLIER}, [RUN]), (None, [])])
def test_the_lock_that_was_taken_over_is_that_of_this_run(lock: Json | None, lock_ids: list[str]) -> None:
    assert taken(lock).outcome["lock_ids"] == lock_ids


def test_an_acknowledgement_changes_something_even_where_nothing_is_locked() -> None:
    assert taken(None).outcome["changed"] is True
