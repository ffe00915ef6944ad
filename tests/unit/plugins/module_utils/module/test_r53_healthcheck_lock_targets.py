# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Claims of many services in one task: what is read and written for all, and the outcome of each."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, pinned_path

from ..aws.account import Account, Effect, Event, preceded_by, refused
from ..lock.health_checks import CHECK_ID, LOCK_ID, NEWER_LOCK_ID, health_check
from .lock_task import GET, READ_TAGS, TAG, UPDATE, Result, Tasks
from .test_r53_healthcheck_lock_last_site import BACKUP, DEAD, OVERRIDE, WELL, ZONE, record

SECOND, FOREIGN_LOCK = "22222222-f023-45a3-954e-415303f21eab", "20261121T020304Z-0badcafe"
LIST = "list_health_checks"


def target(*ids: str, lock_id: str = LOCK_ID, **more: t.Any) -> Result:
    """A target as Ansible passes it on."""
    nothing = dict.fromkeys(("replaces", "restore_path", "method", "owner", "reason", "override"))
    return {**nothing, "health_check_ids": list(ids), "lock_id": lock_id, **more}


CHECKOUT, SEARCH = target(CHECK_ID, owner="operator:bob"), target(SECOND, lock_id=NEWER_LOCK_ID, reason="CHG-2")
BOTH = [CHECKOUT, SEARCH]


@pytest.fixture
def two(account: Account) -> Account:
    """The account with the health checks of two services."""
    account.checks[SECOND] = replace(account.checks[CHECK_ID], id=SECOND)
    return account


def claim(tasks: Tasks, targets: list[Result], **options: t.Any) -> list[Result]:
    """The outcome of each target."""
    return t.cast("list[Result]", tasks.lock(health_check_ids=None, targets=targets, **options)["targets"])


def failed(results: list[Result]) -> list[bool]:
    return [result["failed"] for result in results]


def lock_of(account: Account, check_id: str) -> str:
    """The id of the lock in a health check's path; empty if there is none."""
    return str(account.checks[check_id].path).partition("&lock=")[2]


def locked_by(account: Account, check_id: str, lock_id: str) -> None:
    account.change(check_id, ResourcePath=pinned_path(DEFAULT_LOCK_PATH, "/lb-check", lock_id))


def test_each_service_gets_its_own_lock_owner_and_reason(tasks: Tasks, two: Account) -> None:
    results = claim(tasks, BOTH)
    assert [(reported["lock_id"], reported["changed"], reported["failed"]) for reported in results] == [
        (LOCK_ID, True, False),
        (NEWER_LOCK_ID, True, False),
    ]
    locks = [reported["health_checks"][0]["lock"] for reported in results]
    assert [(lock["id"], lock["owner"], lock["reason"]) for lock in locks] == [
        (LOCK_ID, "operator:bob", "CHG-1234"),
        (NEWER_LOCK_ID, "operator:alice", "CHG-2"),
    ]


def test_services_share_what_is_read(tasks: Tasks, account: Account) -> None:
    first = account.checks[CHECK_ID]
    account.checks = {f"id-{number:03}": replace(first, id=f"id-{number:03}") for number in range(20)}
    claim(tasks, [target(check_id) for check_id in account.checks])
    assert [account.calls.count(call) for call in (LIST, GET, UPDATE, READ_TAGS, TAG)] == [1, 0, 20, 2, 20]
    assert set(account.calls[:21]) == {LIST, UPDATE}


def test_i3_claiming_again_writes_nothing(tasks: Tasks, two: Account) -> None:
    claim(tasks, BOTH)
    assert [reported["changed"] for reported in claim(tasks, BOTH)] == [False, False]
    assert two.written == []


def test_i3_check_mode_predicts_every_claim_and_writes_nothing(tasks: Tasks, two: Account) -> None:
    targets = [target(CHECK_ID, SECOND)]
    predicted = claim(tasks, targets, check_mode=True)
    assert two.written == []
    assert claim(tasks, targets) == predicted


@pytest.mark.parametrize(
    ("broken", "said"),
    [
        (target(CHECK_ID, lock_id="yesterday"), "lock_id is 'yesterday'"),
        (target(CHECK_ID, replaces="yesterday"), "replaces is 'yesterday'"),
        (target(CHECK_ID, owner="a" * 65), "owner"),
        (target(), "health_check_ids is empty"),
        (target("nowhere"), "NoSuchHealthCheck"),
        (target(SECOND, lock_id=FOREIGN_LOCK), None),
        (target(CHECK_ID, override={"checks": ["last serving site"], "reason": " "}), "override has no reason"),
    ],
    ids=["lock id", "replaces", "owner", "no ids", "missing check", "named twice", "override"],
)
def test_i7_a_target_that_is_refused_stops_no_other_one(
    tasks: Tasks, two: Account, broken: Result, said: str | None
) -> None:
    results = claim(tasks, [SEARCH, broken])
    assert failed(results) == [False, True]
    assert (lock_of(two, CHECK_ID), lock_of(two, SECOND)) == ("", NEWER_LOCK_ID)
    assert (said or f"Health check {SECOND} is also in targets[0]") in results[1]["msg"]


def breaks(_effect: Effect) -> Result:
    """The code itself breaks."""
    raise KeyError


@pytest.mark.parametrize("event", [refused("AccessDenied"), breaks], ids=["denied", "defect"])
def test_i7_a_claim_that_fails_stops_no_other_one(tasks: Tasks, two: Account, event: Event) -> None:
    two.at_next(UPDATE, event)
    result = tasks.lock(health_check_ids=None, targets=BOTH)
    assert (sorted(failed(result["targets"])), result["failed"], result["changed"]) == ([False, True], True, True)
    assert result["msg"].startswith("1 of 2 targets failed; the others match the requested state.")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"targets": []}, "targets is empty"),
        ({"targets": BOTH, "wait_timeout": 0}, "wait_timeout is 0"),
        ({"targets": BOTH, "lock_path": "closed"}, "must begin with '/'"),
        ({"targets": BOTH, "state": "unlocked"}, "goes with state: locked"),
    ],
)
def test_what_makes_no_sense_for_any_target_fails_the_task(
    tasks: Tasks, two: Account, options: Result, said: str
) -> None:
    result = tasks.lock(health_check_ids=None, **options)
    assert (result["failed"], result["changed"], result["targets"], two.written) == (True, False, [], [])
    assert said in result["msg"]


# A service's first health check carries the claim.


def test_the_other_health_checks_of_a_service_follow_its_claim(tasks: Tasks, two: Account) -> None:
    [reported] = claim(tasks, [target(CHECK_ID, SECOND)])
    assert (reported["failed"], reported["msg"]) == (
        False,
        "2 health checks: 2 changed, 0 already in the requested state.",
    )
    assert {lock_of(two, CHECK_ID), lock_of(two, SECOND)} == {LOCK_ID}


def taken(account: Account) -> None:
    """Another run has locked the first health check."""
    locked_by(account, CHECK_ID, FOREIGN_LOCK)


@pytest.mark.parametrize("late", [False, True], ids=["before", "meanwhile"])
def test_i2_where_another_run_claimed_a_service_none_of_it_is_locked(tasks: Tasks, two: Account, late: bool) -> None:
    if late:
        two.at_next(UPDATE, preceded_by(lambda: taken(two)))
    else:
        taken(two)
    [reported] = claim(tasks, [target(CHECK_ID, SECOND)])
    assert (reported["failed"], reported["changed"], lock_of(two, SECOND)) == (True, False, "")
    assert f"lock {FOREIGN_LOCK} is on already" in reported["msg"]
    assert [check["failed"] for check in reported["health_checks"]] == [True, True]


def test_i2_two_tasks_that_claim_the_same_services_at_once_share_none(tasks: Tasks, two: Account) -> None:
    def rival(effect: Effect) -> Result:
        locked_by(two, SECOND, FOREIGN_LOCK)
        return effect()

    two.at_next(LIST, rival)
    two.at_next(GET, rival)
    results = claim(tasks, BOTH)
    assert failed(results) == [False, True]
    assert lock_of(two, SECOND) == FOREIGN_LOCK


@pytest.mark.parametrize("others_locked", [False, True])
def test_a_claim_is_taken_over_with_whatever_the_run_before_had_locked(
    tasks: Tasks, two: Account, others_locked: bool
) -> None:
    taken(two)
    if others_locked:
        locked_by(two, SECOND, FOREIGN_LOCK)
    [reported] = claim(tasks, [target(CHECK_ID, SECOND, replaces=FOREIGN_LOCK)])
    assert (reported["failed"], reported["changed"]) == (False, True)
    assert {lock_of(two, CHECK_ID), lock_of(two, SECOND)} == {LOCK_ID}


def test_i2_a_lock_that_is_no_longer_there_is_not_taken_over(tasks: Tasks, two: Account) -> None:
    [reported] = claim(tasks, [target(CHECK_ID, SECOND, replaces=FOREIGN_LOCK)])
    assert (reported["failed"], two.written) == (True, [])
    assert "somebody has unlocked the health check since" in reported["msg"]


def test_a_health_check_that_can_carry_no_claim_locks_nothing_of_its_service(tasks: Tasks, two: Account) -> None:
    two.checks[CHECK_ID] = health_check(None, Type="TCP")
    results = claim(tasks, [target(CHECK_ID, BACKUP), SEARCH])
    assert (failed(results), lock_of(two, SECOND)) == ([True, False], NEWER_LOCK_ID)
    assert results[0]["msg"].startswith("It can hold no claim. It is of type TCP")


def test_a_healthy_site_is_held_back_with_all_its_health_checks(tasks: Tasks, two: Account) -> None:
    two.observations = WELL
    [reported] = claim(tasks, [target(CHECK_ID, SECOND)], only_if_health="unhealthy")
    assert (reported["failed"], reported["changed"], two.written) == (False, False, [])
    assert all(check["held_back"] for check in reported["health_checks"])


# I10 holds over all targets together.


@pytest.fixture
def shop(two: Account) -> Account:
    """Two sites behind one name, and a service of its own behind another, all with a healthy site elsewhere."""
    two.checks[BACKUP] = replace(two.checks[CHECK_ID], id=BACKUP)
    two.records[ZONE] = [record(CHECK_ID), record(BACKUP), record(SECOND, "search.example.com")]
    two.observations_of = {CHECK_ID: DEAD, BACKUP: WELL, SECOND: DEAD}
    return two


def test_i10_two_targets_do_not_take_both_sites_of_a_name_out(tasks: Tasks, shop: Account) -> None:
    results = claim(tasks, [CHECKOUT, target(BACKUP, lock_id=NEWER_LOCK_ID)], find_records=True)
    assert (failed(results), shop.written) == ([True, True], [])
    assert "would leave no site that is known to serve" in results[0]["msg"]


def test_i10_only_the_target_whose_names_nobody_else_serves_is_refused(tasks: Tasks, shop: Account) -> None:
    results = claim(tasks, BOTH, find_records=True)
    assert (failed(results), lock_of(shop, CHECK_ID), lock_of(shop, SECOND)) == ([False, True], LOCK_ID, "")


def test_i10_an_override_is_that_of_its_target_alone(tasks: Tasks, shop: Account) -> None:
    results = claim(tasks, [CHECKOUT, target(BACKUP, lock_id=NEWER_LOCK_ID, override=OVERRIDE)], find_records=True)
    assert failed(results) == [True, False]
    assert tasks.warnings == [f"{BACKUP}: Whether another site serves was not checked, because: {OVERRIDE['reason']}"]


# A run that dies at any call is finished by running it again.


class Killed(BaseException):
    """The run dies here."""


def dies(_effect: Effect) -> Result:
    raise Killed


@pytest.mark.parametrize(
    ("operation", "calls_before"), [(GET, 0), (GET, 1), (UPDATE, 0), (UPDATE, 1), (READ_TAGS, 0), (TAG, 0), (TAG, 1)]
)
def test_i8_targets_of_an_aborted_run_are_claimed_by_running_it_again(
    tasks: Tasks, two: Account, operation: str, calls_before: int
) -> None:
    targets = [target(CHECK_ID, SECOND)]
    two.at_next(operation, *[lambda effect: effect()] * calls_before, dies)
    with pytest.raises(Killed):
        claim(tasks, targets)
    assert failed(claim(tasks, targets)) == [False]
    assert {lock_of(two, CHECK_ID), lock_of(two, SECOND)} == {LOCK_ID}
    assert [len(two.tags[check_id]) for check_id in (CHECK_ID, SECOND)] == [4, 3]
