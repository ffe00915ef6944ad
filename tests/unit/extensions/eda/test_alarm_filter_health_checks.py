# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which alarms of CloudWatch name a health check themselves: alarms that report this health check as down."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import (
    ARN,
    HEALTH_CHECK_ID,
    Json,
    cloudwatch,
    eventbridge,
    metric,
    metric_math,
    sns,
)
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.test_alarm_filter import ANY_JSON, one
from hypothesis import given
from hypothesis import strategies as st

OTHER_ID = "11111111-f023-45a3-954e-415303f21eab"
ALARM_RULE = {"alarmRule": 'ALARM("primary") AND OK("backup")'}


def event_metric(check_id: str = HEALTH_CHECK_ID, **more: Any) -> Json:
    """One of the metrics of an event on EventBridge."""
    about = {"namespace": "AWS/Route53", "name": "HealthCheckStatus", "dimensions": {"HealthCheckId": check_id}}
    return {"id": "m", "metricStat": {"metric": about | more, "period": 60, "stat": "Minimum"}}


def both_names(name: str, value: str) -> list[Json]:
    """The dimensions of a metric that has another dimension besides the health check."""
    return [{"name": name, "value": value}, {"name": "HealthCheckId", "value": HEALTH_CHECK_ID}]


@pytest.mark.parametrize(
    "payload",
    [
        metric_math({"Id": "e", "Expression": "IF(m1 < 1 AND m2 > 0, 0, 1)"}, metric(), metric(OTHER_ID)),
        metric_math(metric(), metric(OTHER_ID)),
        metric_math(metric(OTHER_ID), metric()),
        sns(metric_math(metric(), metric(OTHER_ID))),
        cloudwatch(dimensions=both_names("HealthCheckId", OTHER_ID)),
        cloudwatch(dimensions=both_names("healthcheckid", OTHER_ID)),
        cloudwatch(trigger={"Metrics": [metric(OTHER_ID)]}),
        eventbridge(metrics=[event_metric(), event_metric(OTHER_ID)]),
        eventbridge(metrics=[event_metric(), event_metric(dimensions={"HEALTHCHECKID": OTHER_ID})]),
    ],
)
def test_i9_of_several_health_checks_none_is_chosen(payload: Json) -> None:
    alarm = one(payload)
    assert (alarm["state"], alarm["health_check_id"], alarm["means_down"]) == ("firing", None, False)
    assert (alarm["object"], alarm["id"]) == (ARN, ARN)
    assert "names several health checks" in alarm["reason"]
    assert HEALTH_CHECK_ID in alarm["reason"]
    assert OTHER_ID in alarm["reason"]


@pytest.mark.parametrize(
    "payload",
    [
        eventbridge(metrics=[event_metric(dimensions={"HealthCheckId": HEALTH_CHECK_ID, "healthcheckid": OTHER_ID})]),
        cloudwatch(trigger={"dimensions": [{"name": "HealthCheckId", "value": OTHER_ID}]}),
    ],
)
def test_i9_two_values_under_names_that_differ_in_their_letters_case_only_are_refused(payload: Json) -> None:
    assert one(payload)["state"] == "refused"


@pytest.mark.parametrize(
    "payload",
    [
        metric_math(metric()),
        metric_math(metric(), ComparisonOperator="LessThanOrEqualToThreshold", Threshold=0.0),
        cloudwatch(trigger={"Threshold": 0.5, "Statistic": "Average"}),
        cloudwatch(trigger={"Threshold": 1, "Statistic": "MAXIMUM"}),
        cloudwatch(trigger={"ComparisonOperator": "LessThanOrEqualToThreshold", "Threshold": 0.9}),
        cloudwatch(trigger={"TreatMissingData": "- TreatMissingData:                    missing"}),
        eventbridge(),
        eventbridge(data={"recentDatapoints": [0, 0.0]}),
    ],
)
def test_an_alarm_that_says_that_a_health_check_is_down_names_it(payload: Json) -> None:
    alarm = one(payload)
    assert (alarm["health_check_id"], alarm["object"]) == (HEALTH_CHECK_ID, HEALTH_CHECK_ID)
    assert (alarm["means_down"], alarm["reason"]) == (True, None)


@pytest.mark.parametrize(
    "trigger",
    [
        {"ComparisonOperator": "GreaterThanOrEqualToThreshold", "Threshold": 1.0},
        {"ComparisonOperator": "GreaterThanThreshold", "Threshold": 0.0},
        {"ComparisonOperator": "LessThanThreshold", "Threshold": 2.0},
        {"ComparisonOperator": "LessThanThreshold", "Threshold": 0.0},
        {"ComparisonOperator": "LessThanOrEqualToThreshold", "Threshold": 1.0},
        {"ComparisonOperator": "LessThanOrEqualToThreshold", "Threshold": -1.0},
        {"ComparisonOperator": "LessThanLowerThreshold", "Threshold": 1.0},
        {"Statistic": "SAMPLECOUNT"},
        {"Statistic": "SUM"},
        {"Statistic": None, "ExtendedStatistic": "p99"},
        {"MetricName": "TimeToFirstByte", "Threshold": 500.0},
        {"MetricName": "ConnectionTime"},
        {"MetricName": "HealthCheckPercentageHealthy", "Threshold": 50.0},
        {"Namespace": "Custom/Route53"},
    ],
)
def test_i9_an_alarm_about_something_else_of_a_health_check_does_not_name_it(trigger: Json) -> None:
    alarm = one(cloudwatch(trigger=trigger))
    assert (alarm["state"], alarm["health_check_id"], alarm["means_down"]) == ("firing", None, False)
    assert alarm["object"] == ARN
    assert "extra var alarms" in alarm["reason"]


@pytest.mark.parametrize(
    "payload",
    [
        metric_math({"Id": "e", "Expression": "1 - m1"}, metric()),
        metric_math({"Id": "e", "Expression": "ANOMALY_DETECTION_BAND(m1)"}, metric(name="TimeToFirstByte")),
        eventbridge(data={"recentDatapoints": [1.0]}),
        eventbridge(metrics=[event_metric(name="TimeToFirstByte")]),
        eventbridge(metrics=[event_metric(), {"id": "e", "expression": "1 - m"}]),
    ],
)
def test_i9_neither_does_one_by_metric_math_or_one_that_fired_while_it_was_healthy(payload: Json) -> None:
    alarm = one(payload)
    assert (alarm["state"], alarm["health_check_id"], alarm["means_down"]) == ("firing", None, False)
    assert "extra var alarms" in alarm["reason"]


@pytest.mark.parametrize(
    "payload",
    [
        cloudwatch(trigger={"TreatMissingData": "- TreatMissingData:                    breaching"}),
        cloudwatch(trigger={"ComparisonOperator": None}),
        cloudwatch(trigger={"Threshold": None}),
        cloudwatch(trigger={"Statistic": None}),
        eventbridge(data={"recentDatapoints": []}),
        eventbridge(data={"recentDatapoints": [1.0, 0.0]}),
        eventbridge(data={"recentDatapoints": "0"}),
        eventbridge(data={"recentDatapoints": [False]}),
    ],
)
def test_where_a_message_does_not_show_that_it_was_down_live_state_has_to(payload: Json) -> None:
    alarm = one(payload)
    assert (alarm["health_check_id"], alarm["means_down"]) == (HEALTH_CHECK_ID, False)
    assert "only while the checkers of Route 53 see that" in alarm["reason"]


@pytest.mark.parametrize("reason", ["testing", "Test of Threshold Crossed: the pager", "", None, 7])
def test_i9_a_state_that_somebody_set_for_a_test_does_not_show_that_it_was_down(reason: object) -> None:
    """As by C(aws cloudwatch set-alarm-state): the message has the comparison of the alarm, and it was not made."""
    alarm = one(cloudwatch(NewStateReason=reason))
    assert (alarm["state"], alarm["health_check_id"], alarm["means_down"]) == ("firing", HEALTH_CHECK_ID, False)
    assert "only while the checkers of Route 53 see that" in alarm["reason"]


@pytest.mark.parametrize("reported", [None, "", "no JSON", "[]", "7", '{"threshold": 1.0}'])
def test_an_event_may_say_nothing_of_its_data_points(reported: str | None) -> None:
    payload = eventbridge()
    payload["detail"]["state"]["reasonData"] = reported
    assert (one(payload)["health_check_id"], one(payload)["means_down"]) == (HEALTH_CHECK_ID, False)


def test_a_composite_alarm_leaves_it_to_the_map_by_either_way() -> None:
    by_sns = cloudwatch(AlarmRule=ALARM_RULE["alarmRule"])
    del by_sns["Trigger"]
    for payload in (by_sns, eventbridge(configuration=ALARM_RULE)):
        alarm = one(payload)
        assert (alarm["state"], alarm["health_check_id"], alarm["id"]) == ("firing", None, ARN)
        assert "names no health check" in alarm["reason"]


def test_a_recovery_needs_no_reason() -> None:
    for payload in (cloudwatch("OK"), eventbridge("OK", data={"recentDatapoints": [1.0]})):
        assert (one(payload)["state"], one(payload)["reason"]) == ("recovered", None)


@given(st.sampled_from(["MetricName", "Dimensions", "Metrics", "Threshold", "Statistic", "TreatMissingData"]), ANY_JSON)
def test_no_field_of_a_trigger_makes_it_fail(name: str, value: Any) -> None:
    assert one(cloudwatch(trigger={name: value}))["state"] in ("firing", "refused")


@given(st.sampled_from(["configuration", "metrics"]), ANY_JSON)
def test_no_field_of_an_event_makes_it_fail(name: str, value: Any) -> None:
    assert one(eventbridge(**{name: value}))["state"] in ("firing", "refused")
