# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The modules that the role aws_setup runs ask for exactly the actions of its policies, each refused once before.

The role itself would have to run once for each action. So its modules run here, with the options that its tasks give
them, and each goes on where it was refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.tidegate.failover.tests.scenarios.permissions_run import (
    Restricted,
    admin,
    run_module,
    statements,
)
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.test_permissions import only

from lab.process import RunningLab

_MISSING = re.compile(r"not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)")
_OF_EC2 = re.compile(r"\(UnauthorizedOperation\) when calling the ([A-Za-z]+) operation")
REGION = "us-east-1"
OURS = {"tidegate-setup": "checkout"}
PASSWORD = "of-no-account"
#: What AWS itself asks for while it carries out another call, which moto does not.
ON_BEHALF = {"ec2:RunInstances", "iam:CreateServiceLinkedRole"}


@dataclass(frozen=True)
class Call:
    """A module and its options."""

    module: str
    options: Json


Step = Call | Callable[[], Any]


def asked_for(policy: str, steps: Sequence[Step], restricted: Restricted, examples: dict[str, str]) -> set[str]:
    """Take the steps, with no permission at first. A refusal names an action of the policy, which is granted then."""
    wanted = {(one["Sid"], action) for one in statements(policy) for action in one["Action"]}
    granted: set[tuple[str, str]] = set()
    restricted.may(only(policy, granted), examples)
    for step in steps:
        if not isinstance(step, Call):
            step()
            continue
        while _refused(told := json.dumps(run_module(step.module, **{**restricted.auth, **step.options}))):
            missing = {one for one in wanted - granted if one[1] in _named(told)}
            assert missing, told
            granted |= missing
            restricted.may(only(policy, granted), examples)
    return {action for _sid, action in granted}


def _named(told: str) -> set[str]:
    """The actions that a message says are missing. EC2 names the operation alone."""
    return {*_MISSING.findall(told), *(f"ec2:{operation}" for operation in _OF_EC2.findall(told))}


def _refused(told: str) -> bool:
    found = json.loads(told)
    assert not found.get("failed") or _named(told), told
    return bool(found.get("failed")) or bool(_named(told))


def target_group(vpc: str, **more: Any) -> Call:
    health = {"path": "/up", "interval": 10, "timeout": 5, "port": "traffic-port", "protocol": "http"}
    options = {f"health_check_{name}": value for name, value in health.items()}
    named = {"name": "checkout-app", "state": "present", "protocol": "http", "port": 8080, "vpc_id": vpc}
    kept = {"modify_targets": False, "tags": OURS, "purge_tags": False, "target_type": "instance"}
    return Call("community.aws.elb_target_group", {**named, **options, **kept, **more})


def database(name: str, **more: Any) -> Call:
    options = {"db_instance_identifier": name, "state": "present", "purge_tags": False, "wait": False}
    return Call("amazon.aws.rds_instance", {**options, **more})


def group(targets: list[str], **more: Any) -> Call:
    sizes = {"min_size": 0, "max_size": 2, "desired_capacity": 0, "default_cooldown": 300}
    health = {"health_check_type": "ELB", "health_check_period": 300, "metrics_collection": True}
    tag = {"tags": [{**OURS, "propagate_at_launch": False}], "wait_for_instances": False, "suspend_processes": []}
    where = {"launch_template": {"launch_template_name": "shop"}, "availability_zones": [f"{REGION}a", f"{REGION}b"]}
    options = {"name": "checkout-standby", "state": "present", "target_group_arns": targets}
    return Call("amazon.aws.autoscaling_group", {**options, **sizes, **health, **tag, **where, **more})


def alarm(**more: Any) -> Call:
    rule = {"statistic": "Maximum", "comparison": "GreaterThanThreshold", "threshold": 0, "evaluation_periods": 1}
    what = {"namespace": "AWS/RDS", "metric_name": "ReplicaLag", "dimensions": {"DBInstanceIdentifier": "orders-b"}}
    options = {"name": "checkout-lag", "state": "present", "period": 60, "treat_missing_data": "notBreaching"}
    return Call("amazon.aws.cloudwatch_metric_alarm", {**options, **rule, **what, **more})


def test_what_sites_consist_of_needs_exactly_the_actions_of_the_policies(aws_lab: RunningLab) -> None:
    ec2, elbv2, autoscaling = (admin(aws_lab, name) for name in ("ec2", "elbv2", "autoscaling"))
    vpc = str(ec2.describe_vpcs()["Vpcs"][0]["VpcId"])
    image = {"ImageId": ec2.describe_images()["Images"][0]["ImageId"], "InstanceType": "t3.micro"}
    ec2.create_launch_template(LaunchTemplateName="shop", LaunchTemplateData=image)
    subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]][:2]
    elbv2.create_load_balancer(Name="shop", Subnets=subnets, Type="application")
    made: Json = {"Protocol": "HTTP", "Port": 8080, "VpcId": vpc}
    (other,) = elbv2.create_target_group(Name="other", **made)["TargetGroups"]
    place = {"region": REGION, "target_groups": ["checkout-app"], "load_balancers": ["shop"]}
    place |= {"databases": ["orders-a", "orders-b"], "groups": ["checkout-standby"]}
    new = {"engine": "postgres", "db_instance_class": "db.t3.micro", "allocated_storage": 20, "tags": OURS}
    sign_in = {"master_username": "shop", "master_user_password": PASSWORD}
    replica = {"read_replica": True, "source_db_instance_identifier": "orders-a", "tags": OURS}

    def change() -> None:
        arn = elbv2.describe_target_groups(Names=["checkout-app"])["TargetGroups"][0]["TargetGroupArn"]
        elbv2.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/")
        autoscaling.suspend_processes(AutoScalingGroupName="checkout-standby", ScalingProcesses=["AZRebalance"])

    policy = {"name": "checkout-failover", "asg_name": "checkout-standby", "policy_type": "StepScaling"}
    steps: list[Step] = [
        Call("aws_setup_info", {"places": [place]}),
        target_group(vpc),
        database("orders-a", **new, **sign_in),
        database("orders-b", **replica),
        group([other["TargetGroupArn"]]),
        Call(
            "community.aws.autoscaling_policy",
            policy
            | {"state": "present", "adjustment_type": "ExactCapacity", "estimated_instance_warmup": 60}
            | {"step_adjustments": [{"lower_bound": 0, "scaling_adjustment": 2}]},
        ),
        alarm(),
        change,
        Call("aws_setup_info", {"places": [place]}),
        target_group(vpc),
        database("orders-a", multi_az=True, apply_immediately=True),
        group([], max_size=4),
        group([other["TargetGroupArn"]], suspend_processes=["AZRebalance"]),
        alarm(state="absent"),
        Call("amazon.aws.autoscaling_group", {"name": "checkout-standby", "state": "absent"}),
        database("orders-b", state="absent", skip_final_snapshot=True),
        Call("community.aws.elb_target_group", {"name": "checkout-app", "state": "absent"}),
    ]
    wanted = {action for one in statements("aws_setup_resources") for action in one["Action"]}
    assert asked_for("aws_setup_resources", steps, Restricted(aws_lab), {}) == wanted - ON_BEHALF
