# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is read of an Auto Scaling group, in the ways in which the service reports it."""

from __future__ import annotations

import typing as t
from types import SimpleNamespace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.autoscaling import GroupApi

Json = dict[str, t.Any]

TARGETS = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/shop/1"
LATTICE = "arn:aws:vpc-lattice:eu-west-1:123456789012:targetgroup/tg-0a1b2c3d4e5f6a7b8"


class Service:
    """Answers with one group."""

    meta = SimpleNamespace(endpoint_url="https://autoscaling.eu-west-1.amazonaws.com")

    def __init__(self, **group: t.Any) -> None:
        usual: Json = {"AutoScalingGroupName": "standby", "MinSize": 0, "DesiredCapacity": 1, "MaxSize": 3}
        self._group = {**usual, "Instances": [], **group}

    def describe_auto_scaling_groups(self, **_parameters: t.Any) -> Json:
        return {"AutoScalingGroups": [self._group]}

    def describe_scheduled_actions(self, **_parameters: t.Any) -> Json:
        return {"ScheduledUpdateGroupActions": []}


def source(identifier: str, kind: str) -> Json:
    return {"Identifier": identifier, "Type": kind}


@pytest.mark.parametrize(
    ("group", "unchecked"),
    [
        ({}, ()),
        ({"TargetGroupARNs": [TARGETS], "TrafficSources": [source(TARGETS, "elbv2")]}, ()),
        ({"LoadBalancerNames": ["old"], "TrafficSources": [source("old", "elb")]}, ("Classic Load Balancer old",)),
        ({"LoadBalancerNames": ["old"]}, ("Classic Load Balancer old",)),
        ({"TrafficSources": [source(LATTICE, "vpc-lattice")]}, (f"vpc-lattice {LATTICE}",)),
    ],
    ids=["nothing", "target group", "classic", "classic in one way", "lattice"],
)
def test_traffic_that_does_not_come_through_target_groups_is_known(group: Json, unchecked: tuple[str, ...]) -> None:
    assert GroupApi(Service(**group), "standby").read().unchecked == unchecked


def test_an_instance_that_waits_for_a_lifecycle_hook_is_not_in_service() -> None:
    waiting = {"InstanceId": "i-1", "LifecycleState": "Pending:Wait", "HealthStatus": "Healthy"}
    (instance,) = GroupApi(Service(Instances=[waiting]), "standby").read().instances
    assert (instance.in_service, instance.hooked) == (False, True)


@pytest.mark.parametrize("state", ["Warmed:Stopped", "Warmed:Pending:Wait", "Warmed:Running", "Standby"])
def test_an_instance_of_the_warm_pool_or_in_standby_is_no_capacity(state: str) -> None:
    """What Auto Scaling keeps ready, or a person took out, gets no traffic, and waits for nobody either."""
    ready = {"InstanceId": "i-1", "LifecycleState": state, "HealthStatus": "Healthy"}
    group = GroupApi(Service(Instances=[ready]), "standby").read()
    assert (group.in_service, group.instances[0].hooked) == (0, False)
