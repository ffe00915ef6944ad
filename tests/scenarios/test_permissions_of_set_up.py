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

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.permissions_run import (
    Restricted,
    admin,
    run_module,
    statements,
)
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.test_permissions import SELDOM, only

from lab.process import RunningLab

pytestmark = pytest.mark.nightly

_MISSING = re.compile(r"not authorized to perform: ([A-Za-z0-9-]+):([A-Za-z]+)")
_OF_EC2 = re.compile(r"\(UnauthorizedOperation\) when calling the ([A-Za-z]+) operation")
REGION = "us-east-1"
OURS = {"tidegate-setup": "checkout"}
PASSWORD = "of-no-account"
#: The topic is the role's own, and not the one that the lab has already.
EXAMPLES = {
    f"arn:aws:sns:{REGION}:123456789012:checkout-failover": f"arn:aws:sns:{REGION}:123456789012:checkout-failover"
}
#: Actions that a module calls after another action was refused, so its message names these.
INSTEAD = {"sns:ListSubscriptions": "sns:ListSubscriptionsByTopic"}
#: Actions that AWS itself needs for another call, and moto does not.
ON_BEHALF = {"ec2:RunInstances", "iam:CreateServiceLinkedRole"}


@dataclass(frozen=True)
class Call:
    """A module and its options."""

    module: str
    options: Json

    def signed_in(self, restricted: Restricted) -> Json:
        """The options, with those that sign in. To the module of records a region is one of theirs."""
        left_out = "region" if self.module == "amazon.aws.route53" else ""
        return {name: value for name, value in restricted.auth.items() if name != left_out} | self.options


#: A call; what makes it, or does something else, when it is its turn.
Step = Call | Callable[[], Call | None]


def asked_for(policy: str, steps: Sequence[Step], restricted: Restricted, besides: Sequence[Json] = ()) -> set[str]:
    """Take the steps, with no permission at first. A refusal names an action of the policy, which is granted then.

    :param besides: statements of the policy that this one adds to.
    """
    wanted = {(one["Sid"], action) for one in statements(policy) for action in one["Action"]}
    granted: set[tuple[str, str]] = set()
    restricted.may([*besides, *only(policy, granted)], EXAMPLES)
    for given in steps:
        step = given if isinstance(given, Call) else given()
        while step and _refused(reported := json.dumps(run_module(step.module, **step.signed_in(restricted)))):
            missing = {one for one in wanted - granted if one[1] in _named(reported)}
            assert missing, reported
            granted |= missing
            restricted.may([*besides, *only(policy, granted)], EXAMPLES)
    return {action for _sid, action in granted}


def _named(reported: str) -> set[str]:
    """The actions that a message says are missing. SNS is in capitals; EC2 names the operation alone."""
    named = {f"{service.lower()}:{action}" for service, action in _MISSING.findall(reported)}
    return {*(INSTEAD.get(one, one) for one in named), *(f"ec2:{operation}" for operation in _OF_EC2.findall(reported))}


def _refused(reported: str) -> bool:
    found = json.loads(reported)
    assert not found.get("failed") or _named(reported), reported
    return bool(found.get("failed")) or bool(_named(reported))


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
    group_of_subnets = {"DBSubnetGroupName": "orders", "DBSubnetGroupDescription": "orders"}
    admin(aws_lab, "rds").create_db_subnet_group(**group_of_subnets, SubnetIds=subnets)
    new: Json = {"engine": "postgres", "db_instance_class": "db.t3.micro", "allocated_storage": 20, "tags": OURS}
    new["db_subnet_group_name"] = "orders"
    sign_in = {"master_username": "shop", "master_user_password": PASSWORD}
    replica = {"read_replica": True, "source_db_instance_identifier": "orders-a", "tags": OURS}

    def change() -> None:
        arn = elbv2.describe_target_groups(Names=["checkout-app"])["TargetGroups"][0]["TargetGroupArn"]
        elbv2.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/")
        autoscaling.suspend_processes(AutoScalingGroupName="checkout-standby", ScalingProcesses=["AZRebalance"])
        tag = {"ResourceId": "checkout-standby", "ResourceType": "auto-scaling-group", "Key": "tidegate-setup"}
        autoscaling.delete_tags(Tags=[tag])

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
    asked = asked_for("aws_setup_resources", steps, Restricted(aws_lab), statements("aws_setup"))
    assert asked == wanted - ON_BEHALF


def queue(name: str, **more: Any) -> Call:
    return Call("community.aws.sqs_queue", {"name": name, "tags": OURS, "purge_tags": False, **more})


def test_dns_failover_and_its_fencing_chain_need_exactly_the_actions_of_the_policy(
    aws_lab: RunningLab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", REGION)
    aws, route53 = aws_lab.info["aws"], admin(aws_lab, "route53")
    zone, address = aws["zone"]["name"], aws["sites"]["primary"]["address"]
    before = {one["Id"] for one in route53.list_health_checks()["HealthChecks"]}
    named = {"service": "checkout", "name": "checkout primary"}
    check = {**named, "type": "HTTP", "ip_address": address, "port": aws["sites"]["primary"]["port"]}

    def made() -> str:
        (found,) = {one["Id"] for one in route53.list_health_checks()["HealthChecks"]} - before
        return str(found)

    def record(state: str) -> Call:
        where = {"zone": zone, "record": f"pay.{zone}", "type": "A", "ttl": 60, "value": [address], "state": state}
        which = {"identifier": "checkout-primary", "failover": "PRIMARY", "health_check": made()}
        return Call("amazon.aws.route53", {**where, **which} | ({"overwrite": True} if state == "present" else {}))

    topic = {"name": "checkout-failover", "purge_subscriptions": False, "tags": OURS, "purge_tags": False}
    arn = f"arn:aws:sqs:{REGION}:123456789012:checkout-failover"
    chain = {"region": REGION, "topics": ["checkout-failover"], "alarms": ["checkout-primary-down"]}
    chain["queues"] = ["checkout-failover", "checkout-failover-dead"]
    seen = Call("aws_setup_info", {"places": [chain], "record": {"zone": zone, "name": f"pay.{zone}", "type": "A"}})
    down = {"name": "checkout-primary-down", "namespace": "AWS/Route53", "metric_name": "HealthCheckStatus"}
    steps: list[Step] = [
        seen,
        Call("r53_healthcheck_info", {"include_observations": False}),
        Call("r53_healthcheck", {**check, "resource_path": "/"}),
        lambda: record("present"),
        queue("checkout-failover-dead", message_retention_period=1209600),
        queue("checkout-failover", visibility_timeout=60),
        Call("community.aws.sns_topic", topic | {"subscriptions": [{"protocol": "sqs", "endpoint": arn}]}),
        alarm(**down, dimensions={"HealthCheckId": "x"}),
        seen,
        lambda: Call("r53_healthcheck", {**check, "resource_path": "/lb-check", "health_check_id": made()}),
        queue("checkout-failover", visibility_timeout=90),
        alarm(name="checkout-primary-down", state="absent"),
        Call("community.aws.sns_topic", {"name": "checkout-failover", "state": "absent"}),
        *(Call("community.aws.sqs_queue", {"name": name, "state": "absent"}) for name in chain["queues"]),
        lambda: record("absent"),
        lambda: Call("r53_healthcheck", {**named, "state": "absent", "health_check_id": made()}),
    ]
    wanted = {action for one in statements("aws_setup") for action in one["Action"]}
    assert asked_for("aws_setup", steps, Restricted(aws_lab)) == wanted - {SELDOM}
