# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A failover gives the other site its capacity and the requests, and a failback gives all of it back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World, eventually
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

from lab.process import RunningLab

OPEN = {"name": "an hour of the day", "window": {"hours": ["00:00-24:00"]}}


class Balanced:
    """The shop behind an Application Load Balancer, with a group of instances at the other site."""

    def __init__(self, aws_auth: Json, sites: Json) -> None:
        names = {"access_key": "aws_access_key_id", "secret_key": "aws_secret_access_key", "region": "region_name"}
        sign_in = {names.get(name, name): value for name, value in aws_auth.items()}
        self._ec2, self._autoscaling, self._elbv2 = (
            boto3.client(service, **sign_in) for service in ("ec2", "autoscaling", "elbv2")
        )
        self._vpc = self._ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
        self._first, self._second = self._group("shop-a", "ip"), self._group("shop-b", "instance")
        site = {"Id": sites["primary"]["address"], "Port": sites["primary"]["port"]}
        self._elbv2.register_targets(TargetGroupArn=self._first, Targets=[site])
        self._listener = self._make_listener()
        self._make_instances()

    def _group(self, name: str, kind: str) -> str:
        common = {"Protocol": "HTTP", "Port": 80, "VpcId": self._vpc, "HealthCheckPath": "/lb-check"}
        made = self._elbv2.create_target_group(Name=name, TargetType=kind, **common)
        return str(made["TargetGroups"][0]["TargetGroupArn"])

    def _make_listener(self) -> str:
        subnets = [subnet["SubnetId"] for subnet in self._ec2.describe_subnets()["Subnets"][:2]]
        balancer = self._elbv2.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]
        groups = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in self._weights("primary").items()]
        forward = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
        made = self._elbv2.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=[forward]
        )
        return str(made["Listeners"][0]["ListenerArn"])

    def _make_instances(self) -> None:
        image = self._ec2.describe_images()["Images"][0]["ImageId"]
        self._autoscaling.create_launch_configuration(
            LaunchConfigurationName="standby", ImageId=image, InstanceType="t3.micro"
        )
        self._autoscaling.create_auto_scaling_group(
            AutoScalingGroupName="standby",
            LaunchConfigurationName="standby",
            MinSize=0,
            MaxSize=4,
            DesiredCapacity=0,
            AvailabilityZones=["us-east-1a"],
            TargetGroupARNs=[self._second],
        )

    def _weights(self, site: str) -> dict[str, int]:
        return {self._first: 100 * (site == "primary"), self._second: 100 * (site == "secondary")}

    def resources(self) -> Json:
        """The variable ``failover_resources``."""
        weights = {site: self._weights(site) for site in ("primary", "secondary")}
        return {
            "autoscaling": [{"group": "standby", "capacity": {"min": 1, "desired": 2}}],
            "alb": [{"listener_arn": self._listener, "weights": weights}],
        }

    def seen(self) -> tuple[list[int], list[int], list[str]]:
        """The weights; minimum, desired number and maximum; and the tags of the group."""
        (listener,) = self._elbv2.describe_listeners(ListenerArns=[self._listener])["Listeners"]
        groups = listener["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
        (group,) = self._autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"]
        capacity = [group[name] for name in ("MinSize", "DesiredCapacity", "MaxSize")]
        return [one["Weight"] for one in groups], capacity, [tag["Key"] for tag in group["Tags"]]


@pytest.fixture
def world(aws_lab: RunningLab, playbooks: Playbooks, aws_auth: Json, tmp_path: Path) -> World:
    world = World(aws_lab, playbooks, aws_auth, tmp_path)
    world.checkout.update(failback_gates=[OPEN], failback_wait_timeout=60, failover_wait_timeout=60)
    return world


@pytest.fixture
def balanced(world: World, aws_auth: Json) -> Balanced:
    made = Balanced(aws_auth, world.lab.info["aws"]["sites"])
    world.checkout["failover_resources"] = made.resources()
    return made


def run(world: World, name: str, **extra: Any) -> None:
    outcome = world.run(name, **extra)
    assert outcome.returncode == 0, outcome.output


def test_the_other_site_gets_capacity_and_requests_and_gives_both_back(world: World, balanced: Balanced) -> None:
    before = balanced.seen()
    world.set_site("primary", running=False)
    run(world, "failover", failover_type="unplanned")
    assert balanced.seen() == ([0, 100], [1, 2, 4], ["tidegate-capacity"])
    assert {world.steps()[step] for step in ("autoscaling", "alb")} == {"done"}
    world.set_site("primary", running=True)
    run(world, "failback")
    assert balanced.seen() == before == ([100, 0], [0, 0, 4], [])
    eventually(lambda: world.leads_to("primary"))


def test_without_capacity_no_request_is_sent_to_the_other_site(world: World, balanced: Balanced) -> None:
    world.lab.control("PUT", "/aws/auto-scaling/standby", {"failure": "We have no sufficient t3.micro capacity."})
    outcome = world.run("failover", failover_type="planned")
    assert outcome.returncode != 0
    assert "no sufficient t3.micro capacity" in outcome.output
    assert (balanced.seen(), world.lock_id()) == (([100, 0], [0, 0, 4], []), None)
