# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the gate ``cloudwatch_alarm`` makes of what CloudWatch says."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates import cloudwatch_alarm
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._gates.cloudwatch_alarm import KIND, judge

from .gates import defined, options_of, seen_by


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


def test_an_alarm_that_is_ok_for_want_of_data_passes_as_documented(monkeypatch: pytest.MonkeyPatch) -> None:
    alarm = {
        "AlarmName": "errors",
        "StateValue": "OK",
        "TreatMissingData": "notBreaching",
        "StateReason": "no datapoints were received for 1 period and 1 missing datapoint was treated as [NonBreaching]",
    }
    assert seen_with(monkeypatch, {"MetricAlarms": [alarm]}).passed


@pytest.mark.parametrize("rule", ["ALARM(errors)", "FALSE"])
def test_a_composite_alarm_passes_by_its_state_and_not_its_rule(monkeypatch: pytest.MonkeyPatch, rule: str) -> None:
    alarm = {"AlarmName": "errors", "StateValue": "OK", "AlarmRule": rule}
    assert seen_with(monkeypatch, {"CompositeAlarms": [alarm]}).passed


def test_an_alarm_whose_state_is_not_told_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not seen_with(monkeypatch, {"MetricAlarms": [{"AlarmName": "errors"}]}).passed


def seen_with(monkeypatch: pytest.MonkeyPatch, answer: dict[str, t.Any]) -> Observation:
    client = SimpleNamespace(
        meta=SimpleNamespace(endpoint_url="https://monitoring.example.com"), describe_alarms=lambda **_names: answer
    )
    monkeypatch.setattr(cloudwatch_alarm, "client", lambda *_where: client)
    return seen_by(KIND, alarm_names=["errors"])
