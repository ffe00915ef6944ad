# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which gates of a failback count, and what was seen of them last."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import evidence
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps import data_gates
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import recorded
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    CAUGHT_UP,
    NOW,
    Cloud,
    context_of,
    failback,
)

DATABASE = {"name": "database", "postgresql": {"dsn": "host=db.example.com"}}
TASKS = {"name": "orders", "tasks": {"file": "o.yml"}}


def result(name: str, observed: str) -> Json:
    """What a user's tasks have shown."""
    return {"name": name, "passed": True, "observed": observed, "from": NOW, "to": NOW}


def test_gates_of_kinds_that_check_data_are_evaluated_again() -> None:
    assert evidence.data_gates(failback(gates=[CAUGHT_UP, DATABASE])) == ["database"]


def test_naming_them_decides_even_that_there_are_none() -> None:
    assert evidence.data_gates(failback(gates=[DATABASE], data_gates=[])) == []
    assert evidence.data_gates(failback(gates=[CAUGHT_UP], data_gates=["caught up"])) == ["caught up"]


def test_a_gate_that_is_overridden_is_not_missing() -> None:
    seen = {"failed_gates": ["a", "b"]}
    assert evidence.missing(seen, failback(override={"gates": ["a"], "reason": "r"})) == ["b"]
    assert evidence.missing(seen, failback()) == ["a", "b"]


def test_of_users_tasks_that_have_run_twice_the_last_time_counts() -> None:
    context = context_of(failback(), cloud := Cloud())
    context.run.memory["task_results"] = [result("orders", "old"), result("other", "x"), result("orders", "new")]
    evidence.evaluate(context, [TASKS])
    assert [reported["observed"] for reported in cloud.asked("failback_gate")[0]["task_results"]] == ["new"]


def test_what_was_seen_before_is_handed_on() -> None:
    context = context_of(failback(), cloud := Cloud())
    evidence.evaluate(context, [CAUGHT_UP])
    context.run.memory["first"] = {"evidence": {"gates": []}}
    evidence.evaluate(context, [CAUGHT_UP])
    assert ["earlier_evidence" in asked for asked in cloud.asked("failback_gate")] == [False, True]


def test_nobody_is_named_as_requester_where_none_is_known() -> None:
    evidence.evaluate(context_of(failback(requester=""), cloud := Cloud()), [CAUGHT_UP])
    assert "requester" not in cloud.asked("failback_gate")[0]


def test_the_latest_evidence_has_every_gate_once_as_it_was_seen_last() -> None:
    first = {"date": "1", "gates": [{"name": "a", "seen": 1}, {"name": "b", "seen": 1}]}
    again = {"date": "2", "gates": [{"name": "a", "seen": 2}]}
    latest = evidence.latest({"first": {"evidence": first}, "again": {"evidence": again}})
    assert latest == {"date": "2", "gates": [{"name": "b", "seen": 1}, {"name": "a", "seen": 2}]}
    assert evidence.latest({"first": {"evidence": first}}) == first


def moving(rds_began: str, unlock_began: str) -> Run:
    """A failback whose writer has moved, as its next step begins."""
    run = Run("failback", "20261121T030405Z-3f9a1c2e", "checkout", "2026-11-21T03:00:00.000000Z")
    run.results = {"rds": {"name": "rds", "began": rds_began}}
    run.current = {"name": "unlock", "began": unlock_began}
    return run


def test_i11_evidence_does_not_become_too_old_while_rds_moves_the_writer() -> None:
    run = moving("2026-11-21T03:04:00.000000Z", "2026-11-21T03:24:00.500000Z")
    assert evidence.most_age(run, failback(max_evidence_age=300)) == 300 + 1201
    run.results.clear()
    assert evidence.most_age(run, failback(max_evidence_age=300)) == 300


def test_i11_evidence_that_is_too_old_is_seen_before_the_writer_moves() -> None:
    gates = [{"name": "site", "to": "2026-11-21T03:00:00.000000Z"}, {"name": "data", "to": "2026-11-21T03:06:00Z"}]
    run = moving("2026-11-21T03:05:00.000000Z", "2026-11-21T03:06:00.000000Z")
    moved, run.results = run.results, {}
    run.memory["first"] = {"evidence": {"date": NOW, "gates": gates}}
    assert evidence.outdated(run, failback(max_evidence_age=300)) == ["site"]
    assert evidence.outdated(run, failback(max_evidence_age=360)) == []
    override = {"gates": ["site"], "reason": "CHG-1"}
    assert evidence.outdated(run, failback(max_evidence_age=300, override=override)) == []
    run.results = moved
    assert evidence.outdated(run, failback(max_evidence_age=300)) == []


def test_i11_a_failback_whose_evidence_is_too_old_after_the_quiesce_moves_no_writer() -> None:
    site, data = {"name": "site", "window": {"hours": ["00:00-24:00"]}}, DATABASE
    options = failback(gates=[site, data], max_evidence_age=-1)
    context = context_of(options, Cloud())
    context.run.memory["first"] = evidence.evaluate(context, [site, data])
    with pytest.raises(RefusedError, match="older than failback_max_evidence_age"):
        data_gates.take(context)


@pytest.mark.parametrize("given", [{"move_writer_tasks": "move.yml"}, {"resources": {"rds": [{"name": "orders"}]}}])
def test_i11_without_gates_on_data_too_the_age_is_checked_before_the_writer_moves(given: Json) -> None:
    gate = {"name": "site", "window": {"hours": ["00:00-24:00"]}}
    options = failback(gates=[gate], max_evidence_age=-1, **given)
    assert data_gates.STEP.planned(options, {})["skip"] == ""
    context = context_of(options, Cloud())
    context.run.memory["first"] = evidence.evaluate(context, [gate])
    with pytest.raises(RefusedError, match="The evidence of site is older than failback_max_evidence_age"):
        data_gates.take(context)
    context.options = options | {"max_evidence_age": 10**9}
    data_gates.take(context)
    assert context.outcome["msg"] == "No gate of the service looks at data."


def test_without_gates_on_data_and_without_a_writer_that_moves_nothing_is_checked_again() -> None:
    assert data_gates.STEP.planned(failback(), {})["skip"] == "No gate of the service looks at data."


LAG: Json = {"name": "replica", "rds_replica_lag": {"db_instance": "a", "source": "b", "max_lag_seconds": 0}}


@pytest.mark.parametrize(("given", "waited"), [({}, 300), ({"max_data_age": 120}, 120)])
def test_i7_the_lag_of_a_replica_from_before_the_quiesce_proves_nothing(
    given: Json, waited: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    lag = {**LAG, "rds_replica_lag": LAG["rds_replica_lag"] | given}
    context = context_of(failback(gates=[lag, CAUGHT_UP, TASKS], max_evidence_age=10**9), cloud := Cloud())
    context.run.memory["first"] = evidence.evaluate(context, [lag, CAUGHT_UP, TASKS])
    context.run.results["quiesce"] = {"status": "done", "ended": recorded(datetime.now(UTC))}
    data_gates.take(context)
    assert slept == [pytest.approx(waited, abs=5)]
    # The others have become older meanwhile.
    assert [gate["name"] for gate in cloud.asked("failback_gate")[-1]["gates"]] == ["replica", "caught up"]


def test_nothing_is_waited_for_without_a_quiesce_or_without_late_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda _seconds: pytest.fail("waited"))
    for gates, results in (([LAG], {}), ([DATABASE], {"quiesce": {"ended": recorded(datetime.now(UTC))}})):
        context = context_of(failback(gates=gates), Cloud())
        context.run.results |= results
        data_gates.take(context)
