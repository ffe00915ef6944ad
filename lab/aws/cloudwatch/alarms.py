# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The clock of CloudWatch: each compressed minute health checks publish metrics, then all alarms are evaluated."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from moto.cloudwatch.models import Alarm, cloudwatch_backends
from moto.core.exceptions import ServiceException
from moto.sns.models import sns_backends

from lab.aws.cloudwatch import message
from lab.aws.cloudwatch.backend import AlarmingCloudWatchBackend
from lab.aws.cloudwatch.evaluation import COMPARISONS, EXTRA_PERIODS, STATISTICS, AlarmRule, evaluate
from lab.aws.cloudwatch.metrics import MetricKey, MetricStore
from lab.aws.tasks import background

#: Metrics of health checks exist in this region only, whatever region the endpoints are in.
HEALTH_CHECK_REGION = "us-east-1"
HEALTH_CHECK_NAMESPACE = "AWS/Route53"
_MINUTE = 60


class Alarms:
    """Evaluates the alarms of all regions and sends their messages.

    :param health: each health check's id, verdict and share of healthy checkers.
    """

    def __init__(
        self, account_id: str, time_factor: float, health: Callable[[], Iterable[tuple[str, bool, float]]]
    ) -> None:
        self._account_id = account_id
        self._minute = _MINUTE / time_factor
        self._health = health
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start the clock."""
        self._task = background(self._run(), "The clock of CloudWatch")

    async def stop(self) -> None:
        """Stop the clock. Safe to call at any time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._minute)
            self.pass_minute()

    def health_values(self, region: str) -> Iterator[tuple[MetricKey, float]]:
        """The present values of the health checks' metrics."""
        if region != HEALTH_CHECK_REGION:
            return
        for check_id, healthy, share in self._health():
            dimensions = frozenset({("HealthCheckId", check_id)})
            yield MetricKey(HEALTH_CHECK_NAMESPACE, "HealthCheckStatus", dimensions), float(healthy)
            yield MetricKey(HEALTH_CHECK_NAMESPACE, "HealthCheckPercentageHealthy", dimensions), share * 100

    def pass_minute(self) -> None:
        """Publish the metrics, evaluate the alarms, and begin the next minute."""
        for region, backend in list(cloudwatch_backends[self._account_id].items()):
            store = AlarmingCloudWatchBackend.metrics[region]
            alarms = {alarm.name: (alarm, _metric_key(alarm)) for alarm in list(backend.alarms.values())}
            # Only metrics of alarms: a day of the metrics of thousands of checks would fill the memory.
            watched = {key for _unused, key in alarms.values()}
            for key, value in self.health_values(region):
                if key in watched:
                    store.put(key, [value])
            for alarm, key in alarms.values():
                self._evaluate(alarm, key, store)
            store.next_minute()

    def _evaluate(self, alarm: Alarm, key: MetricKey, store: MetricStore) -> None:
        if alarm.statistic not in STATISTICS or alarm.comparison_operator not in COMPARISONS:
            # Metric math, percentiles, anomalies and composite alarms change state through SetAlarmState only.
            return
        rule = AlarmRule(
            statistic=alarm.statistic,
            comparison=alarm.comparison_operator,
            threshold=float(alarm.threshold),
            evaluation_periods=int(alarm.evaluation_periods),
            datapoints_to_alarm=int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
            treat_missing_data=alarm.treat_missing_data or "missing",
        )
        minutes = max(1, int(alarm.period) // _MINUTE)
        result = evaluate(rule, store.periods(key, rule.evaluation_periods + EXTRA_PERIODS, minutes))
        if result.state is not None and result.state != alarm.state_value:
            old_state = alarm.state_value
            alarm.update_state(result.reason, "{}", result.state)
            self.act(alarm, old_state)

    def act(self, alarm: Alarm, old_state: str) -> None:
        """Publish to the topics that the alarm names for its new state."""
        if not alarm.actions_enabled:
            return
        actions = {
            "ALARM": alarm.alarm_actions,
            "OK": alarm.ok_actions,
            "INSUFFICIENT_DATA": alarm.insufficient_data_actions,
        }
        for arn in actions[alarm.state_value] or ():
            if arn.startswith(f"arn:aws:sns:{alarm.region_name}:"):
                self._publish(alarm, old_state, arn)

    def _publish(self, alarm: Alarm, old_state: str, topic_arn: str) -> None:
        text = message.message(alarm, old_state, self._account_id)
        topics = sns_backends[self._account_id][alarm.region_name]
        try:
            topics.publish(text, topic_arn, subject=message.subject(alarm))
        except ServiceException as error:
            # As in AWS, the alarm changes its state even if its topic does not exist or refuses the message.
            logging.getLogger(__name__).warning("%s could not notify %s: %s", alarm.name, topic_arn, error)


def _metric_key(alarm: Alarm) -> MetricKey:
    dimensions = frozenset((str(item.name), str(item.value)) for item in alarm.dimensions)
    return MetricKey(alarm.namespace, alarm.metric_name, dimensions)


class AlarmHealth:
    """The health of a health check that follows an alarm."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._last_known: dict[str, bool] = {}

    def find(self, name: str, region: str) -> Alarm | None:
        """The alarm, or None."""
        backends = cloudwatch_backends[self._account_id]
        return backends[region].alarms.get(name) if region in backends else None

    def describe(self, name: str, region: str) -> dict[str, Any] | None:
        """The alarm's definition, as GetHealthCheck returns it."""
        alarm = self.find(name, region)
        if alarm is None:
            return None
        return {
            "EvaluationPeriods": int(alarm.evaluation_periods),
            "Threshold": float(alarm.threshold),
            "ComparisonOperator": alarm.comparison_operator,
            "Period": int(alarm.period),
            "MetricName": alarm.metric_name,
            "Namespace": alarm.namespace,
            "Statistic": alarm.statistic,
            "Dimensions": [{"Name": item.name, "Value": item.value} for item in alarm.dimensions],
        }

    def is_healthy(self, check_id: str, config: Mapping[str, Any]) -> bool:
        """Whether the check is healthy: OK is healthy, ALARM is unhealthy; without data the check's settings decide."""
        identifier = config["AlarmIdentifier"]
        alarm = self.find(identifier["Name"], identifier["Region"])
        state = alarm.state_value if alarm is not None else "INSUFFICIENT_DATA"
        if state == "INSUFFICIENT_DATA":
            fallback = config["InsufficientDataHealthStatus"]
            return (
                self._last_known.get(check_id, True) if fallback == "LastKnownStatus" else bool(fallback == "Healthy")
            )
        self._last_known[check_id] = state == "OK"
        return self._last_known[check_id]
