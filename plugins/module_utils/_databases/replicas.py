# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Decisions about read replicas: whether a replica may be promoted, and whether it was."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._databases.replicable import refuse_unreplicable
from ansible_collections.tidegate.failover.plugins.module_utils._databases.statuses import (
    refuse_stuck,
    serves,
    takes_calls,
)
from ansible_collections.tidegate.failover.plugins.module_utils._databases.verdict import (
    PROMOTED_TAG,
    Json,
    Seen,
    Target,
    Verdict,
    Write,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

_SOURCES = ("ReadReplicaSourceDBInstanceIdentifier", "ReadReplicaSourceDBClusterIdentifier")
_NO_RUN = "by-hand"
#: In the tag of a former writer, before the name of the replica that replaced it.
_SUPERSEDED = "superseded-by/"
#: Statuses of replication in which no new data arrives (API reference, DBInstanceStatusInfo), also at a stop point that
#: somebody set (``mysql.rds_start_replication_until``).
_ENDED = ("error", "replication stop point reached", "stopped", "terminated")


def source_of(instance: Mapping[str, t.Any]) -> str:
    """The source of a replica; empty if the instance is no replica."""
    return next((str(instance[key]) for key in _SOURCES if instance.get(key)), "")


def same_database(follows: str, source: str) -> bool:
    """Whether both name the same database. RDS shows the name of a source in the same Region, and otherwise its ARN."""
    if source.startswith("arn:") and follows.startswith("arn:"):
        return source.lower() == follows.lower()
    return source.rpartition(":")[2].lower() == follows.rpartition(":")[2].lower()


def promoted_by(instance: Mapping[str, t.Any], source: str) -> str:
    """The run that promoted an instance from a replica of a source; empty if none did."""
    tag = _tag(instance)
    return tag.partition(" ")[0] if _is_promoted_from(tag, source) else ""


def decide(target: Target, to: str, run_id: str, seen: Seen, *, planned: bool = False) -> Verdict:
    """The verdict for moving the writer to a site.

    :param seen: ``instance``, the replica to promote in a failover, and ``returning``, the replica to promote in a
        failback.
    :param planned: whether the replica must not miss data that it could still receive.
    :raises RefusedError: the instance to promote is no replica of the declared source.
    """
    name, source, instance = target["replica"], target["source"], seen["instance"]
    if to == "secondary":
        return _promotion(name, source, run_id, instance, target.get("region"), planned=planned)
    if instance is None:
        raise RefusedError(
            f"There is no database instance {name}, so nothing shows whether it was promoted and who the writer is. "
            "Check its name, region and account."
        )
    if same_database(source_of(instance), source):
        return Verdict(f"{source} is still the writer: {name} was not promoted.")
    if source_of(instance):
        raise RefusedError(
            f"{name} is a replica of {source_of(instance)}, not of {source}. Find out who the writer is.",
            code="TG-WRITER",
        )
    returning = target.get("returning")
    if not returning:
        raise RefusedError(
            f"{name} was promoted, and a promotion has no way back. Give targets[].returning, build that replica with "
            "rebuild=true, and wait until it has caught up.",
            code="TG-WRITER",
        )
    if seen.get("returning") is None:
        raise RefusedError(
            f"There is no database instance {returning['replica']}. Run rds_failover with rebuild=true first; it makes "
            f"that replica of the present writer {name}."
        )
    back, writer, region = returning["replica"], _named(instance, name), returning.get("region")
    verdict = _promotion(back, writer, run_id, seen["returning"], region, planned=planned)
    if source_of(seen["returning"]) or not _is_promoted_from(_tag(instance), source):
        return verdict
    return _superseded(target, run_id, instance)


def _superseded(target: Target, run_id: str, former: Json) -> Verdict:
    """Replace the tag of the former writer, because its data is outdated from now on.

    With the old tag, a later failover would take it for the writer, without a promotion, until ``failover_resources``
    names the replica of the new writer.
    """
    back = target["returning"]["replica"]
    tags = [{"Key": PROMOTED_TAG, "Value": f"{run_id or _NO_RUN} {_SUPERSEDED}{back}"[:256]}]
    arguments = {"ResourceName": former["DBInstanceArn"], "Tags": tags}
    write = Write("add_tags_to_resource", arguments, target.get("region") or "")
    return Verdict(f"{back} is the writer, and {target['replica']} is marked as outdated.", (write,))


def _named(instance: Json, name: str) -> str:
    """The name of the present writer that replicas in all Regions can use."""
    return str(instance.get("DBInstanceArn") or name)


def _promotion(
    name: str, source: str, run_id: str, instance: Json | None, region: str | None, *, planned: bool
) -> Verdict:
    """:raises RefusedError: it is no replica of the source, and no tag shows that this collection promoted it."""
    if instance is None:
        raise RefusedError(f"There is no database instance {name}. Check its name, region and account.")
    follows, status, tag = source_of(instance), instance.get("DBInstanceStatus"), _tag(instance)
    if not follows:
        return _standalone(name, source, status, tag)
    if not same_database(follows, source):
        raise RefusedError(
            f"{name} is a replica of {follows}, not of {source}. Nothing was promoted. Correct targets[].source, or "
            "name the replica of that source."
        )
    refuse_stuck(name, status)
    if planned:
        _refuse_broken(name, instance)
    writes = [Write("promote_read_replica", {"DBInstanceIdentifier": name}, region or "")]
    if not _is_promoted_from(tag, source):
        value = f"{run_id or _NO_RUN} {source}"[:256]
        tags = [{"Key": PROMOTED_TAG, "Value": value}]
        marked = Write("add_tags_to_resource", {"ResourceName": instance["DBInstanceArn"], "Tags": tags}, region or "")
        writes.insert(0, marked)
    return Verdict(f"{name} is promoted from a replica of {source} to the writer.", tuple(writes), takes_calls(status))


def _refuse_broken(name: str, instance: Json) -> None:
    """Refuse a replica whose replication has ended: it gets no new data, and its lag is not measured."""
    reported = [one for one in instance.get("StatusInfos") or () if one.get("StatusType") == "read replication"]
    broken = next((one for one in reported if one.get("Normal") is False or one.get("Status") in _ENDED), None)
    if broken is None:
        return
    message = f" ({str(broken['Message']).rstrip('.')})" if broken.get("Message") else ""
    raise RefusedError(
        f"The replication of {name} is {broken.get('Status')}{message}, so it does not have what was written since. It "
        "was not promoted. Repair the replication or make a new replica; type=unplanned promotes it as it is.",
        code="TG-REPLICATION",
    )


def _standalone(name: str, source: str, status: str | None, tag: str) -> Verdict:
    run, _blank, rest = tag.partition(" ")
    if rest.startswith(_SUPERSEDED):
        raise RefusedError(
            f"{name} has outdated data: run {run} failed back to {rest.removeprefix(_SUPERSEDED)}, which has been "
            "the writer since. Nothing was done. Make a replica of that writer, and name both in failover_resources.",
            code="TG-WRITER",
        )
    if not _is_promoted_from(tag, source):
        raise RefusedError(
            f"{name} is no replica: it takes writes itself, and its tag {PROMOTED_TAG} does not show that it was "
            f"promoted from a replica of {source}. Nothing was done. If it is the right writer, remove it from the "
            "targets; else make a replica, and name that.",
            code="TG-WRITER",
        )
    refuse_stuck(name, status)
    return Verdict(f"{name} is the writer. Run {run} promoted it from a replica of {source}.", ready=serves(status))


def _tag(instance: Mapping[str, t.Any]) -> str:
    tags = instance.get("TagList") or []
    return next((str(tag.get("Value")) for tag in tags if tag.get("Key") == PROMOTED_TAG), "")


def _is_promoted_from(tag: str, source: str) -> bool:
    return bool(tag) and same_database(tag.partition(" ")[2], source)


def rebuild(target: Target, seen: Seen) -> Verdict:
    """The verdict for a replica of the present writer, for a failback.

    :raises RefusedError: there is no such writer, or another database has the name of the replica.
    """
    name, returning, instance = target["replica"], target.get("returning"), seen["instance"]
    if not returning:
        raise RefusedError("rebuild=true needs targets[].returning, which names the replica that is made.")
    if instance is None:
        raise RefusedError(f"There is no database instance {name}. Check its name, region and account.")
    if source_of(instance):
        raise RefusedError(f"{name} is still a replica of {source_of(instance)}, so nothing has to be rebuilt.")
    new, there = returning["replica"], seen.get("returning")
    refuse_stuck(name, instance.get("DBInstanceStatus"))
    if there is None:
        refuse_unreplicable(name, instance, returning, elsewhere=_is_elsewhere(target))
        write = Write("create_db_instance_read_replica", _new_replica(target, instance), returning.get("region") or "")
        ready = takes_calls(instance.get("DBInstanceStatus"))
        return Verdict(f"{new} is made as a replica of {name}.", (write,), ready)
    if not same_database(source_of(there), _named(instance, name)):
        follows = f"a replica of {source_of(there)}" if source_of(there) else "no replica"
        raise RefusedError(
            f"{new} is there and is {follows}. It is not deleted by this module. Delete or rename it if nobody needs "
            "its data, or choose another name for targets[].returning.replica."
        )
    refuse_stuck(new, there.get("DBInstanceStatus"))
    return Verdict(f"{new} is a replica of {name}.", ready=serves(there.get("DBInstanceStatus")))


def _is_elsewhere(target: Target) -> bool:
    region = target["returning"].get("region")
    return bool(region) and region != (target.get("region") or "")


def _new_replica(target: Target, writer: Json) -> Json:
    returning, elsewhere = target["returning"], _is_elsewhere(target)
    source = {"SourceDBInstanceIdentifier": _named(writer, target["replica"]) if elsewhere else target["replica"]}
    names = {
        "DBInstanceClass": "instance_class",
        "DBSubnetGroupName": "subnet_group",
        "VpcSecurityGroupIds": "security_groups",
        "KmsKeyId": "kms_key",
    }
    given = {field: returning[name] for field, name in names.items() if returning.get(name)}
    across = {"SourceRegion": str(writer["DBInstanceArn"]).split(":")[3]} if elsewhere else {}
    return {"DBInstanceIdentifier": returning["replica"], **source, **across, **given, **_not_inherited(writer)}


def _not_inherited(writer: Json) -> Json:
    """Settings that a replica does not inherit, and that clients need to sign in."""
    return {"EnableIAMDatabaseAuthentication": True} if writer.get("IAMDatabaseAuthenticationEnabled") else {}
