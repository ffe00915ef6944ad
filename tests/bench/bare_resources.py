# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A program on bare boto3 that moves one resource: it reads, writes, and polls until the resource has moved.

It decides nothing, checks nothing and retries nothing. For the way back it keeps only the capacity.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import boto3

Clients = Callable[..., Any]
Json = dict[str, Any]
#: As often as the modules poll.
_RDS, _SCALING, _NAMES, _ACCELERATOR = 2.0, 5.0, 2.0, 2.0


def main() -> None:
    """Move one resource to the secondary site."""
    parser = argparse.ArgumentParser()
    for name in ("--endpoint_url", "--access_key", "--secret_key", "--region"):
        parser.add_argument(name, required=True)
    parser.add_argument("step", choices=sorted(_STEPS))
    parser.add_argument("target", type=json.loads, help="as the module takes it, as JSON")
    options = parser.parse_args()

    def client(service: str, **other: str) -> Any:
        place = {"endpoint_url": options.endpoint_url, "region_name": options.region} | other
        keys = {"aws_access_key_id": options.access_key, "aws_secret_access_key": options.secret_key}
        return boto3.client(service, **place, **keys)

    _STEPS[options.step](client, options.target)


def _rds(client: Clients, target: Json) -> None:
    rds, name, wanted = client("rds"), target["instance"], target["writer"]["secondary"]

    def is_there() -> bool:
        (found,) = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        return bool(found["AvailabilityZone"] == wanted and found["DBInstanceStatus"] == "available")

    if not is_there():
        rds.reboot_db_instance(DBInstanceIdentifier=name, ForceFailover=True)
        _wait(is_there, _RDS)


def _autoscaling(client: Clients, target: Json) -> None:
    scaling, name, capacity = client("autoscaling"), target["group"], target["capacity"]

    def group() -> Json:
        found = scaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return dict(found[0])

    def is_there() -> bool:
        states = [one["LifecycleState"] for one in group()["Instances"]]
        return bool(states.count("InService") >= capacity["desired"])

    kept = json.dumps([group()[field] for field in ("MinSize", "DesiredCapacity", "MaxSize")])
    tag = {"ResourceId": name, "ResourceType": "auto-scaling-group", "Key": "capacity-before", "Value": kept}
    scaling.create_or_update_tags(Tags=[{**tag, "PropagateAtLaunch": False}])
    scaling.update_auto_scaling_group(
        AutoScalingGroupName=name, MinSize=capacity["min"], DesiredCapacity=capacity["desired"]
    )
    _wait(is_there, _SCALING)


def _alb(client: Clients, target: Json) -> None:
    elbv2, arn, weights = client("elbv2"), target["listener_arn"], target["weights"]["secondary"]
    (listener,) = elbv2.describe_listeners(ListenerArns=[arn])["Listeners"]
    for group in (group for group, weight in weights.items() if weight):
        elbv2.describe_target_health(TargetGroupArn=group)
    groups = [{"TargetGroupArn": group, "Weight": weight} for group, weight in weights.items()]
    forward = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    elbv2.modify_listener(ListenerArn=arn, DefaultActions=[*listener["DefaultActions"][:-1], forward])
    elbv2.describe_listeners(ListenerArns=[arn])


def _dns(client: Clients, target: Json) -> None:
    route53, name, kind = client("route53"), target["name"], target["type"]
    zone = route53.list_hosted_zones_by_name(DNSName=target["zone"], MaxItems="1")["HostedZones"][0]["Id"]
    found = route53.list_resource_record_sets(HostedZoneId=zone, StartRecordName=name, StartRecordType=kind)
    old = next(one for one in found["ResourceRecordSets"] if one["Name"] == f"{name}.")
    new = {**old, "ResourceRecords": [{"Value": value} for value in target["secondary"]["values"]]}
    changes = [{"Action": "DELETE", "ResourceRecordSet": old}, {"Action": "CREATE", "ResourceRecordSet": new}]
    change = route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": changes})["ChangeInfo"][
        "Id"
    ]
    _wait(lambda: bool(route53.get_change(Id=change)["ChangeInfo"]["Status"] == "INSYNC"), _NAMES)


def _global_accelerator(client: Clients, target: Json) -> None:
    accelerators = client("globalaccelerator", region_name="us-west-2")
    group, other = (target[site]["endpoint_group_arn"] for site in ("primary", "secondary"))
    accelerator = group.partition("/listener/")[0]
    for arn in (group, other):
        accelerators.describe_endpoint_group(EndpointGroupArn=arn)
    accelerators.update_endpoint_group(EndpointGroupArn=group, TrafficDialPercentage=0)

    def is_there() -> bool:
        return bool(
            accelerators.describe_accelerator(AcceleratorArn=accelerator)["Accelerator"]["Status"] == "DEPLOYED"
        )

    _wait(is_there, _ACCELERATOR)


def _routing_control(client: Clients, target: Json) -> None:
    endpoint = target["cluster_endpoints"][0]
    cluster = client("route53-recovery-cluster", endpoint_url=endpoint["endpoint"], region_name=endpoint["region"])
    arns = [*target["routing_control_arns"], *target["other_routing_control_arns"]]
    for arn in arns:
        cluster.get_routing_control_state(RoutingControlArn=arn)
    off = [{"RoutingControlArn": arn, "RoutingControlState": "Off"} for arn in target["routing_control_arns"]]
    cluster.update_routing_control_states(UpdateRoutingControlStateEntries=off)
    for arn in arns:
        cluster.get_routing_control_state(RoutingControlArn=arn)


def _wait(is_there: Callable[[], bool], seconds: float) -> None:
    while not is_there():
        time.sleep(seconds)


_STEPS: Mapping[str, Callable[[Clients, Json], None]] = {
    "rds": _rds,
    "autoscaling": _autoscaling,
    "alb": _alb,
    "dns": _dns,
    "global_accelerator": _global_accelerator,
    "routing_control": _routing_control,
}

if __name__ == "__main__":
    main()
