# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The certain part of this machine's clock error, and its message."""

from __future__ import annotations

from datetime import timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment, clock_problem

from . import health_checks as of


def between(earliest: float, latest: float) -> Moment:
    """The service's clock is so many seconds ahead, at the least and at the most."""
    return Moment(of.NOW, of.NOW + timedelta(seconds=earliest), of.NOW + timedelta(seconds=latest))


@pytest.mark.parametrize(
    ("moment", "ahead"),
    [
        (between(-1, 1), 0),
        (between(0, 30), 0),
        (between(10, 12), -10),
        (between(-12, -10), 10),
    ],
    ids=["right", "slow call", "behind", "ahead"],
)
def test_only_what_the_duration_of_a_call_does_not_explain_counts(moment: Moment, ahead: int) -> None:
    assert moment.ahead == timedelta(seconds=ahead)


def test_without_the_services_time_this_machines_has_to_do() -> None:
    assert (Moment(of.NOW).ahead, Moment(of.NOW).service) == (None, of.NOW)


def test_it_is_reported_by_how_much_the_clock_is_off_and_what_to_do() -> None:
    assert clock_problem(between(600, 601)) == (
        "This machine's clock is 600 s behind that of AWS: 2026-11-21T03:04:05Z here, 2026-11-21T03:14:06Z there. Set "
        "the clock right, as by NTP ('timedatectl set-ntp true'; 'chronyc makestep')."
    )


def test_a_clock_that_is_ahead_is_called_that() -> None:
    assert "clock is 600 s ahead of that of AWS" in clock_problem(between(-601, -600))


@pytest.mark.parametrize("moment", [Moment(of.NOW, earliest=of.NOW), Moment(of.NOW, latest=of.NOW)])
def test_half_of_the_services_time_is_no_time(moment: Moment) -> None:
    assert moment.ahead is None
