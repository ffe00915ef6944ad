# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The Relational Database Service: what it says about a database instance."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated

Json = dict[str, t.Any]


def read_instance(client: t.Any, instance: str) -> Json | None:
    """DescribeDBInstances for one; None if there is none of that name.

    :param client: a boto3 client of RDS.
    :raises TidegateError: see :mod:`_errors`.
    """
    action, endpoint = f"read database instance {instance}", str(client.meta.endpoint_url)
    with translated(action, endpoint):
        try:
            answer = client.describe_db_instances(DBInstanceIdentifier=instance)
        except client.exceptions.DBInstanceNotFoundFault:
            return None
    found = checked(action, endpoint, "describe_db_instances", answer)["DBInstances"]
    return t.cast(Json, found[0]) if found else None
