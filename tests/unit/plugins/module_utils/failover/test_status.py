# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The state of services is reported in few words, and what is not known is never reported as if it were."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.tidegate.failover.plugins.filter.service_statuses import FilterModule
from ansible_collections.tidegate.failover.plugins.module_utils._failover.left_over import runs
from ansible_collections.tidegate.failover.plugins.module_utils._failover.status import (
    add_resources,
    service_statuses,
    site_of_users,
    table,
)
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import Seen, seen_of
from ansible_collections.tidegate.failover.plugins.module_utils._fronts.oci_load_balancer import KIND

NOW = datetime(2026, 11, 21, 5, 14, 5, tzinfo=UTC)
LOCK = {
    "id": "20261121T030405Z-3f9a1c2e",
    "owner": "operator:alice",
    "reason": "site down",
    "since": "2026-11-21T03:04:05Z",
    "method": "path",
    "placed_by": "tidegate",
}
OTHER_LOCK = {**LOCK, "id": "20261121T040506Z-00c0ffee"}
STATE = f"run={LOCK['id']} phase=failed_over"


def check(name: str = "one", health: str = "healthy", lock: Any = None, **tags: str) -> dict[str, Any]:
    reported = {key.replace("_", "-"): value for key, value in tags.items()}
    return {"health_check_id": name, "failed": False, "health": health, "lock": lock, "tags": reported}


def page(*listeners: bool, owners: tuple[str, ...] = ()) -> dict[str, Any]:
    holds = [{"owner": owner, "since": "2026-11-21T03:04:05Z", "reason": ""} for owner in owners]
    shown = [
        {"name": f"listener-{number}", "in_maintenance": up, "holds": holds if up else []}
        for number, up in enumerate(listeners)
    ]
    return {"load_balancer_id": "balancer", "failed": False, "listeners": shown, "left_out": []}


def fronts(targets: int, answer: dict[str, Any]) -> list[Seen]:
    return seen_of(KIND, answer, [{"load_balancer_id": "balancer"}] * targets)


def asked(checks: int = 1, targets: int = 0, **gates: Any) -> dict[str, Any]:
    return {
        "service": "checkout",
        "health_check_ids": ["one", "two", "three"][:checks],
        "aws_account": 0 if checks else None,
        "fronts": fronts(targets, {}),
        "gates": {"defined": 0, "failed": None, **gates},
    }


def line(service: dict[str, Any], checks: list[Any], pages: list[Any] | None = None) -> list[str]:
    """The columns of a service's line, without its name."""
    seen = fronts(len(service["fronts"]), {"load_balancers": pages or []})
    statuses = service_statuses([service | {"fronts": seen}], [{"health_checks": checks}], NOW)
    return table(statuses)[0].split("  ")[1:]


def test_a_service_that_serves_as_it_should() -> None:
    assert line(asked(targets=1), [check()], [page(False)]) == ["primary", "page down", "not locked"]


def test_a_locked_service_says_since_when_and_by_whom() -> None:
    reported = line(asked(defined=3), [check(health="unhealthy", lock=LOCK, tidegate_failover=STATE)])
    assert reported == [
        "standby",
        "no page",
        "LOCKED for 2 h 10 min by operator:alice (site down), failed over, 20261121T030405Z-3f9a1c2e",
        "3 gates before failback",
    ]


def test_a_run_that_holds_the_service_says_who_carries_it_out_and_what_to_do_if_it_was_aborted() -> None:
    running = f"run={LOCK['id']} phase=running began-at=2026-11-21T03:04:05Z by=ctl1/4711"
    reported = line(asked(), [check(health="unhealthy", lock=LOCK, tidegate_failover=running)])
    assert reported[2].endswith(f", running, started by ctl1/4711 at 2026-11-21T03:04:05Z, {LOCK['id']}")
    assert reported[-1] == (
        "if that run was aborted: ansible-playbook tidegate.failover.acknowledge -l checkout -e acknowledge_reason=..."
    )


RUN = {"id": LOCK["id"], "operation": "failover", "by": "ctl1/4711", "began": "2026-11-21T03:04:04Z"}
ENDED = RUN | {"steps": [{"name": "lock", "status": "done"}, {"name": "promote", "status": "begun"}]}
RUNNING = f"run={LOCK['id']} phase=running began-at=2026-11-21T03:04:05Z by=ctl1/4711"


def reported_of(runs: list[Any], lock: Any, running: bool | None, **tags: str) -> tuple[str, list[str]]:
    """The text of a line about runs without a record, and what to do next."""
    service = asked() | {"runs": runs, "inventory": ["hosts.yml"], "maintenance_owner": "failover:checkout"}
    checks = [{"health_checks": [check(health="unhealthy", lock=lock, **tags)]}]
    (status,) = service_statuses([service], checks, NOW, lambda _by, _began: running)
    return table([status])[0], status["next"]


def test_a_run_that_was_aborted_is_reported_with_its_steps_and_the_whole_command() -> None:
    said, then = reported_of([ENDED], LOCK, False, tidegate_failover=RUNNING)
    assert "started by ctl1/4711, got this far: lock: done, promote: begun." in said
    assert "is no longer running on this host: that run was aborted." in said
    command = "ansible-playbook tidegate.failover.acknowledge -i hosts.yml -l checkout -e acknowledge_reason=..."
    assert then == [f"acknowledge it, then run the same again: {command}"]


def test_a_run_that_goes_on_is_waited_for() -> None:
    said, then = reported_of([], LOCK, True, tidegate_failover=RUNNING)
    assert "Its process (ctl1/4711) is still running on this host." in said
    assert then[0].startswith("wait for it, or end it and then: ansible-playbook tidegate.failover.acknowledge")


def test_a_run_that_was_aborted_before_it_had_a_lock_is_reported_too() -> None:
    quiesced = ENDED | {"steps": [{"name": "quiesce", "status": "begun"}]}
    said, then = reported_of([quiesced], None, False)
    assert "got this far: quiesce: begun." in said
    assert then[0].endswith("run the same again: ansible-playbook tidegate.failover.failover -i hosts.yml -l checkout")


@pytest.mark.parametrize(
    ("running", "reported"), [(False, " was aborted; to do it all"), (None, " may have been aborted; to do it all")]
)
def test_of_a_run_without_a_lock_it_is_reported_how_sure_its_end_is(running: bool | None, reported: str) -> None:
    assert reported_of([RUN | {"steps": []}], None, running)[1][0].startswith(LOCK["id"] + reported)


def test_a_run_is_asked_for_by_what_it_left_of_its_own_beginning() -> None:
    asked_for: list[tuple[str, str | None]] = []
    state = {"run": RUN["id"], "by": RUN["by"], "began_at": "2026-11-21T03:04:05Z"}
    runs([RUN | {"by": None}], state, None, lambda by, began: asked_for.append((by, began)))
    assert asked_for == [("ctl1/4711", "2026-11-21T03:04:04Z")]


def test_a_run_that_left_nothing_here_began_when_its_state_says() -> None:
    state = {"run": RUN["id"], "by": RUN["by"], "began_at": "2026-11-21T03:04:05Z"}
    (run,) = runs([], state, None, lambda _by, _began: None)
    assert run["began"] == "2026-11-21T03:04:05Z"


def test_who_carries_out_a_run_whose_lock_another_one_has_taken_over_is_not_reported() -> None:
    assert "Its process" not in reported_of([], OTHER_LOCK, True, tidegate_failover=RUNNING)[0]


def test_where_a_run_of_another_host_can_be_seen_is_reported() -> None:
    assert "can be seen on ctl1 only (ps -p 4711)" in reported_of([ENDED], LOCK, None, tidegate_failover=RUNNING)[0]


def test_of_a_run_that_left_nothing_here_no_more_is_reported_than_stands_with_the_lock() -> None:
    assert "can be seen" not in reported_of([], LOCK, None, tidegate_failover=RUNNING)[0]


def test_another_run_that_goes_on_does_not_stand_for_that_of_the_lock() -> None:
    then = reported_of(
        [RUN | {"steps": []}], OTHER_LOCK, True, tidegate_failover=f"run={OTHER_LOCK['id']} phase=running"
    )[1]
    assert then[0].startswith("if that run was aborted: ")


def test_a_failback_that_was_not_finished_is_run_again() -> None:
    releasing = f"run={LOCK['id']} phase=releasing"
    then = reported_of([], None, None, tidegate_failover=releasing)[1]
    command = "ansible-playbook tidegate.failover.failback -i hosts.yml -l checkout"
    assert then == [f"its failback was not finished; to finish it: {command}"]


def next_with_page(lock: Any = None) -> Any:
    """What to do next about a service whose failover has put the page up."""
    service = asked(targets=1) | {"maintenance_owner": "failover:checkout"}
    left = page(True, owners=("failover:checkout",))
    service |= {"fronts": fronts(1, {"load_balancers": [left]})}
    checks = [check(lock=lock, tidegate_failover=STATE)]
    return service_statuses([service], [{"health_checks": checks}], NOW)[0]["next"]


def test_a_page_whose_failover_is_over_is_reported_with_what_removes_it() -> None:
    command = "ansible-playbook tidegate.failover.failback -l checkout"
    assert next_with_page() == [f"the failover of this page is over; to remove it: {command}"]


def test_the_page_of_a_failover_that_holds_is_not_to_be_removed() -> None:
    assert next_with_page(LOCK) == []


@pytest.mark.parametrize("lock", [None, LOCK], ids=["not locked", "locked"])
def test_the_page_of_a_drill_is_reported_with_what_takes_it_down(lock: Any) -> None:
    left = page(True, owners=("drill:checkout", "change:CHG-1"))
    service = asked(targets=1) | {"fronts": fronts(1, {"load_balancers": [left]}), "inventory": ["hosts.yml"]}
    command = "exit_maintenance -i hosts.yml -l checkout -e maintenance_owner=drill:checkout"
    reported = f"if the drill of this page was killed, take it down: ansible-playbook tidegate.failover.{command}"
    checks = [check(lock=lock, tidegate_failover=STATE)]
    assert service_statuses([service], [{"health_checks": checks}], NOW)[0]["next"] == [reported]


def test_a_page_of_a_drill_is_reported_for_a_service_without_health_checks_too() -> None:
    left = page(True, owners=("drill:checkout",))
    service = asked(checks=0, targets=1) | {"fronts": fronts(1, {"load_balancers": [left]})}
    assert "exit_maintenance -l checkout" in service_statuses([service], [], NOW)[0]["next"][0]


DRILL_LOCK = LOCK | {"reason": "drill 20261121T030000Z-0badcafe: rehearsal"}
BACK = "ansible-playbook tidegate.failover.failback -i hosts.yml -l checkout"


@pytest.mark.parametrize(
    ("running", "first"),
    [
        (False, "acknowledge it, then fail back"),
        (None, "if that run was aborted, acknowledge it, then fail back"),
        (True, "wait for it, or end it and then"),
    ],
)
def test_the_lock_of_a_drill_that_was_killed_is_failed_back(running: bool | None, first: str) -> None:
    then = reported_of([ENDED], DRILL_LOCK, running, tidegate_failover=RUNNING)[1]
    command = "ansible-playbook tidegate.failover.acknowledge -i hosts.yml -l checkout -e acknowledge_reason=..."
    assert then == [f"{first}: {command}", f"a drill has locked it; to undo that afterwards: {BACK}"]


@pytest.mark.parametrize("phase", ["failed_over", "interrupted", "undone", "serving"])
def test_a_drill_that_was_killed_between_its_runs_is_failed_back(phase: str) -> None:
    then = reported_of([], DRILL_LOCK, None, tidegate_failover=f"run={LOCK['id']} phase={phase}")[1]
    assert then == [f"a drill has locked it; if that drill was killed, undo it: {BACK}"]


def test_a_reason_that_only_speaks_of_a_drill_is_that_of_a_person() -> None:
    lock = LOCK | {"reason": "drill of the fire brigade"}
    assert reported_of([], lock, None, tidegate_failover=STATE)[1] == []


@pytest.mark.parametrize(
    ("lock", "tags", "held"),
    [
        (None, {}, False),
        (LOCK, {}, True),
        (LOCK, {"tidegate_failover": STATE}, False),
        (LOCK, {"tidegate_failover": STATE.replace("failed_over", "failing_back")}, True),
        (LOCK | {"id": "one@7"}, {}, False),
    ],
    ids=["open", "no state", "settled", "under way", "no run"],
)
def test_how_to_acknowledge_is_reported_if_a_run_holds_the_service(lock: Any, tags: dict[str, str], held: bool) -> None:
    (status,) = service_statuses([asked()], [{"health_checks": [check(lock=lock, **tags)]}], NOW)
    assert bool(status["acknowledge"]) is held


def test_a_lock_that_no_run_explains_needs_an_acknowledgement_before_its_failback() -> None:
    reported = line(asked(defined=1), [check(health="unhealthy", lock=LOCK)])
    assert reported[-1].startswith(
        "before its failback, as no state records what it is for: ansible-playbook tidegate.fail"
    )


def test_the_phase_of_another_lock_is_not_believed() -> None:
    other = STATE.replace("3f9a1c2e", "00c0ffee")
    assert "failed over" not in line(asked(), [check(lock=LOCK, tidegate_failover=other)])[2]


# The first health check is the primary's.


def status_of(*checks: Any, service: str = "checkout") -> Any:
    """The status of a service with these health checks."""
    (status,) = service_statuses([asked(len(checks)) | {"service": service}], [{"health_checks": checks}], NOW)
    return status


def test_which_site_serves_is_reported_by_the_first_health_check() -> None:
    assert status_of(check(), check("two", "unhealthy"))["serving"] == "primary"


def test_of_several_locks_that_of_the_first_health_check_is_reported() -> None:
    assert status_of(check(lock=LOCK), check("two", lock=OTHER_LOCK))["lock"]["id"] == LOCK["id"]


def test_the_state_is_that_of_the_first_health_check() -> None:
    unread = {"health_check_id": "two", "failed": True, "msg": "access denied"}
    assert status_of(check(tidegate_failover=STATE), unread)["state"]["run"] == LOCK["id"]


def test_of_two_states_that_of_the_first_health_checks_lock_is_reported() -> None:
    late = {f"tidegate_failover-{OTHER_LOCK['id']}": f"run={OTHER_LOCK['id']} phase=undone"}
    first = check(lock=LOCK, tidegate_failover=STATE, **late)
    assert status_of(first, check("two"))["state"]["run"] == LOCK["id"]


def test_how_to_acknowledge_is_reported_by_the_first_health_check() -> None:
    assert status_of(check(lock=LOCK), check("two"), service="")["acknowledge"].endswith(
        "-e health_check_ids=one -e acknowledge_reason=..."
    )


@pytest.mark.parametrize(("problems", "serving"), [(["its variables are wrong"], "unknown"), ([], None)])
def test_a_service_without_health_checks_is_unknown_only_if_it_may_have_some(problems: Any, serving: Any) -> None:
    (status,) = service_statuses([asked(checks=0) | {"problems": problems}], [], NOW)
    assert status["serving"] == serving


def test_a_lock_that_was_placed_after_this_machines_time_is_not_older_than_nothing() -> None:
    assert status_of(check(lock=LOCK | {"since": "2026-11-21T05:14:09Z"}))["lock"]["age_seconds"] == 0


def test_a_primary_that_failed_and_may_come_back_by_itself_stands_out() -> None:
    assert line(asked(), [check(health="unhealthy")])[0] == "standby (primary unhealthy, NOT LOCKED)"


def test_a_lock_that_does_not_hold_stands_out() -> None:
    assert line(asked(), [check(health="healthy", lock=LOCK)])[0] == "primary (LOCK DOES NOT HOLD)"


def test_some_locked_of_many_are_counted() -> None:
    checks = [check("one", "unhealthy", LOCK), check("two", "unhealthy"), check("three", "unhealthy", LOCK)]
    assert line(asked(checks=3), checks)[2].startswith("LOCKED 2 of 3 for")


def test_a_lock_of_which_little_is_known_is_reported_all_the_same() -> None:
    bare = {**LOCK, "id": "one@7", "owner": None, "reason": None, "since": None}
    assert line(asked(), [check(health="unhealthy", lock=bare)])[2] == "LOCKED, one@7"


@pytest.mark.parametrize(
    ("gates", "reported"),
    [
        ({"defined": 0}, "NO GATES DEFINED"),
        ({"defined": 2, "failed": []}, "2 of 2 gates pass"),
        ({"defined": 2, "failed": ["data"]}, "1 of 2 gates pass, missing: data"),
    ],
)
def test_gates_of_a_locked_service(gates: dict[str, Any], reported: str) -> None:
    assert line(asked(**gates), [check(health="unhealthy", lock=LOCK)])[3] == reported


@pytest.mark.parametrize(
    ("pages", "reported"),
    [
        ([page(True, owners=("alarm", "operator"))], "MAINTENANCE ON, held by alarm, operator"),
        ([page(True)], "MAINTENANCE ON, held by nobody"),
        ([page(True, False, owners=("alarm",))], "MAINTENANCE ON on 1 of 2 listeners, held by alarm"),
    ],
)
def test_who_holds_the_page(pages: list[Any], reported: str) -> None:
    assert line(asked(targets=1), [check()], pages)[1] == reported


def test_a_listener_whose_users_get_the_page_at_another_one_does_not_make_the_page_partial() -> None:
    up = page(True, False, owners=("alarm",))
    up["left_out"] = [{"listener": "listener-1", "reason": "It redirects.", "leads_to": ["listener-0"]}]
    assert line(asked(targets=1), [check()], [up])[1] == "MAINTENANCE ON, held by alarm"


def test_a_listener_that_cannot_show_the_page_makes_it_partial() -> None:
    up = page(True, False, owners=("alarm",))
    up["left_out"] = [{"listener": "listener-1", "reason": "It speaks TCP.", "leads_to": []}]
    assert line(asked(targets=1), [check()], [up])[1] == "MAINTENANCE ON on 1 of 2 listeners, held by alarm"


def test_requests_that_pass_a_page_by_are_reported_beside_who_holds_it() -> None:
    up = page(True, owners=("alarm",))
    up["listeners"][0]["passed_by"] = ["routing policy 'route_443'"]
    assert line(asked(targets=1), [check()], [up])[1] == (
        "MAINTENANCE ON, BUT listener-0 LEADS REQUESTS PAST IT (routing policy 'route_443'), held by alarm"
    )


def test_health_that_nobody_knows_is_unknown() -> None:
    assert line(asked(), [check(health="unknown")])[0] == "unknown"


def test_what_could_not_be_read_is_unknown_and_says_why() -> None:
    unread = {"health_check_id": "one", "failed": True, "msg": "access denied"}
    page_unread = {"load_balancer_id": "balancer", "failed": True, "msg": "throttled"}
    reported = line(asked(targets=1), [unread], [page_unread])
    assert reported[:2] == ["unknown", "page unknown"]
    assert reported[-2:] == ["NOT KNOWN: one: access denied", "NOT KNOWN: balancer: throttled"]


def test_an_account_that_did_not_answer_leaves_no_service_out() -> None:
    answers = [{"failed": True, "msg": "wrong credentials", "health_checks": []}]
    (status,) = service_statuses([asked() | {"fronts": fronts(1, {"msg": "unreachable"})}], answers, NOW)
    assert status["problems"] == ["one: wrong credentials", "balancer: unreachable"]
    assert status["serving"] == "unknown"


def test_a_state_that_cannot_be_understood_is_a_problem() -> None:
    (status,) = service_statuses([asked()], [{"health_checks": [check(tidegate_failover="mine")]}], NOW)
    assert status["problems"] == ["its tag tidegate-failover cannot be understood: mine"]


def test_columns_stand_in_line() -> None:
    services = [asked() | {"service": name} for name in ("a", "longer")]
    lines = table(service_statuses(services, [{"health_checks": [check()]}], NOW))
    assert len({text.index("primary") for text in lines}) == 1


def test_no_services_are_no_lines() -> None:
    assert FilterModule().filters()["status_table"]([]) == []


def test_what_does_not_belong_together_is_an_error() -> None:
    with pytest.raises(AnsibleFilterError, match="do not belong together"):
        FilterModule().filters()["service_statuses"]([asked() | {"targets": []}], [], [])


def test_services_get_the_load_balancers_that_they_asked_for() -> None:
    balancer = {"load_balancer_id": "balancer"}
    services = [asked(checks=0) | {"targets": [balancer] * number, "oci_account": 0} for number in (1, 2)]
    pages = [page(True, owners=("first",)), page(False), page(True, owners=("third",))]
    statuses = FilterModule().filters()["service_statuses"](services, [], [{"load_balancers": pages}])
    owners = [[hold["owner"] for hold in status["maintenance"]["holds"]] for status in statuses]
    assert owners == [["first"], ["third"]]


def test_a_failover_that_was_not_finished_is_reported_with_the_command_that_finishes_it() -> None:
    then = reported_of([], LOCK, None, tidegate_failover=STATE.replace("failed_over", "interrupted"))[1]
    finish, leave = (text.partition(": ")[2] for text in then)
    assert finish == "ansible-playbook tidegate.failover.failover -i hosts.yml -l checkout"
    assert leave == "ansible-playbook tidegate.failover.failback -i hosts.yml -l checkout"


def test_one_gate_is_one() -> None:
    reported = line(asked(defined=1), [check(health="unhealthy", lock=LOCK, tidegate_failover=STATE)])
    assert reported[-1] == "1 gate before failback"


def test_a_command_in_a_line_ends_before_the_next_one() -> None:
    said = reported_of([], LOCK, None, tidegate_failover=STATE.replace("failed_over", "interrupted"))[0]
    assert "tidegate.failover.failover -i hosts.yml -l checkout; to return traffic" in said


def with_resources(*seen: dict[str, Any]) -> dict[str, Any]:
    (status,) = service_statuses([asked()], [{"health_checks": [check()]}], NOW)
    add_resources(status, [{"kind": "dns", "name": "shop.example.com", "failed": False} | one for one in seen])
    return status


def test_a_resource_that_is_at_the_other_site_is_reported() -> None:
    status = with_resources({"changed": True, "msg": "It would lead to 192.0.2.1."})
    assert table([status])[0].endswith("NOT MOVED WITH USERS: dns shop.example.com: It would lead to 192.0.2.1.")


def test_a_resource_that_is_where_users_are_needs_no_words() -> None:
    status = with_resources({"changed": False, "msg": "It leads to 192.0.2.1."})
    assert "dns" not in table([status])[0]
    assert status["resources"][0]["msg"] == "It leads to 192.0.2.1."


@pytest.mark.parametrize(
    ("lock", "serving", "controls", "site"),
    [
        (None, "primary", None, "primary"),
        (None, "standby", "on", "primary"),
        ({"id": "x"}, "unknown", None, "secondary"),
        (None, "primary", "off", "secondary"),
        (None, None, "off", "secondary"),
        (None, None, "on", "primary"),
        (None, "unknown", None, None),
        (None, None, "unknown", None),
        (None, "primary", "partly off", None),
    ],
)
def test_i7_resources_are_judged_only_where_it_is_known_which_site_is_locked(
    lock: dict[str, Any] | None, serving: str | None, controls: str | None, site: str | None
) -> None:
    assert site_of_users({"lock": lock, "serving": serving, "routing_controls": controls}) == site


def test_i7_a_resource_that_cannot_be_read_is_a_problem_of_its_service() -> None:
    status = with_resources({"changed": False, "failed": True, "msg": "no answer"})
    assert status["problems"] == ["dns shop.example.com: no answer"]


@pytest.mark.parametrize(
    ("states", "locked", "reported"),
    [
        ({"arn": "On"}, False, "routing control on"),
        ({"arn": "On"}, True, "ROUTING CONTROL ON"),
        ({"arn": "Off"}, True, "routing control off"),
        ({"arn": "Off"}, False, "ROUTING CONTROL OFF, NO CLAIM: run the failover again"),
        (None, True, "ROUTING CONTROL UNKNOWN"),
    ],
)
def test_a_routing_control_that_differs_from_the_lock_stands_out(
    states: dict[str, str] | None, locked: bool, reported: str
) -> None:
    service = asked() | {"controls": {"site": ["arn"], "states": states, "problem": ""}}
    assert reported in line(service, [check(lock=LOCK) if locked else check()])


def test_routing_controls_that_cannot_be_read_are_reported() -> None:
    service = asked() | {"controls": {"site": ["arn"], "states": None, "problem": "routing controls: no endpoint"}}
    assert "NOT KNOWN: routing controls: no endpoint" in line(service, [check()])
