# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A lock is taken over only by who names it, and keeps everything but its id."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.decision import decide_lock, question_for
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import (
    Change,
    HealthCheck,
    after_change,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import read_lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import (
    DEFAULT_LOCK_PATH,
    PATH_LENGTH,
    pinned_path,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Answer, fence_by
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import LockRequest, request_from

from . import health_checks as of
from .test_request import OPTIONS

HOLDS, OPEN, DEAD = fence_by(Answer(404)), fence_by(Answer(200)), fence_by(Answer(None, detail="refused"))
RENAMED = pinned_path(DEFAULT_LOCK_PATH, "/lb-check", of.NEWER_LOCK_ID)


def taking_over(lock_id: str = of.LOCK_ID, **more: str) -> LockRequest:
    """The lock named is to get :data:`NEWER_LOCK_ID`."""
    return of.lock_request(**{"lock_id": of.NEWER_LOCK_ID, "replaces": lock_id} | more)


def test_the_new_id_is_all_that_changes() -> None:
    found = of.health_check(of.PINNED)
    assert decide_lock(found, taking_over(), HOLDS).change == Change(path=RENAMED)


def test_the_endpoint_is_asked_for_the_path_that_will_be_pinned() -> None:
    question = question_for(of.health_check(of.PINNED), taking_over())
    assert question is not None
    assert question.path == RENAMED


def test_i5_a_disabled_and_inverted_lock_stays_so() -> None:
    found = of.always_unhealthy(of.PINNED)
    change = decide_lock(found, taking_over(), None).change
    assert change == Change(path=RENAMED)
    assert after_change(found, change).always_unhealthy


def test_i5_a_pinned_path_that_is_shown_not_to_hold_is_disabled_and_inverted_as_it_is_taken_over() -> None:
    assert decide_lock(of.health_check(of.PINNED), taking_over(), OPEN).change == Change(path=RENAMED, switches=True)


def test_a_dead_endpoint_does_not_change_how_a_lock_locks() -> None:
    assert decide_lock(of.health_check(of.PINNED), taking_over(), DEAD).change == Change(path=RENAMED)


def test_a_path_that_was_pinned_elsewhere_stays_there() -> None:
    found = of.health_check(pinned_path("/fenced", "/lb-check", of.LOCK_ID))
    change = decide_lock(found, taking_over(), HOLDS).change
    assert change == Change(path=pinned_path("/fenced", "/lb-check", of.NEWER_LOCK_ID))


def test_taken_over_already_nothing_is_written() -> None:
    assert decide_lock(of.health_check(RENAMED), taking_over(), HOLDS).change is None


def test_a_lock_that_is_named_as_its_own_successor_is_kept_and_can_be_made_stronger() -> None:
    request = of.lock_request("invert", replaces=of.LOCK_ID)
    assert decide_lock(of.health_check(of.PINNED), request, None).change == Change(switches=True)


def test_a_lock_placed_by_hand_gets_an_id_and_keeps_its_path() -> None:
    found = of.always_unhealthy("/lb-check")
    change = decide_lock(found, taking_over(f"{of.CHECK_ID}@7"), None).change
    assert change == Change(path=RENAMED)


def test_a_bare_pin_is_taken_over_with_the_path_that_is_given() -> None:
    found = of.health_check(DEFAULT_LOCK_PATH)
    request = taking_over(f"{of.CHECK_ID}@7", restore_path="/lb-check")
    assert decide_lock(found, request, HOLDS).change == Change(path=RENAMED)


@pytest.mark.parametrize(
    ("found", "request_given", "said"),
    [
        (of.health_check(), taking_over(), "it was released"),
        (of.health_check(of.PINNED), taking_over("20260101T000000Z-00000000"), f"the lock is {of.LOCK_ID}"),
        (of.health_check(DEFAULT_LOCK_PATH), taking_over(f"{of.CHECK_ID}@7"), "Give restore_path"),
        (of.health_check(DEFAULT_LOCK_PATH, version=8), taking_over(f"{of.CHECK_ID}@7"), f"{of.CHECK_ID}@8"),
        (of.always_unhealthy(None, Type="TCP"), taking_over(f"{of.CHECK_ID}@7"), "no lock on it can be taken over"),
        (of.always_unhealthy("/" + "a" * 200), taking_over(f"{of.CHECK_ID}@7"), "its lock cannot be taken over"),
    ],
    ids=["open", "another lock", "bare", "changed since", "no path", "long path"],
)
def test_i2_only_the_lock_that_was_named_is_taken_over(
    found: HealthCheck, request_given: LockRequest, said: str
) -> None:
    with pytest.raises(RefusedError, match=said):
        decide_lock(found, request_given, HOLDS)


def test_a_successor_that_would_be_too_long_is_refused() -> None:
    room = PATH_LENGTH - len(pinned_path(DEFAULT_LOCK_PATH, "", of.LOCK_ID))
    found = of.health_check(DEFAULT_LOCK_PATH)
    with pytest.raises(RefusedError, match="does not fit"):
        decide_lock(found, taking_over(f"{of.CHECK_ID}@7", restore_path="/" + "a" * room), HOLDS)


def test_the_original_path_survives() -> None:
    found = of.health_check(of.PINNED)
    change = t.cast(Change, decide_lock(found, taking_over(), HOLDS).change)
    lock = read_lock(after_change(found, change), DEFAULT_LOCK_PATH)
    assert lock is not None
    assert (lock.id, lock.original_path) == (of.NEWER_LOCK_ID, "/lb-check")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"replaces": "yesterday's"}, "no id of a lock"),
        ({"replaces": of.LOCK_ID, "restore_path": "lb-check"}, "begins with '/'"),
        ({"replaces": of.LOCK_ID, "state": "unlocked"}, "Leave it out to unlock"),
    ],
    ids=["no id", "no path", "unlocking"],
)
def test_a_takeover_that_cannot_mean_anything_is_refused(given: dict[str, str], said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        request_from(OPTIONS | given, of.NOW)
