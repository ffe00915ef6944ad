# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A record holds what was done, how long users were without the service, and how to undo it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target
from ansible_collections.tidegate.failover.plugins.module_utils._record.record import procedure_record
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import time_from

from .runs import RUN, step


def test_what_the_run_does_not_say_is_there_all_the_same() -> None:
    record = procedure_record(RUN, [])
    assert record["schema"] == 1
    assert (record["trigger"], record["check"], record["gates"], record["rto_seconds"]) == ("manual", False, [], None)


def test_a_record_is_plain_data() -> None:
    record = procedure_record(RUN, [step("lock")])
    assert json.loads(json.dumps(record)) == record


def test_recovery_counts_from_the_detection() -> None:
    assert procedure_record(RUN, [step("verify", ended="03:05:00")])["recovery_seconds"] == 120


def test_without_a_detection_recovery_counts_from_the_decision() -> None:
    run = {**RUN, "detected_at": None}
    assert procedure_record(run, [step("verify", ended="03:05:00")])["recovery_seconds"] == 110


def test_recovery_counts_from_the_first_lock_of_the_outage_where_an_earlier_run_placed_it() -> None:
    record = procedure_record({**RUN, "first_locked_at": "2026-11-21T02:05:00Z"}, [step("verify", ended="03:05:00")])
    assert (record["recovery_seconds"], record["recovery_from"]) == (3600, "first lock")


def test_a_detection_before_the_first_lock_counts() -> None:
    run = {**RUN, "detected_at": "2026-11-21T02:00:00Z", "first_locked_at": "2026-11-21T02:05:00Z"}
    record = procedure_record(run, [step("verify", ended="03:05:00")])
    assert (record["recovery_seconds"], record["recovery_from"]) == (3900, "detection")


def test_recovery_is_the_last_probe_that_found_users_served() -> None:
    steps = [step("wait", ended="03:04:00"), step("verify", ended="03:05:00"), step("notify", ended="03:05:10")]
    assert procedure_record(RUN, steps)["recovered_at"] == "2026-11-21T03:05:00Z"


@pytest.mark.parametrize(
    "run",
    [{"status": "failed"}, {"operation": "failback"}, {"check": True}],
    ids=["a failed run", "a failback", "check mode"],
)
def test_there_is_no_recovery_in(run: dict[str, Any]) -> None:
    record = procedure_record({**RUN, **run}, [step("verify")])
    assert (record["recovered_at"], record["recovery_seconds"]) == (None, None)


@pytest.mark.parametrize(
    ("gates", "recovered"),
    [
        ({"the other site serves": True}, False),
        ({"the other site serves": True, "DNS leads to the other site: checkout.example.com A": True}, True),
        ({"the other site serves": True, "DNS leads to the other site: checkout.example.com A": False}, False),
        ({}, True),
    ],
)
def test_a_wait_counts_as_recovery_where_it_saw_where_dns_leads(gates: dict[str, bool], recovered: bool) -> None:
    run = {**RUN, "gates": [{"name": name, "passed": passed} for name, passed in gates.items()]}
    record = procedure_record(run, [step("wait")])
    assert (record["recovered_at"] is not None, record["recovery_parts"]["dns"] is not None) == (recovered, recovered)


def test_a_skipped_probe_is_no_recovery() -> None:
    assert procedure_record(RUN, [step("verify", "skipped")])["recovered_at"] is None


def test_what_takes_it_back_is_a_whole_command() -> None:
    target = Target("check out", ["prod inventory.yml"])
    undo = procedure_record({**RUN, "service": "shop"}, [], target)["undo"]
    assert undo.endswith("ansible-playbook tidegate.failover.failback -i 'prod inventory.yml' -l 'check out'")


@pytest.mark.parametrize(
    ("run", "undo"),
    [
        ({"status": "completed"}, "tidegate.failover.failback -l checkout"),
        ({"status": "failed", "point_of_no_return_at": "2026-11-21T03:04:00Z"}, "Forward only"),
        ({"status": "failed"}, "tidegate.failover.failback -l checkout"),
        ({"status": "undone"}, "undone by the run itself"),
        ({"status": "refused"}, "nothing to undo"),
        ({"status": "completed", "check": True}, "nothing to undo"),
        ({"operation": "failback"}, "tidegate.failover.failover -l checkout"),
        ({"operation": "acknowledge"}, "cannot be undone"),
    ],
)
def test_it_says_what_takes_it_back(run: dict[str, Any], undo: str) -> None:
    assert undo in procedure_record({**RUN, **run}, [])["undo"]


@pytest.mark.parametrize(
    ("run", "said"),
    [
        ({"id": ""}, "id is missing"),
        ({"operation": "explode"}, "operation 'explode' is none of failover, failback, acknowledge"),
        ({"status": "fine"}, "status 'fine' is none of"),
        ({"colour": "red"}, "colour is not part of it"),
        ({"began": "yesterday"}, "'yesterday' in a record is not a time"),
        ({"ended": "2026-11-21T03:05:10"}, "no time zone"),
    ],
)
def test_what_is_no_record_is_refused(run: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        procedure_record({**RUN, **run}, [])


@pytest.mark.parametrize(
    ("given", "said"),
    [({"name": "lock"}, "a step has no status"), (step("lock", "maybe"), "step 'lock' has the unknown status 'maybe'")],
)
def test_what_is_no_step_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        procedure_record(RUN, [given])


def test_a_time_that_is_no_text_is_refused() -> None:
    with pytest.raises(RefusedError, match="is not a time"):
        time_from(7)  # type: ignore[arg-type]  # what a record from a file may hold


def test_i12_secrets_in_messages_of_steps_are_hidden() -> None:
    failed = step("promote", "failed", msg="cannot reach postgresql://app:hunter2@db.example.com/orders")
    assert "hunter2" not in json.dumps(procedure_record(RUN, [failed]))


@pytest.mark.parametrize(("given", "kept"), [("300", 300), (300, 300), ("", None), (None, None)])
def test_a_number_that_a_template_made_a_text_of_is_a_number(given: object, kept: int | None) -> None:
    record = procedure_record({**RUN, "rto_seconds": given, "detected_at": ""}, [])
    assert (record["rto_seconds"], record["detected_at"]) == (kept, None)


def test_an_objective_that_is_no_number_is_refused() -> None:
    with pytest.raises(RefusedError, match="not a number of seconds"):
        procedure_record({**RUN, "rto_seconds": "soon"}, [])


def test_only_a_drill_has_what_a_drill_found() -> None:
    assert procedure_record({**RUN, "operation": "drill", "drill": {"of": ["lock"]}}, [])["drill"] == {"of": ["lock"]}
    with pytest.raises(RefusedError, match="drill is not part of it"):
        procedure_record({**RUN, "drill": {}}, [])


def test_a_drill_takes_back_what_it_did_or_says_that_it_could_not() -> None:
    taken_back, left = ({**RUN, "operation": "drill", "drill": {"way_back_failed": failed}} for failed in (False, True))
    assert "nothing to undo" in procedure_record(taken_back, [])["undo"]
    assert "tidegate.failover.status -l checkout" in procedure_record(left, [])["undo"]
