# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``rds``: the writer of the service's databases moves to the other site."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._databases.resources import promotes
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import given, resource_step


def _is_final(options: Options) -> bool:
    """Whether the step cannot be undone: promotions cannot. A writer that moved within a cluster is moved back."""
    return promotes(given(options, "rds"), options.get("type") or "planned")


STEP = resource_step(
    "rds",
    "rds_failover",
    permissions=(
        "rds:DescribeDBInstances",
        "rds:DescribeDBClusters",
        "rds:DescribeGlobalClusters",
        "rds:AddTagsToResource",
        "rds:PromoteReadReplica",
        "rds:RebootDBInstance",
        "rds:FailoverDBCluster",
        "rds:SwitchoverGlobalCluster",
        "rds:FailoverGlobalCluster",
        "cloudwatch:GetMetricStatistics",
    ),
    point_of_no_return=_is_final,
)
