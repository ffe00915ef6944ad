# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A hold-down passes when enough time has gone by since the lock, and fails where that is not known."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Probe
from ansible_collections.tidegate.failover.plugins.module_utils._gates.hold_down import KIND

from .gates import LOCK_ID, NOW, options_of, seen_by

SINCE = "2026-11-21T03:04:05Z"
LOOK = Probe(NOW, 5.0, (LOCK_ID,))


@pytest.mark.parametrize(("minimum", "passed"), [(3599, True), (3600, True), (3601, False)])
def test_the_lock_has_to_be_as_old_as_asked_for(minimum: int, passed: bool) -> None:
    seen = seen_by(KIND, LOOK, minimum=minimum)
    assert (seen.passed, seen.observed) == (passed, "3600 s since 2026-11-21T03:04:05Z")


def test_a_lock_that_is_too_young_is_reported_when_to_be_old_enough() -> None:
    seen = seen_by(KIND, LOOK, minimum=7200)
    assert seen.remedy == "Evaluate the gates again at 2026-11-21T05:04:05Z, or later."
    assert not seen.final


def test_of_a_lock_from_the_future_it_is_reported_that_a_clock_may_be_wrong() -> None:
    seen = seen_by(KIND, replace(LOOK, lock_ids=("20261121T050405Z-00000000",)), minimum=1)
    assert not seen.passed
    assert seen.remedy.startswith("That is in the future by this machine's clock, so check the clock.")


def test_of_several_locks_the_latest_counts() -> None:
    look = replace(LOOK, lock_ids=(LOCK_ID, "20261121T040400Z-00000000", "20261121T030500Z-00000000"))
    assert seen_by(KIND, look, minimum=6).observed == "5 s since 2026-11-21T04:04:00Z"


def test_a_time_that_is_given_counts_where_it_is_later_than_the_lock() -> None:
    assert seen_by(KIND, LOOK, minimum=1, since="2026-11-21T04:04:00+00:00").observed.startswith("5 s")


@pytest.mark.parametrize("lock_ids", [(LOCK_ID,), (LOCK_ID, "233e180f@7")])
def test_a_time_of_an_earlier_lock_does_not_count(lock_ids: tuple[str, ...]) -> None:
    seen = seen_by(KIND, replace(LOOK, lock_ids=lock_ids), minimum=3601, since="2020-01-01T00:00:00Z")
    assert (seen.passed, seen.observed) == (False, "3600 s since 2026-11-21T03:04:05Z")


@pytest.mark.parametrize("lock_ids", [(), ("233e180f@7",)])
def test_where_no_lock_reports_its_time_an_earlier_one_counts_as_documented(lock_ids: tuple[str, ...]) -> None:
    assert seen_by(KIND, replace(LOOK, lock_ids=lock_ids), minimum=3601, since="2020-01-01T00:00:00Z").passed


@pytest.mark.parametrize(
    ("lock_ids", "words"),
    [((), "no lock is named"), ((LOCK_ID, "233e180f@7"), "the id of lock 233e180f@7 contains no time")],
)
def test_where_nobody_knows_since_when_it_fails(lock_ids: tuple[str, ...], words: str) -> None:
    seen = seen_by(KIND, replace(LOOK, lock_ids=lock_ids), minimum=1)
    assert (seen.passed, seen.final) == (False, True)
    assert words in seen.observed
    assert "since" in seen.remedy


@pytest.mark.parametrize(
    ("given", "words"),
    [({"minimum": 0}, "minimum is 0"), ({"minimum": 1, "since": "noon"}, "since is 'noon'")],
)
def test_what_cannot_be_is_refused(given: dict[str, t.Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        KIND.check(options_of(KIND, **given))


@pytest.mark.parametrize(
    ("given", "since"),
    [({}, "the lock was placed"), ({"since": SINCE}, f"{SINCE} or the lock, whichever is later")],
)
def test_what_is_expected_is_reported(given: dict[str, str], since: str) -> None:
    assert KIND.expected(options_of(KIND, minimum=60, **given)) == f"at least 60 s since {since}"
