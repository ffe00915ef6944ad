# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""An Application Load Balancer for tests and trials, in front of addresses on this machine."""

from __future__ import annotations

from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends


def make_load_balancer(account_id: str, region: str, name: str, groups: dict[str, list[dict[str, Any]]]) -> Any:
    """A load balancer whose listener on port 80 has one rule for each target group but the first, which is the default.

    :param groups: targets by the name of their group. ``/<name>/*`` leads to a group.
    :returns: the values that clients need.
    """
    backend = elbv2_backends[account_id][region]
    subnets = [subnet.id for subnet in ec2_backends[account_id][region].describe_subnets()][:2]
    balancer = backend.create_load_balancer(name, [], subnets, loadbalancer_type="application")
    arns = {}
    for group, targets in groups.items():
        settings = {"protocol": "HTTP", "port": 80, "target_type": "ip", "healthcheck_path": "/lb-check"}
        made = backend.create_target_group(group, vpc_id=balancer.vpc_id, **settings)
        backend.register_targets(made.arn, targets)
        arns[group] = made.arn
    default, *others = arns
    listener = backend.create_listener(balancer.arn, "HTTP", "80", "", None, [_forward(arns[default])])
    for priority, group in enumerate(others, start=1):
        conditions = [{"Field": "path-pattern", "PathPatternConfig": {"Values": [f"/{group}/*"]}}]
        backend.create_rule(listener.arn, conditions, priority, [_forward(arns[group])])
    return {
        "arn": balancer.arn,
        "name": name,
        "dns_name": balancer.dns_name,
        "listener_arn": listener.arn,
        "target_group_arns": arns,
    }


def _forward(arn: str) -> dict[str, Any]:
    # The form in which the service shows an action with one target group.
    config = {"TargetGroups": [{"TargetGroupArn": arn, "Weight": 1}], "TargetGroupStickinessConfig": {"Enabled": False}}
    return {"Type": "forward", "TargetGroupArn": arn, "ForwardConfig": config}
