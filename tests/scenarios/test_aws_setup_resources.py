# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What sites consist of, made beside DNS failover, left as a failover has moved it, and removed without a trace."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from ansible_collections.tidegate.failover.tests.scenarios.aws_setup_run import SetUp, fencing_variables
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually

from lab.process import RunningLab

HOME, AWAY = "us-east-1", "eu-central-1"
OURS = {"Key": "tidegate-setup", "Value": "checkout"}
PASSWORD = "correct-horse-battery"


class Sites:
    """Clients of both Regions, and what the test has to bring along."""

    def __init__(self, account: Account) -> None:
        self._account = account
        ec2 = self.client("ec2")
        self.vpc = str(ec2.describe_vpcs()["Vpcs"][0]["VpcId"])
        image = ec2.describe_images()["Images"][0]["ImageId"]
        data = {"ImageId": image, "InstanceType": "t3.micro"}
        ec2.create_launch_template(LaunchTemplateName="shop", LaunchTemplateData=data)
        subnets = [one["SubnetId"] for one in ec2.describe_subnets()["Subnets"]][:2]
        elbv2 = self.client("elbv2")
        made = elbv2.create_load_balancer(Name="shop", Subnets=subnets, Type="application")["LoadBalancers"][0]
        self.balancer = str(made["LoadBalancerArn"])

    def client(self, service: str, region: str = HOME) -> Any:
        auth = self._account.auth
        keys = {"aws_access_key_id": auth["access_key"], "aws_secret_access_key": auth["secret_key"]}
        return boto3.client(service, endpoint_url=auth["endpoint_url"], region_name=region, **keys)

    def database(self, name: str, region: str = HOME) -> Json:
        (found,) = self.client("rds", region).describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        return dict(found)

    def group(self) -> Json:
        named = {"AutoScalingGroupNames": ["shop"]}
        (found,) = self.client("autoscaling").describe_auto_scaling_groups(**named)["AutoScalingGroups"]
        return dict(found)

    def names(self) -> dict[str, set[str]]:
        """Everything that the role can make."""
        elbv2, autoscaling = self.client("elbv2"), self.client("autoscaling")
        alarms = [
            one
            for region in (HOME, AWAY)
            for one in self.client("cloudwatch", region).describe_alarms()["MetricAlarms"]
        ]
        databases = [
            one for region in (HOME, AWAY) for one in self.client("rds", region).describe_db_instances()["DBInstances"]
        ]
        return {
            "target groups": {one["TargetGroupName"] for one in elbv2.describe_target_groups()["TargetGroups"]},
            "groups": {
                one["AutoScalingGroupName"] for one in autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
            },
            "policies": {one["PolicyName"] for one in autoscaling.describe_policies()["ScalingPolicies"]},
            "databases": {one["DBInstanceIdentifier"] for one in databases},
            "alarms": {one["AlarmName"] for one in alarms},
        }


@pytest.fixture
def account(aws_lab: RunningLab) -> Account:
    return Account(aws_lab)


@pytest.fixture
def sites(account: Account) -> Sites:
    return Sites(account)


@pytest.fixture
def service(account: Account, sites: Sites) -> Json:
    create = {"engine": "postgres", "instance_class": "db.t3.micro", "allocated_storage": 20, "username": "shop"}
    return fencing_variables(account) | {
        "aws_setup_notify": [f"arn:aws:sns:{HOME}:123456789012:operators"],
        "aws_setup_target_groups": [
            {
                "name": "shop",
                "vpc_id": sites.vpc,
                "port": 8080,
                "load_balancer": "shop",
                "health_check": {"path": "/up"},
            }
        ],
        "aws_setup_databases": [
            {
                "identifier": "shop",
                "multi_az": True,
                "alarms": {"cpu": 0, "free_storage": 0},
                "create": {**create, "password": PASSWORD},
                "replicas": [
                    {"identifier": "shop-b", "availability_zone": f"{HOME}b"},
                    {"identifier": "shop-away", "region": AWAY, "instance_class": "db.t3.micro"},
                ],
            }
        ],
        "aws_setup_capacity": [
            {
                "group": "shop",
                "launch_template": {"name": "shop"},
                "zones": [f"{HOME}a", f"{HOME}b"],
                "target_groups": ["shop"],
                "min": 1,
                "max": 4,
            }
        ],
    }


@pytest.fixture
def set_up(playbooks: Playbooks, service: Json) -> SetUp:
    return SetUp(playbooks, service)


def test_from_nothing_to_two_sites_and_back(aws_lab: RunningLab, sites: Sites, set_up: SetUp) -> None:
    before = sites.names()
    aws_lab.control("DELETE", "/requests")
    predicted = set_up.succeeds("--check", "--diff")
    assert aws_lab.writes() == []
    assert "replica shop-away of shop: it does not exist" in predicted

    assert PASSWORD not in set_up.succeeds("-v")
    after = sites.names()
    assert {kind: after[kind] - before[kind] for kind in after} == {
        "target groups": {"shop"},
        "groups": {"shop"},
        "policies": {"checkout-failover"},
        "databases": {"shop", "shop-b", "shop-away"},
        "alarms": {
            "checkout-primary-down",
            "checkout-shop-unhealthy-hosts",
            "checkout-shop-failover-load",
            "checkout-shop-capacity",
            "checkout-shop-b-replica-lag",
            "checkout-shop-away-replica-lag",
        },
    }
    check_what_was_made(sites)

    aws_lab.control("DELETE", "/requests")
    assert "changed=0" in set_up.succeeds()
    assert aws_lab.writes() == []

    change_something(sites)
    set_up.succeeds()
    group = sites.group()
    assert (group["MaxSize"], group["DesiredCapacity"], group["DefaultCooldown"]) == (4, 3, 77)
    assert [one["ProcessName"] for one in group["SuspendedProcesses"]] == ["AZRebalance"]
    assert sites.client("elbv2").describe_target_groups(Names=["shop"])["TargetGroups"][0]["HealthCheckPath"] == "/up"

    fail_over(sites)
    aws_lab.control("DELETE", "/requests")
    reported = set_up.succeeds()
    assert "has been scaled for a failover" in reported
    assert "'shop-away' has been promoted" in reported
    refused = set_up("-e", "aws_setup_state=absent").failures()["checkout"]
    assert "terminates no instances" in refused
    assert aws_lab.writes() == []

    sites.client("autoscaling").update_auto_scaling_group(AutoScalingGroupName="shop", MinSize=0, DesiredCapacity=0)
    reported = set_up.succeeds("-e", "aws_setup_state=absent")
    assert "This role deletes no database that is no replica" in reported
    left = sites.names()
    # The promoted replica has the data by now.
    assert left.pop("databases") == before.pop("databases") | {"shop", "shop-away"}
    assert left == before


def check_what_was_made(sites: Sites) -> None:
    shop, away, group = sites.database("shop"), sites.database("shop-away", AWAY), sites.group()
    assert shop["MultiAZ"]
    assert away["ReadReplicaSourceDBInstanceIdentifier"].endswith(":db:shop")
    assert (group["HealthCheckType"], group["MinSize"], group["MaxSize"]) == ("ELB", 1, 4)
    assert group["AvailabilityZones"] == [f"{HOME}a", f"{HOME}b"]
    found = {one["AlarmName"]: one for one in sites.client("cloudwatch").describe_alarms()["MetricAlarms"]}
    made = sites.client("elbv2").describe_target_groups(Names=["shop"])["TargetGroups"][0]
    unhealthy = found["checkout-shop-unhealthy-hosts"]
    assert {one["Name"]: one["Value"] for one in unhealthy["Dimensions"]} == {
        "TargetGroup": made["TargetGroupArn"].rpartition(":")[2],
        "LoadBalancer": sites.balancer.partition("loadbalancer/")[2],
    }
    assert unhealthy["AlarmActions"] == [f"arn:aws:sns:{HOME}:123456789012:operators"]
    (policy,) = sites.client("autoscaling").describe_policies(AutoScalingGroupName="shop")["ScalingPolicies"]
    assert policy["PolicyARN"] in found["checkout-shop-failover-load"]["AlarmActions"]
    # A topic of another Region would be refused by CloudWatch.
    elsewhere = sites.client("cloudwatch", AWAY).describe_alarms()["MetricAlarms"]
    assert [one["AlarmActions"] for one in elsewhere] == [[]]


def change_something(sites: Sites) -> None:
    """What the role corrects, and beside it what it must not reset."""
    autoscaling, elbv2 = sites.client("autoscaling"), sites.client("elbv2")
    arn = elbv2.describe_target_groups(Names=["shop"])["TargetGroups"][0]["TargetGroupArn"]
    elbv2.modify_target_group(TargetGroupArn=arn, HealthCheckPath="/")
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="shop", MaxSize=9, DesiredCapacity=3, DefaultCooldown=77)
    autoscaling.suspend_processes(AutoScalingGroupName="shop", ScalingProcesses=["AZRebalance"])


def fail_over(sites: Sites) -> None:
    """What the steps of a failover leave behind."""
    autoscaling, rds = sites.client("autoscaling"), sites.client("rds", AWAY)
    held = {"ResourceId": "shop", "ResourceType": "auto-scaling-group", "Key": "tidegate-capacity"}
    autoscaling.create_or_update_tags(Tags=[{**held, "Value": "{}", "PropagateAtLaunch": False}])
    autoscaling.update_auto_scaling_group(AutoScalingGroupName="shop", MinSize=4, DesiredCapacity=4)
    rds.promote_read_replica(DBInstanceIdentifier="shop-away")
    eventually(lambda: not sites.database("shop-away", AWAY).get("ReadReplicaSourceDBInstanceIdentifier"))


def test_what_something_else_made_is_refused_before_anything_is_changed(
    aws_lab: RunningLab, sites: Sites, set_up: SetUp
) -> None:
    sites.client("elbv2").create_target_group(Name="shop", Protocol="HTTP", Port=8080, VpcId=sites.vpc)
    sizes = {"MinSize": 0, "MaxSize": 1, "AvailabilityZones": [f"{HOME}a"]}
    template = {"LaunchTemplateName": "shop", "Version": "1"}
    autoscaling, database = sites.client("autoscaling"), {"DBInstanceClass": "db.t3.micro", "AllocatedStorage": 20}
    autoscaling.create_auto_scaling_group(AutoScalingGroupName="shop", LaunchTemplate=template, **sizes)
    sites.client("rds", AWAY).create_db_instance(DBInstanceIdentifier="shop-away", Engine="postgres", **database)
    rule = {"Period": 60, "EvaluationPeriods": 1, "Threshold": 1, "ComparisonOperator": "LessThanThreshold"}
    metric = {"Namespace": "AWS/RDS", "MetricName": "ReplicaLag", "Statistic": "Maximum"}
    sites.client("cloudwatch").put_metric_alarm(AlarmName="checkout-shop-b-replica-lag", **metric, **rule)
    aws_lab.control("DELETE", "/requests")
    refused = set_up().failures()["checkout"]
    for what in ("target group 'shop'", "Auto Scaling group 'shop'", "'shop-away'", "'checkout-shop-b-replica-lag'"):
        assert what in refused
    assert aws_lab.writes() == []
