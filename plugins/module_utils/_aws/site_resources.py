# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Reads what the role aws_setup compares: target groups, databases, Auto Scaling groups, alarms, topics, queues."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.calls import Calls
from ansible_collections.tidegate.failover.plugins.module_utils._aws.databases import read_instance
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline, call_patiently

Json = dict[str, t.Any]

#: The default page size of the service.
_ALARMS_AT_ONCE = 50


class SiteResources:
    """Reads of one account in one Region.

    :param client: makes boto3 clients that do not retry by themselves, by the service's name.
    :param new_deadline: returns the deadline of one read.
    """

    def __init__(self, client: Callable[[str], t.Any], new_deadline: Callable[[], Deadline]) -> None:
        self._client, self._new_deadline = client, new_deadline
        calls = Calls(client, new_deadline)
        self._call, self._pages = calls.call, calls.pages

    def target_groups(self, names: Sequence[str]) -> list[Json]:
        """DescribeTargetGroups, and DescribeTags for target groups that exist."""
        found = list(self._named("target group", "describe_target_groups", "TargetGroups", names))
        return [_target_group(item, self._tags(item["TargetGroupArn"])) for item in found]

    def load_balancers(self, names: Sequence[str]) -> list[Json]:
        """DescribeLoadBalancers."""
        found = self._named("load balancer", "describe_load_balancers", "LoadBalancers", names)
        return [{"name": item["LoadBalancerName"], "arn": item["LoadBalancerArn"]} for item in found]

    def databases(self, names: Sequence[str]) -> list[Json]:
        """DescribeDBInstances."""
        client = self._client("rds")

        def read(name: str) -> Json | None:
            return call_patiently(lambda: read_instance(client, name), self._new_deadline())

        return [_database(item) for item in map(read, names) if item]

    def groups(self, names: Sequence[str]) -> list[Json]:
        """DescribeAutoScalingGroups, and DescribePolicies for groups that exist."""
        if not names:
            return []
        action, named = f"read Auto Scaling groups {', '.join(names)}", {"AutoScalingGroupNames": list(names)}
        pages = self._pages("autoscaling", action, "describe_auto_scaling_groups", named)
        found = [item for page in pages for item in page["AutoScalingGroups"]]
        return [_group(item, self._policies(item["AutoScalingGroupName"])) for item in found]

    def alarms(self, names: Sequence[str]) -> list[Json]:
        """DescribeAlarms."""
        found: list[Json] = []
        for start in range(0, len(names), _ALARMS_AT_ONCE):
            some = list(names[start : start + _ALARMS_AT_ONCE])
            action = f"read alarms {', '.join(some)}"
            found += self._call("cloudwatch", action, "describe_alarms", AlarmNames=some)["MetricAlarms"]
        return [_alarm(one) for one in found]

    def topics(self, arns: Sequence[str]) -> list[Json]:
        """GetTopicAttributes, and ListTagsForResource for topics that exist."""
        client = self._client("sns")
        missing = client.exceptions.NotFoundException
        found = [arn for arn in arns if self._exists(client, missing, "get_topic_attributes", TopicArn=arn)]
        return [{"arn": arn, "tags": self._topic_tags(arn)} for arn in found]

    def _topic_tags(self, arn: str) -> dict[str, str]:
        client, action = self._client("sns"), f"read the tags of topic {arn}"

        def call() -> Json:
            with translated(action, client.meta.endpoint_url):
                answer = client.list_tags_for_resource(ResourceArn=arn)
            return checked(action, client.meta.endpoint_url, "sns_list_tags_for_resource", answer)

        answer = call_patiently(call, self._new_deadline())
        return _tags(answer.get("Tags"))

    def queues(self, names: Sequence[str]) -> list[Json]:
        """GetQueueUrl, and ListQueueTags for queues that exist."""
        client = self._client("sqs")
        missing = client.exceptions.QueueDoesNotExist
        urls = {name: self._exists(client, missing, "get_queue_url", QueueName=name) for name in names}
        return [
            {"name": name, "url": answer["QueueUrl"], "tags": self._queue_tags(answer["QueueUrl"])}
            for name, answer in urls.items()
            if answer
        ]

    def _queue_tags(self, url: str) -> dict[str, str]:
        return dict(
            self._call("sqs", f"read the tags of queue {url}", "list_queue_tags", QueueUrl=url).get("Tags") or {}
        )

    def _exists(self, client: t.Any, missing: type[Exception], operation: str, **named: str) -> Json | None:
        action = f"read {next(iter(named.values()))}"

        def call() -> Json | None:
            with translated(action, client.meta.endpoint_url):
                try:
                    answer = getattr(client, operation)(**named)
                except missing:
                    return None
            return checked(action, client.meta.endpoint_url, operation, answer)

        return call_patiently(call, self._new_deadline())

    def caller(self) -> Json:
        """GetCallerIdentity."""
        answer = self._call("sts", "read whose credentials these are", "get_caller_identity")
        return {"account": answer["Account"], "arn": answer["Arn"]}

    def _named(self, what: str, operation: str, listed: str, names: Sequence[str]) -> Iterator[Json]:
        """Read names one by one, because a request with several names fails if one does not exist."""
        client = self._client("elbv2")
        missing = (client.exceptions.TargetGroupNotFoundException, client.exceptions.LoadBalancerNotFoundException)

        def read(name: str) -> list[Json]:
            action = f"read {what} {name}"
            with translated(action, client.meta.endpoint_url):
                try:
                    answer = getattr(client, operation)(Names=[name])
                except missing:
                    return []
            return list(checked(action, client.meta.endpoint_url, operation, answer)[listed])

        for name in names:
            yield from call_patiently(lambda name=name: read(name), self._new_deadline())  # type: ignore[misc]

    def _tags(self, arn: str) -> dict[str, str]:
        (found,) = self._call("elbv2", f"read the tags of {arn}", "describe_tags", ResourceArns=[arn])[
            "TagDescriptions"
        ]
        return _tags(found.get("Tags"))

    def _policies(self, group: str) -> list[Json]:
        action = f"list the scaling policies of {group}"
        pages = self._pages("autoscaling", action, "describe_policies", {"AutoScalingGroupName": group})
        return [_policy(item) for page in pages for item in page["ScalingPolicies"]]


def _tags(items: Sequence[Json] | None) -> dict[str, str]:
    return {tag["Key"]: tag.get("Value") or "" for tag in items or []}


def _target_group(item: Json, tags: dict[str, str]) -> Json:
    return {
        "name": item["TargetGroupName"],
        "arn": item["TargetGroupArn"],
        "protocol": item.get("Protocol"),
        "port": item.get("Port"),
        "vpc_id": item.get("VpcId"),
        "target_type": item.get("TargetType"),
        "health_check": {
            "protocol": item.get("HealthCheckProtocol"),
            "port": str(item.get("HealthCheckPort") or ""),
            "path": item.get("HealthCheckPath"),
            "interval": item.get("HealthCheckIntervalSeconds"),
            "timeout": item.get("HealthCheckTimeoutSeconds"),
            "healthy_threshold": item.get("HealthyThresholdCount"),
            "unhealthy_threshold": item.get("UnhealthyThresholdCount"),
            "codes": (item.get("Matcher") or {}).get("HttpCode"),
        },
        "load_balancer_arns": item.get("LoadBalancerArns") or [],
        "tags": tags,
    }


def _database(item: Json) -> Json:
    return {
        "identifier": item["DBInstanceIdentifier"],
        "arn": item.get("DBInstanceArn") or "",
        "status": item.get("DBInstanceStatus") or "",
        "multi_az": bool(item.get("MultiAZ")),
        "zone": item.get("AvailabilityZone") or "",
        "backup_retention": int(item.get("BackupRetentionPeriod") or 0),
        "source": item.get("ReadReplicaSourceDBInstanceIdentifier") or "",
        "pending": sorted(name for name, value in (item.get("PendingModifiedValues") or {}).items() if value),
        "tags": _tags(item.get("TagList")),
    }


def _group(item: Json, policies: list[Json]) -> Json:
    # A group with mixed instances has its template only in its policy.
    mixed = (item.get("MixedInstancesPolicy") or {}).get("LaunchTemplate") or {}
    template = item.get("LaunchTemplate") or mixed.get("LaunchTemplateSpecification") or {}
    instances = item.get("Instances") or []
    return {
        "name": item["AutoScalingGroupName"],
        "min": item["MinSize"],
        "max": item["MaxSize"],
        "desired": item["DesiredCapacity"],
        "instances": len(instances),
        "zones": sorted(item.get("AvailabilityZones") or []),
        "subnets": sorted(filter(None, (item.get("VPCZoneIdentifier") or "").split(","))),
        "target_group_arns": sorted(item.get("TargetGroupARNs") or []),
        "health_check_type": item.get("HealthCheckType"),
        "grace_period": item.get("HealthCheckGracePeriod"),
        "cooldown": item.get("DefaultCooldown"),
        "termination_policies": item.get("TerminationPolicies") or ["Default"],
        "suspended": sorted(one["ProcessName"] for one in item.get("SuspendedProcesses") or []),
        "metrics": sorted(one["Metric"] for one in item.get("EnabledMetrics") or []),
        "mixed_instances": bool(item.get("MixedInstancesPolicy")),
        "launch_template": {
            "id": template.get("LaunchTemplateId") or "",
            "name": template.get("LaunchTemplateName") or "",
            "version": str(template.get("Version") or ""),
        },
        "tags": _tags(item.get("Tags")),
        "policies": policies,
    }


def _alarm(item: Json) -> Json:
    return {
        "name": item["AlarmName"],
        "description": item.get("AlarmDescription") or "",
        "namespace": item.get("Namespace"),
        "metric": item.get("MetricName"),
        "dimensions": {one["Name"]: one["Value"] for one in item.get("Dimensions") or []},
        "statistic": item.get("Statistic"),
        "comparison": item.get("ComparisonOperator"),
        "threshold": item.get("Threshold"),
        "period": item.get("Period"),
        "evaluation_periods": item.get("EvaluationPeriods"),
        "missing_data": item.get("TreatMissingData") or "missing",
        "actions_enabled": bool(item.get("ActionsEnabled", True)),
        "alarm_actions": item.get("AlarmActions") or [],
        "ok_actions": item.get("OKActions") or [],
    }


def _policy(item: Json) -> Json:
    return {
        "name": item["PolicyName"],
        "arn": item["PolicyARN"],
        "type": item.get("PolicyType"),
        "adjustment_type": item.get("AdjustmentType"),
        "min_adjustment": item.get("MinAdjustmentMagnitude"),
        "warmup": item.get("EstimatedInstanceWarmup"),
        "steps": [
            {
                "lower_bound": one.get("MetricIntervalLowerBound"),
                "upper_bound": one.get("MetricIntervalUpperBound"),
                "adjustment": one["ScalingAdjustment"],
            }
            for one in item.get("StepAdjustments") or []
        ],
    }
