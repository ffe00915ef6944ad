# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is shown of health checks, and which calls that takes."""

from __future__ import annotations

import typing as t
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import people_tags, recovery_tags
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH
from ansible_collections.tidegate.failover.plugins.module_utils._module import r53_healthcheck_info

from ..aws.account import READS, Account, refused
from ..lock.health_checks import CHECK_ID, LOCK_ID, PINNED, always_unhealthy, health_check
from .lock_task import Result, Task, result_of

LOOK = "get_health_check_status"
OPTIONS: Result = {
    "health_check_ids": None,
    "health_check_names": None,
    "health_check_tags": None,
    "lock_path": DEFAULT_LOCK_PATH,
    "include_observations": None,
    "include_tags": True,
    "wait_timeout": 60,
}


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """An account with one locked health check, which every checker sees failing."""
    tags = people_tags(LOCK_ID, "operator:alice", "CHG-1234") | recovery_tags(LOCK_ID, "/lb-check", 8)
    account = Account(health_check(PINNED), tags={CHECK_ID: {"Name": "checkout primary", **tags}})
    report = {"Status": "Failure: HTTP Status Code 404, Not Found", "CheckedTime": datetime(2026, 11, 21, tzinfo=UTC)}
    account.observations = [{"Region": "eu-west-1", "IPAddress": "198.51.100.7", "StatusReport": report}] * 16
    monkeypatch.setattr(r53_healthcheck_info, "Clock", lambda: account.clock)
    return account


def shown(account: Account, **options: t.Any) -> Result:
    """The result of the module."""
    return result_of(r53_healthcheck_info.run, Task(account, OPTIONS | options, check_mode=False))


def test_a_lock_is_shown_with_who_placed_it_why_and_since_when(account: Account) -> None:
    [found] = shown(account, health_check_ids=[CHECK_ID])["health_checks"]
    lock = found["lock"]
    assert (found["name"], lock["id"], lock["original_path"]) == ("checkout primary", LOCK_ID, "/lb-check")
    assert (lock["owner"], lock["reason"], lock["since"]) == ("operator:alice", "CHG-1234", "2026-11-21T03:04:05Z")


def test_the_verdict_is_shown_with_what_each_checker_saw(account: Account) -> None:
    [found] = shown(account, health_check_ids=[CHECK_ID])["health_checks"]
    assert (found["health"], found["health_how"]) == ("unhealthy", "0 of 16 checkers see success")
    assert found["observations"][0]["status"] == "Failure: HTTP Status Code 404, Not Found"


def test_the_configuration_is_shown_in_snake_case_with_its_version(account: Account) -> None:
    [found] = shown(account, health_check_ids=[CHECK_ID])["health_checks"]
    assert found["version"] == 7
    assert found["configuration"]["fully_qualified_domain_name"] == "primary.checkout.example.com"
    assert found["configuration"]["enable_sni"] is True


def test_what_is_not_locked_is_shown_without_a_lock(account: Account) -> None:
    account.checks[CHECK_ID] = health_check()
    assert shown(account, health_check_ids=[CHECK_ID])["health_checks"][0]["lock"] is None


def test_a_bare_pinned_path_is_shown_with_the_copies_of_the_path_before(account: Account) -> None:
    account.checks[CHECK_ID] = health_check(DEFAULT_LOCK_PATH)
    [found] = shown(account, health_check_ids=[CHECK_ID])["health_checks"]
    assert (found["lock"]["placed_by"], found["lock"]["original_path_known"]) == ("foreign", False)
    assert found["lock"]["recovery_copies"] == [{"lock_id": LOCK_ID, "path": "/lb-check", "version": 8}]


def test_what_a_routing_control_switches_is_shown_with_its_control_and_does_not_fail(account: Account) -> None:
    account.checks[CHECK_ID] = always_unhealthy(None, Type="RECOVERY_CONTROL", RoutingControlArn="arn:aws:control")
    [found] = shown(account, health_check_ids=[CHECK_ID])["health_checks"]
    assert (found["failed"], found["lock"], found["health"]) == (False, None, "unhealthy")
    assert found["configuration"]["routing_control_arn"] == "arn:aws:control"


def test_a_disabled_health_check_is_judged_by_its_configuration(account: Account) -> None:
    account.checks[CHECK_ID] = always_unhealthy(PINNED)
    [found] = shown(account, health_check_ids=[CHECK_ID], include_observations=True)["health_checks"]
    assert LOOK not in account.calls
    assert (found["health"], found["observations"]) == ("unhealthy", None)


@pytest.mark.parametrize(
    ("count", "options", "asked"),
    [
        (1, {"health_check_tags": {"site": "frankfurt"}}, 1),
        (11, {"health_check_tags": {"site": "frankfurt"}}, 0),
        (11, {"health_check_tags": {"site": "frankfurt"}, "include_observations": True}, 11),
        (1, {"health_check_tags": {"site": "frankfurt"}, "include_observations": False}, 0),
        (1, {}, 0),
    ],
)
def test_the_checkers_of_many_or_all_health_checks_are_only_read_on_request(
    account: Account, count: int, options: Result, asked: int
) -> None:
    account.checks = {f"id-{number:02}": replace(health_check(), id=f"id-{number:02}") for number in range(count)}
    account.tags.update({check_id: {"site": "frankfurt"} for check_id in account.checks})
    result = shown(account, **options)
    assert account.calls.count(LOOK) == asked
    assert [found["observations"] is not None for found in result["health_checks"]] == [asked > 0] * count


def test_all_health_checks_are_shown_in_the_order_of_their_ids(account: Account) -> None:
    account.checks["another"] = replace(health_check(), id="another")
    result = shown(account)
    assert [found["health_check_id"] for found in result["health_checks"]] == [CHECK_ID, "another"]
    assert [found["health"] for found in result["health_checks"]] == ["unknown", "unknown"]


def test_i7_one_that_cannot_be_read_fails_the_task_and_does_not_hide_the_others(account: Account) -> None:
    result = shown(account, health_check_ids=["nowhere", CHECK_ID])
    assert result["failed"] is True
    assert result["msg"].startswith("1 of 2 health checks: nowhere: Cannot read health check nowhere")
    assert [found["failed"] for found in result["health_checks"]] == [True, False]
    assert result["health_checks"][1]["lock"]["id"] == LOCK_ID


def test_i7_checkers_that_cannot_be_asked_fail_the_task_and_the_rest_is_shown(account: Account) -> None:
    account.at_next(LOOK, refused("AccessDenied", 403))
    result = shown(account, health_check_ids=[CHECK_ID])
    assert (result["failed"], result["health_checks"][0]["health"]) == (True, "unknown")
    assert "AccessDenied" in result["msg"]
    assert result["health_checks"][0]["lock"]["id"] == LOCK_ID


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lock_path": "closed"}, "must begin with '/'"),
        ({"wait_timeout": 0}, "wait_timeout is 0"),
        ({"health_check_ids": []}, "health_check_ids is empty"),
        ({"health_check_names": ["nobody"]}, "has a Name tag 'nobody'"),
    ],
)
def test_bad_input_fails(account: Account, options: Result, words: str) -> None:
    result = shown(account, **options)
    assert (result["failed"], result["health_checks"]) == (True, [])
    assert words in result["msg"]


def test_i7_tags_that_cannot_be_read_are_a_failure(account: Account) -> None:
    account.at_next("list_tags_for_resources", refused("AccessDenied", 403))
    assert shown(account, health_check_ids=[CHECK_ID])["failed"] is True


def test_without_tags_a_lock_is_shown_by_its_path_alone(account: Account) -> None:
    account.change(CHECK_ID, ResourcePath=PINNED)
    reported = shown(account, health_check_ids=[CHECK_ID], include_tags=False, include_observations=False)
    assert (account.calls, reported["health_checks"][0]["lock"]["method"]) == (["get_health_check"], "path")


def test_nothing_is_ever_written(account: Account) -> None:
    shown(account, health_check_ids=[CHECK_ID])
    assert set(account.calls) == {READS[0], READS[2], LOOK}
