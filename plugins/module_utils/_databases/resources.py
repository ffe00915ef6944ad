# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Reads the variables of a service about its databases, without a request."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping

Values = Mapping[str, t.Any]

#: The kinds of a target; each has one of them.
KINDS = ("replica", "instance", "cluster", "global_cluster")


def kind_of(target: t.Any) -> str:
    """The kind of database of a target; empty if it has none."""
    # Variables are checked elsewhere, so they may have any type here.
    return next((kind for kind in KINDS if isinstance(target, Mapping) and target.get(kind)), "")


def promotes(targets: Iterable[Values], operation_type: str) -> bool:
    """Whether the operation creates a second writer without the knowledge of the failed site.

    A promotion detaches a replica from its source. After a failover of a global cluster, the failed Region may still
    write. Within one instance or cluster, and in a switchover, RDS ensures a single writer.
    """
    return any(_promotes(target, operation_type) for target in targets)


def _promotes(target: Values, operation_type: str) -> bool:
    kind = kind_of(target)
    return kind == "replica" or (kind == "global_cluster" and operation_type == "unplanned")


def ungated(targets: Iterable[Values], gates: Iterable[t.Any]) -> list[str]:
    """The replicas that a failback would promote without a gate on their replication lag."""
    gated = {
        str(gate["rds_replica_lag"].get("db_instance")).lower()
        for gate in gates
        if isinstance(gate, Mapping) and isinstance(gate.get("rds_replica_lag"), Mapping)
    }
    return [name for name in ways_back(targets).values() if name and name.lower() not in gated]


def ways_back(targets: Iterable[Values]) -> dict[str, str]:
    """Replica that a failover promotes -> replica that a failback promotes; an empty text where none is named."""
    return {str(target["replica"]): _returning(target) for target in targets if kind_of(target) == "replica"}


def _returning(target: Values) -> str:
    returning = target.get("returning")
    return str(returning.get("replica") or "") if isinstance(returning, Mapping) else ""
