# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What gates may take over from an earlier evaluation."""

from __future__ import annotations

import typing as t
from datetime import datetime, timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._earlier import memories_from, passed_before
from ansible_collections.tidegate.failover.plugins.module_utils._gates._evaluation import Outcome
from ansible_collections.tidegate.failover.plugins.module_utils._gates._report import evidence

from .gates import LOCK_ID, NOW, Script, passing, scripted

GATE = scripted(Script([passing()]), name="sessions")


def earlier(*, passed: bool = True, ended: datetime = NOW, lock_ids: tuple[str, ...] = (LOCK_ID,)) -> dict[str, t.Any]:
    outcome = Outcome(GATE, passed, "seen", "", ended - timedelta(seconds=5), ended)
    return evidence([outcome], lock_ids, ended, lambda text: text)


def remembered(given: dict[str, t.Any] | None, *lock_ids: str) -> bool:
    return passed_before(memories_from(given, [GATE], lock_ids or (LOCK_ID,), NOW).get("sessions", {}))


def test_a_gate_that_passed_for_the_same_locks_is_remembered() -> None:
    assert remembered(earlier())
    assert remembered(earlier(ended=NOW - timedelta(seconds=900)))


@pytest.mark.parametrize(
    "given",
    [
        None,
        earlier(passed=False),
        earlier(lock_ids=("20261121T030405Z-00000000",)),
        earlier(lock_ids=(LOCK_ID, "20261121T030405Z-00000000")),
        earlier(ended=NOW - timedelta(seconds=901)),
        earlier(ended=NOW + timedelta(seconds=1)),
    ],
    ids=["none", "not passed", "another lock", "one lock more", "too old", "from the future"],
)
def test_anything_else_is_not(given: dict[str, t.Any] | None) -> None:
    assert not remembered(given)


def test_a_gate_that_means_something_else_now_is_not() -> None:
    given = earlier()
    given["gates"][0]["digest"] = "sha256:another"
    assert not remembered(given)


def test_without_locks_nothing_is_remembered() -> None:
    assert memories_from(earlier(lock_ids=()), [GATE], (), NOW) == {}


def test_what_is_no_evidence_is_refused() -> None:
    with pytest.raises(RefusedError, match="not what failback_gate returns"):
        memories_from({"gates": []}, [GATE], (LOCK_ID,), NOW)
