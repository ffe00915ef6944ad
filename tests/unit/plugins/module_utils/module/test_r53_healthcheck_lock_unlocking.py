# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Unlocking: only the lock that was found, only with evidence, and back to exactly what was there before."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH

from ..aws.account import Account, preceded_by
from ..lock.health_checks import CHECK_ID, LOCK_ID, NEWER_LOCK_ID, PINNED, health_check
from .lock_task import GET, NAMED, NEWER, READ_TAGS, TAG, UPDATE, Result, Tasks, one, path_of


def test_unlocking_takes_one_update_and_two_calls_for_the_tags(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    result = tasks.unlock(lock_id=LOCK_ID)
    assert account.calls == [GET, UPDATE, READ_TAGS, TAG]
    assert (result["failed"], result["changed"], one(result)["lock"]) == (False, True, None)
    assert result["msg"] == (
        f"Unlocked, lock {LOCK_ID} is released and path '/lb-check' is in force again; without any gate, because: "
        "CHG-1235."
    )


def evidence_for(lock_id: str, **more: t.Any) -> Result:
    """Evidence as ``failback_gate`` gives it, of one gate that has passed just now."""
    now = datetime.now(UTC)
    gate = {
        "name": "database",
        "digest": "sha256:aaaa",
        "passed": True,
        "observed": "in step",
        "expected": "in step",
        "from": (now - timedelta(seconds=1)).isoformat(),
        "to": now.isoformat(),
    }
    return {"lock_ids": [lock_id], "date": now.isoformat(), "gates": [gate | more]}


REQUIRED = [{"name": "database", "digest": "sha256:aaaa"}]


def test_evidence_releases_the_lock_that_it_is_for(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    result = tasks.unlock(override=None, required_gates=REQUIRED, evidence=evidence_for(LOCK_ID))
    assert (result["failed"], path_of(account)) == (False, "/lb-check")
    assert result["msg"].endswith("proven by database.")


@pytest.mark.parametrize(
    "evidence",
    [
        lambda: None,
        lambda: evidence_for(NEWER_LOCK_ID),
        lambda: evidence_for(LOCK_ID, passed=False),
        lambda: evidence_for(LOCK_ID, digest="sha256:other"),
        lambda: evidence_for(LOCK_ID, **{"from": "2020-01-01T00:00:00Z", "to": "2020-01-01T00:00:01Z"}),
        lambda: evidence_for(LOCK_ID, to="2999-01-01T00:00:00Z"),
        lambda: {**evidence_for(LOCK_ID), "gates": []},
    ],
    ids=["missing", "foreign", "failed", "of another definition", "stale", "from the future", "incomplete"],
)
def test_i6_a_lock_stays_on_without_evidence_that_counts(
    tasks: Tasks, account: Account, evidence: t.Callable[[], Result | None]
) -> None:
    tasks.lock(lock_id=LOCK_ID)
    result = tasks.unlock(override=None, required_gates=REQUIRED, evidence=evidence())
    assert (result["failed"], result["changed"], account.written) == (True, False, [])
    assert path_of(account) == PINNED


def test_i5_a_newer_lock_that_comes_in_between_is_not_opened(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    account.at_next(UPDATE, preceded_by(lambda: account.change(CHECK_ID, ResourcePath=NEWER)))
    result = tasks.unlock()
    assert (result["failed"], path_of(account)) == (True, NEWER)
    assert f"The lock is {NEWER_LOCK_ID}, and the lock to release is {LOCK_ID}" in result["msg"]


def test_i5_a_bare_path_that_overwrites_the_lock_in_between_is_not_opened(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    account.at_next(UPDATE, preceded_by(lambda: account.change(CHECK_ID, ResourcePath=DEFAULT_LOCK_PATH)))
    assert tasks.unlock()["failed"] is True
    assert path_of(account) == DEFAULT_LOCK_PATH


def test_i1_a_path_that_a_lambda_overwrote_comes_back_from_its_copy(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    account.change(CHECK_ID, ResourcePath=DEFAULT_LOCK_PATH)
    reported = one(tasks.unlock())
    assert path_of(account) == "/lb-check"
    assert reported["lock_before"]["recovery_copies"] == [{"lock_id": LOCK_ID, "path": "/lb-check", "version": 8}]
    assert account.tags[CHECK_ID] == NAMED


def test_a_type_without_a_path_is_locked_and_unlocked_by_its_settings(tasks: Tasks, account: Account) -> None:
    account.checks[CHECK_ID] = health_check(None, Type="TCP")
    locked = one(tasks.lock())["lock"]
    assert (locked["id"], locked["placed_by"], locked["owner"]) == (f"{CHECK_ID}@8", "tidegate", "operator:alice")
    assert tasks.unlock(lock_id=locked["id"])["failed"] is False
    assert account.checks[CHECK_ID].config["Disabled"] is False
    assert account.tags[CHECK_ID] == NAMED


def test_i3_unlocking_again_writes_nothing(tasks: Tasks, account: Account) -> None:
    tasks.lock()
    tasks.unlock()
    result = tasks.unlock()
    assert account.written == []
    assert (result["changed"], result["msg"]) == (False, "Not locked, so there is no lock to release.")


def test_i3_check_mode_predicts_exactly_what_unlocking_does_and_writes_nothing(tasks: Tasks, account: Account) -> None:
    tasks.lock()
    predicted = tasks.unlock(check_mode=True)
    assert account.written == []
    assert tasks.unlock() == predicted


@pytest.mark.parametrize("ahead", [3480, -600], ids=["this clock leapt back", "this clock is fast"])
def test_i6_evidence_that_only_a_wrong_clock_makes_fresh_opens_nothing(
    tasks: Tasks, account: Account, ahead: int
) -> None:
    tasks.lock(lock_id=LOCK_ID)
    account.ahead = ahead
    result = tasks.unlock(override=None, required_gates=REQUIRED, evidence=evidence_for(LOCK_ID))
    assert (result["failed"], account.written, path_of(account)) == (True, [], PINNED)
    assert "Set the clock right" in result["msg"]


def test_i6_where_answers_are_not_dated_evidence_opens_nothing(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    account.ahead = None
    result = tasks.unlock(override=None, required_gates=REQUIRED, evidence=evidence_for(LOCK_ID))
    assert (result["failed"], account.written) == (True, [])


def test_a_person_may_release_a_lock_whatever_the_clock_shows(tasks: Tasks, account: Account) -> None:
    tasks.lock(lock_id=LOCK_ID)
    account.ahead = 3480
    assert tasks.unlock()["failed"] is False
