# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The required shape of responses of AWS, by operation.

botocore turns most pages that do not come from AWS, such as a proxy's page with status 200, into an empty response. So
each response is checked for the fields that are used. Required fields are the ones that the API references guarantee.
"""

from __future__ import annotations

import typing as t
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._errors import UnexpectedAnswerError
from ansible_collections.tidegate.failover.plugins.module_utils._shape import Maybe, Shape, misfit

Json = dict[str, t.Any]

_CONFIG = {"Type": str, "ResourcePath": Maybe(str), "Disabled": Maybe(bool), "Inverted": Maybe(bool)}
_HEALTH_CHECK = {"Id": str, "HealthCheckVersion": int, "HealthCheckConfig": _CONFIG}
_TAG = {"Key": str, "Value": Maybe(str)}
_REPORT = {"Status": Maybe(str), "CheckedTime": Maybe(datetime)}
_OBSERVATION = {"Region": Maybe(str), "IPAddress": Maybe(str), "StatusReport": Maybe(_REPORT)}
_RECORD = {
    "Name": str,
    "Type": str,
    "SetIdentifier": Maybe(str),
    "Failover": Maybe(str),
    "HealthCheckId": Maybe(str),
    "AliasTarget": Maybe(dict),
    "ResourceRecords": Maybe([{"Value": str}]),
    "TTL": Maybe(int),
}
_ALARM = {"Dimensions": Maybe([{"Name": str, "Value": str}]), "AlarmActions": Maybe([str])}
_NAMED_ALARM = {
    "AlarmName": str,
    "StateValue": Maybe(str),
    "ActionsEnabled": Maybe(bool),
    "AlarmActions": Maybe([str]),
    "AlarmArn": Maybe(str),
}
_INSTANCE = {
    "DBInstanceIdentifier": str,
    "DBInstanceStatus": Maybe(str),
    "Engine": Maybe(str),
    "ReadReplicaSourceDBInstanceIdentifier": Maybe(str),
    "ReadReplicaSourceDBClusterIdentifier": Maybe(str),
    "StatusInfos": Maybe([{"StatusType": Maybe(str), "Normal": Maybe(bool), "Status": Maybe(str)}]),
}
_ACTION = {"Type": str, "TargetGroupArn": Maybe(str), "ForwardConfig": Maybe(dict)}
_LISTENER = {
    "ListenerArn": str,
    "Port": Maybe(int),
    "Protocol": Maybe(str),
    "DefaultActions": Maybe([_ACTION]),
}
_RULE = {
    "RuleArn": str,
    "Priority": str,
    "Conditions": Maybe([{"Field": str}]),
    "Actions": [_ACTION],
    "IsDefault": Maybe(bool),
}
_BALANCER = {"LoadBalancerArn": str, "LoadBalancerName": str, "Type": str, "State": Maybe({"Code": str})}
#: Such a response is empty. A response that is not from AWS has no request id in its headers.
_NOTHING = {"ResponseMetadata": {"RequestId": str}}
_CLUSTER = {
    "DBClusterIdentifier": str,
    "Status": Maybe(str),
    "DBClusterMembers": Maybe([{"DBInstanceIdentifier": str, "IsClusterWriter": Maybe(bool)}]),
}
_GLOBAL_CLUSTER = {
    "GlobalClusterIdentifier": str,
    "Status": Maybe(str),
    "GlobalClusterMembers": Maybe([{"DBClusterArn": str, "IsWriter": Maybe(bool)}]),
}
_GROUP = {
    "AutoScalingGroupName": str,
    "MinSize": int,
    "DesiredCapacity": int,
    "MaxSize": int,
    "SuspendedProcesses": Maybe([{"ProcessName": str}]),
    "Instances": Maybe([{"InstanceId": str, "LifecycleState": str, "HealthStatus": str}]),
    "TargetGroupARNs": Maybe([str]),
    "Tags": Maybe([_TAG]),
}
_ACTIVITY = {"ActivityId": str, "StatusCode": str, "StatusMessage": Maybe(str)}
_TARGET_HEALTH = {"Target": {"Id": str}, "TargetHealth": {"State": str}}

_SHAPES: dict[str, Shape] = {
    "get_health_check": {"HealthCheck": _HEALTH_CHECK},
    "update_health_check": {"HealthCheck": _HEALTH_CHECK},
    "create_health_check": {"HealthCheck": _HEALTH_CHECK},
    "delete_health_check": _NOTHING,
    "list_health_checks": {"HealthChecks": [_HEALTH_CHECK], "NextMarker": Maybe(str)},
    # The response is empty. A response that is not from AWS has no request id in its headers.
    "change_tags_for_resource": {"ResponseMetadata": Maybe({"RequestId": str})},
    "list_tags_for_resource": {"ResourceTagSet": {"ResourceId": str, "Tags": Maybe([_TAG])}},
    "list_tags_for_resources": {"ResourceTagSets": [{"ResourceId": str, "Tags": Maybe([_TAG])}]},
    "get_health_check_status": {"HealthCheckObservations": [_OBSERVATION]},
    "list_hosted_zones_by_name": {"HostedZones": [{"Id": str, "Name": str, "Config": Maybe(dict)}]},
    "list_hosted_zones": {
        "HostedZones": [{"Id": str, "Name": str, "Config": Maybe(dict)}],
        "IsTruncated": Maybe(bool),
    },
    "list_resource_record_sets": {"ResourceRecordSets": [_RECORD], "IsTruncated": Maybe(bool)},
    "change_resource_record_sets": {"ChangeInfo": {"Id": str}},
    "get_change": {"ChangeInfo": {"Status": str}},
    "describe_endpoint_group": {
        "EndpointGroup": {"EndpointGroupArn": str, "EndpointDescriptions": Maybe([{"EndpointId": str}])}
    },
    "describe_accelerator": {"Accelerator": {"Status": str}},
    "describe_alarms_for_metric": {"MetricAlarms": [_ALARM]},
    "describe_alarms": {
        "MetricAlarms": [_NAMED_ALARM],
        "CompositeAlarms": Maybe([_NAMED_ALARM]),
        "NextToken": Maybe(str),
    },
    "get_metric_statistics": {"Datapoints": [{"Maximum": (int, float), "Timestamp": datetime}]},
    "describe_db_instances": {"DBInstances": [_INSTANCE]},
    "describe_db_clusters": {"DBClusters": [_CLUSTER]},
    "describe_global_clusters": {"GlobalClusters": [_GLOBAL_CLUSTER]},
    "list_subscriptions_by_topic": {
        "Subscriptions": [{"Endpoint": Maybe(str), "Protocol": str, "SubscriptionArn": Maybe(str)}]
    },
    "enable_alarm_actions": _NOTHING,
    "publish": {"MessageId": str},
    "describe_load_balancers": {"LoadBalancers": [_BALANCER]},
    "describe_listeners": {"Listeners": [_LISTENER], "NextMarker": Maybe(str)},
    "describe_rules": {"Rules": [_RULE], "NextMarker": Maybe(str)},
    "describe_tags": {"TagDescriptions": [{"ResourceArn": str, "Tags": Maybe([_TAG])}]},
    "describe_target_groups": {"TargetGroups": [{"TargetGroupName": str, "TargetGroupArn": str}]},
    # Route 53 has an operation of the same name, with another response.
    "sns_list_tags_for_resource": {"Tags": Maybe([_TAG])},
    "get_caller_identity": {"Account": str, "Arn": str},
    "get_topic_attributes": {"Attributes": dict},
    "get_queue_url": {"QueueUrl": str},
    "list_queue_tags": {"Tags": Maybe(dict)},
    # Operations of Lambda. Other services have operations with the first two names, which are not called here.
    "get_policy": {"Policy": str},
    "list_tags": {"Tags": Maybe(dict)},
    "get_function": {"Configuration": {"FunctionName": str, "FunctionArn": str, "CodeSha256": Maybe(str)}},
    "get_role": {"Role": {"RoleName": str, "Arn": str, "Tags": Maybe([_TAG])}},
    "list_role_policies": {"PolicyNames": [str]},
    "get_role_policy": {"PolicyDocument": dict},
    "describe_log_groups": {"logGroups": [{"logGroupName": str, "retentionInDays": Maybe(int)}]},
    "list_tags_log_group": {"tags": Maybe(dict)},
    "describe_policies": {"ScalingPolicies": [{"PolicyName": str, "PolicyARN": str}]},
    "describe_account_limits": {"Limits": [{"Name": str, "Max": Maybe(str)}], "NextMarker": Maybe(str)},
    "create_rule": {"Rules": [_RULE]},
    "modify_rule": {"Rules": [_RULE]},
    "set_rule_priorities": {"Rules": [_RULE]},
    "delete_rule": _NOTHING,
    "add_tags": _NOTHING,
    "remove_tags": _NOTHING,
    "get_routing_control_state": {"RoutingControlState": str, "RoutingControlName": Maybe(str)},
    # As above, the response is empty.
    "update_routing_control_states": {"ResponseMetadata": Maybe({"RequestId": str})},
    "describe_cluster": {"Cluster": {"ClusterEndpoints": [{"Endpoint": str, "Region": str}]}},
    "describe_auto_scaling_groups": {"AutoScalingGroups": [_GROUP]},
    "describe_scheduled_actions": {"ScheduledUpdateGroupActions": [dict]},
    "describe_scaling_activities": {"Activities": [_ACTIVITY]},
    "describe_target_health": {"TargetHealthDescriptions": [_TARGET_HEALTH]},
}
#: The fields of an incomplete response that name the start of the next page.
_NEXT: dict[str, Shape] = {
    "list_health_checks": {"NextMarker": str},
    "list_hosted_zones": {"NextMarker": str},
    "list_resource_record_sets": {"NextRecordName": str, "NextRecordType": str},
}


def checked(action: str, endpoint: str, operation: str, answer: t.Any) -> Json:
    """The response, if it has the required shape for this operation.

    :param action: what was tried, to follow "Cannot".
    :param operation: its name in boto3.
    :raises UnexpectedAnswerError: the response has another shape.
    """
    found = misfit(answer, _SHAPES.get(operation, dict))
    if not found and answer.get("IsTruncated"):
        found = misfit(answer, _NEXT.get(operation, dict))
    if found:
        raise UnexpectedAnswerError(action, endpoint, "AWS", found, "endpoint_url")
    return t.cast(Json, answer)
