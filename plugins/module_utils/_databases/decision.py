# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Decides about a database of any kind, and reports its facts."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._databases import replicas, writers
from ansible_collections.tidegate.failover.plugins.module_utils._databases.resources import kind_of
from ansible_collections.tidegate.failover.plugins.module_utils._databases.verdict import Json, Seen, Target, Verdict


def decide(target: Target, to: str, kind: str, run_id: str, seen: Seen) -> Verdict:
    """The verdict for moving the writer to a site.

    :param to: ``primary`` or ``secondary``.
    :param kind: ``planned`` or ``unplanned``.
    :raises RefusedError: the move is not allowed.
    """
    what = kind_of(target)
    if what == "replica":
        return replicas.decide(target, to, run_id, seen, planned=kind == "planned")
    if what == "global_cluster":
        return writers.global_cluster(target, to, kind, seen)
    return writers.instance(target, to, seen) if what == "instance" else writers.cluster(target, to, seen)


def facts(target: Target, seen: Seen) -> Json:
    """The facts about a database for ``before`` and ``after``."""
    what = kind_of(target)
    if what == "global_cluster":
        return _of_global(seen.get("global_cluster") or {})
    if what == "cluster":
        return _of_cluster(seen.get("cluster") or {})
    reported = _of_instance(seen.get("instance") or {})
    return reported if what == "instance" else {**reported, "returning": _returning(seen)}


def _returning(seen: Seen) -> Json | None:
    found = seen.get("returning")
    return _of_instance(found) if found else None


def _of_instance(found: Json) -> Json:
    return {
        "status": found.get("DBInstanceStatus"),
        "availability_zone": found.get("AvailabilityZone"),
        "replica_of": replicas.source_of(found) or None,
    }


def _of_cluster(found: Json) -> Json:
    members = found.get("DBClusterMembers") or []
    writer = next((one["DBInstanceIdentifier"] for one in members if one.get("IsClusterWriter")), None)
    return {"status": found.get("Status"), "writer": writer}


def _of_global(found: Json) -> Json:
    members = found.get("GlobalClusterMembers") or []
    writer = next((one["DBClusterArn"] for one in members if one.get("IsWriter")), None)
    return {"status": found.get("Status"), "writer": writer}
