# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How many observations it takes to change a checker's opinion. Decided without a clock, so shown without one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from lab.aws.health_checkers.checker import Checker, Observation

TIME = datetime(2026, 1, 1, tzinfo=UTC)


def observe(checker: Checker, results: str, threshold: int) -> list[bool]:
    """Opinions after each of the results, + for success and - for failure."""
    opinions = []
    for result in results:
        checker.observe(Observation(result == "+", "", TIME), threshold)
        opinions.append(checker.healthy)
    return opinions


@pytest.mark.parametrize("threshold", [1, 3, 10])
def test_the_threshold_holds_for_failure_and_for_recovery(threshold: int) -> None:
    checker = Checker("us-east-1", "198.51.100.1")
    assert observe(checker, "-" * threshold, threshold) == [True] * (threshold - 1) + [False]
    assert observe(checker, "+" * threshold, threshold) == [False] * (threshold - 1) + [True]


def test_an_interrupted_series_does_not_count() -> None:
    assert all(observe(Checker("us-east-1", "198.51.100.1"), "--+--+--", threshold=3))
