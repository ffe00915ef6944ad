# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The clock of CloudWatch: each compressed minute health checks publish metrics, then all alarms are evaluated."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import Alarm, MetricDatum, cloudwatch_backends
from moto.sns.exceptions import SNSNotFoundError
from moto.sns.models import sns_backends

from lab.aws.cloudwatch import message
from lab.aws.cloudwatch.backend import AlarmingCloudWatchBackend
from lab.aws.cloudwatch.evaluation import EXTRA_PERIODS, STATISTICS, AlarmRule, evaluate
from lab.aws.cloudwatch.metrics import MetricKey

#: Metrics of health checks exist in this region only, whatever region the endpoints are in.
HEALTH_CHECK_REGION = "us-east-1"
HEALTH_CHECK_NAMESPACE = "AWS/Route53"
_MINUTE = 60


class Alarms:
    """Evaluates the alarms of all regions and sends what they say.

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
        self._task = asyncio.create_task(self._run(), name="CloudWatch alarms")

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

    def pass_minute(self) -> None:
        """Publish, evaluate, and begin the next minute."""
        self._publish_health()
        for region, backend in list(cloudwatch_backends[self._account_id].items()):
            for alarm in list(backend.alarms.values()):
                self._evaluate(alarm)
            AlarmingCloudWatchBackend.metrics[region].next_minute()

    def _publish_health(self) -> None:
        store = AlarmingCloudWatchBackend.metrics[HEALTH_CHECK_REGION]
        now = datetime.now(UTC).replace(tzinfo=None)
        latest: list[Any] = []
        for check_id, healthy, share in self._health():
            for name, value in (("HealthCheckStatus", float(healthy)), ("HealthCheckPercentageHealthy", share * 100)):
                store.put(MetricKey(HEALTH_CHECK_NAMESPACE, name, frozenset({("HealthCheckId", check_id)})), [value])
                dimensions = [{"Name": "HealthCheckId", "Value": check_id}]
                latest.append(MetricDatum(HEALTH_CHECK_NAMESPACE, name, value, dimensions, now))
        AlarmingCloudWatchBackend.service_data[HEALTH_CHECK_REGION] = latest

    def _evaluate(self, alarm: Alarm) -> None:
        if alarm.statistic not in STATISTICS:
            # Metric math, percentiles and composite alarms change state through SetAlarmState only.
            return
        rule = AlarmRule(
            statistic=alarm.statistic,
            comparison=alarm.comparison_operator,
            threshold=float(alarm.threshold),
            evaluation_periods=int(alarm.evaluation_periods),
            datapoints_to_alarm=int(alarm.datapoints_to_alarm or alarm.evaluation_periods),
            treat_missing_data=alarm.treat_missing_data or "missing",
        )
        dimensions = frozenset((str(item.name), str(item.value)) for item in alarm.dimensions)
        key = MetricKey(alarm.namespace, alarm.metric_name, dimensions)
        minutes = max(1, int(alarm.period) // _MINUTE)
        store = AlarmingCloudWatchBackend.metrics[alarm.region_name]
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
            service, region = arn.split(":")[2:4]
            if service != "sns":
                continue
            text = message.message(alarm, old_state, self._account_id)
            try:
                sns_backends[self._account_id][region].publish(text, arn, subject=message.subject(alarm))
            except SNSNotFoundError:
                # CloudWatch drops the notification, too, when its topic is gone.
                continue


class AlarmHealth:
    """What a health check that follows an alarm makes of the alarm's state."""

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
        """Healthy is OK, unhealthy is ALARM; without data it is what the check's settings say."""
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
