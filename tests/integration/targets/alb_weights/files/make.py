# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Makes a load balancer with a rule and two target groups; the second has no target. Prints the ARNs as JSON."""

from __future__ import annotations

import json
import sys

import boto3

address, region, access_key, secret_key, site, port = sys.argv[1:7]
sign_in = {"aws_access_key_id": access_key, "aws_secret_access_key": secret_key, "region_name": region}
ec2, elbv2 = (boto3.client(service, endpoint_url=address, **sign_in) for service in ("ec2", "elbv2"))
if sys.argv[7:]:
    targets = [{"Id": site, "Port": int(port)}]
    elbv2.register_targets(TargetGroupArn=sys.argv[7], Targets=targets)
    sys.exit()
vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
subnets = [subnet["SubnetId"] for subnet in ec2.describe_subnets()["Subnets"][:2]]
common = {"Protocol": "HTTP", "Port": int(port), "VpcId": vpc, "TargetType": "ip", "HealthCheckPath": "/lb-check"}
first, second = (
    elbv2.create_target_group(Name=name, **common)["TargetGroups"][0]["TargetGroupArn"] for name in ("shop-a", "shop-b")
)
elbv2.register_targets(TargetGroupArn=first, Targets=[{"Id": site, "Port": int(port)}])
balancer = elbv2.create_load_balancer(Name="shop", Subnets=subnets)["LoadBalancers"][0]["LoadBalancerArn"]
groups = [{"TargetGroupArn": first, "Weight": 100}, {"TargetGroupArn": second, "Weight": 0}]
sticky = {"Enabled": True, "DurationSeconds": 60}
forward = {
    "Type": "forward",
    "ForwardConfig": {"TargetGroups": groups, "TargetGroupStickinessConfig": sticky},
}
made = elbv2.create_listener(LoadBalancerArn=balancer, Protocol="HTTP", Port=80, DefaultActions=[forward])
listener = made["Listeners"][0]["ListenerArn"]
paths = [{"Field": "path-pattern", "PathPatternConfig": {"Values": ["/api/*"]}}]
rule = elbv2.create_rule(ListenerArn=listener, Priority=7, Conditions=paths, Actions=[forward])["Rules"][0]["RuleArn"]
(default,) = (one for one in elbv2.describe_rules(ListenerArn=listener)["Rules"] if one["IsDefault"])
arns = {"listener": listener, "first": first, "second": second, "rule": rule, "default_rule": default["RuleArn"]}
json.dump(arns, sys.stdout)
