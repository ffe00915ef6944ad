# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Options of a lock that cannot mean anything are refused before any health check is read."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, LOCK_ID
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import (
    LockRequest,
    UnlockRequest,
    check_task,
    clock_warning,
    named_now,
    request_from,
)

from . import health_checks as of

OPTIONS: dict[str, t.Any] = {
    "state": "locked",
    "method": "auto",
    "lock_path": DEFAULT_LOCK_PATH,
    "restore_path": None,
    "lock_id": None,
    "replaces": None,
    "owner": "operator",
    "reason": "",
    "required_gates": [],
    "evidence": None,
    "max_evidence_age": 300,
    "override": None,
    "wait_for": None,
    "wait_timeout": 600,
}


def asked(**options: t.Any) -> LockRequest | UnlockRequest:
    return request_from(OPTIONS | options, of.NOW)


def test_options_become_the_lock_that_they_ask_for() -> None:
    assert asked(
        method="path", lock_path="/closed", lock_id=of.LOCK_ID, owner="alarm:x", reason="CHG-1"
    ) == LockRequest("path", "/closed", of.LOCK_ID, "alarm:x", "CHG-1")


def test_a_lock_that_was_not_named_is_called_by_the_time() -> None:
    request = asked()
    assert isinstance(request, LockRequest)
    assert LOCK_ID.fullmatch(request.lock_id)
    assert request.lock_id.startswith("20261121T030405Z-")


@pytest.mark.parametrize("lock_id", [None, of.LOCK_ID, f"{of.CHECK_ID}@7"])
def test_options_become_the_opening_that_they_ask_for(lock_id: str | None) -> None:
    override = {"gates": [], "reason": "CHG-1234"}
    request = asked(state="unlocked", lock_id=lock_id, restore_path="/lb-check", override=override)
    assert request == of.unlock_request(lock_id, restore_path="/lb-check")


@pytest.mark.parametrize("state", ["locked", "unlocked"])
@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"owner": ""}, "owner"),
        ({"owner": "o" * 65}, "owner"),
        ({"reason": "two\nlines"}, "reason"),
        ({"lock_path": "lb-check"}, "lock_path.*must begin with '/'"),
        ({"wait_timeout": 0}, "wait_timeout is 0"),
        ({"max_evidence_age": 0}, "max_evidence_age is 0"),
    ],
)
def test_what_no_task_can_mean_is_refused(state: str, options: dict[str, t.Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        asked(state=state, **options)


@pytest.mark.parametrize("lock_id", ["", "mine", f"{of.CHECK_ID}@7", f"{of.LOCK_ID}0", of.LOCK_ID.lower()])
def test_a_name_that_a_new_lock_cannot_have_is_refused(lock_id: str) -> None:
    with pytest.raises(RefusedError, match="as in '20261121T030405Z-3f9a1c2e'"):
        asked(lock_id=lock_id)


def test_waiting_for_a_locked_health_check_to_be_healthy_is_refused() -> None:
    with pytest.raises(RefusedError, match="which a locked health check never is"):
        asked(wait_for="healthy")


@pytest.mark.parametrize("lock_id", ["", "mine", "@7", f"{of.CHECK_ID}@", f"{of.CHECK_ID}@x"])
def test_opening_what_is_no_id_of_a_lock_is_refused(lock_id: str) -> None:
    with pytest.raises(RefusedError, match="no id of a lock. r53_healthcheck_info shows"):
        asked(state="unlocked", lock_id=lock_id)


@pytest.mark.parametrize(
    ("restore_path", "words"),
    [
        ("lb-check", "begins with '/'"),
        ("/" * 256, "at most 255"),
        (of.PINNED, "pinned itself"),
        (DEFAULT_LOCK_PATH, "pinned itself"),
        (f"/x?lock={of.LOCK_ID}", "pinned itself"),
    ],
)
def test_a_path_that_could_not_be_restored_is_refused(restore_path: str, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        asked(state="unlocked", restore_path=restore_path)


def test_an_override_that_names_no_required_gate_is_refused() -> None:
    with pytest.raises(RefusedError, match="names 'x', but no required gate has this name"):
        asked(state="unlocked", override={"gates": ["x"], "reason": "CHG-1234"})


def test_a_second_is_enough_to_wait_and_for_evidence() -> None:
    check_task(OPTIONS | {"wait_timeout": 1, "max_evidence_age": 1})


def test_the_longest_path_of_a_health_check_can_be_restored() -> None:
    request = asked(state="unlocked", restore_path="/" * 255)
    assert request.restore_path == "/" * 255


def test_a_lock_without_a_name_is_named_after_the_time_of_the_service() -> None:
    named = named_now(of.lock_request(), OPTIONS, of.clock_ahead(3600))
    assert named.lock_id.startswith("20261121T020405Z-")


def test_a_lock_that_the_task_names_keeps_its_name() -> None:
    assert named_now(of.lock_request(), OPTIONS | {"lock_id": of.LOCK_ID}, of.MOMENT).lock_id == of.LOCK_ID


def test_a_clock_that_is_right_is_no_reason_for_a_warning() -> None:
    assert clock_warning(OPTIONS, of.MOMENT) == ""


@pytest.mark.parametrize(
    ("lock_id", "ahead", "words"),
    [
        (None, 3600, "named after the time of AWS"),
        ("20261121T020505Z-3f9a1c2e", 3600, "named after the time of AWS"),
        ("20261121T020506Z-3f9a1c2e", 3600, "The time in lock_id, from which hold_down counts, may be wrong too."),
        (of.LOCK_ID, -3600, "The time in lock_id, from which hold_down counts, may be wrong too."),
    ],
)
def test_a_clock_that_is_wrong_is_a_warning_that_says_what_the_name_is_worth(
    lock_id: str | None, ahead: float, words: str
) -> None:
    warning = clock_warning(OPTIONS | {"lock_id": lock_id}, of.clock_ahead(ahead))
    assert "This machine's clock is 3600 s" in warning
    assert words in warning
