# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""An error that nobody foresaw, at one of several health checks: it fails that one, and hides nothing of the others."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._module import r53_healthcheck_info
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_switch import HealthCheckSwitch

from ..aws.account import Account, Effect, Json
from ..lock.health_checks import CHECK_ID, health_check
from .lock_task import GET, LOOK, READ_TAGS, TAG, UPDATE, Result, Task, Tasks, result_of

OTHER_ID = "7f000001-0000-4000-8000-000000000002"
BOTH = [CHECK_ID, OTHER_ID]
SECRET = "a message of an error that nobody foresaw may hold secrets"


def breaks(_effect: Effect) -> Json:
    """A call at which the code itself breaks."""
    raise KeyError(SECRET)


@pytest.fixture
def two(account: Account) -> Account:
    """The account with a second health check."""
    account.checks[OTHER_ID] = replace(health_check(), id=OTHER_ID)
    return account


def outcomes(result: Result) -> list[bool]:
    return sorted(reported["failed"] for reported in result["health_checks"])


@pytest.mark.parametrize("operation", [GET, UPDATE, TAG])
def test_i7_one_health_check_at_which_the_code_breaks_keeps_no_other_from_its_lock(
    tasks: Tasks, two: Account, operation: str
) -> None:
    two.at_next(operation, breaks)
    result = tasks.lock(health_check_ids=BOTH)
    assert (result["failed"], outcomes(result)) == (True, [False, True])
    assert "broke with KeyError (test_r53_healthcheck_defects.py, line " in result["msg"]


def test_i12_the_words_of_what_nobody_foresaw_are_not_reported(tasks: Tasks, two: Account) -> None:
    two.at_next(UPDATE, breaks)
    assert SECRET not in str(tasks.lock(health_check_ids=BOTH))


def test_i7_locks_are_reported_though_the_code_breaks_where_their_tags_are_read(tasks: Tasks, two: Account) -> None:
    tasks.lock(health_check_ids=BOTH)
    two.at_next(READ_TAGS, breaks)
    result = tasks.lock(health_check_ids=BOTH)
    assert (result["failed"], [bool(reported["lock"]) for reported in result["health_checks"]]) == (True, [True, True])


def test_i7_a_result_that_cannot_be_reported_still_says_that_it_was_changed(
    tasks: Tasks, account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(HealthCheckSwitch, "_message", lambda *_given: breaks(dict))
    result = tasks.lock()
    [reported] = result["health_checks"]
    assert (reported["failed"], reported["changed"], result["changed"]) == (True, True, True)


def test_i7_one_health_check_at_which_the_code_breaks_hides_no_other_from_who_looks(
    two: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(r53_healthcheck_info, "Clock", lambda: two.clock)
    two.at_next(LOOK, breaks)
    nothing = {"health_check_names": None, "health_check_tags": None, "wait_timeout": 60}
    params: dict[str, t.Any] = {
        **nothing,
        "health_check_ids": BOTH,
        "lock_path": "/lb-check-failed-over",
        "include_observations": True,
        "include_tags": True,
    }
    assert outcomes(result_of(r53_healthcheck_info.run, Task(two, params, check_mode=False))) == [False, True]
