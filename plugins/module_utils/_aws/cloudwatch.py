# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""CloudWatch: the state of alarms, and the latest value of a metric."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated

#: DescribeAlarms takes at most this many names (API reference).
ALARMS_AT_ONCE = 100


@dataclass(frozen=True)
class Datapoint:
    """One value of a metric.

    :ivar time: the beginning of its period.
    """

    value: float
    time: datetime


@dataclass(frozen=True)
class AlarmStates:
    """The states of alarms, by their names. A state in doubt has the reason behind it, as in ``OK (PARTIAL_DATA)``.

    :ivar named: the requested alarms, as far as they exist.
    :ivar below: for each composite alarm of these, all alarms that its state depends on, at all levels.
    """

    named: Mapping[str, str]
    below: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


def alarm_states(client: t.Any, names: Sequence[str]) -> AlarmStates:
    """DescribeAlarms: the state of each alarm that exists, and of the alarms below composite ones.

    :param client: a boto3 client of CloudWatch.
    :param names: at most :data:`ALARMS_AT_ONCE`.
    :raises TidegateError: see :mod:`_errors`.
    """
    # Without AlarmTypes, DescribeAlarms returns only metric alarms.
    metric, composite = _described(
        client, ", ".join(names), AlarmNames=list(names), AlarmTypes=["MetricAlarm", "CompositeAlarm"]
    )
    return AlarmStates(metric | composite, {name: _states_below(client, name) for name in composite})


def _states_below(client: t.Any, name: str) -> dict[str, str]:
    """The states of all alarms below a composite alarm. Composite alarms may refer to each other in a circle."""
    found: dict[str, str] = {}
    waiting, known = [name], set[str]()
    while waiting:
        parent = waiting.pop()
        known.add(parent)
        # This parameter excludes all others. The response has the children of both types.
        metric, composite = _described(client, f"below {parent}", ChildrenOfAlarmName=parent)
        found |= metric | composite
        waiting += [child for child in composite if child not in known and child not in waiting]
    return found


def _described(client: t.Any, which: str, **parameters: t.Any) -> tuple[dict[str, str], dict[str, str]]:
    """The states of metric alarms and of composite ones, from all pages."""
    action, endpoint = f"read alarms {which}", str(client.meta.endpoint_url)
    metric: dict[str, str] = {}
    composite: dict[str, str] = {}
    page: dict[str, str] = {}
    while True:
        with translated(action, endpoint):
            answer = client.describe_alarms(**parameters, **page)
        answer = checked(action, endpoint, "describe_alarms", answer)
        metric |= _states(answer["MetricAlarms"])
        composite |= _states(answer.get("CompositeAlarms", []))
        if not answer.get("NextToken"):
            return metric, composite
        page = {"NextToken": answer["NextToken"]}


def _states(alarms: Sequence[Mapping[str, t.Any]]) -> dict[str, str]:
    return {alarm["AlarmName"]: _state(alarm) for alarm in alarms}


def _state(alarm: Mapping[str, t.Any]) -> str:
    """The state, and why it does not follow from all data (EvaluationState), such as ``OK (PARTIAL_DATA)``."""
    state, doubt = str(alarm.get("StateValue")), alarm.get("EvaluationState")
    return f"{state} ({doubt})" if doubt else state


def latest_maximum(
    client: t.Any, namespace: str, metric: str, dimensions: Mapping[str, str], since: datetime, now: datetime
) -> Datapoint | None:
    """GetMetricStatistics: the latest one-minute maximum since a time; None if there is none.

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
