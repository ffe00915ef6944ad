# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the gate ``cloudwatch_alarm`` makes of what CloudWatch says."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates.cloudwatch_alarm import KIND, judge

from .gates import defined, options_of


def test_alarms_that_are_all_ok_pass() -> None:
    seen = judge(["errors", "latency"], {"errors": "OK", "latency": "OK"})
    assert (seen.passed, seen.observed) == (True, "state OK of errors, latency")


@pytest.mark.parametrize("state", ["ALARM", "INSUFFICIENT_DATA", "None"])
def test_one_alarm_that_is_not_ok_fails_all(state: str) -> None:
    seen = judge(["errors", "latency"], {"errors": "OK", "latency": state})
    assert (seen.passed, seen.observed) == (False, f"latency: {state}")


def test_an_alarm_without_enough_data_is_no_ok_and_the_remedy_says_why() -> None:
    assert "its metric has no values" in judge(["errors"], {"errors": "INSUFFICIENT_DATA"}).remedy
    assert "its metric has no values" not in judge(["errors"], {"errors": "ALARM"}).remedy


def test_an_alarm_that_does_not_exist_fails() -> None:
    seen = judge(["errors", "latency"], {"errors": "OK"})
    assert (seen.passed, seen.observed) == (False, "there is no alarm latency")


def test_a_person_is_told_what_is_expected() -> None:
    assert KIND.expected(options_of(KIND, alarm_names=["errors", "latency"])) == "state OK of errors, latency"


@pytest.mark.parametrize("count", [0, 101])
def test_no_alarms_and_too_many_are_refused(count: int) -> None:
    names = [f"alarm-{number}" for number in range(count)]
    with pytest.raises(RefusedError, match="Give 1 to 100"):
        defined({"name": "alarms", "cloudwatch_alarm": {"alarm_names": names}}, {"cloudwatch_alarm": KIND})
