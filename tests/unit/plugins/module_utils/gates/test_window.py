# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A window passes within its hours, by the clock of its own time zone, also past midnight and when clocks change."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation, Probe
from ansible_collections.tidegate.failover.plugins.module_utils._gates.window import KIND, lasts_until

from .gates import options_of, seen_by

OFFICE = {"hours": ["09:00-17:00"], "weekdays": ["mon", "tue", "wed", "thu", "fri"]}
NIGHT = {"hours": ["22:00-06:00"], "weekdays": ["fri"]}


def at(time: str, **given: t.Any) -> Observation:
    return seen_by(KIND, Probe(datetime.fromisoformat(time).replace(tzinfo=UTC), 1.0), **given)


@pytest.mark.parametrize(
    ("time", "given", "passed"),
    [
        # 2026-11-20 is a Friday.
        ("2026-11-20T09:00", OFFICE, True),
        ("2026-11-20T08:59:59", OFFICE, False),
        ("2026-11-20T16:59:59", OFFICE, True),
        ("2026-11-20T17:00", OFFICE, False),
        ("2026-11-21T12:00", OFFICE, False),
        ("2026-11-20T22:00", NIGHT, True),
        ("2026-11-21T05:59", NIGHT, True),
        ("2026-11-21T06:00", NIGHT, False),
        ("2026-11-20T05:59", NIGHT, False),
        ("2026-11-21T22:00", NIGHT, False),
        ("2026-11-21T23:59", {"hours": ["00:00-24:00"], "weekdays": ["sat"]}, True),
        ("2026-11-22T00:00", {"hours": ["00:00-24:00"], "weekdays": ["sat"]}, False),
        ("2026-11-20T18:30", {"hours": ["09:00-17:00", "18:00-19:00"]}, True),
        ("2026-11-20T08:30", {**OFFICE, "time_zone": "Europe/Berlin"}, True),
        ("2026-11-20T16:30", {**OFFICE, "time_zone": "Europe/Berlin"}, False),
        # In summer Berlin is two hours ahead.
        ("2026-07-03T07:30", {**OFFICE, "time_zone": "Europe/Berlin"}, True),
        # Hours the other way round are the night.
        ("2026-11-20T23:00", {"hours": ["17:00-09:00"]}, True),
        ("2026-11-20T12:00", {"hours": ["17:00-09:00"]}, False),
        # A zone that is only an offset has no summer time.
        ("2026-07-03T07:30", {**OFFICE, "time_zone": "Etc/GMT-1"}, False),
        # On this night clocks went forward from two to three: an hour of these hours is missing.
        ("2026-03-29T00:59", {"hours": ["01:00-03:00"], "time_zone": "Europe/Berlin"}, True),
        ("2026-03-29T01:00", {"hours": ["01:00-03:00"], "time_zone": "Europe/Berlin"}, False),
        # The whole day is every day.
        ("2026-12-25T00:00", {"hours": ["00:00-24:00"]}, True),
        # On this night clocks went back from three to two: the hours take one hour longer.
        ("2026-10-25T01:30", {"hours": ["01:00-03:00"], "time_zone": "Europe/Berlin"}, True),
        ("2026-10-25T02:00", {"hours": ["01:00-03:00"], "time_zone": "Europe/Berlin"}, False),
    ],
)
def test_now_has_to_be_within_the_hours(time: str, given: dict[str, t.Any], passed: bool) -> None:
    seen = at(time, **given)
    assert seen.passed is passed
    assert bool(seen.remedy) is not passed


def test_a_refusal_says_when_it_is_allowed_again() -> None:
    seen = at("2026-11-20T16:30", **OFFICE, time_zone="Europe/Berlin")
    assert seen.observed == "fri 2026-11-20 17:30 (Europe/Berlin)"
    assert seen.remedy == "Evaluate the gates again from mon 2026-11-23 09:00 (Europe/Berlin) on."


def test_the_next_time_can_be_the_same_day_of_the_next_week() -> None:
    assert "fri 2026-11-27 22:00" in at("2026-11-21T06:00", **NIGHT).remedy


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"hours": []}, "hours or weekdays is empty"),
        ({"weekdays": []}, "hours or weekdays is empty"),
        ({"hours": ["9-17"]}, "hours names '9-17'"),
        ({"hours": ["09:60-17:00"]}, "hours names"),
        ({"hours": ["24:00-17:00"]}, "hours names"),
        ({"hours": ["09:00-24:01"]}, "hours names"),
        ({"hours": ["09:00-09:00"]}, "hours names"),
        ({"time_zone": "Europe/Atlantis"}, "time_zone is 'Europe/Atlantis'"),
        ({"time_zone": "../secret"}, "time_zone is"),
    ],
)
def test_what_is_no_time_is_refused(given: dict[str, t.Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        KIND.check(options_of(KIND, **{**OFFICE, **given}))


def test_hours_that_make_sense_are_not_refused() -> None:
    KIND.check(options_of(KIND, hours=["00:00-24:00", "22:00-06:00"], time_zone="America/New_York"))


def test_what_is_expected_is_reported() -> None:
    assert KIND.expected(options_of(KIND, **NIGHT)) == "a time within 22:00-06:00 (UTC), fri"
    assert KIND.expected(options_of(KIND, hours=["09:00-17:00"])) == "a time within 09:00-17:00 (UTC), any day"


@pytest.mark.parametrize(
    ("hours", "until"),
    [
        (["09:00-17:00"], datetime(2026, 11, 24, 17, tzinfo=UTC)),
        (["22:00-06:00"], None),
        # Hours that follow without a gap, and those that overlap, end together.
        (["09:00-13:00", "13:00-18:00", "15:00-19:00"], datetime(2026, 11, 24, 19, tzinfo=UTC)),
        (["22:00-13:00"], datetime(2026, 11, 24, 13, tzinfo=UTC)),
    ],
)
def test_it_is_known_when_hours_end(hours: list[str], until: datetime | None) -> None:
    assert lasts_until(options_of(KIND, hours=hours), datetime(2026, 11, 24, 12, tzinfo=UTC)) == until


def test_hours_without_an_end_are_followed_for_about_a_week() -> None:
    until = lasts_until(options_of(KIND, hours=["00:00-24:00"]), datetime(2026, 11, 24, 12, tzinfo=UTC))
    assert until == datetime(2026, 12, 3, tzinfo=UTC)
