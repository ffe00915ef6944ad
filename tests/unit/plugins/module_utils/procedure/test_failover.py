# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The checks of a failover before it begins."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.failover import (
    PROCEDURE,
    default_steps,
    last_site_doubts,
    problems,
    promotes,
    zone_records,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    EARLIER,
    FENCE,
    PAGE,
    RUN,
    Cloud,
    Role,
    failover,
)

OWN = {"name": "promote it", "tasks": "p.yml", "point_of_no_return": True}
LAST_SITE = {"checks": ["last serving site"], "reason": "the primary corrupts data"}


def begun(cloud: Cloud | None = None, **given: t.Any) -> Role:
    """A failover that has begun, or was refused."""
    role = Role(failover(**given), cloud or Cloud())
    role.begin()
    return role


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"health_check_ids": []}, "failover_health_check_ids is empty"),
        ({"sharing": ["shop (check-1)"]}, "also that of shop (check-1)"),
        ({"steps": ["notify"]}, "failover_steps has no lock"),
        ({"promote_tasks": "p.yml"}, "failover_fences is empty"),
        ({"steps": ["lock", "fences", OWN]}, "failover_fences is empty"),
        ({"fence_override": {"fences": ["x"], "reason": "y"}}, "failover_fence_override names x"),
        ({"fence_override": {"fences": []}}, "failover_fence_override and failover_override need a reason"),
        ({"override": {"checks": ["last serving site"]}}, "failover_override need a reason"),
        ({"secondary_url": "https://me:secret@example.com/"}, "holds a user or a password"),
        ({"fences": [{"name": "x", "tcp": {"hots": "y"}}]}, "failover_fences: "),
        ({"gates": [{"name": "x"}]}, "failover_gates: "),
        ({"fences": ["tcp"]}, "failover_fences: "),
        ({"detected_at": "yesterday"}, "failover_detected_at is 'yesterday'"),
        ({"detected_at": "2026-11-21T03:04:05"}, "failover_detected_at is '2026-11-21T03:04:05'"),
    ],
)
def test_what_is_wrong_with_the_variables_is_reported(given: Json, said: str) -> None:
    assert any(said in problem for problem in problems(failover(**given)))


def test_nothing_is_wrong_with_a_service_that_only_has_a_health_check() -> None:
    assert problems(failover()) == []


def test_all_that_is_wrong_is_reported_at_once_and_nothing_is_asked() -> None:
    role = begun(health_check_ids=[], promote_tasks="p.yml", steps=["lokc", "promote"])
    assert (role.run.status, len(role.run.problem.splitlines()), role.cloud.calls) == ("refused", 3, [])


def test_only_a_planned_failover_stops_writes_first() -> None:
    assert default_steps(failover(type="planned"))[:2] == ["quiesce", "gates"]
    assert default_steps(failover())[0] == "lock"


@pytest.mark.parametrize(
    ("given", "does"),
    [
        ({}, False),
        ({"promote_tasks": "p.yml"}, True),
        ({"promote_tasks": "p.yml", "steps": ["lock"]}, False),
        ({"steps": ["lock", OWN]}, True),
        ({"steps": ["lock", OWN | {"point_of_no_return": False}]}, False),
    ],
)
def test_what_cannot_be_taken_back_is_a_promotion_whatever_it_is_called(given: Json, does: bool) -> None:
    assert promotes(failover(**given)) is does


@pytest.mark.parametrize(
    ("given", "final"),
    [
        ({}, True),
        ({"type": "planned"}, False),
        ({"promote_tasks": "p.yml", "fences": [FENCE]}, False),
        ({"steps": ["lock", "fences", OWN], "fences": [FENCE]}, False),
    ],
)
def test_i11_the_claim_is_final_where_nothing_is_promoted_and_nothing_was_planned(given: Json, final: bool) -> None:
    assert begun(**given).run.claim_is_final is final


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        (["maintenance", "lock"], "'maintenance' must come after 'lock'"),
        (["lock", OWN, "fences"], "'promote it' must come after 'fences'"),
    ],
)
def test_an_unsafe_order_is_refused(steps: list[t.Any], said: str) -> None:
    role = Role(failover(steps=steps, fences=[FENCE]), page=PAGE)
    role.begin()
    assert said in role.run.problem


def test_a_service_that_is_failed_over_already_is_left_as_it_is() -> None:
    cloud = Cloud(locks={"check-1": EARLIER}, may={"already": True, "msg": "Already failed over."})
    run = Role(failover(), cloud).go()
    assert (run.status, run.msg, run.lock_ids) == ("unchanged", "Already failed over.", [EARLIER])
    assert [name for name, _options in cloud.calls] == ["failover_state"]


def test_what_may_not_begin_does_not() -> None:
    run = Role(failover(), cloud := Cloud(may={"allowed": False, "msg": "Automation is suppressed."})).go()
    assert (run.status, run.msg, cloud.locks) == ("refused", "Automation is suppressed.", {})


def test_what_the_run_that_holds_the_service_has_done_is_reported() -> None:
    role = Role(failover(), Cloud(locks={"check-1": EARLIER}, may={"allowed": False, "msg": "Held."}))
    engine = role.task()
    engine.context.left_by = lambda lock_id, _state: f"{lock_id} had promoted."
    engine.begin()
    assert engine.run.problem == f"Held. {EARLIER} had promoted."


def test_a_failover_that_goes_on_keeps_the_time_of_the_first_lock_of_the_outage() -> None:
    cloud = Cloud(locks={"check-1": EARLIER}, phase=(EARLIER, "interrupted"), may={"time": "2026-11-21T03:04:05Z"})
    run = begun(cloud).run
    assert (run.id, run.locked_at) == (f"{EARLIER[:16]}-{RUN[17:]}", "2026-11-21T02:03:04Z")


def test_the_age_of_that_lock_counts_by_the_clock_of_aws() -> None:
    cloud = Cloud(locks={"check-1": EARLIER}, phase=(EARLIER, "interrupted"), may={"time": "2026-11-21T02:13:04Z"})
    assert begun(cloud).run.locked_at == "2026-11-21T02:54:05Z"


def test_a_lock_that_was_placed_by_a_clock_ahead_of_aws_has_no_age() -> None:
    cloud = Cloud(locks={"check-1": EARLIER}, phase=(EARLIER, "interrupted"), may={"time": "2026-11-21T02:03:03Z"})
    assert begun(cloud).run.locked_at is None


def test_a_run_is_named_after_the_time_of_aws_where_this_clock_is_wrong() -> None:
    cloud = Cloud(may={"clock_problem": "It is an hour off.", "time": "2026-11-21T02:04:05Z"})
    assert begun(cloud).run.id == f"20261121T020405Z-{RUN[17:]}"


@pytest.mark.parametrize("url", ["", "https://backup.example.com/"])
def test_i10_the_last_serving_site_is_not_taken_out(url: str) -> None:
    cloud = Cloud(fails={"last serving site": "connection refused"})
    run = Role(failover(secondary_url=url), cloud).go()
    assert "The other site is not known to serve" in run.msg
    assert (run.status, cloud.locks) == ("refused", {})


def test_i10_it_is_with_an_override_that_says_so() -> None:
    role = Role(failover(override=LAST_SITE, steps=["lock"]), Cloud(fails={"last serving site": "refused"}))
    run = role.go()
    assert (run.status, run.overrides[0]["reason"]) == ("completed", LAST_SITE["reason"])


def test_i10_an_override_of_something_else_does_not() -> None:
    role = Role(failover(override=LAST_SITE | {"checks": ["x"]}), Cloud(fails={"last serving site": "refused"}))
    assert role.go().status == "refused"


@pytest.mark.parametrize(
    ("site", "seen", "known_url", "doubts"),
    [
        ("healthy", None, False, 0),
        ("healthy", {"passed": True}, True, 0),
        ("healthy", {"passed": False, "msg": "m"}, True, 1),
        ("unknown", {"passed": True}, True, 0),
        ("unknown", None, False, 1),
        ("unhealthy", {"passed": True}, True, 1),
        ("unhealthy", {"passed": False, "msg": "m"}, True, 2),
    ],
)
def test_i10_route_53_and_its_address_may_speak_for_the_other_site_and_neither_against_it(
    site: str, seen: Json | None, known_url: bool, doubts: int
) -> None:
    assert len(last_site_doubts({"health": site, "how": "h"}, seen, known_url=known_url)) == doubts


def test_route_53_is_asked_of_records_with_a_zone() -> None:
    records = [{"zone": "example.com", "name": "a.example.com"}, {"name": "b.example.org", "answers": ["192.0.2.1"]}]
    assert zone_records(failover(records=records)) == [{"zone": "example.com", "name": "a.example.com", "type": "A"}]
    role = begun(records=records)
    assert role.cloud.asked("failover_preflight")[0]["services"][0]["name"] == "checkout"


def test_an_automatic_run_reports_what_it_may() -> None:
    asked = begun(trigger="automatic", cooldown=5).cloud.asked("failover_state")[0]
    assert (asked["trigger"], asked["automatic_allowed"], asked["cooldown"]) == ("automatic", True, 5)


@pytest.mark.parametrize(
    ("claim", "said"), [("open", "another run has taken over"), ("settled", "it continues from here")]
)
def test_what_is_to_be_done_next_follows_from_what_the_claim_is(claim: str, said: str) -> None:
    assert said in PROCEDURE.forward(claim)


def test_what_was_done_is_reported_with_the_id_of_the_lock() -> None:
    assert RUN in Role(failover()).go().msg


@pytest.mark.parametrize("variable", ["gates", "fences"])
def test_a_gate_or_fence_that_is_a_file_of_tasks_is_refused_before_anything_is_done(variable: str) -> None:
    role = Role(failover(**{variable: [{"name": "scaled down", "tasks": {"file": "down.yml"}}]}))
    assert role.go().status == "refused"
    assert f"failover_{variable}: 'scaled down' is of kind tasks, which a failover does not run" in role.run.msg
    assert role.cloud.calls == []


def asked_of_the_other_site(*fails: str) -> list[Json]:
    """How its address was asked."""
    cloud = begun(Cloud(fails=dict.fromkeys(fails, "no"))).cloud
    return [gate["http"] for asked in cloud.asked("failback_gate") for gate in asked["gates"]]


def test_the_other_site_has_to_answer_twice_in_a_row() -> None:
    (http,) = asked_of_the_other_site()
    assert http["consecutive"] == 2


def test_another_site_that_is_slow_is_given_more_time() -> None:
    quick, slow = (http["timeout"] for http in asked_of_the_other_site("last serving site"))
    assert quick < slow


@pytest.mark.parametrize(
    ("given", "lock_if"),
    [
        ({}, "not_unhealthy"),
        ({"secondary_url": ""}, "healthy"),
        ({"override": LAST_SITE}, "any"),
    ],
)
def test_other_services_learn_when_this_one_will_be_locked(given: Json, lock_if: str) -> None:
    records = [{"zone": "example.com", "name": "a.example.com"}]
    (asked,) = begun(records=records, **given).cloud.asked("failover_preflight")
    assert (asked["services"][0]["lock_if"], asked["other_sites_only"]) == (lock_if, True)


def test_other_services_learn_that_this_one_will_not_be_locked() -> None:
    records = [{"zone": "example.com", "name": "a.example.com"}]
    cloud = begun(Cloud(fails={"last serving site": "no"}), records=records).cloud
    assert cloud.asked("failover_preflight")[0]["services"][0]["lock_if"] == "never"
