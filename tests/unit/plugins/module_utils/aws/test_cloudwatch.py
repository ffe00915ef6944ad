# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is asked of CloudWatch and RDS, and what is made of their answers."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime, timedelta

import boto3
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import (
    AlarmStates,
    Datapoint,
    alarm_states,
    latest_maximum,
)
from ansible_collections.tidegate.failover.plugins.module_utils._aws.databases import read_instance
from ansible_collections.tidegate.failover.plugins.module_utils._errors import AccessError, TidegateError
from botocore.stub import Stubber

NOW = datetime(2026, 11, 21, 4, 4, 5, tzinfo=UTC)


def stubbed(service: str) -> tuple[t.Any, Stubber]:
    client = boto3.client(service, region_name="eu-west-1", aws_access_key_id="a", aws_secret_access_key="b")
    stubber = Stubber(client)
    stubber.activate()
    return client, stubber


WANTED = {"AlarmNames": ["errors", "all", "none"], "AlarmTypes": ["MetricAlarm", "CompositeAlarm"]}
ERRORS = {"AlarmName": "errors", "StateValue": "OK"}
ALL = {"AlarmName": "all", "StateValue": "ALARM"}


def test_metric_alarms_and_composite_ones_are_asked_for_and_reported_alike() -> None:
    client, stubber = stubbed("cloudwatch")
    stubber.add_response("describe_alarms", {"MetricAlarms": [ERRORS], "CompositeAlarms": [ALL]}, WANTED)
    stubber.add_response("describe_alarms", {"MetricAlarms": [ERRORS]}, {"ChildrenOfAlarmName": "all"})
    states = alarm_states(client, WANTED["AlarmNames"])
    assert states == AlarmStates({"errors": "OK", "all": "ALARM"}, {"all": {"errors": "OK"}})


def test_alarms_below_a_composite_one_are_read_at_any_depth_and_from_all_pages() -> None:
    client, stubber = stubbed("cloudwatch")
    stubber.add_response("describe_alarms", {"MetricAlarms": [], "CompositeAlarms": [ALL]})
    below, deeper = {"ChildrenOfAlarmName": "all"}, {"AlarmName": "deeper", "StateValue": "OK"}
    first, second = {"MetricAlarms": [ERRORS], "NextToken": "2"}, {"MetricAlarms": [], "CompositeAlarms": [deeper]}
    stubber.add_response("describe_alarms", first, below)
    stubber.add_response("describe_alarms", second, below | {"NextToken": "2"})
    circle = {"MetricAlarms": [], "CompositeAlarms": [ALL]}
    stubber.add_response("describe_alarms", circle, {"ChildrenOfAlarmName": "deeper"})
    assert alarm_states(client, ["all"]).below == {"all": {"errors": "OK", "deeper": "OK", "all": "ALARM"}}
    stubber.assert_no_pending_responses()


def test_the_latest_value_of_a_metric_is_taken_whatever_the_order() -> None:
    client, stubber = stubbed("cloudwatch")
    times = [NOW - timedelta(minutes=age) for age in (3, 1, 2)]
    points = [{"Timestamp": time, "Maximum": float(number)} for number, time in enumerate(times)]
    stubber.add_response(
        "get_metric_statistics",
        {"Datapoints": points},
        {
            "Namespace": "AWS/RDS",
            "MetricName": "ReplicaLag",
            "Dimensions": [{"Name": "DBInstanceIdentifier", "Value": "shop"}],
            "StartTime": NOW - timedelta(minutes=5),
            "EndTime": NOW + timedelta(minutes=1),
            "Period": 60,
            "Statistics": ["Maximum"],
        },
    )
    since = NOW - timedelta(minutes=5)
    latest = latest_maximum(client, "AWS/RDS", "ReplicaLag", {"DBInstanceIdentifier": "shop"}, since, NOW)
    assert latest == Datapoint(1.0, NOW - timedelta(minutes=1))


def test_a_metric_without_values_has_no_latest_one() -> None:
    client, stubber = stubbed("cloudwatch")
    stubber.add_response("get_metric_statistics", {"Datapoints": []})
    assert latest_maximum(client, "AWS/RDS", "ReplicaLag", {}, NOW, NOW) is None


def test_a_database_is_read() -> None:
    client, stubber = stubbed("rds")
    answer = {"DBInstances": [{"DBInstanceIdentifier": "shop", "Engine": "mysql"}]}
    stubber.add_response("describe_db_instances", answer, {"DBInstanceIdentifier": "shop"})
    assert read_instance(client, "shop") == {"DBInstanceIdentifier": "shop", "Engine": "mysql"}


def test_a_database_that_does_not_exist_is_none() -> None:
    client, stubber = stubbed("rds")
    stubber.add_client_error("describe_db_instances", "DBInstanceNotFound", http_status_code=404)
    assert read_instance(client, "shop") is None


@pytest.mark.parametrize(
    ("service", "operation", "ask"),
    [
        ("rds", "describe_db_instances", lambda client: read_instance(client, "shop")),
        ("cloudwatch", "describe_alarms", lambda client: alarm_states(client, ["errors"])),
        ("cloudwatch", "get_metric_statistics", lambda client: latest_maximum(client, "a", "b", {}, NOW, NOW)),
    ],
)
def test_refusals_leave_as_our_errors(service: str, operation: str, ask: t.Callable[[t.Any], object]) -> None:
    client, stubber = stubbed(service)
    stubber.add_client_error(operation, "AccessDenied", "not for you", http_status_code=403)
    with pytest.raises(AccessError, match="not for you") as refusal:
        ask(client)
    assert isinstance(refusal.value, TidegateError)
