# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether an alarm's metric breaches. No I/O and no clock.

Source: the CloudWatch User Guide, "Evaluating an alarm" and "Configuring how CloudWatch alarms treat missing data".
"""

from __future__ import annotations

import operator
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

#: CloudWatch reads a few more periods than it evaluates, so that late or missing data need not count at once.
EXTRA_PERIODS = 2

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanOrEqualToThreshold": operator.ge,
    "GreaterThanThreshold": operator.gt,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
STATISTICS: dict[str, Callable[[Sequence[float]], float]] = {
    "Average": statistics.fmean,
    "Sum": sum,
    "Minimum": min,
    "Maximum": max,
    "SampleCount": len,
}


@dataclass(frozen=True)
class AlarmRule:
    """The part of an alarm that decides its state.

    :ivar evaluation_periods: how many of the latest periods count.
    :ivar datapoints_to_alarm: how many of them must breach.
    :ivar treat_missing_data: ``missing``, ``notBreaching``, ``breaching`` or ``ignore``.
    """

    statistic: str
    comparison: str
    threshold: float
    evaluation_periods: int
    datapoints_to_alarm: int
    treat_missing_data: str = "missing"


@dataclass(frozen=True)
class Evaluation:
    """The result of an evaluation. ``state`` is None if the alarm keeps its state."""

    state: str | None
    reason: str


def evaluate(rule: AlarmRule, periods: Sequence[Sequence[float]]) -> Evaluation:
    """Evaluate an alarm.

    :param periods: the values of each period, oldest first: EXTRA_PERIODS more than the rule evaluates.
    """
    statistic = STATISTICS[rule.statistic]
    datapoints = [statistic(values) for values in periods if values][-rule.evaluation_periods :]
    breaching = sum(COMPARISONS[rule.comparison](value, rule.threshold) for value in datapoints)
    missing = rule.evaluation_periods - len(datapoints)
    if missing and rule.treat_missing_data == "ignore":
        return Evaluation(None, "")
    if missing and rule.treat_missing_data == "breaching":
        breaching += missing
    elif missing and rule.treat_missing_data == "missing":
        if not datapoints:
            return Evaluation("INSUFFICIENT_DATA", "Insufficient Data: no datapoints were received.")
        # Fewer datapoints than expected, but all of them breach: CloudWatch alarms.
        needed = min(rule.datapoints_to_alarm, len(datapoints))
        return _result(rule, datapoints, breaching >= needed)
    return _result(rule, datapoints, breaching >= rule.datapoints_to_alarm)


def _result(rule: AlarmRule, datapoints: Sequence[float], alarm: bool) -> Evaluation:
    shown = ", ".join(str(float(value)) for value in reversed(datapoints)) or "none"
    noun = "datapoint" if len(datapoints) == 1 else "datapoints"
    was = "was" if alarm else "was not"
    comparison = _words(rule.comparison)
    text = f"Threshold Crossed: {len(datapoints)} {noun} [{shown}] {was} {comparison} the threshold ({rule.threshold})."
    return Evaluation("ALARM" if alarm else "OK", text)


def _words(comparison: str) -> str:
    """ "LessThanThreshold" as "less than"."""
    spaced = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in comparison)
    return spaced.strip().removesuffix(" threshold").removesuffix(" to") + (" to" if "EqualTo" in comparison else "")
