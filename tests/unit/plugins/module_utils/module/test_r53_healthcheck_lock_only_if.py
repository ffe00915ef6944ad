# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""I9: a lock that an event requests, and the present observations of the checkers."""

from __future__ import annotations

import pytest

from ..aws.account import Account
from ..lock.health_checks import CHECK_ID, always_unhealthy
from .lock_task import GET, LOOK, READ_TAGS, TAG, UPDATE, Tasks, one
from .test_r53_healthcheck_lock_waiting import observed


def test_i9_what_the_checkers_see_failing_is_locked(tasks: Tasks, account: Account) -> None:
    account.observations = observed("Failure: Connection refused")
    reported = one(tasks.lock(only_if_health="unhealthy"))
    assert account.calls == [GET, LOOK, UPDATE, READ_TAGS, TAG]
    assert (reported["changed"], reported["held_back"]) == (True, "")


@pytest.mark.parametrize("check_mode", [False, True])
def test_i9_what_the_checkers_see_healthy_is_left_as_it_is(tasks: Tasks, account: Account, check_mode: bool) -> None:
    account.observations = observed("Success: HTTP Status Code 200, OK", "Failure: x")
    result = tasks.lock(check_mode=check_mode, only_if_health="unhealthy", wait_for="unhealthy")
    reported = one(result)
    assert (result["failed"], result["changed"], account.written) == (False, False, [])
    assert reported["held_back"].startswith("it is healthy (1 of 2 checkers see success), and was to be locked only if")
    assert reported["msg"] == result["msg"] == f"Nothing was changed: {reported['held_back']}"
    assert (reported["lock"], reported["fence"]) == (None, None)


def test_i9_what_nobody_has_seen_is_left_as_it_is(tasks: Tasks, account: Account) -> None:
    account.observations = []
    assert "it is unknown" in one(tasks.lock(only_if_health="unhealthy"))["held_back"]
    assert account.written == []


def test_i9_what_no_checker_probes_is_left_as_it_is(tasks: Tasks, account: Account) -> None:
    account.checks[CHECK_ID] = always_unhealthy(None, Type="CALCULATED", Disabled=False, Inverted=False)
    assert "a check of type CALCULATED has no checkers" in one(tasks.lock(only_if_health="unhealthy"))["held_back"]
    assert LOOK not in account.calls


def test_i5_a_lock_that_is_there_is_kept_whatever_the_checkers_see(tasks: Tasks, account: Account) -> None:
    placed = one(tasks.lock())["lock"]
    account.observations = observed("Success: HTTP Status Code 200, OK")
    reported = one(tasks.lock(only_if_health="unhealthy"))
    assert (reported["lock"], reported["changed"], reported["held_back"]) == (placed, False, "")


def test_it_has_no_effect_on_unlocking(tasks: Tasks, account: Account) -> None:
    tasks.lock()
    account.observations = observed("Success: HTTP Status Code 200, OK")
    assert one(tasks.unlock(only_if_health="unhealthy"))["lock"] is None
