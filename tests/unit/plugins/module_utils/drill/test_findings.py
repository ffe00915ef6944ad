# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What counts as proven in a drill, what does not, and what would stop the real thing."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._drill import findings
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import Switched
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._kind import Entrance

Json = dict[str, t.Any]


def gate(name: str = "up", *, passed: bool = True, **more: t.Any) -> Json:
    times = {"from": "2026-11-21T03:04:05Z", "to": "2026-11-21T03:04:05Z"}
    return {"name": name, "passed": passed, "observed": "200", "expected": "200", "remedy": "Look.", **times, **more}


def results(found: t.Iterable[Json]) -> dict[str, str]:
    return {one["what"]: one["result"] for one in found}


def record(*steps: tuple[str, str], **more: t.Any) -> Json:
    listed = [{"name": name, "status": status, "msg": ""} for name, status in steps]
    return {"steps": listed, "gates": [], "status": "completed", "msg": "", "ended": "2026-11-21T03:05:00Z", **more}


def preflight(*stops: str, level: str = "error") -> list[Json]:
    return [{"check": "records", "level": level, "stops": list(stops), "msg": "There is no such zone."}]


def test_what_stops_a_failback_stops_a_failover_with_effect_too() -> None:
    assert results(findings.of_preflight(preflight("failback"), ["failover"], effect=True)) == {"records": "stops"}
    assert "records" not in results(findings.of_preflight(preflight("failback"), ["failover"], effect=False))


def test_what_stops_something_else_does_not_stop_the_drill() -> None:
    found = results(findings.of_preflight(preflight("failover"), ["maintenance"], effect=True))
    assert list(found.values()) == ["proven"]


def test_warnings_of_preflight_are_reported() -> None:
    assert results(findings.of_preflight(preflight(level="warning"), ["lock"], effect=False))["records"] == "note"


def switched(*problems: str) -> Switched:
    return Switched(False, "", "In maintenance.", [{"warnings": ["TCP gets no page."]}], "page", [], problems)


def test_each_entrance_is_reported_with_what_it_would_get() -> None:
    entrances = [("lb", Entrance("https", True, redirects=True)), ("lb", Entrance("http", False))]
    found = results(findings.of_fronts(switched(), entrances, effect=False))
    assert (found["lb: https"], found["lb: http"], found["writing"]) == ("proven", "stops", "not proven")


def test_a_front_that_would_fail_stops_maintenance() -> None:
    assert results(findings.of_fronts(switched("There is no rule set."), [], effect=False)) == {"fronts": "stops"}


def test_what_the_effect_shows_is_not_said_to_be_unknown_before_it() -> None:
    assert "writing" not in results(findings.of_fronts(switched(), [], effect=True))


def test_only_given_addresses_are_asked() -> None:
    page = {"verify_url": "", "status": [503], "service_status": [200], "validate_certs": True, "ca_path": None}
    (asked,) = findings.page_gates("https://page.example.com/", page)
    assert (asked["name"], asked["http"]["status"]) == (findings.PAGE, [503])


def test_a_page_that_does_not_answer_stops_maintenance() -> None:
    found = findings.of_page([gate(findings.PAGE, passed=False)], page_url="x", verify_url="", effect=False)
    assert results(found) == {findings.PAGE: "stops", "users get the page": "not proven"}


@pytest.mark.parametrize(("effect", "result"), [(True, "stops"), (False, "not proven")])
def test_a_service_that_is_down_stops_effects_alone(effect: bool, result: str) -> None:
    found = findings.of_page([gate(findings.SERVED, passed=False)], page_url="x", verify_url="y", effect=effect)
    assert results(found)[findings.SERVED] == result


@pytest.mark.parametrize(
    ("verify_url", "effect", "is_unknown"), [("y", True, False), ("y", False, True), ("", True, True)]
)
def test_a_page_that_was_not_asked_is_not_proven_unless_users_get_it(
    verify_url: str, effect: bool, is_unknown: bool
) -> None:
    found = results(findings.of_page([], page_url="", verify_url=verify_url, effect=effect))
    assert (found.get(findings.PAGE) == "not proven") == is_unknown


def test_a_lock_alone_is_not_done_where_a_failover_promotes() -> None:
    assert results(findings.of_lock_alone(promotes=True, effect=True)) == {"the other site as it is": "stops"}
    assert results(findings.of_lock_alone(promotes=True, effect=False)) == {"the other site as it is": "note"}
    assert results(findings.of_lock_alone(promotes=False, effect=True)) == {}


def test_gates_are_proven_excused_or_stop_the_failback() -> None:
    gates = [gate("a"), gate("b", passed=False), gate("c", passed=False), gate("d", passed=False, evaluated=False)]
    found = results(findings.of_gates(gates, {"b": "It need not.", "e": "Not asked."}))
    assert found == {
        "a": "proven",
        "b": "not proven",
        "c": "stops",
        "d": "not proven",
        "e": "not proven",
        "unlocking": "not proven",
    }


HELD = {"name": "held", "hold_down": {"minimum": 900}}
AGREED = {"name": "agreed", "attestation": {"by": "bob"}}
OWN = {"name": "own", "tasks": {"file": "own.yml"}}
UP = {"name": "up", "tcp": {"host": "primary.example.com", "port": 1}}


def failback(*gates: Json, override: Json | None = None) -> Json:
    return {"gates": list(gates), "override": override}


def test_gates_that_need_a_lock_or_a_person_are_not_asked_and_are_excused() -> None:
    gates = [HELD, AGREED, OWN, UP]
    assert findings.gates_to_ask(gates, effect=False) == [UP]
    assert set(findings.excused_gates(failback(*gates), [], effect=False)) == {"held", "agreed", "own"}


def test_with_effect_a_person_has_to_have_approved() -> None:
    assert findings.gates_to_ask([AGREED, UP], effect=True) == [AGREED, UP]
    assert findings.excused_gates(failback(AGREED), [], effect=True) == {}


def test_gates_that_the_user_names_are_excused() -> None:
    options = failback(UP, override={"gates": ["up"], "reason": "x"})
    assert findings.excused_gates(options, [], effect=True) == {"up": "failback_override names it."}
    assert findings.excused_gates(failback(UP), ["up"], effect=True) == {"up": "drill_gates_not_now names it."}


def test_a_hold_down_that_outlasts_its_wait_would_keep_users_away() -> None:
    assert results(findings.too_long_away(failback(HELD))) == {"held": "stops"}
    patient = {"name": "held", "hold_down": {"minimum": 5, "timeout": 9}}
    assert results(findings.too_long_away(failback(patient, UP))) == {}
    assert results(findings.too_long_away(failback(HELD, override={"gates": ["held"], "reason": "x"}))) == {}


def test_steps_of_check_mode_that_write_are_not_proven() -> None:
    steps = record(("gates", "done"), ("lock", "planned"), ("fences", "not evaluated"), ("scale", "skipped"))
    assert results(findings.of_record("failover", steps)) == {
        "gates": "proven",
        "lock": "not proven",
        "fences": "not proven",
        "scale": "note",
    }


def test_a_prediction_does_not_read_as_if_it_had_happened() -> None:
    step = {"name": "lock", "status": "planned", "msg": "Locked by operator."}
    (seen,) = findings.of_record("lock", record() | {"steps": [step]})
    assert seen["msg"] == "A run would report: Locked by operator."


def test_a_failed_step_stops_it_and_a_gate_that_does_not_pass_is_evidence() -> None:
    found = findings.of_record("failover", record(("gates", "failed"), status="failed", gates=[gate(passed=False)]))
    assert results(found) == {"gates": "stops", "up": "not proven"}


def test_a_refusal_stops_it_and_nothing_to_do_proves_nothing() -> None:
    assert results(findings.of_record("lock", record(status="refused", msg="No."))) == {"the procedure": "stops"}
    assert results(findings.of_record("lock", record(status="unchanged", msg="-"))) == {"the procedure": "not proven"}


@pytest.mark.parametrize(
    ("lag", "rpo", "result"),
    [(2.0, 5, "proven"), (9.0, 5, "not proven"), (2.0, None, "proven"), (None, 5, "not proven")],
)
def test_the_recovery_point_is_held_against_its_objective(lag: float | None, rpo: int | None, result: str) -> None:
    seen = findings.of_recovery_point(record(gates=[gate(measured={"lag_seconds": lag})]), rpo)
    assert seen["result"] == result


def test_without_a_gate_that_measures_the_recovery_point_is_unknown() -> None:
    assert "no gate of failover_gates measures" in findings.of_recovery_point(record(gates=[gate()]), 5)["msg"]


STANDS: Json = {"serving": "primary", "lock": None, "maintenance": {"in_maintenance": False, "holds": []}}


def test_a_service_that_stands_as_before_is_reported_so() -> None:
    assert findings.of_standing(STANDS, STANDS | {"problems": []})["result"] == "proven"


@pytest.mark.parametrize(
    "after",
    [
        {"lock": {"id": "20261121T030405Z-3f9a1c2e"}},
        {"serving": "standby"},
        {"maintenance": {"in_maintenance": True, "holds": [{"owner": "drill:checkout"}]}},
        {"problems": ["no rights"]},
    ],
)
def test_a_service_that_does_not_stand_as_before_is_reported_so(after: Json) -> None:
    assert findings.of_standing(STANDS, STANDS | after)["result"] == "stops"
