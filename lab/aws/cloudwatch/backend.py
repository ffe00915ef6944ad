# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""moto's CloudWatch, mended: alarms keep their state when they are changed, and act when it changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from typing import Any, ClassVar

from moto.cloudwatch import urls
from moto.cloudwatch.models import Alarm, CloudWatchBackend, MetricDatum, MetricDatumBase, cloudwatch_backends

from lab.aws.cloudwatch.metrics import MetricKey, MetricStore

Transition = Callable[[Alarm, str], None]


class AlarmingCloudWatchBackend(CloudWatchBackend):
    """Differs from moto in what the service really does.

    :cvar on_transition: called with an alarm whose state has changed, and its old state.
    :cvar metrics: values by region, for the evaluation of alarms.
    """

    on_transition: ClassVar[Transition] = staticmethod(lambda alarm, old_state: None)
    metrics: ClassVar[dict[str, MetricStore]] = defaultdict(MetricStore)
    #: The latest values of the health checks, which AWS puts in without anybody's PutMetricData.
    service_data: ClassVar[dict[str, list[MetricDatumBase]]] = defaultdict(list)

    @property
    def _url_module(self) -> Any:
        return urls

    @property
    def aws_metric_data(self) -> list[MetricDatumBase]:
        """What services have put in."""
        return [*super().aws_metric_data, *self.service_data[self.region_name]]

    def put_metric_alarm(self, name: str, *args: Any, **kwargs: Any) -> Alarm:
        """Create an alarm, which has no data yet; or change one, which keeps its state."""
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
        """Take values in."""
        known = len(self.metric_data)
        super().put_metric_data(namespace, metric_data)
        for datum in self.metric_data[known:]:
            if isinstance(datum, MetricDatum):
                dimensions = frozenset((str(item.name), str(item.value)) for item in datum.dimensions)
                self.metrics[self.region_name].put(MetricKey(datum.namespace, datum.name, dimensions), [datum.value])

    def set_alarm_state(self, alarm_name: str, reason: str, reason_data: str, state_value: str) -> None:
        """Change the state of an alarm until its next evaluation."""
        old_state = self.alarms[alarm_name].state_value if alarm_name in self.alarms else ""
        super().set_alarm_state(alarm_name, reason, reason_data, state_value)
        if state_value != old_state:
            type(self).on_transition(self.alarms[alarm_name], old_state)


def install(on_transition: Transition) -> None:
    """Make moto use this backend for all regions from now on."""
    AlarmingCloudWatchBackend.on_transition = staticmethod(on_transition)
    AlarmingCloudWatchBackend.metrics.clear()
    AlarmingCloudWatchBackend.service_data.clear()
    cloudwatch_backends.backend = AlarmingCloudWatchBackend
    cloudwatch_backends.clear()
