# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Recovery objectives: how long each part took, and the lag of the promoted database."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._record.record import procedure_record

from .runs import RUN, step

PROMOTES = {**RUN, "promotions": ["promote"]}
PROMOTE = step("promote", began="03:04:00", ended="03:04:20")


def look(at: str, name: str = "caught up", **measured: float | None) -> dict[str, Any]:
    """What a gate saw."""
    time = f"2026-11-21T{at}Z"
    return {"name": name, "passed": True, "observed": "what it saw", "from": time, "to": time, "measured": measured}


def point(*looks: dict[str, Any], **run: Any) -> dict[str, Any]:
    """The recovery point of a failover that promoted."""
    found: dict[str, Any] = procedure_record({**PROMOTES, "gates": list(looks), **run}, [PROMOTE])["recovery_point"]
    return found


def test_the_recovery_point_is_what_was_measured_right_before_the_promotion() -> None:
    seen = point(look("03:03:58", lag_bytes=512, lag_seconds=0.5))
    assert (seen["lag_bytes"], seen["lag_seconds"], seen["age_seconds"]) == (512, 0.5, 2.0)
    assert seen["msg"] == "512 bytes and 0.5 s behind, observed 2 s before the promotion"


def test_the_last_probe_counts() -> None:
    assert point(look("03:03:50", lag_seconds=9.0), look("03:03:58", lag_seconds=0.0))["lag_seconds"] == 0.0


def test_where_the_last_probe_did_not_know_the_one_before_counts_with_its_age() -> None:
    seen = point(look("03:03:30", lag_bytes=0, lag_seconds=0.0), look("03:03:58", lag_bytes=None, lag_seconds=None))
    assert (seen["lag_bytes"], seen["age_seconds"]) == (0, 30.0)


def test_a_probe_after_the_promotion_says_nothing_of_it() -> None:
    assert point(look("03:04:30", lag_seconds=0.0))["lag_seconds"] is None


def test_of_several_databases_the_one_that_is_furthest_behind_counts() -> None:
    assert point(look("03:03:58", "a", lag_seconds=1.0), look("03:03:58", "b", lag_seconds=7.0))["lag_seconds"] == 7.0


def test_one_database_that_cannot_tell_makes_the_figure_unknown() -> None:
    assert point(look("03:03:58", "a", lag_seconds=0.0), look("03:03:58", "b", lag_seconds=None))["lag_seconds"] is None


def test_a_kind_that_does_not_measure_bytes_does_not_hide_those_of_another() -> None:
    seen = point(look("03:03:58", "a", lag_bytes=3, lag_seconds=1.0), look("03:03:58", "rds", lag_seconds=2.0))
    assert (seen["lag_bytes"], seen["lag_seconds"]) == (3, 2.0)


@pytest.mark.parametrize(
    ("looks", "run", "why"),
    [
        ([], {}, "unknown: no gate of failover_gates measures how far the other database is behind"),
        ([], {"not_measured": "No module."}, "unknown: No module."),
        ([look("03:03:58", lag_seconds=None)], {}, "unknown: caught up: what it saw"),
    ],
)
def test_an_unknown_recovery_point_says_why(looks: list[dict[str, Any]], run: dict[str, Any], why: str) -> None:
    assert point(*looks, **run)["msg"] == why


@pytest.mark.parametrize("promote", [step("promote", "skipped"), step("promote", "not evaluated")])
def test_what_promoted_nothing_has_no_recovery_point(promote: dict[str, Any]) -> None:
    assert procedure_record(PROMOTES, [promote])["recovery_point"] is None


@pytest.mark.parametrize(("lag", "met"), [(5.0, True), (5.1, False), (None, None)])
def test_an_objective_that_nothing_was_measured_for_is_neither_met_nor_missed(lag: float | None, met: object) -> None:
    record = procedure_record({**PROMOTES, "rpo_seconds": 5, "gates": [look("03:03:58", lag_seconds=lag)]}, [PROMOTE])
    assert record["rpo_met"] is met


@pytest.mark.parametrize(("objective", "met"), [(120, True), (119, False), (None, None)])
def test_the_recovery_time_is_compared_with_its_objective(objective: int | None, met: object) -> None:
    record = procedure_record({**RUN, "rto_seconds": objective}, [step("verify", ended="03:05:00")])
    assert record["rto_met"] is met


def test_a_missed_objective_does_not_change_the_outcome() -> None:
    record = procedure_record({**RUN, "rto_seconds": 1}, [step("verify", ended="03:05:00")])
    assert (record["status"], record["rto_met"]) == ("completed", False)


def test_the_recovery_time_has_parts_that_add_up_to_it() -> None:
    steps = [
        step("lock", began="03:03:12", ended="03:03:13"),
        step("maintenance", "skipped"),
        PROMOTE,
        step("wait", began="03:04:20", ended="03:04:50"),
        step("verify", began="03:04:50", ended="03:05:00"),
    ]
    record = procedure_record(PROMOTES, steps)
    assert record["recovery_parts"] == {
        "detection": 10.0,
        "decision": 2.0,
        "lock": 1.0,
        "page": None,
        "promotion": 20.0,
        "dns": 30.0,
        "verification": 10.0,
        "other": 47.0,
    }
    assert sum(seconds or 0 for seconds in record["recovery_parts"].values()) == record["recovery_seconds"]


def test_the_step_that_leads_names_elsewhere_counts_as_dns() -> None:
    steps = [
        step("lock", began="03:03:12", ended="03:03:13"),
        step("dns", began="03:03:13", ended="03:04:20"),
        step("wait", began="03:04:20", ended="03:04:50"),
        step("verify", began="03:04:50", ended="03:05:00"),
    ]
    parts = procedure_record(RUN, steps)["recovery_parts"]
    assert parts["dns"] == 67 + 30
    assert sum(seconds or 0 for seconds in parts.values()) == procedure_record(RUN, steps)["recovery_seconds"]


def test_a_run_that_brought_no_recovery_has_the_parts_that_it_came_to() -> None:
    parts = procedure_record({**RUN, "status": "failed"}, [step("lock", "failed")])["recovery_parts"]
    assert (parts["lock"] is None, parts["other"]) == (False, None)


def test_a_failback_has_no_recovery() -> None:
    record = procedure_record({**PROMOTES, "operation": "failback"}, [PROMOTE])
    assert (record["recovery_parts"], record["recovery_point"]) == ({}, None)
