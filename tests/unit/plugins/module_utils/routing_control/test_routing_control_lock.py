# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Locking a site by routing controls: what is sent to which endpoint, and what keeps it from being sent."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._routing_control.decision import lock_id_of
from botocore.exceptions import EndpointConnectionError, ReadTimeoutError

from .cluster import BACKUP, GET, PANEL, PRIMARY, REGIONS, UPDATE, Cluster, cluster, refusal

__all__ = ("cluster",)
LAST = {"gates": [], "checks": ["last serving site"], "safety_rules": [], "reason": "CHG-1"}
GATE = {"name": "caught up", "digest": "d1"}


def evidence(lock_id: str, *, passed: bool = True, age: int = 1) -> dict[str, t.Any]:
    at = (datetime.now(UTC) - timedelta(seconds=age)).isoformat()
    seen = {"passed": passed, "observed": "0 s", "expected": "0 s", "from": at, "to": at}
    return {"lock_ids": [lock_id], "date": at, "gates": [{**GATE, **seen}]}


def test_locking_turns_the_site_off_and_reads_it_back(cluster: Cluster) -> None:
    reported = cluster.lock()
    assert (reported["failed"], reported["changed"], reported["msg"]) == (
        False,
        True,
        "Turned off routing control primary.",
    )
    assert cluster.written == [{PRIMARY: "Off"}]
    assert [operation for _region, operation, _given in cluster.calls] == [GET, GET, UPDATE, GET, GET]


def test_the_standby_is_turned_on_in_the_same_call(cluster: Cluster) -> None:
    cluster.states[BACKUP] = "Off"
    cluster.lock(standby_routing_control_arns=[BACKUP])
    assert cluster.written == [{BACKUP: "On", PRIMARY: "Off"}]


def test_unlocking_turns_the_standby_off_in_the_same_call(cluster: Cluster) -> None:
    cluster.states[PRIMARY] = "Off"
    cluster.unlock(standby_routing_control_arns=[BACKUP])
    assert cluster.written == [{BACKUP: "Off", PRIMARY: "On"}]


@pytest.mark.parametrize("state", ["lock", "unlock"])
def test_i3_the_second_run_writes_nothing(cluster: Cluster, state: str) -> None:
    getattr(cluster, state)()
    again = getattr(cluster, state)()
    assert (again["changed"], cluster.written) == (False, [])


def test_i3_check_mode_predicts_and_writes_nothing(cluster: Cluster) -> None:
    predicted = cluster.lock(check_mode=True)
    assert cluster.written == []
    assert cluster.lock() == predicted


def test_i10_the_last_routing_control_that_is_on_is_not_turned_off(cluster: Cluster) -> None:
    cluster.states[BACKUP] = "Off"
    reported = cluster.lock()
    assert (reported["failed"], reported["targets"][0]["refused"], cluster.written) == (True, True, [])
    assert "last routing control of the service that is on; routing control backup would not be on" in reported["msg"]


def test_i10_a_site_without_a_known_other_one_is_not_turned_off(cluster: Cluster) -> None:
    assert "no routing control of another site is named" in cluster.lock(other_routing_control_arns=[])["msg"]


def test_the_last_one_is_turned_off_where_a_person_says_so(cluster: Cluster) -> None:
    cluster.states[BACKUP] = "Off"
    reported = cluster.lock(override=LAST)
    assert (reported["failed"], cluster.states[PRIMARY]) == (False, "Off")
    assert cluster.warnings[0] == "Overridden: last serving site, because: CHG-1"


@pytest.mark.parametrize("check_mode", [False, True])
def test_i10_of_two_targets_that_count_on_each_other_the_second_is_refused(cluster: Cluster, check_mode: bool) -> None:
    endpoints = [{"endpoint": "https://us-east-1.example.com/v1", "region": "us-east-1"}]
    pair = [(PRIMARY, BACKUP), (BACKUP, PRIMARY)]
    targets = [
        {"routing_control_arns": [own], "other_routing_control_arns": [other], "cluster_endpoints": endpoints}
        for own, other in pair
    ]
    reported = cluster.lock(targets=targets, check_mode=check_mode)
    assert [one["failed"] for one in reported["targets"]] == [False, True]


def test_i10_two_runs_at_the_same_moment_leave_one_on(cluster: Cluster) -> None:
    cluster.after_update = lambda: cluster.states.update({BACKUP: "Off"})
    reported = cluster.lock()
    assert (reported["failed"], cluster.states[PRIMARY]) == (True, "On")
    assert "turned off the routing controls of the other sites at the same moment" in reported["msg"]


def test_i10_the_site_is_turned_on_again_also_where_arc_refuses_that_at_first(cluster: Cluster) -> None:
    def somebody() -> None:
        cluster.after_update = settled
        cluster.states.update({BACKUP: "Off"})
        cluster.at_update = refusal("ConflictException", 409)
        cluster.conflicts = 2

    def settled() -> None:
        cluster.after_update = lambda: None

    cluster.after_update = somebody
    reported = cluster.lock()
    assert (reported["failed"], cluster.states[PRIMARY]) == (True, "On")
    assert "turned off the routing controls of the other sites at the same moment" in reported["msg"]


def test_a_site_that_another_run_puts_back_meanwhile_stays_locked(cluster: Cluster) -> None:
    def somebody() -> None:
        cluster.after_update = lambda: None
        cluster.states.update({BACKUP: "Off"})
        cluster.at_update = refusal("ConflictException", 409)
        cluster.at_conflict = lambda: cluster.states.update({BACKUP: "On"})

    cluster.after_update = somebody
    reported = cluster.lock()
    assert (reported["failed"], cluster.states[PRIMARY]) == (False, "Off")


def test_what_somebody_changes_right_after_the_write_is_not_reported_as_done(cluster: Cluster) -> None:
    cluster.after_update = lambda: cluster.states.update({PRIMARY: "On"})
    reported = cluster.lock()
    assert (reported["failed"], reported["targets"][0]["locked"]) == (True, False)
    assert "was changed by somebody else right after" in reported["msg"]


@pytest.mark.parametrize(
    "broken",
    [
        EndpointConnectionError(endpoint_url="x"),
        ReadTimeoutError(endpoint_url="x"),
        refusal("EndpointTemporarilyUnavailableException", 503),
        refusal("ThrottlingException", 429),
        refusal("AccessDeniedException", 403),
    ],
)
def test_an_endpoint_that_does_not_answer_is_passed_over(cluster: Cluster, broken: Exception) -> None:
    cluster.broken = dict.fromkeys(REGIONS[1:], broken)
    assert cluster.lock()["failed"] is False
    assert cluster.states[PRIMARY] == "Off"


def test_an_endpoint_that_has_answered_is_asked_first(cluster: Cluster) -> None:
    cluster.broken = dict.fromkeys(REGIONS[1:], EndpointConnectionError(endpoint_url="x"))
    cluster.lock()
    assert {region for region, _operation, _given in cluster.calls[-4:]} == {REGIONS[0]}


def test_all_endpoints_are_tried_twice_and_each_is_named(cluster: Cluster) -> None:
    cluster.all_down()
    reported = cluster.lock()
    assert sorted(region for region, _operation, _given in cluster.calls) == sorted(REGIONS * 2)
    assert (reported["failed"], reported["targets"][0]["refused"]) == (True, False)
    assert all(f"{region}: " in reported["msg"] for region in REGIONS)


def test_a_write_whose_outcome_is_unknown_counts_as_changed(cluster: Cluster) -> None:
    cluster.at_update = ReadTimeoutError(endpoint_url="x")
    reported = cluster.lock()
    assert (reported["failed"], reported["changed"]) == (True, True)
    assert "may have been carried out" in reported["msg"]


def test_a_write_whose_response_was_lost_goes_to_the_next_endpoint(cluster: Cluster) -> None:
    cluster.lost = 1
    reported = cluster.lock()
    assert (reported["failed"], reported["changed"], cluster.written) == (False, True, [{PRIMARY: "Off"}] * 2)


def test_i8_a_run_that_lost_every_response_is_finished_by_the_next_one(cluster: Cluster) -> None:
    cluster.lost = 10
    assert cluster.lock()["failed"]
    again = cluster.lock()
    assert (again["failed"], cluster.written, cluster.states[PRIMARY]) == (False, [], "Off")


def test_a_control_that_is_not_there_is_refused_and_never_made(cluster: Cluster) -> None:
    reported = cluster.lock(routing_control_arns=[f"{PANEL}/routingcontrol/none"])
    assert (reported["failed"], reported["targets"][0]["refused"], cluster.written) == (True, True, [])


def test_what_a_safety_rule_refuses_is_tried_until_its_wait_period_may_be_over(cluster: Cluster) -> None:
    cluster.at_update = refusal("ConflictException", 409)
    reported = cluster.lock()
    assert len(cluster.written) > 2
    assert "name its ARN in override.safety_rules" in reported["msg"]


def test_a_safety_rule_is_overridden_by_its_name_only(cluster: Cluster) -> None:
    cluster.lock(override={"gates": [], "checks": [], "safety_rules": ["rule-1"], "reason": "CHG-1"})
    given = [given for _region, operation, given in cluster.calls if operation == UPDATE]
    assert given[0]["SafetyRulesToOverride"] == ["rule-1"]


def test_an_override_needs_a_reason(cluster: Cluster) -> None:
    assert "no reason" in cluster.lock(override={**LAST, "reason": " "})["msg"]


def test_i6_unlocking_without_evidence_is_refused(cluster: Cluster) -> None:
    cluster.states[PRIMARY] = "Off"
    reported = cluster.unlock(override=None)
    assert (reported["failed"], cluster.written) == (True, [])
    assert "no gates are defined" in reported["msg"]


@pytest.mark.parametrize(
    ("evidence_of", "given", "lock_id", "permitted"),
    [
        (lock_id_of(PRIMARY), {}, None, True),
        (lock_id_of(PRIMARY), {"passed": False}, None, False),
        (lock_id_of(PRIMARY), {"age": 400}, None, False),
        (lock_id_of(BACKUP), {}, None, False),
        ("20261121T030405Z-3f9a1c2e", {}, "20261121T030405Z-3f9a1c2e", True),
        (lock_id_of(PRIMARY), {}, "20261121T030405Z-3f9a1c2e", False),
    ],
)
def test_i6_unlocking_needs_fresh_evidence_for_this_lock(
    cluster: Cluster, evidence_of: str, given: dict[str, t.Any], lock_id: str | None, permitted: bool
) -> None:
    cluster.states[PRIMARY] = "Off"
    reported = cluster.unlock(
        override=None, required_gates=[GATE], evidence=evidence(evidence_of, **given), lock_id=lock_id
    )
    assert (not reported["failed"], cluster.states[PRIMARY]) == (permitted, "On" if permitted else "Off")


def test_an_override_of_a_safety_rule_skips_no_gate(cluster: Cluster) -> None:
    cluster.states[PRIMARY] = "Off"
    override = {"gates": [], "checks": [], "safety_rules": ["rule-1"], "reason": "CHG-1"}
    assert cluster.unlock(override=override, required_gates=[GATE])["failed"]


def test_a_target_that_fails_keeps_no_other_from_its_turn(cluster: Cluster) -> None:
    endpoints = [{"endpoint": "https://us-east-1.example.com/v1", "region": "us-east-1"}]
    wrong = {"name": "wrong", "routing_control_arns": [], "cluster_endpoints": endpoints}
    right = {"routing_control_arns": [PRIMARY], "other_routing_control_arns": [BACKUP], "cluster_endpoints": endpoints}
    reported = cluster.lock(targets=[wrong, right])
    assert [one["failed"] for one in reported["targets"]] == [True, False]


def test_without_endpoints_and_cluster_the_message_says_what_to_give(cluster: Cluster) -> None:
    reported = cluster.lock(targets=[{"routing_control_arns": [PRIMARY]}])
    assert "Neither cluster_endpoints nor cluster_arn is given" in reported["msg"]


def test_the_id_of_a_lock_is_that_of_its_control(cluster: Cluster) -> None:
    assert cluster.lock()["targets"][0]["lock_ids"] == [lock_id_of(PRIMARY)]
