# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Waiting for what the checkers see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from ..aws.account import READS, Account, answer_lost, preceded_by
from ..lock.health_checks import CHECK_ID, always_unhealthy
from .lock_task import GET, LOOK, READ_TAGS, TAG, UPDATE, Result, Tasks, one


def observed(*texts: str, checked: datetime | None = None) -> list[Result]:
    report = {"CheckedTime": checked or datetime.now(UTC) + timedelta(hours=1)}
    return [
        {"Region": "eu-west-1", "IPAddress": "198.51.100.7", "StatusReport": report | {"Status": text}}
        for text in texts
    ]


def test_waiting_ends_once_the_checkers_see_it(tasks: Tasks, account: Account) -> None:
    account.observations = observed("Failure: HTTP Status Code 404")
    reported = one(tasks.lock(wait_for="unhealthy"))
    assert account.calls == [GET, UPDATE, READ_TAGS, TAG, LOOK]
    assert reported["observed"] == {"health": "unhealthy", "how": "0 of 1 checkers see success", "share": 0.0}


def test_waiting_goes_on_until_checkers_have_probed_since_the_change(tasks: Tasks, account: Account) -> None:
    account.observations = observed("Failure: Connection refused", checked=datetime.now(UTC) - timedelta(seconds=9))

    def looked() -> None:
        account.observations = observed("Failure: HTTP Status Code 404")

    account.at_next(LOOK, lambda effect: effect(), preceded_by(looked))
    assert tasks.lock(wait_for="unhealthy")["failed"] is False
    assert account.calls.count(LOOK) == 2


@pytest.mark.parametrize("lost", [True, False])
def test_i7_a_wait_that_runs_out_fails_and_says_what_was_done(tasks: Tasks, account: Account, lost: bool) -> None:
    account.observations = observed("Failure: x", checked=datetime.now(UTC) - timedelta(seconds=9))
    if lost:
        account.at_next(UPDATE, answer_lost())
    result = tasks.lock(wait_for="unhealthy")
    assert (result["failed"], result["changed"]) == (True, True)
    assert "The wait_timeout of 60 s ran out before the checkers saw it unhealthy: no checker" in result["msg"]
    assert result["msg"].endswith("But it was changed as requested.")


def test_a_disabled_health_check_is_not_asked_about(tasks: Tasks, account: Account) -> None:
    reported = one(tasks.lock(method="invert", wait_for="unhealthy"))
    assert LOOK not in account.calls
    assert reported["observed"]["health"] == "unhealthy"


def test_waiting_for_what_nobody_sees_is_refused_before_it_is_changed(tasks: Tasks, account: Account) -> None:
    account.checks[CHECK_ID] = always_unhealthy(None, Type="CALCULATED")
    result = tasks.unlock(wait_for="healthy")
    assert (result["failed"], account.written) == (True, [])
    assert "type CALCULATED has none" in result["msg"]


def test_nothing_is_waited_for_in_check_mode(tasks: Tasks, account: Account) -> None:
    tasks.lock(check_mode=True, wait_for="unhealthy")
    assert set(account.calls) <= set(READS)
