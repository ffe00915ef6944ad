# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The report about a lock for people and playbooks."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock import report
from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import Permission
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock, read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock_tags import recovery_tags
from ansible_collections.tidegate.failover.plugins.module_utils._lock.observations import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Answer, Fence, fence_by

from . import health_checks as of

LOCK = Lock(of.LOCK_ID, "path", "tidegate", True, "/lb-check", "2026-11-21T03:04:05Z", "operator:alice", "CHG-1")
HOLDS = fence_by(Answer(404))


def test_a_picture_shows_all_that_a_lock_can_change() -> None:
    assert report.picture(of.always_unhealthy(None)) == {"resource_path": None, "disabled": True, "inverted": True}


def test_a_lock_that_carries_its_path_is_reported_without_copies() -> None:
    reported = report.reported_lock(LOCK, recovery_tags(of.LOCK_ID, "/lb-check", 7))
    assert reported == {
        "id": of.LOCK_ID,
        "method": "path",
        "placed_by": "tidegate",
        "original_path": "/lb-check",
        "original_path_known": True,
        "recovery_copies": [],
        "since": "2026-11-21T03:04:05Z",
        "owner": "operator:alice",
        "reason": "CHG-1",
    }


@pytest.mark.parametrize(
    ("tags", "copies"),
    [
        (None, []),
        (recovery_tags(of.LOCK_ID, "/lb-check", 7), [{"lock_id": of.LOCK_ID, "path": "/lb-check", "version": 7}]),
    ],
)
def test_a_lock_that_does_not_carry_its_path_is_reported_with_the_copies_that_were_found(
    tags: dict[str, str] | None, copies: list[dict[str, str]]
) -> None:
    found = read_lock(of.health_check(DEFAULT_LOCK_PATH), DEFAULT_LOCK_PATH)
    assert found is not None
    reported = report.reported_lock(found, tags)
    assert (reported["original_path_known"], reported["recovery_copies"]) == (False, copies)


def test_what_a_checker_saw_is_reported_in_plain_data() -> None:
    observation = Observation("eu-west-1", "198.51.100.7", "Failure: HTTP Status Code 404, Not Found", of.NOW)
    assert report.reported_observation(observation) == {
        "region": "eu-west-1",
        "ip_address": "198.51.100.7",
        "healthy": False,
        "status": "Failure: HTTP Status Code 404, Not Found",
        "checked_time": "2026-11-21T03:04:05Z",
    }


def test_locking_reports_owner_lock_and_fence() -> None:
    assert report.locked_message(LOCK, HOLDS, changed=True) == (
        f"Locked by operator:alice, lock {of.LOCK_ID}; it is proven to hold: the endpoint answers the pinned path with "
        "404."
    )


@pytest.mark.parametrize(
    ("placed_by", "words"),
    [
        ("foreign", "Already locked by something else, lock"),
        ("hand", "Already locked by hand, lock"),
        ("tidegate", "Already locked, lock"),
        (None, "Already locked, lock"),
    ],
)
def test_a_lock_that_was_there_is_reported_with_its_owner_where_known(placed_by: str | None, words: str) -> None:
    assert report.locked_message(Lock("x", "path", placed_by, True), HOLDS, changed=False).startswith(words)


@pytest.mark.parametrize(("proven", "reported"), [(True, "proven"), (False, "unproven"), (None, "unproven")])
def test_i7_what_is_not_known_to_hold_is_unproven(proven: bool | None, reported: str) -> None:
    assert report.reported_fence(Fence(proven, "")) == reported


def test_unlocking_what_is_not_locked_says_so() -> None:
    assert (
        report.unlocked_message(None, of.unlock_request(), "/lb-check") == "Not locked, so there is no lock to release."
    )


@pytest.mark.parametrize(
    ("permission", "grounds"),
    [
        (of.proven(), "proven by database has caught up"),
        (of.overridden(), "without any gate, because: CHG-1234"),
        (
            of.overridden(of.SESSIONS.name, required=(of.DATABASE, of.SESSIONS)),
            "proven by database has caught up and without sessions are back, because: CHG-1234",
        ),
    ],
)
def test_unlocking_says_on_what_it_rested(permission: Permission, grounds: str) -> None:
    said = report.unlocked_message(LOCK, of.unlock_request(permission=permission), "/lb-check")
    assert said == f"Unlocked, lock {of.LOCK_ID} is released and path '/lb-check' is in force again; {grounds}."


@pytest.mark.parametrize(("given", "words"), [(None, "as its tags show"), ("/lb-check", "as requested")])
def test_unlocking_says_from_where_it_has_a_path_that_the_lock_did_not_carry(given: str | None, words: str) -> None:
    bare = Lock("x@7", "path", "foreign", False)
    said = report.unlocked_message(bare, of.unlock_request(restore_path=given), "/lb-check")
    assert f"path '/lb-check' is in force again {words}; " in said


def test_unlocking_says_where_there_was_no_path() -> None:
    assert "and it has no path, as before; " in report.unlocked_message(LOCK, of.unlock_request(), None)


def reported(check_id: str, *, changed: bool = False, failed: bool = False, fence: str = "proven") -> dict[str, t.Any]:
    return {
        "health_check_id": check_id,
        "changed": changed,
        "failed": failed,
        "fence": fence,
        "msg": f"said of {check_id}",
    }


def test_one_health_check_speaks_for_itself() -> None:
    assert report.summary([reported("a")]) == "said of a"
    assert report.summary_of_failure([reported("a", failed=True)]) == "said of a"


def test_many_health_checks_are_counted() -> None:
    assert (
        report.summary([reported("a", changed=True), reported("b")])
        == "2 health checks: 1 changed, 1 already in the requested state."
    )


def test_many_health_checks_show_how_many_fences_are_unproven() -> None:
    assert report.summary([reported("a", fence="unproven"), reported("b")]).endswith("The fence of 1 is unproven.")


def test_i7_a_failure_names_each_that_failed_and_all_that_were_changed() -> None:
    said = report.summary_of_failure(
        [reported("a", failed=True), reported("b", changed=True), reported("c", failed=True)]
    )
    assert said.startswith("2 of 3 health checks failed; the others match the requested state. Changed by this run: b.")
    assert said.endswith("a: said of a | c: said of c")


def test_a_failure_that_changed_nothing_says_so() -> None:
    assert "Changed by this run: none." in report.summary_of_failure([reported("a", failed=True), reported("b")])


def target(lock_id: str, *, changed: bool = False, failed: bool = False) -> dict[str, t.Any]:
    return {"lock_id": lock_id, "msg": f"said of {lock_id}", "changed": changed, "failed": failed}


@pytest.mark.parametrize("failed", [False, True])
def test_one_target_speaks_for_itself(*, failed: bool) -> None:
    assert report.summary_of_targets([target("a", failed=failed)]) == "said of a"


def test_many_targets_are_counted() -> None:
    said = report.summary_of_targets([target("a", changed=True), target("b"), target("c")])
    assert said == "3 targets: 1 changed, 2 unchanged."


def test_i7_targets_that_fail_are_named_beside_the_locks_that_were_changed() -> None:
    said = report.summary_of_targets([target("a", failed=True), target("b", changed=True), target("c", changed=True)])
    assert said == (
        "1 of 3 targets failed; the others match the requested state. Locks changed by this run: b, c. a: said of a"
    )


def test_targets_that_fail_without_any_change_say_so() -> None:
    assert "by this run: none." in report.summary_of_targets([target("a", failed=True), target("b")])
