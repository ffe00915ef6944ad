# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""CloudWatch: the state of alarms, and the latest value of a metric."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated

#: DescribeAlarms takes so many names at once (API reference).
ALARMS_AT_ONCE = 100


@dataclass(frozen=True)
class Datapoint:
    """One value of a metric.

    :ivar time: the beginning of the period that it is of.
    """

    value: float
    time: datetime


def alarm_states(client: t.Any, names: Sequence[str]) -> dict[str, str]:
    """DescribeAlarms: the state of each alarm that exists, by its name.

    :param client: a boto3 client of CloudWatch.
    :param names: at most :data:`ALARMS_AT_ONCE`.
    :raises TidegateError: see :mod:`_errors`.
    """
    action, endpoint = f"read alarms {', '.join(names)}", str(client.meta.endpoint_url)
    with translated(action, endpoint):
        # Without AlarmTypes it tells of metric alarms only.
        answer = client.describe_alarms(
            AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"], MaxRecords=ALARMS_AT_ONCE
        )
    answer = checked(action, endpoint, "describe_alarms", answer)
    alarms = [*answer["MetricAlarms"], *answer.get("CompositeAlarms", [])]
    return {alarm["AlarmName"]: str(alarm.get("StateValue")) for alarm in alarms}


def latest_maximum(
    client: t.Any, namespace: str, metric: str, dimensions: Mapping[str, str], since: datetime, now: datetime
) -> Datapoint | None:
    """GetMetricStatistics: the latest of the one-minute maxima since a time; None if there is none.

    :raises TidegateError: see :mod:`_errors`.
    """
    action, endpoint = f"read metric {metric}", str(client.meta.endpoint_url)
    with translated(action, endpoint):
        answer = client.get_metric_statistics(
            Namespace=namespace,
            MetricName=metric,
            Dimensions=[{"Name": name, "Value": value} for name, value in dimensions.items()],
            StartTime=since,
            EndTime=now + timedelta(minutes=1),
            Period=60,
            Statistics=["Maximum"],
        )
    items = checked(action, endpoint, "get_metric_statistics", answer)["Datapoints"]
    found = [Datapoint(float(item["Maximum"]), item["Timestamp"]) for item in items]
    return max(found, key=lambda datapoint: datapoint.time, default=None)
