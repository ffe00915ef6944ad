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
    """The message of a CloudWatch alarm to SNS; ``dimensions`` and what is in ``trigger`` go into its trigger."""
    found = more.pop("dimensions", [{"value": HEALTH_CHECK_ID, "name": "HealthCheckId"}])
    return {
        "AlarmName": "checkout primary",
        "AWSAccountId": "123456789012",
        "NewStateValue": state,
        "NewStateReason": "Threshold Crossed: 1 datapoint [0.0 (21/11/26 03:03:00)] was less than the threshold (1.0).",
        "StateChangeTime": "2026-11-21T03:04:05.678+0000",
        "Region": "US East (N. Virginia)",
        "AlarmArn": ARN,
        "OldStateValue": "OK",
        "Trigger": {
            "MetricName": "HealthCheckStatus",
            "Namespace": "AWS/Route53",
            "StatisticType": "Statistic",
            "Statistic": "MINIMUM",
            "Dimensions": found,
            "Period": 60,
            "EvaluationPeriods": 1,
            "ComparisonOperator": "LessThanThreshold",
            "Threshold": 1.0,
            "TreatMissingData": "- TreatMissingData:                    notBreaching",
            **more.pop("trigger", {}),
        },
        **more,
    }


def metric_math(*metrics: Json, **more: Any) -> Json:
    """The message of a CloudWatch alarm on several metrics to SNS."""
    compared = {"ComparisonOperator": "LessThanThreshold", "Threshold": 1.0}
    return cloudwatch(Trigger={**compared, "Metrics": list(metrics), **more})


def metric(check_id: str = HEALTH_CHECK_ID, name: str = "HealthCheckStatus") -> Json:
    """One of the metrics of such an alarm."""
    dimensions = [{"value": check_id, "name": "HealthCheckId"}]
    about = {"MetricName": name, "Namespace": "AWS/Route53", "Dimensions": dimensions}
    return {"Id": "m1", "MetricStat": {"Metric": about, "Period": 60, "Stat": "Minimum"}, "ReturnData": True}


def sns(message: Json) -> Json:
    """The envelope of SNS around a message."""
    return {"Type": "Notification", "MessageId": "4d0b", "TopicArn": TOPIC_ARN, "Message": json.dumps(message)}


def eventbridge(state: str = "ALARM", **more: Any) -> Json:
    """The event of a CloudWatch alarm on EventBridge; ``metrics``, ``configuration``, ``arn``, ``data`` of its state
    and more of its detail may be others."""
    about = {"namespace": "AWS/Route53", "name": "HealthCheckStatus", "dimensions": {"HealthCheckId": HEALTH_CHECK_ID}}
    given = [{"id": "m", "metricStat": {"metric": about, "period": 60, "stat": "Minimum"}, "returnData": True}]
    data = {"version": "1.0", "statistic": "Minimum", "period": 60, "recentDatapoints": [0.0], "threshold": 1.0}
    arn = more.pop("arn", ARN)
    return {
        "source": "aws.cloudwatch",
        "detail-type": "CloudWatch Alarm State Change",
        "resources": [arn],
        "detail": {
            "alarmName": arn.partition(":alarm:")[2],
            "state": {
                "value": state,
                "timestamp": "2026-11-21T03:04:05.678+0000",
                "reasonData": json.dumps(data | more.pop("data", {})),
            },
            "configuration": more.pop("configuration", {"metrics": more.pop("metrics", given)}),
            **more,
        },
    }


ACCELERATOR = "a1234567890abcdef.awsglobalaccelerator.com"


def alert(state: str = "firing", **more: Any) -> Json:
    """One alert of a notification of Alertmanager; what is not of the alert itself goes into its labels."""
    own: Json = {name: more.pop(name) for name in ("status", "startsAt", "endsAt", "labels") if name in more}
    labels = {
        "alertname": "SiteOffline",
        "accelerator": ACCELERATOR,
        "namespace": "sso",
        "reporter": "site-a",
        "severity": "critical",
        "site": "site-b",
        **more,
    }
    return {
        "status": state,
        "labels": {name: value for name, value in labels.items() if value is not None},
        "annotations": {},
        "startsAt": "2026-11-21T03:04:05.678901234Z",
        "endsAt": "0001-01-01T00:00:00Z" if state == "firing" else "2026-11-21T03:09:05.678Z",
        "generatorURL": "https://prometheus.example.com/graph?g0.expr=x",
        "fingerprint": "1a30ba71cca2921f",
        **own,
    }


def alertmanager(*alerts: Json, **more: Any) -> Json:
    """A notification of Alertmanager, of one alert that fires unless others are given."""
    found = list(alerts) or [alert()]
    return {
        "receiver": "failover",
        "status": "firing" if any(one["status"] == "firing" for one in found) else "resolved",
        "alerts": found,
        "groupLabels": {"accelerator": ACCELERATOR},
        "commonLabels": {"alertname": "SiteOffline"},
        "commonAnnotations": {},
        "externalURL": "https://alertmanager.example.com",
        "version": "4",
        "groupKey": f'{{}}:{{accelerator="{ACCELERATOR}"}}',
        "truncatedAlerts": 0,
        **more,
    }


def monitor(state: str = "unhealthy", **more: Any) -> Json:
    """The event of health_monitor about a target."""
    reported = {"target": "checkout primary", "service": "checkout", "state": state, "at": "2026-11-21T03:04:05.678Z"}
    return {"monitor": reported | more}
