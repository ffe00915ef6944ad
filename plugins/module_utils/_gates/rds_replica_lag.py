# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``rds_replica_lag``: a read replica of RDS replicates, and its lag is within a limit.

The user guide of RDS describes the values in "Monitoring read replication": the metric ReplicaLag, in seconds, is -1 if
replication is not active. The replica's StatusInfos contain the status of replication.
"""

from __future__ import annotations

import math
import typing as t
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._databases.replicas import (
    promoted_by,
    same_database,
    source_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._databases.statuses import serves
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._aws import AWS_OPTION, REQUIREMENTS, client
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Timing,
    Values,
)

if t.TYPE_CHECKING:
    from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import Datapoint

#: The type of the entry in a replica's StatusInfos that describes replication.
_REPLICATION = "read replication"


def check(options: Values) -> None:
    """Refuse invalid limits."""
    if options["max_lag_seconds"] < 0 or not math.isfinite(options["max_lag_seconds"]):
        raise RefusedError(f"max_lag_seconds is {options['max_lag_seconds']:g}. Give a number that is 0 or more.")
    if options["max_data_age"] < 60:
        raise RefusedError(
            f"max_data_age is {options['max_data_age']}. The metric has one value a minute: give 60 or more."
        )


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    what = f"replica {options['db_instance']} of {options['source']}"
    return f"{what} replicating, at most {options['max_lag_seconds']:g} s behind"


def observe(options: Values, probe: Probe) -> Observation:
    """Read the replica from RDS, and its lag from CloudWatch."""
    rds, cloudwatch = client("rds", options, probe), client("cloudwatch", options, probe)
    if isinstance(rds, Observation):
        return rds
    from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import latest_maximum
    from ansible_collections.tidegate.failover.plugins.module_utils._aws.databases import read_instance

    instance = read_instance(rds, options["db_instance"])
    trouble = judge_replica(options["db_instance"], options["source"], instance)
    if trouble is not None:
        return trouble
    since = probe.now - timedelta(seconds=options["max_data_age"])
    dimensions = {"DBInstanceIdentifier": options["db_instance"]}
    latest = latest_maximum(cloudwatch, "AWS/RDS", "ReplicaLag", dimensions, since, probe.now)
    seen = judge_lag(options, latest, probe.now)
    return replace(seen, observed=f"{seen.observed} (source {source_of(instance or {})})")


def judge_replica(name: str, source: str, instance: Mapping[str, t.Any] | None) -> Observation | None:
    """Why an instance is not a working replica of the source; None if it is."""
    if instance is None:
        remedy = "Check db_instance, and the region and account that it is in."
        return Observation(False, f"there is no database instance {name}", remedy)
    if str(instance.get("Engine", "")).startswith("aurora"):
        remedy = "Use a gate of kind cloudwatch_alarm, on AuroraReplicaLag or AuroraGlobalDBReplicationLag."
        return Observation(False, f"{name} is of Aurora, which has no ReplicaLag", remedy, final=True)
    follows = source_of(instance)
    promoted_run = promoted_by(instance, source)
    if not follows and promoted_run:
        observed = f"{name} follows no database: run {promoted_run} promoted it from a replica of {source}"
        remedy = (
            f"What it lacks can no longer be determined. If {source} has taken no writes since, override this gate by "
            "its name, with a reason. If it has, create a new replica of it."
        )
        return Observation(False, observed, remedy, final=True)
    if not follows:
        remedy = "Create a replica of the database that serves now, and give its name. A promoted one does not follow."
        return Observation(
            False, f"{name} is no replica: it takes writes itself, and follows no other database", remedy
        )
    if not same_database(follows, source):
        remedy = f"Make {name} a replica of {source}, or give in source the database that takes the writes now."
        return Observation(False, f"{name} is a replica of {follows}, not of {source}", remedy)
    if not serves(instance.get("DBInstanceStatus")):
        observed = f"{name} is {instance.get('DBInstanceStatus') or 'in an unknown state'}"
        return Observation(False, observed, "Wait until it is available.")
    for info in instance.get("StatusInfos") or ():
        if info.get("StatusType") == _REPLICATION and not (info.get("Normal") and info.get("Status") == "replicating"):
            message = f": {info['Message']}" if info.get("Message") else ""
            remedy = "See the replica's events and log for how to repair it, or create a new replica."
            return Observation(False, f"replication of {name} is {info.get('Status')}{message}", remedy)
    return None


def judge_lag(options: Values, latest: Datapoint | None, now: datetime) -> Observation:
    """Judge the latest value of the metric. Without a value the gate fails."""
    if latest is None:
        observed = f"ReplicaLag has no value of the last {options['max_data_age']} s"
        return Observation(False, observed, "Wait for the next value; check whether the replica runs and replicates.")
    age = max(0, (now - latest.time).total_seconds())
    if latest.value < 0:
        remedy = "Start replication, or create a new replica."
        return Observation(
            False, f"replication is not active (ReplicaLag is {latest.value:g}, {age:.0f} s ago)", remedy
        )
    observed, measured = f"{latest.value:g} s behind, {age:.0f} s ago", {"lag_seconds": latest.value}
    if latest.value <= options["max_lag_seconds"]:
        return Observation(True, observed, measured=measured)
    remedy = "Wait until it has caught up. If it never does, stop the writes."
    return Observation(False, observed, remedy, measured=measured)


KIND = GateKind(
    name="rds_replica_lag",
    description="""
        Passes if a read replica of RDS is available, replicates, and has a lag within a limit, by the metric
        C(ReplicaLag) of CloudWatch. It fails if the metric has no recent value, and if the instance is not a replica.

        The metric has one value a minute, which arrives a minute or two late. On PostgreSQL it grows to five minutes
        while nothing is written at the source, although the replica has all data.

        Needs the rights C(rds:DescribeDBInstances) and C(cloudwatch:GetMetricStatistics). Not for Aurora.

        What else could make it pass:

        A replica of another database, such as the returning site's own, or a replica of a replica that is cut off. The
        gate fails unless the replica follows O(gates[].rds_replica_lag.source), and the evidence names what it follows.
        The gate cannot check that this database takes the writes. If the source is given by name, another database of
        that name in another region or account passes too: give its ARN.

        A promoted replica, or an instance that never was one. The gate fails, since it has no source. Shortly after a
        promotion RDS may still report the source.

        Replication that is stopped or broken while the last lag was small. The gate fails by the status of replication
        that RDS reports, and by a lag of -1. Where RDS reports no status, only the lag counts.

        An instance that is not available, or does not exist. The gate fails. An instance that RDS backs up, or whose
        storage RDS optimizes, counts as available.

        An instance of the same name in another region or account. Set region and profile in
        O(gates[].rds_replica_lag.aws), not in the environment.

        No value, or an old one. The gate fails if the latest value is older than
        O(gates[].rds_replica_lag.max_data_age). The value does not include later writes, and it may be from before the
        writes stopped. So wait longer than O(gates[].rds_replica_lag.max_data_age) after they have stopped. A failback
        does so after its quiesce.

        A limit that is too high. An infinite limit is refused.""",
    options={
        "db_instance": {
            "description": "The name (DBInstanceIdentifier) of the replica.",
            "type": "str",
            "required": True,
        },
        "source": {
            "description": """
                The database that takes the writes now, by its name (DBInstanceIdentifier or DBClusterIdentifier)
                or, if it is in another Region or account, by its ARN. The gate fails if the replica follows another
                database.""",
            "type": "str",
            "required": True,
        },
        "max_lag_seconds": {
            "description": "How many seconds it may be behind.",
            "type": "float",
            "required": True,
        },
        "max_data_age": {
            "description": "How many seconds old the latest value of the metric may be.",
            "type": "int",
            "default": 300,
        },
        **AWS_OPTION,
    },
    expected=expected,
    observe=observe,
    check=check,
    timing=Timing(interval=15.0, timeout=30),
    requirements=REQUIREMENTS,
    measures=("lag_seconds",),
)
