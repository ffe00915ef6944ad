# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Messages about alarms in the forms that the services send, with made-up names."""

from __future__ import annotations

import json
from typing import Any

Json = dict[str, Any]

ALARM_ID = "ocid1.alarm.oc1.iad.aaaaalarmexample0123456789"
LOAD_BALANCER_ID = "ocid1.loadbalancer.oc1.iad.aaaaexample"
TOPIC_ID = "ocid1.onstopic.oc1.iad.aaaatopicexample"
HEALTH_CHECK_ID = "233e180f-f023-45a3-954e-415303f21eab"
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:checkout primary"
TOPIC_ARN = "arn:aws:sns:us-east-1:123456789012:failover"


def oci(message_type: str = "OK_TO_FIRING", **more: Any) -> Json:
    """The message of an OCI alarm about one metric stream; ``dimensions`` and ``id`` go into its metadata."""
    dimensions = more.pop("dimensions", [{"resourceId": LOAD_BALANCER_ID, "backendSetName": "app"}])
    metadata = {"id": more.pop("id", ALARM_ID), "status": "FIRING", "severity": "CRITICAL", "dimensions": dimensions}
    return {
        "dedupeKey": "0b4c6a21",
        "title": "checkout-backends",
        "body": f"{LOAD_BALANCER_ID},app,maintenance-page",
        "type": message_type,
        "severity": "CRITICAL",
        "timestampEpochMillis": 1_795_230_245_678,
        "timestamp": "2026-11-21T03:04:05.678Z",
        "alarmMetaData": [metadata],
        "notificationType": "Split messages per metric stream",
        "version": 1.5,
        **more,
    }


def cloudwatch(state: str = "ALARM", **more: Any) -> Json:
    """The message of a CloudWatch alarm to SNS; ``dimensions`` goes into its trigger."""
    found = more.pop("dimensions", [{"value": HEALTH_CHECK_ID, "name": "HealthCheckId"}])
    return {
        "AlarmName": "checkout primary",
        "AWSAccountId": "123456789012",
        "NewStateValue": state,
        "StateChangeTime": "2026-11-21T03:04:05.678+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": ARN,
        "OldStateValue": "OK",
        "Trigger": {"MetricName": "HealthCheckStatus", "Namespace": "AWS/Route53", "Dimensions": found},
        **more,
    }


def sns(message: Json) -> Json:
    """The envelope of SNS around a message."""
    return {"Type": "Notification", "MessageId": "4d0b", "TopicArn": TOPIC_ARN, "Message": json.dumps(message)}


def eventbridge(state: str = "ALARM") -> Json:
    """The event of a CloudWatch alarm on EventBridge."""
    metric = {"namespace": "AWS/Route53", "name": "HealthCheckStatus", "dimensions": {"HealthCheckId": HEALTH_CHECK_ID}}
    return {
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "resources": [ARN],
        "detail": {
            "alarmName": "checkout primary",
            "state": {"value": state, "timestamp": "2026-11-21T03:04:05.678+0000"},
            "configuration": {"metrics": [{"id": "m", "metricStat": {"metric": metric}}]},
        },
    }


def monitor(state: str = "unhealthy", **more: Any) -> Json:
    """What health_monitor says of a target."""
    told = {"target": "checkout primary", "service": "checkout", "state": state, "at": "2026-11-21T03:04:05.678Z"}
    return {"monitor": told | more}
