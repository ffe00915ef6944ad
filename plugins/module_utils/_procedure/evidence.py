# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gates of a failback, and their evidence."""

from __future__ import annotations

import math
import typing as t
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import time_from

#: Steps that move the writer to the returning site.
_MOVES = ("move_writer", "rds")
#: Kinds that check whether the returning site has all data that was written at the other site.
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
    """Evaluate gates of the service. The user's tasks among them have been run before."""
    memory, requester = context.run.memory, context.options.get("requester")
    names = {gate["name"] for gate in gates}
    more: Json = {"requester": requester} if requester else {}
    if memory.get("first"):
        more["earlier_evidence"] = memory["first"]["evidence"]
    # If tasks were run twice, the last result counts.
    results = {result["name"]: result for result in memory.get("task_results", []) if result["name"] in names}
    return context.gate(gates, task_results=list(results.values()), **more)


def missing(seen: Json, options: Options) -> list[str]:
    """The gates that block the run."""
    return [name for name in seen["failed_gates"] if name not in overridden(options)]


def latest(memory: Json) -> Json:
    """The evidence with every gate once, with its latest result."""
    first: Json = memory["first"]["evidence"]
    again = (memory.get("again") or {}).get("evidence")
    if not again:
        return first
    names = {gate["name"] for gate in again["gates"]}
    kept = [gate for gate in first["gates"] if gate["name"] not in names]
    return first | {"gates": kept + again["gates"], "date": again["date"]}


def outdated(run: Run, options: Options) -> list[str]:
    """The gates whose evidence is too old to release the lock, when the present step begins.

    This is checked before the writer moves: after that there is no way back.
    """
    most, now = most_age(run, options), _present(run)
    seen = latest(run.memory)["gates"] if run.memory.get("first") else []
    needed = {gate["name"]: gate.get("to") for gate in seen if gate["name"] not in overridden(options)}
    return [name for name, to in needed.items() if to and (now - time_from(to)).total_seconds() > most]


def most_age(run: Run, options: Options) -> int:
    """The maximum age of evidence in seconds when the lock is released. The time for moving the writer is added.

    RDS alone takes many minutes to move a writer. After that the writer is at the site, so keeping the lock would help
    nobody.
    """
    began = [run.results[name]["began"] for name in _MOVES if name in run.results]
    moving = (_present(run) - min(map(time_from, began))).total_seconds() if began else 0.0
    return int(options["max_evidence_age"]) + math.ceil(max(moving, 0.0))


def _present(run: Run) -> datetime:
    """When the present step began."""
    return time_from(run.current.get("began", run.began))
