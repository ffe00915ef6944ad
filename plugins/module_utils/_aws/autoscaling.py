# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls to EC2 Auto Scaling, each sent once."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._capacity.decision import (
    TAG,
    Activity,
    Capacity,
    Forget,
    Group,
    Instance,
    Keep,
    Processes,
    Step,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import NotFoundError

Json = dict[str, t.Any]

_ACTIVITIES = 50


class GroupApi:
    """One Auto Scaling group.

    :param client: a boto3 client of ``autoscaling`` that does not retry by itself.
    """

    def __init__(self, client: t.Any, group: str) -> None:
        self._client, self._group = client, group

    def read(self) -> Group:
        """DescribeAutoScalingGroups and DescribeScheduledActions.

        :raises NotFoundError: there is no group of that name.
        """
        action = f"read Auto Scaling group {self._group}"
        found = self._call(action, "describe_auto_scaling_groups", AutoScalingGroupNames=[self._group])
        if not found["AutoScalingGroups"]:
            raise NotFoundError(
                f"There is no Auto Scaling group {self._group}. Check its name, the region, and that these credentials "
                "are of the account that owns it."
            )
        scheduled = self._call(
            f"list the scheduled actions of {self._group}",
            "describe_scheduled_actions",
            AutoScalingGroupName=self._group,
        )
        return _group(found["AutoScalingGroups"][0], has_scheduled=bool(scheduled["ScheduledUpdateGroupActions"]))

    def write(self, step: Step) -> None:
        """CreateOrUpdateTags, DeleteTags, SuspendProcesses, ResumeProcesses or UpdateAutoScalingGroup."""
        action = f"change Auto Scaling group {self._group}"
        tag = {"ResourceId": self._group, "ResourceType": "auto-scaling-group", "Key": TAG}
        if isinstance(step, Keep):
            kept = {**tag, "Value": step.kept.text(), "PropagateAtLaunch": False}
            self._call(action, "create_or_update_tags", Tags=[kept])
        elif isinstance(step, Forget):
            self._call(action, "delete_tags", Tags=[tag])
        elif isinstance(step, Processes):
            operation = "suspend_processes" if step.suspend else "resume_processes"
            self._call(action, operation, AutoScalingGroupName=self._group, ScalingProcesses=list(step.names))
        else:
            capacity = step.capacity
            limits = {"MinSize": capacity.minimum, "MaxSize": capacity.maximum}
            changed = {"AutoScalingGroupName": self._group, "DesiredCapacity": capacity.desired, **limits}
            self._call(action, "update_auto_scaling_group", **changed)

    def activities(self) -> list[Activity]:
        """DescribeScalingActivities: the newest activities, newest first."""
        answer = self._call(
            f"list the scaling activities of {self._group}",
            "describe_scaling_activities",
            AutoScalingGroupName=self._group,
            MaxRecords=_ACTIVITIES,
        )
        return [
            Activity(
                one["ActivityId"], one["StatusCode"], str(one.get("StatusMessage") or one.get("Description") or "")
            )
            for one in answer["Activities"]
        ]

    def _call(self, action: str, operation: str, **parameters: t.Any) -> Json:
        with translated(action, self._client.meta.endpoint_url):
            answer = getattr(self._client, operation)(**parameters)
        return checked(action, self._client.meta.endpoint_url, operation, answer)


def _group(item: Json, *, has_scheduled: bool) -> Group:
    tags = {tag["Key"]: tag.get("Value") or "" for tag in item.get("Tags") or []}
    return Group(
        name=item["AutoScalingGroupName"],
        capacity=Capacity(item["MinSize"], item["DesiredCapacity"], item["MaxSize"]),
        suspended=frozenset(one["ProcessName"] for one in item.get("SuspendedProcesses") or []),
        tag=tags.get(TAG),
        has_scheduled=has_scheduled,
        status=item.get("Status") or "",
        instances=tuple(_instance(one) for one in item.get("Instances") or []),
        target_groups=tuple(item.get("TargetGroupARNs") or ()),
        unchecked=tuple(_unchecked(item)),
    )


def _unchecked(item: Json) -> Iterator[str]:
    """Classic Load Balancers and VPC Lattice, whose health is not read. A group that was attached by
    AttachTrafficSources lists target groups in both fields, and other sources in either field."""
    known = {*(item.get("TargetGroupARNs") or ())}
    classic = dict.fromkeys(item.get("LoadBalancerNames") or ())
    sources = item.get("TrafficSources") or ()
    classic |= dict.fromkeys(one["Identifier"] for one in sources if one.get("Type") == "elb")
    yield from (f"Classic Load Balancer {name}" for name in classic)
    for one in sources:
        if one.get("Type") != "elb" and one["Identifier"] not in known:
            yield f"{one.get('Type') or 'traffic source'} {one['Identifier']}"


def _instance(item: Json) -> Instance:
    state = item["LifecycleState"]
    in_service = state == "InService" and item["HealthStatus"].lower() == "healthy"
    return Instance(item["InstanceId"], in_service, int(item.get("WeightedCapacity") or 1), state == "Pending:Wait")
