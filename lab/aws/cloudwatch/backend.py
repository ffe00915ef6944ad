# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""moto's CloudWatch, corrected: an alarm keeps its state when its settings change, and acts when its state changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, ClassVar

from moto.cloudwatch import urls
from moto.cloudwatch.models import Alarm, CloudWatchBackend, MetricDatum, MetricDatumBase, cloudwatch_backends

from lab.aws.cloudwatch.metrics import MetricKey, MetricStore

Transition = Callable[[Alarm, str], None]
ServiceValues = Callable[[str], Iterable[tuple[MetricKey, float]]]


class AlarmingCloudWatchBackend(CloudWatchBackend):
    """moto's backend with the behaviour of the real service.

    :cvar on_transition: called with an alarm whose state has changed, and its old state.
    :cvar metrics: values by region, for the evaluation of alarms.
    """

    on_transition: ClassVar[Transition] = staticmethod(lambda alarm, old_state: None)
    metrics: ClassVar[dict[str, MetricStore]] = defaultdict(MetricStore)
    #: The present values of the metrics that AWS itself publishes, without PutMetricData, by region.
    service_values: ClassVar[ServiceValues] = staticmethod(lambda region: [])

    @property
    def _url_module(self) -> Any:
        return urls

    @property
    def aws_metric_data(self) -> list[MetricDatumBase]:
        """The metrics of services."""
        now = datetime.now(UTC).replace(tzinfo=None)
        present = [
            MetricDatum(key.namespace, key.name, value, [{"Name": n, "Value": v} for n, v in key.dimensions], now)
            for key, value in type(self).service_values(self.region_name)
        ]
        return [*super().aws_metric_data, *present]

    def put_metric_alarm(self, name: str, *args: Any, **kwargs: Any) -> Alarm:
        """Create an alarm without data, or change an alarm, which keeps its state."""
        before = self.alarms.get(name)
        alarm = super().put_metric_alarm(name, *args, **kwargs)
        if before is None:
            alarm.state_value = "INSUFFICIENT_DATA"
        else:
            alarm.state_value = before.state_value
            alarm.state_reason = before.state_reason
            alarm.state_reason_data = before.state_reason_data
            alarm.state_updated_timestamp = before.state_updated_timestamp
            alarm.history = before.history
        return alarm

    def put_metric_data(self, namespace: str, metric_data: list[dict[str, Any]]) -> None:
        """Store values. Alarms use single values; statistic sets are for moto's own GetMetricStatistics only."""
        super().put_metric_data(namespace, metric_data)
        for datum in metric_data:
            dimensions = frozenset((item["Name"], item["Value"]) for item in datum.get("Dimensions", ()))
            self.metrics[self.region_name].put(MetricKey(namespace, datum["MetricName"], dimensions), _values(datum))

    def set_alarm_state(self, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
        """Change the state of an alarm until its next evaluation."""
        old_state = self.alarms[alarm_name].state_value if alarm_name in self.alarms else ""
        super().set_alarm_state(alarm_name, reason, reason_data, state_value)
        if state_value != old_state:
            type(self).on_transition(self.alarms[alarm_name], old_state)


def _values(datum: dict[str, Any]) -> list[float]:
    """The values of one entry of PutMetricData: one value, or several values with counts."""
    if not datum.get("Values"):
        return [float(datum["Value"])] if datum.get("Value") is not None else []
    counts = datum.get("Counts") or [1] * len(datum["Values"])
    pairs = zip(datum["Values"], counts, strict=True)
    return [float(value) for value, count in pairs for _unused in range(int(float(count)))]


def install(on_transition: Transition, service_values: ServiceValues) -> None:
    """Make moto use this backend for all regions from now on."""
    AlarmingCloudWatchBackend.on_transition = staticmethod(on_transition)
    AlarmingCloudWatchBackend.service_values = staticmethod(service_values)
    cloudwatch_backends.backend = AlarmingCloudWatchBackend
    cloudwatch_backends.clear()
    clear()


def clear() -> None:
    """Remove all values; moto removes the alarms itself."""
    AlarmingCloudWatchBackend.metrics.clear()
