# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls to the Relational Database Service that read databases and move their writers."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated

Json = dict[str, t.Any]


def read_instance(client: t.Any, instance: str) -> Json | None:
    """DescribeDBInstances for one instance; None if there is none of that name.

    :param client: a boto3 client of RDS.
    :raises TidegateError: see :mod:`_errors`.
    """
    return _one(client, f"database instance {instance}", "describe_db_instances", DBInstanceIdentifier=instance)


def read_cluster(client: t.Any, cluster: str) -> Json | None:
    """DescribeDBClusters for one cluster, by its name or ARN; None if there is none.

    :raises TidegateError: see :mod:`_errors`.
    """
    return _one(client, f"database cluster {cluster}", "describe_db_clusters", DBClusterIdentifier=cluster)


def read_global_cluster(client: t.Any, name: str) -> Json | None:
    """DescribeGlobalClusters for one global cluster; None if there is none.

    :raises TidegateError: see :mod:`_errors`.
    """
    return _one(client, f"global cluster {name}", "describe_global_clusters", GlobalClusterIdentifier=name)


#: Operation -> the field of the response with the list, and the error if there is none of that name.
_READS: Mapping[str, tuple[str, str]] = {
    "describe_db_instances": ("DBInstances", "DBInstanceNotFoundFault"),
    "describe_db_clusters": ("DBClusters", "DBClusterNotFoundFault"),
    "describe_global_clusters": ("GlobalClusters", "GlobalClusterNotFoundFault"),
}


def _one(client: t.Any, what: str, operation: str, **parameters: str) -> Json | None:
    listed, missing = _READS[operation]
    action, endpoint = f"read {what}", str(client.meta.endpoint_url)
    with translated(action, endpoint):
        try:
            answer = getattr(client, operation)(**parameters)
        except getattr(client.exceptions, missing):
            return None
    found = checked(action, endpoint, operation, answer)[listed]
    return t.cast(Json, found[0]) if found else None


def write(client: t.Any, operation: str, arguments: Mapping[str, t.Any]) -> None:
    """Make a call that changes something.

    :param operation: its name in boto3.
    :raises ConflictError: the database is in a state that does not allow it now.
    :raises TidegateError: see :mod:`_errors`.
    """
    name = operation.replace("_", " ")
    with translated(
        f"{name} {arguments.get('TargetDbClusterIdentifier') or next(iter(arguments.values()))}",
        str(client.meta.endpoint_url),
    ):
        getattr(client, operation)(**arguments)
