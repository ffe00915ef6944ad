# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gates of a failback, and what they have shown."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json

#: Kinds that say whether the returning site has all that was written elsewhere.
ON_DATA = ("postgresql", "infinispan", "rds_replica_lag")


def data_gates(options: Options) -> list[str]:
    """The names of the gates that are evaluated again after the quiesce."""
    given = options.get("data_gates")
    if given is not None:
        return t.cast("list[str]", given)
    return [gate["name"] for gate in options["gates"] if set(gate) & set(ON_DATA)]


def overridden(options: Options) -> list[str]:
    """The gates that need not pass."""
    return (options["override"] or {}).get("gates") or []


def evaluate(context: Context, gates: list[Json]) -> Json:
    """Evaluate gates of the service. Those that are tasks of the user's have been run before."""
    memory, requester = context.run.memory, context.options.get("requester")
    names = {gate["name"] for gate in gates}
    more: Json = {"requester": requester} if requester else {}
    if memory.get("first"):
        more["earlier_evidence"] = memory["first"]["evidence"]
    # Where they have run twice, the last time counts.
    results = {result["name"]: result for result in memory.get("task_results", []) if result["name"] in names}
    return context.gate(gates, task_results=list(results.values()), **more)


def missing(seen: Json, options: Options) -> list[str]:
    """The gates that stand in the way."""
    return [name for name in seen["failed_gates"] if name not in overridden(options)]


def latest(memory: Json) -> Json:
    """The evidence with every gate once, with what was seen of it last."""
    first: Json = memory["first"]["evidence"]
    again = (memory.get("again") or {}).get("evidence")
    if not again:
        return first
    names = {gate["name"] for gate in again["gates"]}
    kept = [gate for gate in first["gates"] if gate["name"] not in names]
    return first | {"gates": kept + again["gates"], "date": again["date"]}
