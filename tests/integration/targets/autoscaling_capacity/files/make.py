# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Creates the group that the target scales, or changes it like another user."""

from __future__ import annotations

import json
import sys

import boto3

address, region, access_key, secret_key = sys.argv[1:5]
sign_in = {"aws_access_key_id": access_key, "aws_secret_access_key": secret_key, "region_name": region}
autoscaling, ec2, elbv2 = (
    boto3.client(service, endpoint_url=address, **sign_in) for service in ("autoscaling", "ec2", "elbv2")
)
if sys.argv[5:]:
    operation, parameters = sys.argv[5:]
    getattr(autoscaling, operation)(**json.loads(parameters))
    sys.exit()
vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
image = ec2.describe_images()["Images"][0]["ImageId"]
made = elbv2.create_target_group(Name="standby", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
autoscaling.create_launch_configuration(LaunchConfigurationName="standby", ImageId=image, InstanceType="t3.micro")
autoscaling.create_auto_scaling_group(
    AutoScalingGroupName="standby",
    LaunchConfigurationName="standby",
    MinSize=0,
    MaxSize=4,
    DesiredCapacity=1,
    AvailabilityZones=["us-east-1a"],
    TargetGroupARNs=[made["TargetGroupArn"]],
)
