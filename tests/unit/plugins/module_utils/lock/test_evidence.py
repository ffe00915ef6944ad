# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A lock is released on fresh evidence for that very lock, or by a person who names what is skipped and why."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from datetime import timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import (
    CLOCK_SKEW,
    Evidence,
    Gate,
    GateResult,
    Permission,
    check_permitted,
    permission_from,
    read_evidence,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment
from hypothesis import given
from hypothesis import strategies as st

from . import health_checks as of

REQUIRED = (of.DATABASE, of.SESSIONS)
COMPLETE = of.evidence(of.result(of.DATABASE), of.result(of.SESSIONS))
REPORTED: dict[str, t.Any] = {
    "name": "database has caught up",
    "digest": "sha256:aaaa",
    "passed": True,
    "observed": "0 bytes behind",
    "expected": "0 bytes behind",
    "from": "2026-11-21T03:03:50Z",
    "to": "2026-11-21T03:03:55Z",
}
GIVEN: dict[str, t.Any] = {"lock_ids": [of.LOCK_ID], "date": "2026-11-21T04:04:00+01:00", "gates": [REPORTED]}
OPTIONS: dict[str, t.Any] = {
    "required_gates": [{"name": gate.name, "digest": gate.digest} for gate in REQUIRED],
    "evidence": None,
    "override": None,
    "max_evidence_age": 300,
}


def refusal(permission: Permission) -> str:
    with pytest.raises(RefusedError) as caught:
        check_permitted(permission, of.LOCK_ID, of.MOMENT)
    return str(caught.value)


def test_fresh_results_of_every_required_gate_permit() -> None:
    check_permitted(of.proven(COMPLETE, required=REQUIRED), of.LOCK_ID, of.MOMENT)


def missing(results: tuple[GateResult, ...], index: int, _by: float) -> tuple[GateResult, ...]:
    return results[:index] + results[index + 1 :]


def failed(results: tuple[GateResult, ...], index: int, _by: float) -> tuple[GateResult, ...]:
    return with_result(results, index, replace(results[index], passed=False))


def of_another_definition(results: tuple[GateResult, ...], index: int, by: float) -> tuple[GateResult, ...]:
    gate = Gate(results[index].gate.name, f"sha256:other-{by}")
    return with_result(results, index, replace(results[index], gate=gate))


def given_twice(results: tuple[GateResult, ...], index: int, _by: float) -> tuple[GateResult, ...]:
    return (*results, results[index])


def stale(results: tuple[GateResult, ...], index: int, by: float) -> tuple[GateResult, ...]:
    return with_result(results, index, replace(results[index], ended=of.NOW - timedelta(seconds=300 + by)))


def from_the_future(results: tuple[GateResult, ...], index: int, by: float) -> tuple[GateResult, ...]:
    return with_result(results, index, replace(results[index], ended=of.NOW + timedelta(seconds=CLOCK_SKEW + by)))


def with_result(results: tuple[GateResult, ...], index: int, result: GateResult) -> tuple[GateResult, ...]:
    return (*results[:index], result, *results[index + 1 :])


@given(
    count=st.integers(1, 6),
    data=st.data(),
    spoiled=st.sampled_from([missing, failed, of_another_definition, given_twice, stale, from_the_future]),
    by=st.floats(0.001, 1e6),
)
def test_i6_one_gate_whose_result_does_not_count_keeps_the_lock_closed(
    count: int, data: st.DataObject, spoiled: t.Callable[..., tuple[GateResult, ...]], by: float
) -> None:
    gates = [Gate(f"gate {number}", f"sha256:{number}") for number in range(count)]
    results = tuple(of.result(gate) for gate in gates)
    check_permitted(of.proven(of.evidence(*results), required=gates), of.LOCK_ID, of.MOMENT)
    index = data.draw(st.integers(0, count - 1))
    permission = of.proven(of.evidence(*spoiled(results, index, by)), required=gates)
    assert f"'gate {index}'" in refusal(permission)


@pytest.mark.parametrize("lock_ids", [[], [of.NEWER_LOCK_ID], [of.LOCK_ID[:-1]]])
def test_i6_evidence_for_another_lock_keeps_the_lock_closed(lock_ids: list[str]) -> None:
    said = refusal(of.proven(of.evidence(of.result(), lock_ids=lock_ids)))
    assert "not for this one. Evaluate the gates again, for this lock." in said
    assert (lock_ids or ["no lock"])[0] in said


@given(st.floats(300.001, 1e8))
def test_i6_stale_evidence_keeps_the_lock_closed(age: float) -> None:
    said = refusal(of.proven(of.evidence(of.result(), age=age)))
    assert "The evidence is " in said
    assert "max_evidence_age is 300 s" in said


@given(st.floats(CLOCK_SKEW + 0.001, 1e8))
def test_i6_evidence_from_the_future_keeps_the_lock_closed(ahead: float) -> None:
    assert "from the future" in refusal(of.proven(of.evidence(of.result(), age=-ahead)))


@pytest.mark.parametrize("age", [300, 0, -CLOCK_SKEW])
def test_evidence_counts_up_to_its_greatest_age_and_between_clocks_that_differ_a_little(age: float) -> None:
    check_permitted(of.proven(of.evidence(of.result(age=age), age=age)), of.LOCK_ID, of.MOMENT)


def test_i6_without_evidence_the_lock_stays_closed_and_the_gates_are_named() -> None:
    said = refusal(Permission(REQUIRED, None, None, 300))
    assert "no evidence for 'database has caught up', 'sessions are back'" in said


def test_i6_without_any_gate_the_lock_stays_closed_whatever_evidence_there_is() -> None:
    assert "no gates are defined" in refusal(of.proven(COMPLETE, required=()))


def test_a_failed_gate_is_reported_with_what_it_observed_and_what_it_expected() -> None:
    said = refusal(of.proven(of.evidence(of.result(passed=False))))
    assert "'database has caught up' has not passed: observed 12 bytes behind, expected 0 bytes behind." in said


def test_an_override_skips_the_gates_that_it_names() -> None:
    partly = of.overridden(of.SESSIONS.name, required=REQUIRED, evidence=of.evidence(of.result(of.DATABASE)))
    check_permitted(partly, of.LOCK_ID, of.MOMENT)


def test_i6_an_override_does_not_skip_the_gates_that_it_does_not_name() -> None:
    said = refusal(of.overridden(of.SESSIONS.name, required=REQUIRED))
    assert "no evidence for 'database has caught up'." in said
    assert "sessions" not in said


def test_an_override_of_every_gate_needs_no_evidence() -> None:
    check_permitted(of.overridden(*(gate.name for gate in REQUIRED), required=REQUIRED), of.LOCK_ID, of.MOMENT)


def test_an_override_opens_where_no_gates_are_required() -> None:
    check_permitted(of.overridden(), of.LOCK_ID, of.MOMENT)


def test_evidence_is_read_from_the_form_in_which_gates_give_it() -> None:
    read = read_evidence(GIVEN)
    assert read.lock_ids == {of.LOCK_ID}
    assert read.date == of.NOW - timedelta(seconds=5)
    assert read.results[0].gate == of.DATABASE
    assert (read.results[0].passed, read.results[0].observed) == (True, "0 bytes behind")


def test_a_gate_may_pass_in_the_second_in_which_it_began() -> None:
    (result,) = read_evidence(GIVEN | {"gates": [REPORTED | {"to": REPORTED["from"]}]}).results
    assert result.passed


@pytest.mark.parametrize(
    ("spoiled", "words"),
    [
        ({"lock_ids": of.LOCK_ID}, "not a list of lock ids"),
        ({"lock_ids": [7]}, "not a list of lock ids"),
        ({"lock_ids": None}, "not a list of lock ids"),
        ({"date": "yesterday"}, "'yesterday' is not a time"),
        ({"date": 1763694245}, "1763694245 is not a time"),
        ({"date": "2026-11-21T03:04:00"}, "not a time with a zone"),
        ({"date": "0001-01-01T00:00:00+14:00"}, "not a time with a zone"),
        ({"gates": None}, "gates is not a list"),
        ({"gates": ["passed"]}, "gates is not a list of dictionaries"),
        ({"gates": [REPORTED | {"passed": "true"}]}, "passed of 'database has caught up' is 'true' and not a boolean"),
        ({"gates": [REPORTED | {"to": "2026-11-21T03:03:49Z"}]}, "ended before it began"),
        ({"gates": [{key: value for key, value in REPORTED.items() if key != "digest"}]}, "'digest' is missing"),
    ],
)
def test_evidence_in_any_other_form_is_refused(spoiled: dict[str, t.Any], words: str) -> None:
    with pytest.raises(RefusedError, match=f"not what failback_gate returns: .*{words}"):
        read_evidence(GIVEN | spoiled)


@pytest.mark.parametrize("key", GIVEN)
def test_evidence_that_lacks_a_part_is_refused(key: str) -> None:
    with pytest.raises(RefusedError, match=f"'{key}' is missing"):
        read_evidence({other: value for other, value in GIVEN.items() if other != key})


def test_options_become_the_permission_that_they_describe() -> None:
    override = {"gates": [of.SESSIONS.name], "reason": "CHG-1234 "}
    permission = permission_from(OPTIONS | {"evidence": GIVEN, "override": override})
    assert permission.required == REQUIRED
    assert permission.override is not None
    assert permission.override.gates == {of.SESSIONS.name}
    assert permission.override.reason == "CHG-1234"
    assert isinstance(permission.evidence, Evidence)


@pytest.mark.parametrize(
    ("given_options", "words"),
    [
        ({"override": {"gates": ["another"], "reason": "x"}}, "names 'another', but no required gate has this name"),
        ({"override": {"gates": [], "reason": "x"}}, "override names no gate.*'sessions are back'"),
        ({"override": {"gates": [of.SESSIONS.name], "reason": " "}}, "override has no reason"),
        ({"required_gates": [], "override": {"gates": ["another"], "reason": "x"}}, "required gates are: none"),
        ({"required_gates": [], "override": {"gates": [], "reason": ""}}, "override has no reason"),
        ({"required_gates": OPTIONS["required_gates"] * 2}, "names a gate twice"),
    ],
)
def test_options_that_cannot_permit_anything_are_refused(given_options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        permission_from(OPTIONS | given_options)


@pytest.mark.parametrize("seconds", [61, -61, 3480, -3480])
def test_i6_by_a_clock_that_is_wrong_no_evidence_counts(seconds: int) -> None:
    with pytest.raises(
        RefusedError, match=f"clock is {abs(seconds)} s (ahead of|behind) that of AWS.*Evaluate the gates"
    ):
        check_permitted(of.proven(COMPLETE, required=REQUIRED), of.LOCK_ID, of.clock_ahead(seconds))


def test_i6_where_the_service_gives_no_time_no_evidence_counts() -> None:
    with pytest.raises(RefusedError, match="responses of AWS have no Date"):
        check_permitted(of.proven(COMPLETE, required=REQUIRED), of.LOCK_ID, Moment(of.NOW))


@pytest.mark.parametrize("seconds", [60, -60])
def test_a_clock_that_is_a_minute_off_is_right_enough(seconds: int) -> None:
    check_permitted(of.proven(COMPLETE, required=REQUIRED), of.LOCK_ID, of.clock_ahead(seconds))


def test_an_override_of_every_gate_needs_no_clock() -> None:
    check_permitted(of.overridden(), of.LOCK_ID, of.clock_ahead(3480))
