# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Locking: the calls that a task makes, what it leaves behind whatever comes in between, and what it reports."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import lock_keys_in
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, lock_time

from ..aws.account import Account, Effect, answer_lost, preceded_by, refused
from ..lock.health_checks import CHECK_ID, LOCK_ID, NEWER_LOCK_ID, PINNED, health_check
from .lock_task import GET, NAMED, NEWER, READ_TAGS, TAG, UPDATE, Result, Tasks, one, path_of


def test_locking_takes_one_update_and_two_calls_for_its_tags(tasks: Tasks, account: Account) -> None:
    result = tasks.lock(lock_id=LOCK_ID)
    assert account.calls == [GET, UPDATE, READ_TAGS, TAG]
    assert path_of(account) == PINNED
    assert (result["failed"], result["changed"], one(result)["fence"]) == (False, True, "proven")
    assert (one(result)["lock"]["owner"], one(result)["lock"]["reason"]) == ("operator:alice", "CHG-1234")


def test_i1_locking_and_unlocking_leave_configuration_and_tags_as_they_were(tasks: Tasks, account: Account) -> None:
    before = account.checks[CHECK_ID].config
    tasks.lock()
    assert {key for key, value in account.checks[CHECK_ID].config.items() if before[key] != value} == {"ResourcePath"}
    tasks.unlock()
    assert account.checks[CHECK_ID].config == before
    assert account.tags[CHECK_ID] == NAMED


@pytest.mark.parametrize("method", ["auto", "path", "invert"])
def test_i3_locking_again_writes_nothing(tasks: Tasks, account: Account, method: str) -> None:
    first = one(tasks.lock(method=method))
    again = one(tasks.lock(method=method))
    assert account.written == []
    assert (again["changed"], again["lock"], again["fence"]) == (False, first["lock"], first["fence"])


@pytest.mark.parametrize("method", ["auto", "invert"])
def test_i3_check_mode_predicts_exactly_what_locking_does_and_writes_nothing(
    tasks: Tasks, account: Account, method: str
) -> None:
    predicted = tasks.lock(check_mode=True, lock_id=LOCK_ID, method=method)
    assert account.written == []
    assert tasks.lock(lock_id=LOCK_ID, method=method) == predicted


def test_i2_what_somebody_else_changes_meanwhile_stays(tasks: Tasks, account: Account) -> None:
    account.at_next(UPDATE, preceded_by(lambda: account.change(CHECK_ID, FailureThreshold=1)))
    result = tasks.lock(lock_id=LOCK_ID)
    assert (result["changed"], path_of(account)) == (True, PINNED)
    assert account.checks[CHECK_ID].config["FailureThreshold"] == 1
    assert account.written == [UPDATE, UPDATE, TAG]


def test_i2_the_lock_of_another_run_that_came_first_stays(tasks: Tasks, account: Account) -> None:
    account.at_next(UPDATE, preceded_by(lambda: account.change(CHECK_ID, ResourcePath=NEWER)))
    reported = one(tasks.lock(lock_id=LOCK_ID))
    assert path_of(account) == NEWER
    assert (reported["changed"], reported["lock"]["id"], reported["lock"]["owner"]) == (True, NEWER_LOCK_ID, None)


def test_a_lock_whose_response_was_lost_is_placed_once_and_counts_as_changed(tasks: Tasks, account: Account) -> None:
    account.at_next(UPDATE, answer_lost())
    reported = one(tasks.lock(lock_id=LOCK_ID))
    assert account.written == [UPDATE, TAG]
    assert (reported["failed"], reported["changed"], reported["lock"]["id"]) == (False, True, LOCK_ID)


def test_a_lock_whose_response_was_lost_counts_as_changed_also_where_the_next_read_is_of_before(
    tasks: Tasks, account: Account
) -> None:
    before = account.get_health_check(HealthCheckId=CHECK_ID)
    account.at_next(UPDATE, answer_lost())
    account.at_next(GET, lambda effect: effect(), lambda _effect: before)
    result = tasks.lock(lock_id=LOCK_ID)
    assert account.written == [UPDATE, UPDATE, TAG]
    assert one(result)["msg"].startswith(f"Locked by operator:alice, lock {LOCK_ID}")


def test_a_rivals_lock_is_not_taken_for_ones_own_whose_response_was_lost(tasks: Tasks, account: Account) -> None:
    def overtaken(_effect: Effect) -> Result:
        account.change(CHECK_ID, ResourcePath=NEWER)
        return refused("InternalFailure", 500)(_effect)

    account.at_next(UPDATE, overtaken)
    reported = one(tasks.lock(lock_id=LOCK_ID, owner="operator:bob"))
    assert reported["lock"]["id"] == NEWER_LOCK_ID
    assert reported["lock"]["owner"] is None


def test_i7_where_it_is_not_known_whether_it_was_changed_that_is_reported(tasks: Tasks, account: Account) -> None:
    account.at_next(UPDATE, answer_lost())
    account.at_next(GET, lambda effect: effect(), *[refused("Throttling")] * 100)
    reported = one(tasks.lock())
    assert (reported["failed"], reported["changed"]) == (True, True)
    assert (
        "The response was lost, so the outcome is unknown. Run this again to see whether it was changed."
        in reported["msg"]
    )


def test_i4_a_health_check_that_does_not_exist_fails_and_does_not_hide_the_others(
    tasks: Tasks, account: Account
) -> None:
    result = tasks.lock(health_check_ids=["nowhere", CHECK_ID], lock_id=LOCK_ID)
    assert path_of(account) == PINNED
    assert (result["failed"], result["changed"]) == (True, True)
    assert result["msg"].startswith(
        f"1 of 2 health checks failed; the others match the requested state. Changed by this run: {CHECK_ID}."
    )
    assert [reported["failed"] for reported in result["health_checks"]] == [True, False]
    assert "NoSuchHealthCheck" in result["health_checks"][0]["msg"]


@pytest.mark.parametrize("code", ["AccessDenied", "Throttling", "InvalidInput"])
def test_i7_a_health_check_that_cannot_be_changed_is_a_failure(tasks: Tasks, account: Account, code: str) -> None:
    account.at_next(UPDATE, *[refused(code)] * 100)
    result = tasks.lock()
    assert (result["failed"], result["changed"]) == (True, False)
    assert code in result["msg"]
    assert path_of(account) == "/lb-check"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lock_path": "closed"}, "must begin with '/'"),
        ({"health_check_ids": []}, "selects no health check"),
        ({"health_check_ids": None, "health_check_names": ["x"]}, "has a Name tag 'x'"),
    ],
)
def test_bad_input_fails_before_anything_is_written(
    tasks: Tasks, account: Account, options: Result, words: str
) -> None:
    result = tasks.lock(**options)
    assert (result["failed"], result["changed"], result["health_checks"]) == (True, False, [])
    assert words in result["msg"]
    assert account.written == []


def test_health_checks_that_share_an_endpoint_and_a_path_are_each_locked(tasks: Tasks, account: Account) -> None:
    first = account.checks[CHECK_ID]
    others = {f"id-{number:03}": replace(first, id=f"id-{number:03}") for number in range(20)}
    account.checks = others
    result = tasks.lock(health_check_ids=list(others), lock_id=LOCK_ID)
    assert result["msg"] == "20 health checks: 20 changed, 0 already in the requested state."
    assert {check.path for check in account.checks.values()} == {PINNED}


def test_the_diff_shows_each_health_check_before_and_after(tasks: Tasks) -> None:
    [shown] = tasks.lock(lock_id=LOCK_ID)["diff"]
    assert shown["before_header"] == CHECK_ID
    assert (shown["before"]["resource_path"], shown["after"]["resource_path"]) == ("/lb-check", PINNED)


CONTROL = "arn:aws:route53-recovery-control::123456789012:controlpanel/a1/routingcontrol/b2"


@pytest.mark.parametrize("options", [{}, {"method": "invert"}, {"only_if_health": "unhealthy"}])
def test_what_a_routing_control_switches_fails_with_the_way_to_switch_it_and_no_update_is_sent(
    tasks: Tasks, account: Account, options: Result
) -> None:
    account.checks[CHECK_ID] = health_check(None, Type="RECOVERY_CONTROL", RoutingControlArn=CONTROL)
    result = tasks.lock(**options)
    assert (result["failed"], account.written) == (True, [])
    assert f"Its routing control {CONTROL} switches it" in result["msg"]


@pytest.mark.parametrize("method", ["auto", "invert"])
def test_a_health_check_whose_path_cannot_be_pinned_is_locked_and_opened_by_its_settings(
    tasks: Tasks, account: Account, method: str
) -> None:
    account.change(CHECK_ID, ResourcePath="/" + "%2F" * 60)
    before = account.checks[CHECK_ID].config
    reported = one(tasks.lock(method=method))
    assert account.checks[CHECK_ID].config == {**before, "Disabled": True, "Inverted": True}
    assert (reported["lock"]["id"], reported["lock"]["owner"], reported["fence"]) == (
        f"{CHECK_ID}@9",
        "operator:alice",
        "proven",
    )
    assert tasks.unlock(lock_id=reported["lock"]["id"])["failed"] is False
    assert (account.checks[CHECK_ID].config, account.tags[CHECK_ID]) == (before, NAMED)


def test_a_lock_is_there_as_soon_as_the_task_has_said_so(tasks: Tasks, account: Account) -> None:
    reported = one(tasks.lock())
    lock = read_lock(account.checks[CHECK_ID], DEFAULT_LOCK_PATH, account.tags[CHECK_ID])
    assert lock is not None
    assert (reported["lock"]["id"], reported["version"]) == (lock.id, account.checks[CHECK_ID].version)
    assert lock_keys_in(account.tags[CHECK_ID])


def age_of(lock_id: str) -> float:
    """Seconds since the time in the name of a lock, by a clock that is right."""
    return (datetime.now(UTC) - datetime.fromisoformat(lock_time(lock_id) or "")).total_seconds()


def test_i6_a_lock_that_a_slow_clock_places_is_named_after_the_services_time(tasks: Tasks, account: Account) -> None:
    account.ahead = 600
    reported = one(tasks.lock())
    assert reported["failed"] is False
    assert -660 < age_of(reported["lock"]["id"]) < -540
    assert "s behind that of AWS" in tasks.warnings[0]
    assert "The lock is named after the time of AWS" in tasks.warnings[0]


def test_where_the_clock_is_wrong_a_given_name_is_kept_and_a_warning_names_its_time(
    tasks: Tasks, account: Account
) -> None:
    account.ahead = 600
    assert one(tasks.lock(lock_id=LOCK_ID))["lock"]["id"] == LOCK_ID
    assert "The time in lock_id, from which hold_down counts, may be wrong too." in tasks.warnings[0]


def test_where_the_clock_is_right_nobody_is_warned(tasks: Tasks) -> None:
    tasks.lock()
    assert tasks.warnings == []
