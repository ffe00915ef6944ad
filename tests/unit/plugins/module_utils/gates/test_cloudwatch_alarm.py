# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The outcome of the gate ``cloudwatch_alarm`` for answers of CloudWatch."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import AlarmStates
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates import cloudwatch_alarm
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._gates.cloudwatch_alarm import KIND, judge

from .gates import defined, options_of, seen_by


def test_alarms_that_are_all_ok_pass() -> None:
    seen = judge(["errors", "latency"], AlarmStates({"errors": "OK", "latency": "OK"}))
    assert (seen.passed, seen.observed) == (True, "state OK of errors, latency")


@pytest.mark.parametrize("state", ["ALARM", "INSUFFICIENT_DATA", "None"])
def test_one_alarm_that_is_not_ok_fails_all(state: str) -> None:
    seen = judge(["errors", "latency"], AlarmStates({"errors": "OK", "latency": state}))
    assert (seen.passed, seen.observed) == (False, f"latency: {state}")


def test_an_alarm_without_enough_data_is_no_ok_and_the_remedy_says_why() -> None:
    assert "the metric has no values" in judge(["errors"], AlarmStates({"errors": "INSUFFICIENT_DATA"})).remedy
    assert "the metric has no values" not in judge(["errors"], AlarmStates({"errors": "ALARM"})).remedy


def test_an_alarm_that_does_not_exist_fails() -> None:
    seen = judge(["errors", "latency"], AlarmStates({"errors": "OK"}))
    assert (seen.passed, seen.observed) == (False, "there is no alarm latency")


def test_the_expectation_is_reported() -> None:
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
    assert seen_with(monkeypatch, {"MetricAlarms": [], "CompositeAlarms": [alarm]}).passed


@pytest.mark.parametrize("state", ["INSUFFICIENT_DATA", None])
def test_a_composite_alarm_that_is_ok_since_its_alarms_have_no_data_fails(
    monkeypatch: pytest.MonkeyPatch, state: str | None
) -> None:
    below = {"MetricAlarms": [{"AlarmName": "latency"} | ({"StateValue": state} if state else {})]}
    seen = seen_with(monkeypatch, composite("errors"), errors=below)
    assert (seen.passed, seen.observed) == (False, f"latency below errors: {state}")
    assert "the metric has no values" in seen.remedy


def test_an_alarm_without_data_far_below_a_composite_one_fails_it(monkeypatch: pytest.MonkeyPatch) -> None:
    below = {"MetricAlarms": [{"AlarmName": "latency", "StateValue": "INSUFFICIENT_DATA"}]}
    seen = seen_with(monkeypatch, composite("errors"), errors=composite("users"), users=composite("errors") | below)
    assert (seen.passed, seen.observed) == (False, "latency below errors: INSUFFICIENT_DATA")


def test_a_composite_alarm_may_be_ok_while_one_below_it_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    below = {"MetricAlarms": [{"AlarmName": name, "StateValue": name} for name in ("ALARM", "OK")]}
    assert seen_with(monkeypatch, composite("errors"), errors=below).passed


@pytest.mark.parametrize("doubt", ["PARTIAL_DATA", "EVALUATION_ERROR", "EVALUATION_FAILURE"])
def test_an_alarm_that_was_not_evaluated_with_all_data_is_no_ok(monkeypatch: pytest.MonkeyPatch, doubt: str) -> None:
    alarms = {"MetricAlarms": [{"AlarmName": "errors", "StateValue": "OK", "EvaluationState": doubt}]}
    seen = seen_with(monkeypatch, alarms)
    assert (seen.passed, seen.observed) == (False, f"errors: OK ({doubt})")
    assert "see the alarm's details" in seen.remedy


def test_an_alarm_whose_state_is_not_reported_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    assert not seen_with(monkeypatch, {"MetricAlarms": [{"AlarmName": "errors"}]}).passed


def composite(name: str) -> dict[str, t.Any]:
    return {"MetricAlarms": [], "CompositeAlarms": [{"AlarmName": name, "StateValue": "OK"}]}


def seen_with(monkeypatch: pytest.MonkeyPatch, answer: dict[str, t.Any], **below: dict[str, t.Any]) -> Observation:
    """What the gate makes of the alarm ``errors``, where CloudWatch gives this answer, and these about children."""

    def describe_alarms(**asked: t.Any) -> dict[str, t.Any]:
        parent = asked.get("ChildrenOfAlarmName")
        return below.get(parent, {"MetricAlarms": []}) if parent else answer

    client = SimpleNamespace(
        meta=SimpleNamespace(endpoint_url="https://monitoring.example.com"), describe_alarms=describe_alarms
    )
    monkeypatch.setattr(cloudwatch_alarm, "client", lambda *_where: client)
    return seen_by(KIND, alarm_names=["errors"])
