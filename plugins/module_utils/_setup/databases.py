# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Plans the databases of the role aws_setup: Multi-AZ, read replicas, and their alarms.

The role only deletes replicas, and leaves databases unchanged that a failover has moved.
"""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ansible_collections.tidegate.failover.plugins.module_utils._setup.site_alarms import (
    Part,
    alarm,
    alarm_problems,
    existing,
    filled,
    found_in,
    is_ours,
    names_twice,
    not_ours,
    region_of,
)

Json = dict[str, t.Any]

_GIB = 1024**3
#: Alarm -> metric, statistic, comparison, treatment of missing data, and text. A replica whose replication has ended
#: reports no lag, so missing data counts as too much lag.
_ALARMS: dict[str, tuple[str, str, str, str, str]] = {
    "replica_lag": ("ReplicaLag", "Maximum", "GreaterThanThreshold", "breaching", "is behind its source"),
    "free_storage": ("FreeStorageSpace", "Minimum", "LessThanThreshold", "missing", "runs out of storage"),
    "cpu": ("CPUUtilization", "Average", "GreaterThanThreshold", "missing", "is short of processor time"),
}
_THRESHOLDS = {"replica_lag": 60, "free_storage": 10 * _GIB, "cpu": 90, "period": 60, "evaluation_periods": 5}
_CREATE = {"storage_encrypted": True, "backup_retention": 7}
_NEEDED = ("engine", "instance_class", "allocated_storage", "username", "password")


def plan_databases(options: Json, found: Json) -> Part:
    """The plan for all databases of a service. It contains no password."""
    part = Part()
    entries = options.get("databases") or []
    part.problems += names_twice([*_identifiers(options)], "The database")
    for index, entry in enumerate(entries):
        region = region_of(entry, options)
        known = found_in(found, region, "databases", entry["identifier"], "identifier")
        if options["state"] == "present":
            _plan_present(part, options, found, {**entry, "index": index, "region": region}, known)
        else:
            _plan_absent(part, options, found, {**entry, "region": region}, known)
    return part


def _identifiers(options: Json) -> Iterator[tuple[str, str]]:
    for entry in options.get("databases") or []:
        region = region_of(entry, options)
        yield region, entry["identifier"]
        for replica in entry.get("replicas") or []:
            yield replica.get("region") or region, replica["identifier"]


def alarm_names(entry: Json, options: Json) -> Iterator[tuple[str, str]]:
    """Regions and names of all alarms that a database and its replicas can have."""
    region = region_of(entry, options)
    for kind in _ALARMS:
        if kind != "replica_lag":
            yield region, _alarm_name(options, entry["identifier"], kind)
        for replica in entry.get("replicas") or []:
            yield replica.get("region") or region, _alarm_name(options, replica["identifier"], kind)


def _alarm_name(options: Json, identifier: str, kind: str) -> str:
    return f"{options['service']}-{identifier}-{kind.replace('_', '-')}"


def _plan_present(part: Part, options: Json, found: Json, entry: Json, known: Json | None) -> None:
    if known and known["source"]:
        part.notes.append(
            f"The database '{entry['identifier']}' follows {known['source']}: a failover has moved the writer. It and "
            "its replicas were left as they are."
        )
        return
    if known is None:
        _plan_new(part, entry)
    else:
        _plan_known(part, options, entry, known)
    for kind in ("free_storage", "cpu"):
        _add_alarm(part, options, entry, (entry["identifier"], entry["region"]), kind)
    for replica in entry.get("replicas") or []:
        _plan_replica(part, options, found, entry, known, replica)
    part.problems += alarm_problems(options, found, part.alarms)


def _plan_new(part: Part, entry: Json) -> None:
    create = filled(entry.get("create"), _CREATE)
    missing = [name for name in _NEEDED if not create.get(name)]
    if not entry.get("create"):
        part.problems.append(
            f"There is no database '{entry['identifier']}' in {entry['region']}. Check its name, the Region and the "
            "account, or give 'create' to have it made."
        )
    elif missing:
        part.problems.append(
            f"The database '{entry['identifier']}' cannot be made: create has no {', '.join(missing)}."
        )
    part.present.append(
        {
            "kind": "new",
            "index": entry["index"],
            "identifier": entry["identifier"],
            "region": entry["region"],
            "multi_az": bool(entry.get("multi_az")),
            **{name: value for name, value in create.items() if name != "password"},
            "why": f"database {entry['identifier']}: it does not exist",
        }
    )


def _plan_known(part: Part, options: Json, entry: Json, known: Json) -> None:
    what, wanted = f"The database '{entry['identifier']}'", entry.get("multi_az")
    if entry.get("replicas") and not known["backup_retention"]:
        part.problems.append(
            f"{what} keeps no automated backups, and RDS makes no replicas without them. Turn them on."
        )
    if wanted is None or wanted == known["multi_az"] or "MultiAZ" in known["pending"]:
        return
    if not is_ours(known, options["service"]):
        part.problems.append(not_ours(f"{what} is to have multi_az: {str(wanted).lower()}. It", options["service"]))
    if known["pending"]:
        part.problems.append(
            f"{what} has changes of {', '.join(known['pending'])} that wait for its maintenance window. A change of "
            "Multi-AZ would apply them at once. Wait for the window, or apply them first."
        )
    part.present.append(_modified(entry["identifier"], entry["region"], multi_az=bool(wanted)))


def _modified(identifier: str, region: str, *, multi_az: bool) -> Json:
    why = f"database {identifier}: multi_az from {not multi_az} to {multi_az}"
    return {"kind": "change", "identifier": identifier, "region": region, "multi_az": multi_az, "why": why}


def _plan_replica(part: Part, options: Json, found: Json, entry: Json, source: Json | None, replica: Json) -> None:
    region, name = replica.get("region") or entry["region"], replica["identifier"]
    what = f"The replica '{name}'"
    if replica.get("availability_zone") and replica.get("multi_az"):
        part.problems.append(f"{what} has both availability_zone and multi_az. Give one of them.")
    known = found_in(found, region, "databases", name, "identifier")
    if known is None:
        part.present.append(_new_replica(found, entry, source, {**replica, "region": region}))
    elif not is_ours(known, options["service"]):
        part.problems.append(not_ours(what, options["service"]))
    elif not known["source"]:
        part.notes.append(f"{what} has been promoted, so it was left as it is, and no other one was made in its place.")
        return
    elif not _follows(known, entry):
        part.problems.append(f"{what} follows {known['source']} and not {entry['identifier']}. Give it another name.")
    elif replica.get("multi_az") is not None and replica["multi_az"] != known["multi_az"]:
        part.present.append(_modified(name, region, multi_az=replica["multi_az"]))
    for kind in _ALARMS:
        _add_alarm(part, options, entry, (name, region), kind)


def _follows(replica: Json, entry: Json) -> bool:
    return bool(replica["source"].rpartition(":")[2] == entry["identifier"])


def _new_replica(found: Json, entry: Json, source: Json | None, replica: Json) -> Json:
    elsewhere = replica["region"] != entry["region"]
    partition = found["caller"]["arn"].split(":")[1]
    made = f"arn:{partition}:rds:{entry['region']}:{found['caller']['account']}:db:{entry['identifier']}"
    return {
        "kind": "replica",
        "identifier": replica["identifier"],
        "region": replica["region"],
        # RDS needs the ARN of a source in another Region.
        "source": (source["arn"] if source else made) if elsewhere else entry["identifier"],
        "source_region": entry["region"] if elsewhere else "",
        **{
            name: replica.get(name)
            for name in (
                "instance_class",
                "availability_zone",
                "multi_az",
                "subnet_group",
                "security_groups",
                "kms_key",
            )
        },
        "why": f"replica {replica['identifier']} of {entry['identifier']}: it does not exist",
    }


def _add_alarm(part: Part, options: Json, entry: Json, database: tuple[str, str], kind: str) -> None:
    wanted = filled(entry.get("alarms"), _THRESHOLDS)
    if not wanted[kind]:
        return
    metric, statistic, comparison, missing, text = _ALARMS[kind]
    identifier, region = database
    rule = {
        "statistic": statistic,
        "comparison": comparison,
        "threshold": wanted[kind],
        "period": wanted["period"],
        "evaluation_periods": wanted["evaluation_periods"],
        "missing_data": missing,
    }
    name, dimensions = _alarm_name(options, identifier, kind), {"DBInstanceIdentifier": identifier}
    part.alarms.append(
        alarm(options, region, name, f"The database {identifier} {text}.", ("AWS/RDS", metric), dimensions, rule)
    )


def _plan_absent(part: Part, options: Json, found: Json, entry: Json, known: Json | None) -> None:
    if known and is_ours(known, options["service"]):
        part.notes.append(
            f"The database '{entry['identifier']}' was left as it is. This role deletes no database that is no replica."
        )
    for replica in entry.get("replicas") or []:
        region, name = replica.get("region") or entry["region"], replica["identifier"]
        there = found_in(found, region, "databases", name, "identifier")
        if there and not is_ours(there, options["service"]):
            part.problems.append(not_ours(f"The replica '{name}'", options["service"]))
        elif there and not there["source"]:
            part.notes.append(f"The replica '{name}' has been promoted, so its data may be the only ones. It was left.")
        elif there and not _follows(there, entry):
            part.problems.append(f"The replica '{name}' follows {there['source']} and not {entry['identifier']}.")
        elif there:
            part.absent.append({"identifier": name, "region": region})
    alarms = [{"region": region, "name": name} for region, name in alarm_names(entry, options)]
    part.problems += alarm_problems(options, found, alarms)
    part.stale += existing(found, alarms)
