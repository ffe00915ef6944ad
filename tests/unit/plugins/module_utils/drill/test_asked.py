# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A drill begins only for services that are named, outside of blocked hours, and where nobody uses the service."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._drill.asked import (
    Found,
    Named,
    problems,
    unknown_gates,
    unknown_services,
    why_not_named,
    why_refused,
)
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target

Json = dict[str, t.Any]
#: A Wednesday.
NOON = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
BUSY = {"name": "shop hours", "window": {"hours": ["08:00-18:00"], "time_zone": "Europe/Berlin"}}
LOCK = {"id": "20261121T030405Z-3f9a1c2e", "owner": "operator:alice"}
MAY: Json = {"allowed": True, "lock": None, "clock_problem": "", "msg": "No lock is there yet.", "state": None}
DOWN: Json = {"problems": [], "maintenance": {"in_maintenance": False, "holds": []}}


def options(**given: t.Any) -> Json:
    return {"of": ["failover"], "effect": False, "services": [], "blocked": [], **given}


def refused(
    *of: str,
    effect: bool = True,
    blocked: t.Any = (),
    standing: Json | None = None,
    now: datetime = NOON,
    **may: t.Any,
) -> str:
    found = Found(now, MAY | may, DOWN if standing is None else standing)
    return why_refused(of or ("failover",), blocked, found, effect=effect)


def named(limit: str = "", services: tuple[str, ...] = (), meant: tuple[str, ...] = ("a", "b")) -> str:
    return why_not_named(Named("a", limit, services, meant, ("a", "b")))


def test_a_drill_needs_something_to_rehearse() -> None:
    assert problems(options(of=[]), [])[0].startswith("drill_of is empty.")


def test_a_failback_with_effect_is_part_of_a_drill_of_failover() -> None:
    (problem,) = problems(options(of=["failback"], effect=True), [])
    assert "a failback is part of a drill of failover" in problem
    assert problems(options(of=["failback"]), []) == []


def test_extra_vars_that_win_over_the_drill_are_refused_with_effect() -> None:
    (problem,) = problems(options(of=["maintenance"], effect=True), ["maintenance_owner", "drill_of"])
    assert "The extra vars maintenance_owner would override" in problem
    assert problems(options(of=["maintenance"]), ["maintenance_owner"]) == []


def test_blocked_hours_are_defined_as_gates_of_kind_window() -> None:
    (problem,) = problems(options(blocked=[{"name": "x", "tcp": {"host": "db.example.com", "port": 1}}]), [])
    assert problem == "drill_blocked: 'x' is not of the kind window, the only kind that defines hours."
    (problem,) = problems(options(blocked=[{"name": "x", "window": {"hours": ["25:00-26:00"]}}]), [])
    assert "hours names '25:00-26:00'" in problem


def test_gates_that_need_not_pass_have_to_be_gates() -> None:
    assert unknown_gates(["up"], [{"name": "up"}]) == []
    assert "names down, which no gate" in unknown_gates(["down"], [{"name": "up"}])[0]


def test_effect_without_a_limit_is_refused() -> None:
    assert "no service is named" in named()


@pytest.mark.parametrize("limit", ["services", "all", "services:!search", "*"])
def test_a_limit_that_leaves_all_services_names_none(limit: str) -> None:
    assert "leaves all 2 services" in named(limit)


@pytest.mark.parametrize("limit", ["a,b", "a:b"])
def test_all_services_may_be_named_one_by_one(limit: str) -> None:
    assert named(limit) == ""


def test_a_limit_that_leaves_some_services_or_drill_services_is_enough() -> None:
    assert named("a", meant=("a",)) == ""
    assert named(services=("a", "b")) == ""
    assert why_not_named(Named("only", "only", (), ("only",), ("only",))) == ""


@pytest.mark.parametrize("limit", ["", "a", "a,b"])
def test_a_service_that_others_are_named_instead_of_gets_no_effect(limit: str) -> None:
    assert "drill_services names b, and not a" in named(limit, services=("b",))


def test_services_are_named_by_extra_vars_only() -> None:
    given = {"services": ["a"]}
    (problem,) = problems(options(**given), ["drill_of"])
    assert problem.startswith("drill_services counts as an extra var only")
    assert problems(options(**given), ["drill_services"]) == []


def test_services_that_are_not_there_are_reported() -> None:
    assert unknown_services(Named("a", "", ["a", "c"], ["a"], ["a", "b"])) == ["c"]


def test_no_drill_begins_in_blocked_hours_whether_it_has_an_effect_or_not() -> None:
    reported = "Drills are blocked until wed 2026-11-25 18:00 (Europe/Berlin) by 'shop hours' of drill_blocked."
    assert refused(blocked=[BUSY]).startswith(reported)
    assert refused(effect=False, blocked=[BUSY]).startswith(reported)


def test_a_drill_begins_right_when_blocked_hours_end() -> None:
    assert refused(blocked=[BUSY], now=datetime(2026, 11, 25, 17, 0, tzinfo=UTC)) == ""


def test_a_service_that_is_locked_can_only_rehearse_its_way_back() -> None:
    assert "locked already, by operator:alice" in refused(effect=False, lock=LOCK)
    assert refused("failback", effect=False, lock=LOCK) == ""
    assert "is held" in refused("maintenance", lock=LOCK)


def test_kill_switch_suppression_and_cooldown_stop_effects_alone() -> None:
    why = "Automatic runs are switched off."
    assert refused(allowed=False, msg=why).endswith(why)
    assert refused(effect=False, allowed=False, msg=why) == ""


def test_a_wrong_clock_stops_effects_because_no_evidence_would_be_taken() -> None:
    assert "no evidence would be taken" in refused(clock_problem="The clock is 90 s fast.")


def test_an_unfinished_failback_stops_effects() -> None:
    assert "last failback was not finished" in refused(state={"phase": "releasing"})


@pytest.mark.parametrize(
    "page",
    [{"in_maintenance": True, "holds": []}, {"in_maintenance": False, "holds": [{"owner": "change:CHG-1"}]}],
)
def test_a_page_that_is_up_or_held_stops_effects(page: Json) -> None:
    assert "up or held already" in refused("maintenance", standing={"problems": [], "maintenance": page})


def test_the_page_of_a_drill_that_was_killed_is_refused_with_what_takes_it_down() -> None:
    page = {"in_maintenance": True, "holds": [{"owner": "drill:checkout"}]}
    standing = {"problems": [], "maintenance": page}
    reported = why_refused(
        ["maintenance"], [], Found(NOON, MAY, standing, Target("checkout", ["hosts.yml"])), effect=True
    )
    command = "exit_maintenance -i hosts.yml -l checkout -e maintenance_owner=drill:checkout"
    assert reported.endswith(
        f"If that drill was killed, take its page down: ansible-playbook tidegate.failover.{command}"
    )


def test_the_page_of_a_change_is_waited_for() -> None:
    page = {"in_maintenance": True, "holds": [{"owner": "change:CHG-1"}]}
    reported = refused("maintenance", standing={"problems": [], "maintenance": page})
    assert reported.endswith("Wait until it is down.")


def test_a_service_that_cannot_be_read_stops_effects() -> None:
    assert "state of the service cannot be read. no rights" in refused(
        standing={"problems": ["no rights"], "maintenance": None}
    )


def test_a_service_without_a_health_check_has_no_state_to_respect() -> None:
    assert why_refused(["maintenance"], [], Found(NOON, None, DOWN), effect=True) == ""
