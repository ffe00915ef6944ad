# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The time of the service's clock, whatever this machine's clock shows."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime, timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.service_clock import ServiceClock, date_of

NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)


def dated(text: str) -> dict[str, t.Any]:
    """An answer with that Date."""
    return {"ResponseMetadata": {"HTTPHeaders": {"date": text}}}


class Clocks:
    """This machine's, which can be set, and the one that nobody sets."""

    def __init__(self) -> None:
        self.local, self.steady = NOW, 1000.0
        self.service = ServiceClock(lambda: self.local, lambda: self.steady)

    def call(self, text: str, seconds: float = 0) -> None:
        """A call that is answered with that Date."""
        begun = self.service.begin()
        self.steady += seconds
        self.local += timedelta(seconds=seconds)
        self.service.answered(begun, dated(text))


def test_before_an_answer_the_services_time_is_not_known() -> None:
    assert Clocks().service.moment().ahead is None


@pytest.mark.parametrize(
    ("date", "ahead"),
    [
        ("Sat, 21 Nov 2026 03:04:05 GMT", 0),
        ("Sat, 21 Nov 2026 03:04:04 GMT", 0),
        ("Sat, 21 Nov 2026 03:14:05 GMT", -600),
        ("Sat, 21 Nov 2026 02:54:05 GMT", 599),
    ],
)
def test_an_answer_reports_by_how_much_this_machines_clock_is_off(date: str, ahead: int) -> None:
    clocks = Clocks()
    clocks.call(date)
    assert clocks.service.moment().ahead == timedelta(seconds=ahead)


def test_the_duration_of_a_call_is_allowed_for() -> None:
    clocks = Clocks()
    clocks.call("Sat, 21 Nov 2026 03:04:05 GMT", seconds=90)
    assert clocks.service.moment().ahead == timedelta(0)


def test_a_leap_after_the_answer_is_noticed() -> None:
    clocks = Clocks()
    clocks.call("Sat, 21 Nov 2026 03:04:05 GMT")
    clocks.steady += 2
    clocks.local -= timedelta(minutes=58)
    assert clocks.service.moment().ahead == timedelta(minutes=-58, seconds=-2)


def test_the_last_answer_counts() -> None:
    clocks = Clocks()
    clocks.call("Sat, 21 Nov 2026 03:14:05 GMT")
    clocks.call("Sat, 21 Nov 2026 03:04:05 GMT")
    assert clocks.service.moment().ahead == timedelta(0)


@pytest.mark.parametrize("answer", [{}, dated(""), dated("yesterday")])
def test_an_answer_without_a_date_that_can_be_read_reports_nothing(answer: dict[str, t.Any]) -> None:
    assert date_of(answer) is None
