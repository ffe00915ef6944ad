# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Alarms are evaluated for real, and their transitions reach SNS topics in the form that subscribers expect."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

Eventually = Callable[[Callable[[], Any]], Any]
PutAlarm = Callable[..., None]
SetSite = Callable[..., None]


@pytest.fixture
def inbox(aws: dict[str, Any], sns: Any, sqs: Any) -> Callable[[], list[dict[str, Any]]]:
    """Receives what the lab's topic publishes, through a queue; each call returns all messages so far."""
    queue = sqs.create_queue(QueueName="inbox")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=aws["sns_topic_arn"], Protocol="sqs", Endpoint=arn)
    received: list[dict[str, Any]] = []

    def read() -> list[dict[str, Any]]:
        messages = sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10).get("Messages", [])
        received.extend(json.loads(message["Body"]) for message in messages)
        return received

    return read


@pytest.fixture
def put_alarm(cloudwatch: Any, aws: dict[str, Any], primary: str) -> PutAlarm:
    """The alarm of the Keycloak guide on the primary's health check, unless something else is said."""

    def put(client: Any = cloudwatch, **overrides: Any) -> None:
        alarm = {
            "AlarmName": "primary-is-down",
            "AlarmDescription": "The primary site does not answer.",
            "Namespace": "AWS/Route53",
            "MetricName": "HealthCheckStatus",
            "Dimensions": [{"Name": "HealthCheckId", "Value": primary}],
            "Statistic": "Minimum",
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "LessThanThreshold",
            "Threshold": 1,
            "TreatMissingData": "notBreaching",
            "AlarmActions": [aws["sns_topic_arn"]],
            "OKActions": [aws["sns_topic_arn"]],
        }
        client.put_metric_alarm(**alarm | overrides)

    return put


@pytest.fixture
def state_of(cloudwatch: Any) -> Callable[..., str]:
    def read(name: str = "primary-is-down", client: Any = cloudwatch) -> str:
        state: str = client.describe_alarms(AlarmNames=[name])["MetricAlarms"][0]["StateValue"]
        return state

    return read


def test_an_alarm_follows_the_health_check_down_and_up(
    put_alarm: PutAlarm,
    state_of: Callable[..., str],
    set_site: SetSite,
    inbox: Callable[[], list[dict[str, Any]]],
    eventually: Eventually,
) -> None:
    put_alarm()
    eventually(lambda: state_of() == "OK")
    set_site("primary", running=False)
    eventually(lambda: state_of() == "ALARM")
    set_site("primary", running=True)
    eventually(lambda: state_of() == "OK")
    messages = [json.loads(envelope["Message"]) for envelope in eventually(lambda: len(inbox()) >= 3 and inbox())]
    transitions = [(message["OldStateValue"], message["NewStateValue"]) for message in messages]
    assert sorted(transitions) == [("ALARM", "OK"), ("INSUFFICIENT_DATA", "OK"), ("OK", "ALARM")]


def test_the_message_has_the_shape_that_subscribers_know(
    cloudwatch: Any,
    put_alarm: PutAlarm,
    aws: dict[str, Any],
    primary: str,
    inbox: Callable[[], Any],
    eventually: Eventually,
) -> None:
    put_alarm(OKActions=[])
    cloudwatch.set_alarm_state(AlarmName="primary-is-down", StateValue="ALARM", StateReason="A drill.")
    envelope = eventually(inbox)[0]
    assert envelope["Type"] == "Notification"
    assert envelope["Subject"] == 'ALARM: "primary-is-down" in US East (N. Virginia)'
    message = json.loads(envelope["Message"])
    expected = {
        "AlarmName": "primary-is-down",
        "AlarmDescription": "The primary site does not answer.",
        "AWSAccountId": aws["account_id"],
        "NewStateValue": "ALARM",
        "NewStateReason": "A drill.",
        "Region": "US East (N. Virginia)",
        "AlarmArn": f"arn:aws:cloudwatch:us-east-1:{aws['account_id']}:alarm:primary-is-down",
        "AlarmActions": [aws["sns_topic_arn"]],
        "OKActions": [],
        "InsufficientDataActions": [],
    }
    assert {name: message[name] for name in expected} == expected
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000", message["StateChangeTime"])
    trigger = message["Trigger"]
    assert trigger.pop("TreatMissingData").startswith("- TreatMissingData:")
    assert trigger == {
        "MetricName": "HealthCheckStatus",
        "Namespace": "AWS/Route53",
        "StatisticType": "Statistic",
        "Statistic": "MINIMUM",
        "Unit": None,
        "Dimensions": [{"value": primary, "name": "HealthCheckId"}],
        "Period": 60,
        "EvaluationPeriods": 1,
        "DatapointsToAlarm": 1,
        "ComparisonOperator": "LessThanThreshold",
        "Threshold": 1.0,
        "EvaluateLowSampleCountPercentile": "",
    }


def test_metrics_of_health_checks_are_in_one_region_only(
    client: Callable[..., Any], put_alarm: PutAlarm, state_of: Callable[..., str], eventually: Eventually
) -> None:
    ireland = client("cloudwatch", region_name="eu-west-1")
    put_alarm(ireland, TreatMissingData="missing")
    put_alarm(AlarmName="at-home", TreatMissingData="missing")
    eventually(lambda: state_of("at-home") == "OK")
    assert state_of(client=ireland) == "INSUFFICIENT_DATA"


def test_the_metric_of_a_health_check_can_be_read(cloudwatch: Any, primary: str, eventually: Eventually) -> None:
    now = datetime.now(UTC)

    def latest() -> Any:
        return cloudwatch.get_metric_statistics(
            Namespace="AWS/Route53",
            MetricName="HealthCheckStatus",
            Dimensions=[{"Name": "HealthCheckId", "Value": primary}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=1),
            Period=60,
            Statistics=["Minimum"],
        )["Datapoints"]

    assert eventually(latest)[0]["Minimum"] == 1.0


@pytest.mark.parametrize(("value", "state"), [(7, "ALARM"), (5, "OK")])
def test_an_alarm_on_a_metric_of_ones_own(
    cloudwatch: Any, put_alarm: PutAlarm, state_of: Callable[..., str], eventually: Eventually, value: float, state: str
) -> None:
    dimensions = [{"Name": "Replica", "Value": "backup"}]
    put_alarm(
        Namespace="Shop",
        MetricName="Lag",
        Dimensions=dimensions,
        Statistic="Maximum",
        ComparisonOperator="GreaterThanThreshold",
        Threshold=5,
        TreatMissingData="ignore",
    )
    assert state_of() == "INSUFFICIENT_DATA"
    data = [{"MetricName": "Lag", "Dimensions": dimensions, "Value": value}]
    cloudwatch.put_metric_data(Namespace="Shop", MetricData=data)
    eventually(lambda: state_of() == state)


def test_disabled_actions_say_nothing(
    cloudwatch: Any, put_alarm: PutAlarm, inbox: Callable[[], Any], eventually: Eventually
) -> None:
    put_alarm(ActionsEnabled=False)
    cloudwatch.set_alarm_state(AlarmName="primary-is-down", StateValue="ALARM", StateReason="Quiet.")
    put_alarm(AlarmName="loud")
    cloudwatch.set_alarm_state(AlarmName="loud", StateValue="ALARM", StateReason="Loud.")
    first = json.loads(eventually(inbox)[0]["Message"])
    assert first["AlarmName"] == "loud"


def test_changing_an_alarm_keeps_its_state(cloudwatch: Any, put_alarm: PutAlarm, state_of: Callable[..., str]) -> None:
    put_alarm(TreatMissingData="ignore", MetricName="Nothing")
    cloudwatch.set_alarm_state(AlarmName="primary-is-down", StateValue="ALARM", StateReason="A drill.")
    put_alarm(TreatMissingData="ignore", MetricName="Nothing", Threshold=2)
    assert state_of() == "ALARM"
