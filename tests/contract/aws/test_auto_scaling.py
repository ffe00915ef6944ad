# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Auto Scaling groups: limits, launches that take time or fail, and what is reported of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.contract.aws.conftest import Eventually, Refusal

from lab.process import RunningLab

Json = dict[str, Any]


@pytest.fixture
def autoscaling(client: Callable[..., Any]) -> Any:
    return client("autoscaling")


@pytest.fixture
def elbv2(client: Callable[..., Any]) -> Any:
    return client("elbv2")


@pytest.fixture
def target_group(client: Callable[..., Any], elbv2: Any) -> str:
    vpc = client("ec2").describe_vpcs()["Vpcs"][0]["VpcId"]
    made = elbv2.create_target_group(Name="standby", Protocol="HTTP", Port=80, VpcId=vpc)
    arn: str = made["TargetGroups"][0]["TargetGroupArn"]
    return arn


@pytest.fixture
def group(client: Callable[..., Any], autoscaling: Any, target_group: str) -> str:
    image = client("ec2").describe_images()["Images"][0]["ImageId"]
    autoscaling.create_launch_configuration(LaunchConfigurationName="standby", ImageId=image, InstanceType="t3.micro")
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="standby",
        LaunchConfigurationName="standby",
        MinSize=0,
        MaxSize=4,
        DesiredCapacity=1,
        AvailabilityZones=["us-east-1a"],
        TargetGroupARNs=[target_group],
    )
    return "standby"


@pytest.fixture
def states(autoscaling: Any) -> Callable[[], list[str]]:
    def read() -> list[str]:
        (found,) = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=["standby"])["AutoScalingGroups"]
        return sorted(one["LifecycleState"] for one in found["Instances"])

    return read


@pytest.fixture
def activities(autoscaling: Any) -> Callable[[], list[Json]]:
    def read() -> list[Json]:
        found: list[Json] = autoscaling.describe_scaling_activities(AutoScalingGroupName="standby")["Activities"]
        return found

    return read


def test_instances_take_time_and_are_targets_once_they_are_in_service(
    autoscaling: Any, elbv2: Any, group: str, target_group: str, lab: RunningLab, states: Any, eventually: Eventually
) -> None:
    lab.control("PUT", f"/aws/auto-scaling/{group}", {"seconds": 1})
    autoscaling.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=3)
    targets = elbv2.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]
    assert (states(), len(targets)) == (["InService", "Pending", "Pending"], 1)
    eventually(lambda: states() == ["InService"] * 3)
    assert len(elbv2.describe_target_health(TargetGroupArn=target_group)["TargetHealthDescriptions"]) == 3


def test_changing_a_group_again_launches_nothing_twice(
    autoscaling: Any, group: str, states: Any, lab: RunningLab
) -> None:
    lab.control("PUT", f"/aws/auto-scaling/{group}", {"seconds": 60})
    for _twice in range(2):
        autoscaling.update_auto_scaling_group(AutoScalingGroupName=group, DesiredCapacity=3, MinSize=2, MaxSize=4)
    assert states() == ["InService", "Pending", "Pending"]


@pytest.mark.parametrize("call", ["set_desired_capacity", "update_auto_scaling_group"])
def test_a_desired_number_above_the_maximum_is_refused(
    autoscaling: Any, group: str, refusal: Refusal, states: Any, call: str
) -> None:
    wanted = {"AutoScalingGroupName": group, "DesiredCapacity": 5}
    assert refusal(getattr(autoscaling, call), **wanted) == (400, "ValidationError")
    assert states() == ["InService"]


def test_a_launch_that_fails_is_tried_again_and_reported_as_an_activity(
    autoscaling: Any, group: str, states: Any, activities: Any, lab: RunningLab, eventually: Eventually
) -> None:
    lab.control("PUT", f"/aws/auto-scaling/{group}", {"failure": "We currently do not have sufficient capacity."})
    autoscaling.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=2)
    eventually(lambda: len(activities()) > 2)
    assert {one["StatusCode"] for one in activities()} == {"Failed"}
    assert "do not have sufficient capacity" in activities()[0]["StatusMessage"]
    assert states() == ["InService"]


def test_capacity_that_is_there_again_is_launched(
    autoscaling: Any, group: str, states: Any, activities: Any, lab: RunningLab, eventually: Eventually
) -> None:
    lab.control("PUT", f"/aws/auto-scaling/{group}", {"failure": "none"})
    autoscaling.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=2)
    lab.control("PUT", f"/aws/auto-scaling/{group}", {"seconds": 0})
    eventually(lambda: states() == ["InService"] * 2)
    assert activities()[0]["StatusCode"] == "Successful"


def test_nothing_is_launched_while_launches_are_suspended(autoscaling: Any, group: str, states: Any) -> None:
    autoscaling.suspend_processes(AutoScalingGroupName=group, ScalingProcesses=["Launch"])
    autoscaling.set_desired_capacity(AutoScalingGroupName=group, DesiredCapacity=2)
    assert states() == ["InService"]


def test_an_update_changes_the_default_cool_down_and_leaves_it_where_it_is_not_given(
    autoscaling: Any, group: str
) -> None:
    for given in ({"DefaultCooldown": 77}, {"MaxSize": 4}):
        autoscaling.update_auto_scaling_group(AutoScalingGroupName=group, **given)
    (found,) = autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[group])["AutoScalingGroups"]
    assert (found["DefaultCooldown"], found["MaxSize"]) == (77, 4)


def test_a_group_takes_its_policies_with_it_when_it_is_deleted(autoscaling: Any, group: str) -> None:
    autoscaling.put_scaling_policy(
        AutoScalingGroupName=group,
        PolicyName="failover",
        PolicyType="StepScaling",
        AdjustmentType="ChangeInCapacity",
        StepAdjustments=[{"MetricIntervalLowerBound": 0, "ScalingAdjustment": 1}],
    )
    autoscaling.delete_auto_scaling_group(AutoScalingGroupName=group, ForceDelete=True)
    assert autoscaling.describe_policies()["ScalingPolicies"] == []
