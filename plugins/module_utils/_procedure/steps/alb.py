# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``alb``: Application Load Balancers forward to the target groups of the site that serves."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import resource_step

STEP = resource_step(
    "alb",
    "alb_weights",
    permissions=(
        "elasticloadbalancing:DescribeListeners",
        "elasticloadbalancing:DescribeRules",
        "elasticloadbalancing:DescribeTargetHealth",
        "elasticloadbalancing:ModifyListener",
        "elasticloadbalancing:ModifyRule",
    ),
)
