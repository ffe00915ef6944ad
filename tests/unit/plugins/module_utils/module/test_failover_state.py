# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The state of a service: who may begin by which clock, and what keeps it from being written."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import TAG
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, pinned_path
from ansible_collections.tidegate.failover.plugins.module_utils._module import failover_state

from ..aws.account import Account, answer_lost, preceded_by, refused
from ..lock.health_checks import CHECK_ID, LOCK_ID, NEWER_LOCK_ID, PINNED, health_check
from .lock_task import GET, READ_TAGS, Result, Task, result_of
from .lock_task import TAG as CHANGE_TAGS

LIST = "list_health_checks"
OLD = "20261120T020304Z-00c0ffee"
#: The key of the state of the run that holds the claim.
OWN = f"{TAG}-{LOCK_ID}"

OPTIONS: Result = {
    "health_check_id": CHECK_ID,
    "targets": None,
    "operation": "none",
    "run_id": None,
    "trigger": "manual",
    "automatic_allowed": True,
    "cooldown": 3600,
    "phase": None,
    "suppress": None,
    "by": "",
    "service": "",
    "inventory": [],
    "found": None,
    "lock_path": DEFAULT_LOCK_PATH,
    "wait_timeout": 60,
}
#: A run that holds the claim states that.
RUNNING: Result = {"operation": "failover", "run_id": LOCK_ID, "phase": "running"}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account with the locked health check of a service."""
    account = Account(health_check(PINNED), tags={CHECK_ID: {"Name": "checkout primary"}})
    monkeypatch.setattr(failover_state, "Clock", lambda: account.clock)
    return account


def asked(account: Account, **options: t.Any) -> Result:
    """The result of the module."""
    return result_of(failover_state.run, Task(account, OPTIONS | options, check_mode=False))


def test_the_claim_holder_writes_its_phase(account: Account) -> None:
    assert asked(account, **RUNNING)["changed"] is True
    assert account.tags[CHECK_ID][OWN] == f"run={LOCK_ID} phase=running"
    assert account.calls == [READ_TAGS, GET, CHANGE_TAGS, GET]


# Many services at once.

ONE: Result = {name: value for name, value in OPTIONS.items() if name not in ("targets", "lock_path", "wait_timeout")}


def check_id(number: int) -> str:
    """The health check of a service."""
    return f"{number:08x}-f023-45a3-954e-415303f21eab"


@pytest.fixture
def many(account: Account) -> Account:
    """Twelve services that the same run holds."""
    account.checks = {check_id(number): replace(account.checks[CHECK_ID], id=check_id(number)) for number in range(12)}
    return account


def all_asked(account: Account, *numbers: int, **options: t.Any) -> list[Result]:
    """What is reported of each service."""
    targets = [ONE | RUNNING | options | {"health_check_id": check_id(number)} for number in numbers]
    reported: list[Result] = asked(account, health_check_id=None, targets=targets)["targets"]
    return reported


def test_many_services_are_read_together_and_written_each_by_itself(many: Account) -> None:
    assert [reported["changed"] for reported in all_asked(many, *range(12))] == [True] * 12
    assert many.calls == [READ_TAGS, READ_TAGS, LIST, *[CHANGE_TAGS] * 12, LIST]
    assert all(many.tags[check_id(number)][OWN] == f"run={LOCK_ID} phase=running" for number in range(12))


def test_a_run_that_has_just_claimed_writes_and_reads_nothing(account: Account) -> None:
    account.tags[CHECK_ID] |= {TAG: f"run={OLD} phase=serving suppressed-until=2126-11-21T04:00:00Z"}
    found = asked(account, operation="failover")["found"]
    assert asked(account, **RUNNING, found=found)["changed"] is True
    assert account.calls == [CHANGE_TAGS]
    assert account.tags[CHECK_ID][OWN].endswith("phase=running suppressed-until=2126-11-21T04:00:00Z")
    assert TAG not in account.tags[CHECK_ID]


def test_a_service_that_fails_is_reported_and_stops_no_other(many: Account) -> None:
    many.change(check_id(1), ResourcePath=TAKEN_OVER)
    reported = all_asked(many, 0, 1, 2)
    assert [one["failed"] for one in reported] == [False, True, False]
    assert NEWER_LOCK_ID in reported[1]["msg"]


def test_a_service_whose_tags_may_not_be_read_hides_no_other(many: Account) -> None:
    many.at_next(READ_TAGS, *[refused("AccessDenied", 403)] * 2)
    assert [one["failed"] for one in all_asked(many, 0, 1, 2)] == [True, False, False]


def test_i2_a_service_that_is_taken_over_while_all_are_written_says_so(many: Account) -> None:
    taken = preceded_by(lambda: many.change(check_id(1), ResourcePath=TAKEN_OVER))
    many.at_next(GET, *[lambda effect: effect()] * 3, taken)
    reported = all_asked(many, 0, 1, 2)
    assert [one["failed"] for one in reported] == [False, True, False]
    assert "lost the claim" in reported[1]["msg"]


def test_written_again_it_writes_nothing(account: Account) -> None:
    asked(account, **RUNNING)
    assert (asked(account, **RUNNING)["changed"], account.written) == (False, [])


def test_check_mode_predicts_the_write_and_writes_nothing(account: Account) -> None:
    predicted = result_of(failover_state.run, Task(account, OPTIONS | RUNNING, check_mode=True))
    assert (predicted["changed"], account.written) == (True, [])
    assert asked(account, **RUNNING)["diff"] == predicted["diff"]


def test_it_takes_the_place_of_what_runs_before_have_left(account: Account) -> None:
    account.tags[CHECK_ID] |= {TAG: f"run={OLD} phase=serving suppressed-until=2026-11-21T04:00:00Z"}
    asked(account, **RUNNING)
    assert account.tags[CHECK_ID] == {
        "Name": "checkout primary",
        OWN: f"run={LOCK_ID} phase=running suppressed-until=2026-11-21T04:00:00Z",
    }


def test_who_carries_out_a_run_is_kept_and_returned(account: Account) -> None:
    state = asked(account, **RUNNING, by="ctl1/4711")["state"]
    assert (state["by"], state["began_at"] is not None) == ("ctl1/4711", True)
    result = asked(account, operation="failover", service="checkout")
    assert "started by ctl1/4711 at 20" in result["msg"]
    assert "acknowledge -l checkout -e" in result["msg"]


# Another run takes the service over, and a person acknowledges that and suppresses automation.

TAKEN_OVER = pinned_path(DEFAULT_LOCK_PATH, "/lb-check", NEWER_LOCK_ID)
ACKNOWLEDGED = {
    f"{TAG}-{NEWER_LOCK_ID}": f"run={NEWER_LOCK_ID} phase=interrupted acknowledged-at=2026-11-21T04:05:06Z "
    "suppressed-until=2126-11-21T04:05:06Z"
}


def acknowledge(account: Account) -> None:
    """What the acknowledging run does: lock first, and then write."""
    account.change(CHECK_ID, ResourcePath=TAKEN_OVER)
    account.tags[CHECK_ID] = {"Name": "checkout primary"} | ACKNOWLEDGED


@pytest.mark.parametrize("moment", [READ_TAGS, GET, CHANGE_TAGS])
def test_i2_an_acknowledgement_outlives_the_write_of_the_run_that_lost_the_service(
    account: Account, moment: str
) -> None:
    asked(account, **RUNNING)
    account.at_next(moment, preceded_by(lambda: acknowledge(account)))
    lost = asked(account, **RUNNING | {"phase": "failed_over"})
    assert (lost["failed"], lost["changed"]) == (True, moment == CHANGE_TAGS)
    assert NEWER_LOCK_ID in lost["msg"]
    assert ACKNOWLEDGED.items() <= account.tags[CHECK_ID].items()
    assert asked(account, operation="failover", trigger="automatic")["msg"].startswith("Automation is suppressed until")


def test_the_end_of_a_failback_is_written_though_its_lock_is_open(account: Account) -> None:
    account.checks[CHECK_ID] = health_check("/lb-check")
    ended = asked(account, operation="failback", run_id=LOCK_ID, phase="serving")
    assert account.tags[CHECK_ID][OWN] == f"run={LOCK_ID} phase=serving", ended["msg"]


def test_nothing_else_of_a_failback_is_written_without_its_lock(account: Account) -> None:
    account.checks[CHECK_ID] = health_check("/lb-check")
    assert "there is no lock" in asked(account, operation="failback", run_id=LOCK_ID, phase="releasing")["msg"]


def test_a_refusal_has_the_command_with_its_inventory(account: Account) -> None:
    refused = asked(account, operation="failback", service="checkout", inventory=["/srv/my inventory.yml"])
    assert "acknowledge -i '/srv/my inventory.yml' -l checkout -e acknowledge_reason=..." in refused["msg"]


def test_i2_a_run_that_loses_the_service_once_it_has_written_says_so(account: Account) -> None:
    account.at_next(GET, lambda effect: effect(), preceded_by(lambda: acknowledge(account)))
    lost = asked(account, **RUNNING)
    assert (lost["failed"], lost["changed"]) == (True, True)
    assert (
        f"lost the claim on health check {CHECK_ID} while it wrote its state: the lock is {NEWER_LOCK_ID}"
        in (lost["msg"])
    )


def test_i2_a_write_that_arrives_after_its_run_has_ended_overwrites_no_acknowledgement(account: Account) -> None:
    acknowledge(account)
    account.tags[CHECK_ID][OWN] = f"run={LOCK_ID} phase=running"
    assert asked(account)["claim"] == "settled"
    asked(account, run_id=NEWER_LOCK_ID, operation="acknowledge", phase="interrupted")
    assert list(account.tags[CHECK_ID]) == ["Name", *ACKNOWLEDGED]
    assert "suppressed-until=2126" in str(account.tags)


def test_a_lock_that_was_released_while_the_state_was_written_is_reported(account: Account) -> None:
    account.at_next(CHANGE_TAGS, preceded_by(lambda: account.change(CHECK_ID, ResourcePath="/lb-check")))
    assert "its lock has been released" in asked(account, **RUNNING)["msg"]


def test_a_run_that_begins_while_an_open_service_is_acknowledged_is_reported(account: Account) -> None:
    account.change(CHECK_ID, ResourcePath="/lb-check")
    account.at_next(CHANGE_TAGS, preceded_by(lambda: account.change(CHECK_ID, ResourcePath=TAKEN_OVER)))
    result = asked(account, operation="acknowledge", run_id=LOCK_ID, phase="serving")
    assert (result["failed"], f"Run {NEWER_LOCK_ID} has begun" in result["msg"]) == (True, True)


def test_i7_a_state_that_could_not_be_written_is_a_failure(account: Account) -> None:
    account.at_next(CHANGE_TAGS, refused("AccessDenied", 403))
    result = asked(account, **RUNNING)
    assert (result["failed"], result["changed"]) == (True, False)


def test_i7_a_state_that_may_have_been_written_counts_as_changed(account: Account) -> None:
    account.at_next(CHANGE_TAGS, answer_lost(), *[refused("Throttling")] * 100)
    result = asked(account, **RUNNING)
    assert (result["failed"], result["changed"]) == (True, True)


def test_without_room_for_the_state_it_is_reported_which_tags_there_are_to_free(account: Account) -> None:
    account.tags[CHECK_ID] |= {f"team-{number}": "x" for number in range(9)}
    result = asked(account, **RUNNING)
    assert result["failed"] is True
    assert "Remove at least 1 of: Name, team-0" in result["msg"]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (health_check(None, Type="RECOVERY_CONTROL", RoutingControlArn="arn:aws:control"), "arn:aws:control switches"),
        (health_check(None, Type="TCP"), "has no path"),
        (health_check("/" + "a" * 200), "does not fit into the pinned path"),
    ],
    ids=["routing control", "no path", "long path"],
)
def test_a_health_check_that_can_carry_no_claim_is_refused_up_front(account: Account, found: t.Any, said: str) -> None:
    account.checks[CHECK_ID] = found
    result = asked(account, operation="failover")
    assert (result["failed"], account.written) == (True, [])
    assert said in result["msg"]


def test_times_are_written_by_the_services_clock(account: Account) -> None:
    account.ahead = 600
    state = asked(account, **RUNNING | {"phase": "failed_over"})["state"]
    ahead = datetime.fromisoformat(state["failed_over_at"]) - datetime.now(UTC)
    assert timedelta(minutes=9) < ahead < timedelta(minutes=11)


def test_by_a_clock_that_is_wrong_no_failback_begins_and_it_is_reported_why(account: Account) -> None:
    asked(account, **RUNNING | {"phase": "failed_over"})
    account.ahead = 600
    result = asked(account, operation="failback")
    assert (result["allowed"], result["clock_problem"] in result["msg"]) == (False, True)
    assert "behind that of AWS" in result["clock_problem"]


def test_a_clock_that_is_right_is_no_problem(account: Account) -> None:
    assert asked(account)["clock_problem"] == ""
