# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How an alarm's state follows from datapoints and gaps: the tables of the CloudWatch User Guide. No clock needed."""

from __future__ import annotations

import pytest

from lab.aws.cloudwatch.evaluation import AlarmRule, evaluate

RETAINED = None


def state(datapoints: str, treat_missing_data: str, needed: int = 3) -> str | None:
    """The state after five periods: X breaches, 0 does not, - is missing."""
    rule = AlarmRule("Maximum", "GreaterThanThreshold", 0.5, 3, needed, treat_missing_data)
    periods: list[list[float]] = [{"X": [1.0], "0": [0.0], "-": []}[mark] for mark in datapoints]
    return evaluate(rule, periods).state


@pytest.mark.parametrize(
    ("datapoints", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0-X-X", "OK", "OK", "OK", "OK"),
        ("0----", "OK", RETAINED, "OK", "OK"),
        ("-----", "INSUFFICIENT_DATA", RETAINED, "ALARM", "OK"),
        ("0XX-X", "ALARM", "ALARM", "ALARM", "ALARM"),
        ("--X--", "ALARM", RETAINED, "ALARM", "OK"),
    ],
)
def test_three_of_three_datapoints(
    datapoints: str, missing: str, ignore: str | None, breaching: str, not_breaching: str
) -> None:
    assert state(datapoints, "missing") == missing
    assert state(datapoints, "ignore") == ignore
    assert state(datapoints, "breaching") == breaching
    assert state(datapoints, "notBreaching") == not_breaching


@pytest.mark.parametrize(("datapoints", "expected"), [("00X0X", "ALARM"), ("XXX00", "OK"), ("000XX", "ALARM")])
def test_two_of_three_datapoints(datapoints: str, expected: str) -> None:
    assert state(datapoints, "missing", needed=2) == expected


@pytest.mark.parametrize(
    ("statistic", "value"), [("Minimum", 1.0), ("Maximum", 3.0), ("Average", 2.0), ("Sum", 6.0), ("SampleCount", 3.0)]
)
def test_a_period_is_one_statistic_of_its_values(statistic: str, value: float) -> None:
    def alarms(comparison: str) -> bool:
        rule = AlarmRule(statistic, comparison, value, 1, 1)
        return evaluate(rule, [[1.0, 3.0, 2.0]]).state == "ALARM"

    comparisons = {
        "GreaterThanOrEqualToThreshold": True,
        "LessThanOrEqualToThreshold": True,
        "GreaterThanThreshold": False,
        "LessThanThreshold": False,
    }
    assert {comparison: alarms(comparison) for comparison in comparisons} == comparisons


def test_the_reason_says_what_was_compared() -> None:
    rule = AlarmRule("Minimum", "LessThanThreshold", 1.0, 1, 1, "notBreaching")
    assert evaluate(rule, [[], [], [0.0]]).reason == (
        "Threshold Crossed: 1 datapoint [0.0] was less than the threshold (1.0)."
    )
