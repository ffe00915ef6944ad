# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Decisions about databases in which RDS moves the writer: Multi-AZ instances, clusters, and global clusters."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._databases.statuses import (
    AVAILABLE,
    refuse_stuck,
    serves,
    takes_calls,
)
from ansible_collections.tidegate.failover.plugins.module_utils._databases.verdict import (
    Json,
    Seen,
    Target,
    Verdict,
    Write,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError


def instance(target: Target, to: str, seen: Seen) -> Verdict:
    """The verdict for moving a Multi-AZ instance to the zone of a site.

    :raises RefusedError: it has no standby there.
    """
    name, found = target["instance"], _there(seen["instance"], "database instance", target["instance"])
    wanted, zone = target["writer"][to], str(found.get("AvailabilityZone") or "")
    status = found.get("DBInstanceStatus")
    refuse_stuck(name, status)
    if zone == wanted:
        return Verdict(f"The writer of {name} is in {wanted}.", ready=serves(status))
    _refuse_third(name, "is in", zone, target)
    if found.get("DBClusterIdentifier"):
        raise RefusedError(
            f"{name} is a member of the cluster {found['DBClusterIdentifier']}, which is failed over as a whole. Give "
            "targets[].cluster instead of targets[].instance."
        )
    if not found.get("MultiAZ"):
        raise RefusedError(f"{name} is not Multi-AZ, so it has no standby to fail over to. Make it Multi-AZ first.")
    standby = found.get("SecondaryAvailabilityZone")
    if standby and standby != wanted:
        raise RefusedError(f"The standby of {name} is in {standby}, not in {wanted}. Correct targets[].writer.")
    arguments = {"DBInstanceIdentifier": name, "ForceFailover": True}
    write = Write("reboot_db_instance", arguments, target.get("region") or "")
    return Verdict(f"The writer of {name} moves from {zone} to {wanted}.", (write,), takes_calls(status))


def cluster(target: Target, to: str, seen: Seen) -> Verdict:
    """The verdict for moving the writer of a cluster to the instance of a site.

    :raises RefusedError: that instance is no member of the cluster.
    """
    name, found = target["cluster"], _there(seen["cluster"], "database cluster", target["cluster"])
    wanted, members = target["writer"][to], found.get("DBClusterMembers") or []
    writer = next((str(one["DBInstanceIdentifier"]) for one in members if one.get("IsClusterWriter")), "")
    status = found.get("Status")
    refuse_stuck(name, status)
    if writer == wanted:
        return Verdict(f"The writer of {name} is {wanted}.", ready=serves(status))
    if wanted not in [one["DBInstanceIdentifier"] for one in members]:
        raise RefusedError(f"{wanted} is no member of {name}. Correct targets[].writer, or add that reader first.")
    if writer:
        _refuse_third(name, "has the writer", writer, target)
    arguments = {"DBClusterIdentifier": name, "TargetDBInstanceIdentifier": wanted}
    write = Write("failover_db_cluster", arguments, target.get("region") or "")
    return Verdict(f"The writer of {name} moves from {writer or 'nowhere'} to {wanted}.", (write,), takes_calls(status))


def global_cluster(target: Target, to: str, kind: str, seen: Seen) -> Verdict:
    """The verdict for moving the writer of a global cluster to the Region of a site.

    :param kind: ``planned`` switches over without a loss, ``unplanned`` fails over with one.
    :raises RefusedError: the global cluster cannot be moved, or has no cluster there.
    """
    name = target["global_cluster"]
    found = _there(seen["global_cluster"], "global cluster", name)
    members = {_region(one): one for one in found.get("GlobalClusterMembers") or []}
    wanted, status = target["writer"][to], found.get("Status")
    writer = next((region for region, one in members.items() if one.get("IsWriter")), "")
    if wanted not in members:
        raise RefusedError(f"{name} has no cluster in {wanted}, only in {', '.join(sorted(members)) or 'no Region'}.")
    secondary = _there(seen.get("cluster"), f"database cluster in {wanted} that is a member of", name)
    refuse_stuck(f"The cluster of {name} in {wanted}", secondary.get("Status"))
    under_way = (found.get("FailoverState") or {}).get("ToDbClusterArn")
    arn = members[wanted]["DBClusterArn"]
    if writer == wanted:
        if under_way not in (None, arn):
            return Verdict(f"The writer of {name} is in {wanted}, and RDS moves it to {under_way}.", ready=False)
        # After a failover, the global cluster may not be available while the failed Region is down.
        whole = kind == "unplanned" or status == AVAILABLE
        return Verdict(f"The writer of {name} is in {wanted}.", ready=whole and serves(secondary.get("Status")))
    _refuse_third(name, "has its writer in", writer, target)
    _refuse_engine(name, found)
    _refuse_headless(name, wanted, secondary)
    usable = takes_calls(secondary.get("Status"))
    if under_way == arn:
        return Verdict(f"The writer of {name} is on its way from {writer} to {wanted}.", ready=False)
    arguments = {"GlobalClusterIdentifier": name, "TargetDbClusterIdentifier": arn}
    if kind == "unplanned":
        write = Write("failover_global_cluster", {**arguments, "AllowDataLoss": True}, wanted)
        return Verdict(
            f"{name} fails over from {writer} to {wanted}, with a loss of what was not replicated.", (write,), usable
        )
    _refuse_versions(name, found, secondary)
    synchronised = members[wanted].get("SynchronizationStatus") in (None, "connected")
    write = Write("switchover_global_cluster", arguments, writer)
    ready = status == AVAILABLE and usable and synchronised
    return Verdict(f"{name} switches over from {writer} to {wanted} without a loss.", (write,), ready)


def _there(found: Json | None, what: str, name: str) -> Json:
    if found is None:
        raise RefusedError(f"There is no {what} {name}. Check its name, region and account.")
    return found


def _refuse_third(name: str, verb: str, seen: str, target: Target) -> None:
    declared = target["writer"]
    if seen not in (declared["primary"], declared["secondary"]):
        raise RefusedError(
            f"{name} {verb} {seen or 'no place that RDS reports'}, which is neither {declared['primary']} nor "
            f"{declared['secondary']}. Nothing was done. Find out what moved it, and correct targets[].writer."
        )


def _refuse_engine(name: str, found: Json) -> None:
    engine = str(found.get("Engine") or "")
    if not engine.startswith("aurora"):
        raise RefusedError(f"{name} is of engine {engine or 'unknown'}. Only Aurora global databases can be moved.")


def _refuse_headless(name: str, region: str, secondary: Mapping[str, t.Any]) -> None:
    """Refuse a secondary cluster without an instance, which people use to save cost. It could not take writes."""
    if secondary.get("DBClusterMembers") == []:
        raise RefusedError(
            f"The cluster of {name} in {region} has no instance, so nothing there could become the writer. Nothing was "
            "done. Add an instance to it first."
        )


def _refuse_versions(name: str, found: Json, secondary: Mapping[str, t.Any]) -> None:
    """A switchover needs the same major and minor version at both sites (user guide of Aurora)."""
    ours, theirs = found.get("EngineVersion"), secondary.get("EngineVersion")
    if theirs and ours and ours != theirs:
        raise RefusedError(
            f"{name} cannot switch over: it is of version {ours}, and the cluster that would take over is of {theirs}. "
            "Upgrade that cluster first. An unplanned failover does not need the same version, and may lose data."
        )


def _region(member: Mapping[str, t.Any]) -> str:
    parts = str(member.get("DBClusterArn") or "").split(":")
    return parts[3] if len(parts) > len("arn") else ""
