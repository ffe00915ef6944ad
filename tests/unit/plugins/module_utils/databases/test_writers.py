# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Where the writer of instances, clusters and global clusters is moved, and what refuses to be moved."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._databases.decision import decide, facts
from ansible_collections.tidegate.failover.plugins.module_utils._databases.verdict import Json, Verdict
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

INSTANCE: Json = {"instance": "accounts", "writer": {"primary": "us-east-1a", "secondary": "us-east-1b"}}
CLUSTER: Json = {"cluster": "sessions", "writer": {"primary": "sessions-a", "secondary": "sessions-b"}}
GLOBAL: Json = {"global_cluster": "catalogue", "writer": {"primary": "us-east-1", "secondary": "us-west-2"}}


def instance(zone: str = "us-east-1a", **more: t.Any) -> Json:
    usual = {"DBInstanceStatus": "available", "AvailabilityZone": zone, "MultiAZ": True}
    return {"instance": {**usual, **more}}


def cluster(writer: str = "sessions-a", status: str = "available") -> Json:
    names = ("sessions-a", "sessions-b", "sessions-c")
    members = [{"DBInstanceIdentifier": name, "IsClusterWriter": name == writer} for name in names]
    return {"cluster": {"DBClusterIdentifier": "sessions", "Status": status, "DBClusterMembers": members}}


def arn(region: str) -> str:
    return f"arn:aws:rds:{region}:123456789012:cluster:catalogue-{region}"


def world(writer: str = "us-east-1", version: str = "16.1", **more: t.Any) -> Json:
    regions = ("us-east-1", "us-west-2", "eu-west-1")
    members = [{"DBClusterArn": arn(region), "IsWriter": region == writer} for region in regions]
    whole = {
        "Engine": "aurora-postgresql",
        "EngineVersion": "16.1",
        "Status": "available",
        "GlobalClusterMembers": members,
    }
    return {"global_cluster": {**whole, **more}, "cluster": {"Status": "available", "EngineVersion": version}}


def secondary(**more: t.Any) -> Json:
    seen = world()
    return {**seen, "cluster": {**seen["cluster"], **more}}


def moved(target: Json, seen: Json, kind: str = "planned", to: str = "secondary") -> Verdict:
    return decide(target, to, kind, "run", seen)


def test_a_multi_az_instance_is_rebooted_with_failover() -> None:
    (write,) = moved(INSTANCE, instance()).writes
    assert (write.operation, write.arguments["ForceFailover"]) == ("reboot_db_instance", True)


def test_a_cluster_is_failed_over_to_the_declared_reader() -> None:
    (write,) = moved(CLUSTER, cluster()).writes
    assert write.arguments == {"DBClusterIdentifier": "sessions", "TargetDBInstanceIdentifier": "sessions-b"}


def test_a_planned_move_of_a_global_cluster_is_a_switchover_in_the_region_of_the_writer() -> None:
    (write,) = moved(GLOBAL, world()).writes
    assert (write.operation, write.region) == ("switchover_global_cluster", "us-east-1")


def test_an_unplanned_one_is_a_failover_in_the_region_that_takes_over() -> None:
    (write,) = moved(GLOBAL, world(), "unplanned").writes
    assert (write.operation, write.region, write.arguments["AllowDataLoss"]) == (
        "failover_global_cluster",
        "us-west-2",
        True,
    )


@pytest.mark.parametrize(
    ("target", "seen"),
    [(INSTANCE, instance("us-east-1b")), (CLUSTER, cluster("sessions-b")), (GLOBAL, world("us-west-2"))],
    ids=["instance", "cluster", "global_cluster"],
)
def test_a_writer_that_is_there_already_is_not_moved(target: Json, seen: Json) -> None:
    assert moved(target, seen).done


@pytest.mark.parametrize(
    ("target", "seen"),
    [(INSTANCE, instance("us-east-1b")), (CLUSTER, cluster("sessions-b")), (GLOBAL, world("us-west-2"))],
    ids=["instance", "cluster", "global_cluster"],
)
def test_the_way_back_is_the_same_move(target: Json, seen: Json) -> None:
    assert len(moved(target, seen, to="primary").writes) == 1


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        pytest.param(INSTANCE, {"instance": None}, id="no instance"),
        pytest.param(INSTANCE, instance("us-east-1f"), id="an instance in a third zone"),
        pytest.param(INSTANCE, instance(MultiAZ=False), id="an instance without a standby"),
        pytest.param(INSTANCE, instance(SecondaryAvailabilityZone="us-east-1c"), id="a standby elsewhere"),
        pytest.param(INSTANCE, instance(DBClusterIdentifier="c", MultiAZ=False), id="a member of a cluster"),
        pytest.param(INSTANCE, instance(DBInstanceStatus="stopped"), id="a stopped instance"),
        pytest.param(CLUSTER, cluster(status="inaccessible-encryption-credentials"), id="a cluster without its key"),
        pytest.param(GLOBAL, secondary(Status="stopped"), id="a stopped cluster in the Region"),
        pytest.param(GLOBAL, secondary(DBClusterMembers=[]), id="a cluster without an instance"),
        pytest.param(GLOBAL, {**world(), "cluster": None}, id="a member that is not there"),
        pytest.param(CLUSTER, {"cluster": None}, id="no cluster"),
        pytest.param(CLUSTER, cluster("sessions-c"), id="a third writer"),
        pytest.param({**CLUSTER, "writer": {"primary": "sessions-a", "secondary": "x"}}, cluster(), id="no member"),
        pytest.param(GLOBAL, {"global_cluster": None}, id="no global cluster"),
        pytest.param(GLOBAL, world("eu-west-1"), id="a writer in a third Region"),
        pytest.param(GLOBAL, world(Engine="neptune"), id="an engine that is not Aurora"),
        pytest.param(GLOBAL, world(version="15.4"), id="a version that cannot switch over"),
        pytest.param(GLOBAL, world(GlobalClusterMembers=[]), id="no cluster in the Region"),
    ],
)
def test_what_cannot_be_moved_is_refused(target: Json, seen: Json) -> None:
    with pytest.raises(RefusedError):
        moved(target, seen)


def test_another_version_does_not_keep_a_failed_region_from_being_failed_over() -> None:
    assert moved(GLOBAL, world(version="15.4"), "unplanned").writes


@pytest.mark.parametrize(
    ("target", "seen"),
    [
        (INSTANCE, instance(DBInstanceStatus="backing-up")),
        (CLUSTER, cluster(status="failing-over")),
        (GLOBAL, world(Status="upgrading")),
        (GLOBAL, world(FailoverState={"ToDbClusterArn": arn("us-west-2")})),
    ],
)
def test_another_change_is_waited_for(target: Json, seen: Json) -> None:
    assert not moved(target, seen).ready


@pytest.mark.parametrize(
    ("target", "seen", "writer"),
    [(CLUSTER, cluster(), "sessions-a"), (GLOBAL, world(), arn("us-east-1"))],
    ids=["cluster", "global_cluster"],
)
def test_the_writer_is_shown(target: Json, seen: Json, writer: str) -> None:
    assert facts(target, seen) == {"status": "available", "writer": writer}


@pytest.mark.parametrize("status", ["backing-up", "storage-optimization"])
def test_a_writer_that_serves_is_not_waited_for(status: str) -> None:
    for target, seen in ((INSTANCE, instance("us-east-1b")), (CLUSTER, cluster("sessions-b"))):
        found = {name: {**one, "DBInstanceStatus": status, "Status": status} for name, one in seen.items()}
        assert moved(target, found).done


def test_after_a_failover_the_failed_region_is_not_waited_for() -> None:
    assert moved(GLOBAL, world("us-west-2", Status="failing-over"), "unplanned").done
    assert not moved(GLOBAL, world("us-west-2", Status="switching-over")).done


@pytest.mark.parametrize("kind", ["planned", "unplanned"])
def test_a_writer_that_is_on_its_way_to_another_region_is_waited_for(kind: str) -> None:
    leaving = world("us-west-2", FailoverState={"Status": "pending", "ToDbClusterArn": arn("us-east-1")})
    assert (moved(GLOBAL, leaving, kind).writes, moved(GLOBAL, leaving, kind).ready) == ((), False)
    arrived = world("us-west-2", FailoverState={"Status": "failing-over", "ToDbClusterArn": arn("us-west-2")})
    assert moved(GLOBAL, arrived, kind).done
