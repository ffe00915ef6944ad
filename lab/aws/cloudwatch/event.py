# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The event that EventBridge gets when an alarm's state changes; its shape differs from the SNS message.

Source: captured events that agree with each other.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from moto.cloudwatch.models import Alarm

#: Metrics of an alarm on a single metric have no id of the user's.
_METRIC_ID = "m1"


def state_change(alarm: Alarm, old_state: str, changed: datetime) -> dict[str, Any]:
    """An entry for PutEvents."""
    metric = {
        "namespace": alarm.namespace,
        "name": alarm.metric_name,
        "dimensions": {item.name: item.value for item in alarm.dimensions},
    }
    stat = {"metric": metric, "period": int(alarm.period or 0), "stat": alarm.statistic}
    detail = {
        "alarmName": alarm.name,
        "state": {
            "value": alarm.state_value,
            "reason": alarm.state_reason,
            "reasonData": alarm.state_reason_data,
            "timestamp": f"{changed:%Y-%m-%dT%H:%M:%S}.{changed.microsecond // 1000:03d}+0000",
        },
        "previousState": {"value": old_state},
        "configuration": {
            "description": alarm.description or "",
            "metrics": [{"id": _METRIC_ID, "metricStat": stat, "returnData": True}],
        },
    }
    return {
        "Source": "aws.cloudwatch",
        "DetailType": "CloudWatch Alarm State Change",
        "Resources": [alarm.alarm_arn],
        # moto wants what its own parser makes of the request's time stamp.
        "Time": changed.timestamp(),
        "Detail": json.dumps(detail),
    }
