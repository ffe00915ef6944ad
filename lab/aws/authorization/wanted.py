# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The permissions that a call needs: its action, its resources, and the values of condition keys. Pure.

Source: the Service Authorization Reference, "Actions, resources, and condition keys" of each service. An action that is
not named here has no resource, so only a statement on ``*`` allows it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.aws.authorization.policy import Values, Wanted

Parameters = Mapping[str, Any]

#: Services whose name in policies differs from their name in the SDK.
_PREFIXES = {"elbv2": "elasticloadbalancing"}


@dataclass(frozen=True)
class Place:
    """Where a call was made: the account, and the Region of its signature."""

    account: str
    region: str

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource in this account and Region."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"


Found = Sequence[tuple[str, Values]]
Find = Callable[[Parameters, Place], Found]


def wanted(service: str, operation: str, parameters: Parameters, place: Place) -> list[Wanted]:
    """All permissions that a call needs."""
    prefix = _PREFIXES.get(service, service)
    find = _RESOURCES.get(service, {}).get(operation)
    found = find(parameters, place) if find is not None else []
    asked = [Wanted(f"{prefix}:{operation}", resource, context) for resource, context in found or [("*", {})]]
    return asked + _dependent(operation, parameters, place, prefix)


def _dependent(operation: str, parameters: Parameters, place: Place, prefix: str) -> list[Wanted]:
    """Further actions that an operation needs, such as the action for the tags of a new resource."""
    tags = parameters.get("Tags")
    if prefix == "elasticloadbalancing" and operation == "CreateRule" and tags:
        rule = f"{parameters['ListenerArn'].replace(':listener/', ':listener-rule/')}/*"
        return [Wanted("elasticloadbalancing:AddTags", rule, {"elasticloadbalancing:CreateAction": [operation]})]
    if prefix == "rds" and operation == "CreateDBInstanceReadReplica" and tags:
        return [Wanted("rds:AddTagsToResource", place.arn("rds", f"db:{parameters['DBInstanceIdentifier']}"))]
    if prefix == "lambda" and operation in ("CreateFunction", "UpdateFunctionConfiguration") and parameters.get("Role"):
        context = {"iam:PassedToService": ["lambda.amazonaws.com"]}
        return [Wanted("iam:PassRole", str(parameters["Role"]), context), *_tagged_function(parameters, place)]
    if prefix == "iam" and operation == "CreateRole" and tags:
        return [Wanted("iam:TagRole", _role_arn(parameters, place))]
    if prefix == "logs" and operation == "CreateLogGroup" and parameters.get("tags"):
        return [Wanted("logs:TagResource", place.arn("logs", f"log-group:{parameters['logGroupName']}"))]
    if prefix == "sns" and operation == "CreateTopic" and tags:
        return [Wanted("sns:TagResource", place.arn("sns", str(parameters["Name"])))]
    if prefix == "sqs" and operation == "CreateQueue" and parameters.get("tags"):
        return [Wanted("sqs:TagQueue", place.arn("sqs", str(parameters["QueueName"])))]
    return []


def _tagged_function(parameters: Parameters, place: Place) -> list[Wanted]:
    if not parameters.get("Tags"):
        return []
    return [Wanted("lambda:TagResource", place.arn("lambda", f"function:{parameters['FunctionName']}"))]


def _role_arn(parameters: Parameters, place: Place) -> str:
    return f"arn:aws:iam::{place.account}:role/{parameters['RoleName']}"


def _role(parameters: Parameters, place: Place) -> Found:
    return _plain([_role_arn(parameters, place)])


def _plain(resources: Sequence[str]) -> Found:
    return [(resource, {}) for resource in resources]


def _arns(*names: str) -> Find:
    """Parameters that are ARNs, or lists of them."""

    def find(parameters: Parameters, _place: Place) -> Found:
        values = [parameters[name] for name in names if parameters.get(name)]
        return _plain([arn for value in values for arn in (value if isinstance(value, list) else [value])])

    return find


def _each(listed: str, name: str) -> Find:
    """A list of objects, each of which names an ARN."""
    return lambda parameters, _place: _plain([one[name] for one in parameters.get(listed) or []])


def _route53(kind: str, name: str) -> Find:
    return lambda parameters, _place: _plain([f"arn:aws:route53:::{kind}/{_last(parameters[name])}"])


def _last(identifier: str) -> str:
    return identifier.rstrip("/").rpartition("/")[2]


def _tagged(parameters: Parameters, _place: Place) -> Found:
    identifiers = parameters.get("ResourceIds") or [parameters["ResourceId"]]
    return _plain([f"arn:aws:route53:::{parameters['ResourceType']}/{_last(one)}" for one in identifiers])


def _records(parameters: Parameters, _place: Place) -> Found:
    changes = parameters["ChangeBatch"]["Changes"]
    sets = [change["ResourceRecordSet"] for change in changes]
    context = {
        "route53:ChangeResourceRecordSetsNormalizedRecordNames": [one["Name"].lower().rstrip(".") for one in sets],
        "route53:ChangeResourceRecordSetsRecordTypes": [one["Type"] for one in sets],
        "route53:ChangeResourceRecordSetsActions": [change["Action"] for change in changes],
    }
    return [(f"arn:aws:route53:::hostedzone/{_last(parameters['HostedZoneId'])}", context)]


def _named(service: str, kind: str, *names: str) -> Find:
    """Names, or lists of names, in this account and Region. An ARN is used unchanged."""

    def find(parameters: Parameters, place: Place) -> Found:
        values = [parameters[name] for name in names if parameters.get(name)]
        found = [str(one) for value in values for one in (value if isinstance(value, list) else [value])]
        return _plain([one if one.startswith("arn:") else place.arn(service, f"{kind}{one}") for one in found])

    return find


def _queue(parameters: Parameters, place: Place) -> Found:
    return _plain([place.arn("sqs", str(parameters.get("QueueName") or _last(parameters["QueueUrl"])))])


def _group(parameters: Parameters, place: Place) -> Found:
    names = [parameters.get("AutoScalingGroupName"), *(tag["ResourceId"] for tag in parameters.get("Tags") or [])]
    # The part between is a UUID, which authors of policies cannot know.
    found = [place.arn("autoscaling", f"autoScalingGroup:0fa1:autoScalingGroupName/{name}") for name in names if name]
    return _plain(list(dict.fromkeys(found)))


def _global_cluster(parameters: Parameters, place: Place) -> Found:
    name = parameters.get("GlobalClusterIdentifier")
    return _plain([f"arn:aws:rds::{place.account}:global-cluster:{name or '*'}"])


def _moved_cluster(parameters: Parameters, place: Place) -> Found:
    return [*_global_cluster(parameters, place), *_plain([parameters["TargetDbClusterIdentifier"]])]


def _new_replica(parameters: Parameters, place: Place) -> Found:
    instances = _named("rds", "db:", "DBInstanceIdentifier", "SourceDBInstanceIdentifier")(parameters, place)
    others = [
        *_named("rds", "subgrp:", "DBSubnetGroupName")(parameters, place),
        *_named("rds", "pg:", "DBParameterGroupName")(parameters, place),
    ]
    return [*instances, *others]


def _new_target_group(parameters: Parameters, place: Place) -> Found:
    # The last part is an id, which AWS creates.
    return _plain([place.arn("elasticloadbalancing", f"targetgroup/{parameters['Name']}/0fa1")])


def _routing_controls(parameters: Parameters, _place: Place) -> Found:
    overrides = str(bool(parameters.get("SafetyRulesToOverride"))).lower()
    context = {"route53-recovery-cluster:AllowSafetyRulesOverrides": [overrides]}
    entries = parameters.get("UpdateRoutingControlStateEntries") or [parameters]
    return [(entry["RoutingControlArn"], context) for entry in entries]


def _log_stream(parameters: Parameters, place: Place) -> Found:
    group, stream = parameters["logGroupName"], parameters["logStreamName"]
    return _plain([place.arn("logs", f"log-group:{group}:log-stream:{stream}")])


def _all(find: Find, *operations: str) -> dict[str, Find]:
    return dict.fromkeys(operations, find)


_RESOURCES: Mapping[str, Mapping[str, Find]] = {
    "route53": {
        **_all(
            _route53("healthcheck", "HealthCheckId"),
            *("GetHealthCheck", "UpdateHealthCheck", "DeleteHealthCheck", "GetHealthCheckStatus"),
        ),
        **_all(_tagged, "ListTagsForResource", "ListTagsForResources", "ChangeTagsForResource"),
        "ListResourceRecordSets": _route53("hostedzone", "HostedZoneId"),
        "ChangeResourceRecordSets": _records,
        "GetHostedZone": _route53("hostedzone", "Id"),
        "GetChange": _route53("change", "Id"),
    },
    "cloudwatch": {
        # For any names, because some of them may be composite alarms (API reference, DescribeAlarms).
        "DescribeAlarms": lambda _parameters, place: _plain([place.arn("cloudwatch", "alarm:*")]),
        "PutMetricAlarm": _named("cloudwatch", "alarm:", "AlarmName"),
        **_all(
            _named("cloudwatch", "alarm:", "AlarmNames"),
            *("DeleteAlarms", "EnableAlarmActions", "DisableAlarmActions"),
        ),
        "ListTagsForResource": _arns("ResourceARN"),
    },
    "sns": {
        **_all(
            _arns("TopicArn"),
            *("Publish", "GetTopicAttributes", "SetTopicAttributes", "ListSubscriptionsByTopic", "Subscribe"),
            "DeleteTopic",
        ),
        **_all(_arns("ResourceArn"), "ListTagsForResource", "TagResource", "UntagResource"),
        "CreateTopic": _named("sns", "", "Name"),
    },
    "sqs": _all(
        _queue,
        *("ReceiveMessage", "DeleteMessage", "GetQueueUrl", "GetQueueAttributes", "ListQueueTags", "CreateQueue"),
        *("TagQueue", "UntagQueue", "SetQueueAttributes", "DeleteQueue", "SendMessage"),
    ),
    "autoscaling": _all(
        _group,
        *("UpdateAutoScalingGroup", "SuspendProcesses", "ResumeProcesses", "CreateOrUpdateTags", "DeleteTags"),
        *("CreateAutoScalingGroup", "DeleteAutoScalingGroup", "PutScalingPolicy", "EnableMetricsCollection"),
        *("AttachLoadBalancerTargetGroups", "DetachLoadBalancerTargetGroups"),
    ),
    "elbv2": {
        **_all(_arns("ListenerArn"), "CreateRule", "ModifyListener"),
        **_all(_arns("RuleArn"), "ModifyRule", "DeleteRule"),
        **_all(_arns("ResourceArns"), "AddTags", "RemoveTags"),
        "CreateTargetGroup": _new_target_group,
        **_all(_arns("TargetGroupArn"), "ModifyTargetGroup", "ModifyTargetGroupAttributes", "DeleteTargetGroup"),
        "SetRulePriorities": _each("RulePriorities", "RuleArn"),
    },
    "rds": {
        **_all(
            _named("rds", "db:", "DBInstanceIdentifier"),
            *("DescribeDBInstances", "PromoteReadReplica", "RebootDBInstance", "DeleteDBInstance"),
        ),
        **_all(_named("rds", "cluster:", "DBClusterIdentifier"), "DescribeDBClusters", "FailoverDBCluster"),
        "DescribeGlobalClusters": _global_cluster,
        **_all(_moved_cluster, "SwitchoverGlobalCluster", "FailoverGlobalCluster"),
        **_all(_arns("ResourceName"), "AddTagsToResource", "ListTagsForResource"),
        **_all(_new_replica, "CreateDBInstance", "ModifyDBInstance"),
        "CreateDBInstanceReadReplica": _new_replica,
    },
    "globalaccelerator": {
        **_all(
            _arns("EndpointGroupArn"),
            *("DescribeEndpointGroup", "UpdateEndpointGroup", "AddEndpoints", "RemoveEndpoints"),
        ),
        "DescribeAccelerator": _arns("AcceleratorArn"),
    },
    "route53-recovery-cluster": {
        "GetRoutingControlState": _arns("RoutingControlArn"),
        **_all(_routing_controls, "UpdateRoutingControlState", "UpdateRoutingControlStates"),
    },
    "route53-recovery-control-config": {"DescribeCluster": _arns("ClusterArn")},
    "logs": {
        **_all(_log_stream, "CreateLogStream", "PutLogEvents"),
        **_all(
            _named("logs", "log-group:", "logGroupName"),
            *("CreateLogGroup", "DeleteLogGroup", "PutRetentionPolicy", "ListTagsLogGroup", "TagLogGroup"),
        ),
        "DescribeLogGroups": lambda _parameters, place: _plain([place.arn("logs", "log-group:*")]),
    },
    "lambda": {
        **_all(
            _named("lambda", "function:", "FunctionName"),
            *("CreateFunction", "GetFunction", "GetFunctionConfiguration", "UpdateFunctionCode", "GetPolicy"),
            *("UpdateFunctionConfiguration", "DeleteFunction", "AddPermission", "RemovePermission"),
        ),
        **_all(_arns("Resource"), "ListTags", "TagResource", "UntagResource"),
    },
    "iam": _all(
        _role,
        *("CreateRole", "GetRole", "UpdateAssumeRolePolicy", "UpdateRole", "TagRole", "DeleteRole", "PutRolePolicy"),
        *("GetRolePolicy", "ListRolePolicies", "DeleteRolePolicy", "ListAttachedRolePolicies"),
        "ListInstanceProfilesForRole",
    ),
}
