# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What the variables of a service define about its databases. No request is made."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Mapping

Values = Mapping[str, t.Any]

#: The kinds of a target; each has one of them.
KINDS = ("replica", "instance", "cluster", "global_cluster")


def kind_of(target: t.Any) -> str:
    """Which kind of database a target is; empty if it is none."""
    # Variables are checked elsewhere, and may be anything here.
    return next((kind for kind in KINDS if isinstance(target, Mapping) and target.get(kind)), "")


def promotes(targets: Iterable[Values], operation_type: str) -> bool:
    """Whether a second database is made a writer that the failed site does not know of.

    A replica is detached by its promotion. A failover of a global cluster may leave the failed Region writing. Within
    one instance or cluster, and in a switchover, RDS itself has one writer at any time.
    """
    return any(_promotes(target, operation_type) for target in targets)


def _promotes(target: Values, operation_type: str) -> bool:
    kind = kind_of(target)
    return kind == "replica" or (kind == "global_cluster" and operation_type == "unplanned")


def ungated(targets: Iterable[Values], gates: Iterable[t.Any]) -> list[str]:
    """The replicas that a failback would promote without a gate that proves that they have caught up."""
    gated = {
        str(gate["rds_replica_lag"].get("db_instance")).lower()
        for gate in gates
        if isinstance(gate, Mapping) and isinstance(gate.get("rds_replica_lag"), Mapping)
    }
    return [name for name in ways_back(targets).values() if name and name.lower() not in gated]


def ways_back(targets: Iterable[Values]) -> dict[str, str]:
    """For each replica that a failover promotes the one with which a failback returns; empty where none is named."""
    return {str(target["replica"]): _returning(target) for target in targets if kind_of(target) == "replica"}


def _returning(target: Values) -> str:
    returning = target.get("returning")
    return str(returning.get("replica") or "") if isinstance(returning, Mapping) else ""
