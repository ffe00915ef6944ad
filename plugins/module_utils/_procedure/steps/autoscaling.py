# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``autoscaling``: the Auto Scaling groups of the site that is to serve get their capacity."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import resource_step

STEP = resource_step(
    "autoscaling",
    "autoscaling_capacity",
    permissions=(
        "autoscaling:CreateOrUpdateTags",
        "autoscaling:DeleteTags",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:DescribeScheduledActions",
        "autoscaling:ResumeProcesses",
        "autoscaling:SuspendProcesses",
        "autoscaling:UpdateAutoScalingGroup",
        "elasticloadbalancing:DescribeTargetHealth",
    ),
)
