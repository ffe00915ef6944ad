# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The state of a service: who may begin by which clock, and what keeps it from being written."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import TAG
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH
from ansible_collections.tidegate.failover.plugins.module_utils._module import failover_state

from ..aws.account import Account
from ..lock.health_checks import CHECK_ID, LOCK_ID, PINNED, health_check
from .lock_task import Result, Task, result_of

OPTIONS: Result = {
    "health_check_id": CHECK_ID,
    "operation": "none",
    "run_id": None,
    "trigger": "manual",
    "automatic_allowed": True,
    "block_period": 3600,
    "phase": None,
    "downtime": None,
    "lock_path": DEFAULT_LOCK_PATH,
    "wait_timeout": 60,
}
#: A run that holds the claim says so.
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
    assert account.tags[CHECK_ID][TAG] == f"run={LOCK_ID} phase=running"


def test_without_room_for_the_state_it_is_said_which_tags_there_are_to_free(account: Account) -> None:
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


def test_by_a_clock_that_is_wrong_no_failback_begins_and_it_is_said_why(account: Account) -> None:
    asked(account, **RUNNING | {"phase": "failed_over"})
    account.ahead = 600
    result = asked(account, operation="failback")
    assert (result["allowed"], result["clock_problem"] in result["msg"]) == (False, True)
    assert "behind that of AWS" in result["clock_problem"]


def test_a_clock_that_is_right_is_no_problem(account: Account) -> None:
    assert asked(account)["clock_problem"] == ""
