# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A drill goes from rehearsal to effect only where nothing would stop it, and ends in a record."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._drill import ending
from ansible_collections.tidegate.failover.plugins.module_utils._drill.drill import (
    NOT_PROVEN,
    PROVEN,
    STOPS,
    Drill,
    end,
    finding,
    rehearsals,
    start,
)
from ansible_collections.tidegate.failover.plugins.module_utils._drill.instead import instead, reason
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.summary import Places
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target

AT = "2026-11-25T03:00:00Z"
LATER = "2026-11-25T03:01:05Z"
GIVEN = {"owner": "operator:alice", "reason": "quarterly", "rto": 300, "rpo": None}
PLACES = Places(Target("checkout", ["inventory.yml"], ["check"]), "/records/checkout.jsonl", ["/reports/checkout.html"])


def drill(*of: str, effect: bool = True, **more: t.Any) -> Drill:
    return Drill("20261125T030000Z-0badcafe", "checkout", AT, list(of or ("failover",)), effect, **more)


def stopped(*of: str, effect: bool = True) -> Drill:
    found = drill(*of, effect=effect)
    found.findings = [finding("failover", "gates", STOPS, "site is up: no answer")]
    return found


def taken(found: Drill, name: str, problem: str = "", *, changed: bool = True) -> Drill:
    start(found, name, AT)
    end(found, LATER, problem, "Done.", changed=changed)
    return found


def test_it_travels_as_json() -> None:
    assert Drill.from_json(stopped().to_json()) == stopped()


def test_effects_come_in_their_order_and_only_if_wanted() -> None:
    assert drill("failover", "maintenance").effects == ["maintenance", "failover"]
    assert drill("failover", effect=False).effects == drill("failover", check=True).effects == []


def test_nothing_is_done_once_anything_would_stop_it() -> None:
    assert stopped().effects == drill(problem="It is locked.").effects == []


def test_the_way_back_is_rehearsed_before_anything_is_done() -> None:
    assert rehearsals(["lock"], effect=True, locked=False) == ["lock", "gates"]
    assert rehearsals(["lock"], effect=False, locked=False) == ["lock"]
    assert rehearsals(["maintenance"], effect=True, locked=False) == ["maintenance"]


def test_a_failback_is_rehearsed_for_the_lock_that_there_is() -> None:
    assert rehearsals(["failback"], effect=False, locked=True) == ["failback"]
    assert rehearsals(["failback"], effect=False, locked=False) == ["gates"]


def test_a_procedure_of_a_drill_is_planned_and_signed_by_it() -> None:
    options = instead(drill(), "failover", {**GIVEN, "override": None}, [])
    assert options["failover"]["type"] == "planned"
    assert "steps" not in options["failover"]
    assert options["failover"]["reason"] == "drill 20261125T030000Z-0badcafe: quarterly"


def test_a_drill_of_the_lock_takes_no_other_step() -> None:
    options = instead(drill(), "lock", {**GIVEN, "override": None}, ["standby"])
    assert options["failover"]["steps"] == ["lock", "wait"]
    assert options["failback"]["steps"] == ["unlock", "wait", "verify"]
    assert options["failback"]["override"]["gates"] == ["standby"]


def test_an_override_of_the_user_is_kept_beside_that_of_the_drill() -> None:
    options = instead(drill(), "lock", {**GIVEN, "override": {"gates": ["a"], "reason": "CHG-1"}}, ["b"])
    assert options["failback"]["override"] == {"gates": ["a", "b"], "reason": "CHG-1"}


def test_a_reason_fits_into_a_tag() -> None:
    assert len(reason(drill(), "x" * 200)) == 100
    assert reason(drill(), "") == "drill 20261125T030000Z-0badcafe"


@pytest.mark.parametrize(
    ("found", "status", "reported"),
    [
        (drill(problem="Drills are blocked."), "refused", "refused. Nothing was done. Drills are blocked."),
        (stopped(effect=False), "failed", "It would be stopped by: failover: gates: site is up: no answer"),
        (taken(stopped(), "failover"), "failed", "It failed, and was undone by:"),
        (taken(stopped(), "rehearse failover", changed=False), "failed", "It would be stopped by:"),
        (drill(effect=False), "completed", "Drill of failover, without effect passed: 0 proven"),
    ],
)
def test_how_it_has_ended(found: Drill, status: str, reported: str) -> None:
    assert ending.status(found) == status
    assert reported in ending.reported(found)


def test_a_way_back_that_failed_is_reported_first_and_with_what_to_run() -> None:
    found = taken(stopped(), "failback of the failover", "it broke")
    found.way_back_failed = True
    assert ending.reported(found).startswith("THE WAY BACK FAILED.")
    text = ending.summary(found, ending.record(found, GIVEN, LATER), PLACES)
    assert "drill of failover: THE WAY BACK FAILED" in text
    assert "ansible-playbook tidegate.failover.failback -i inventory.yml -l checkout" in text
    assert "could not undo everything" in ending.record(found, GIVEN, LATER)["undo"]


def test_a_page_that_stays_is_taken_down_by_its_owner() -> None:
    found = taken(drill("maintenance"), "page down", "it broke")
    found.way_back_failed = True
    text = ending.summary(found, ending.record(found, GIVEN, LATER), PLACES)
    assert "exit_maintenance -i inventory.yml -l checkout -e maintenance_owner=drill:checkout" in text


PAGE_HELD = {"in_maintenance": True, "holds": [{"owner": "drill:checkout"}, {"owner": "change:CHG-1"}]}
PAGE_DOWN = {"in_maintenance": False, "holds": []}
LOCK = {"id": "20261125T030001Z-0badcafe"}


def commands_left(*of: str, after: t.Any, failed: str = "page down") -> list[str]:
    """The playbooks of the commands that a drill ends with whose way back has failed, after that of the status."""
    found = taken(drill(*of), failed, "it broke")
    found.way_back_failed, found.after = True, after
    lines = [line.strip() for line in ending.summary(found, ending.record(found, GIVEN, LATER), PLACES).splitlines()]
    commands = [line for line in lines if line.startswith("ansible-playbook ")]
    assert all("-i inventory.yml -l checkout" in command for command in commands)
    names = [command.split()[1].removeprefix("tidegate.failover.") for command in commands]
    assert names[0] == "status"
    return names[1:]


@pytest.mark.parametrize(
    ("lock", "page", "left"),
    [
        (None, PAGE_HELD, ["exit_maintenance"]),
        (LOCK, PAGE_DOWN, ["failback"]),
        (LOCK, None, ["failback"]),
        (LOCK, PAGE_HELD, ["failback", "exit_maintenance"]),
    ],
)
def test_what_is_left_is_taken_back_whatever_the_drill_was_of(lock: t.Any, page: t.Any, left: list[str]) -> None:
    after = {"serving": "primary", "lock": lock, "maintenance": page, "problems": []}
    assert commands_left("maintenance", "lock", after=after) == left


@pytest.mark.parametrize("after", [{}, {"lock": None, "maintenance": None, "problems": ["no rights"]}])
def test_where_it_is_not_known_what_is_left_all_is_taken_back_that_was_done(after: t.Any) -> None:
    assert commands_left("maintenance", "failover", after=after) == ["failback", "exit_maintenance"]
    assert commands_left("lock", after=after) == ["failback"]


def test_an_acknowledgement_that_failed_is_what_is_left() -> None:
    after: dict[str, t.Any] = {"serving": "primary", "lock": None, "maintenance": PAGE_DOWN, "problems": []}
    assert commands_left("failover", after=after, failed="acknowledge") == ["acknowledge"]


def test_the_record_holds_what_was_found_and_how_long_each_part_took() -> None:
    found = taken(drill(effect=False), "rehearse failover", changed=False)
    found.findings = [finding("failover", "gates", PROVEN, "ok"), finding("failover", "lock", NOT_PROVEN, "planned")]
    kept = ending.record(found, GIVEN, LATER)
    assert (kept["operation"], kept["status"], kept["type"]) == ("drill", "completed", "without effect")
    assert [one["result"] for one in kept["drill"]["findings"]] == ["proven", "not proven"]
    text = ending.summary(found, kept, PLACES)
    for said in ("rehearse failover: 1 min 5 s", "failover: lock: planned", "none: nothing was changed", "passed"):
        assert said in text


def test_the_recovery_of_a_failover_with_effect_is_held_against_its_objectives() -> None:
    found = taken(drill(), "failover")
    found.figures = {
        **dict.fromkeys(ending.FIGURES),
        "recovery_seconds": 42.0,
        "recovery_from": "decision",
        "recovery_parts": {"lock": 1.0},
        "rto_met": True,
    }
    kept = ending.record(found, GIVEN, LATER)
    assert "42 s from the decision (objective 5 min: met)" in ending.summary(found, kept, PLACES)


def test_a_refused_drill_has_a_record_and_no_summary() -> None:
    found = drill(problem="Drills are blocked.")
    kept = ending.record(found, GIVEN, LATER)
    assert (kept["status"], ending.summary(found, kept, PLACES)) == ("refused", "")
    assert kept["undo"] == "Nothing was changed, so there is nothing to undo."
