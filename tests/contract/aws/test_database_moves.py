# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Databases whose writer moves: it takes time, has states in between, and is refused where RDS refuses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.contract.aws.conftest import Eventually, Refusal

Json = dict[str, Any]
GLOBAL = "catalogue"


@pytest.fixture
def rds(client: Callable[..., Any]) -> Any:
    return client("rds")


@pytest.fixture
def west(client: Callable[..., Any]) -> Any:
    return client("rds", region_name="us-west-2")


def instance(rds: Any, name: str) -> Json:
    found: Json = rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
    return found


def is_available(rds: Any, name: str) -> Callable[[], bool]:
    return lambda: bool(instance(rds, name)["DBInstanceStatus"] == "available")


@pytest.fixture
def source(rds: Any) -> Json:
    made: Json = rds.create_db_instance(
        DBInstanceIdentifier="east",
        Engine="postgres",
        DBInstanceClass="db.m5.large",
        AllocatedStorage=20,
        MasterUsername="owner",
        MasterUserPassword="of-no-account",
        MultiAZ=True,
        AvailabilityZone="us-east-1a",
        Tags=[{"Key": "owner", "Value": "shop"}],
    )["DBInstance"]
    return made


@pytest.fixture
def replica(rds: Any, source: Json, eventually: Eventually) -> str:
    rds.create_db_instance_read_replica(DBInstanceIdentifier="near", SourceDBInstanceIdentifier="east")
    eventually(is_available(rds, "near"))
    return "near"


@pytest.fixture
def whole(rds: Any, west: Any) -> str:
    rds.create_global_cluster(GlobalClusterIdentifier=GLOBAL, Engine="aurora-postgresql")
    for region in (rds, west):
        name = f"{GLOBAL}-{region.meta.region_name}"
        region.create_db_cluster(
            DBClusterIdentifier=name,
            Engine="aurora-postgresql",
            GlobalClusterIdentifier=GLOBAL,
            MasterUsername="owner",
            MasterUserPassword="of-no-account",
        )
    return GLOBAL


def described(rds: Any) -> Json:
    found: Json = rds.describe_global_clusters(GlobalClusterIdentifier=GLOBAL)["GlobalClusters"][0]
    return found


def secondary(rds: Any) -> str:
    return next(str(one["DBClusterArn"]) for one in described(rds)["GlobalClusterMembers"] if not one["IsWriter"])


def test_a_replica_does_not_inherit_the_tags_of_its_source(rds: Any, replica: str) -> None:
    assert instance(rds, replica)["TagList"] == []


def test_a_promotion_takes_time_and_detaches_the_replica(rds: Any, replica: str, eventually: Eventually) -> None:
    began = rds.promote_read_replica(DBInstanceIdentifier=replica)["DBInstance"]
    assert (began["DBInstanceStatus"], began["ReadReplicaSourceDBInstanceIdentifier"]) == ("modifying", "east")
    eventually(is_available(rds, replica))
    assert "ReadReplicaSourceDBInstanceIdentifier" not in instance(rds, replica)
    assert instance(rds, "east")["ReadReplicaDBInstanceIdentifiers"] == []


def test_a_replica_in_another_region_is_promoted_too(west: Any, source: Json, eventually: Eventually) -> None:
    west.create_db_instance_read_replica(
        DBInstanceIdentifier="far", SourceDBInstanceIdentifier=source["DBInstanceArn"], SourceRegion="us-east-1"
    )
    eventually(is_available(west, "far"))
    assert instance(west, "far")["ReadReplicaSourceDBInstanceIdentifier"] == source["DBInstanceArn"]
    west.promote_read_replica(DBInstanceIdentifier="far")
    eventually(is_available(west, "far"))
    assert "ReadReplicaSourceDBInstanceIdentifier" not in instance(west, "far")


def test_what_is_no_replica_cannot_be_promoted(rds: Any, source: Json, refusal: Refusal) -> None:
    assert refusal(rds.promote_read_replica, DBInstanceIdentifier="east")[1] == "InvalidDBInstanceState"


def test_a_replica_that_is_being_promoted_cannot_be_promoted(rds: Any, replica: str, refusal: Refusal) -> None:
    rds.promote_read_replica(DBInstanceIdentifier=replica)
    assert refusal(rds.promote_read_replica, DBInstanceIdentifier=replica)[1] == "InvalidDBInstanceState"


def test_a_reboot_with_failover_takes_time_and_changes_the_zone(rds: Any, source: Json, eventually: Eventually) -> None:
    assert instance(rds, "east")["SecondaryAvailabilityZone"] == "us-east-1b"
    rds.reboot_db_instance(DBInstanceIdentifier="east", ForceFailover=True)
    assert instance(rds, "east")["DBInstanceStatus"] == "rebooting"
    eventually(is_available(rds, "east"))
    found = instance(rds, "east")
    assert (found["AvailabilityZone"], found["SecondaryAvailabilityZone"]) == ("us-east-1b", "us-east-1a")


def test_a_reboot_with_failover_needs_a_standby(rds: Any, replica: str, refusal: Refusal) -> None:
    asked = {"DBInstanceIdentifier": replica, "ForceFailover": True}
    assert refusal(rds.reboot_db_instance, **asked)[1] == "InvalidParameterCombination"


def test_a_reboot_without_failover_keeps_the_zone(rds: Any, source: Json) -> None:
    rds.reboot_db_instance(DBInstanceIdentifier="east")
    assert instance(rds, "east")["AvailabilityZone"] == "us-east-1a"


@pytest.mark.parametrize(
    ("operation", "more", "status"),
    [
        ("switchover_global_cluster", {}, "switching-over"),
        ("failover_global_cluster", {"AllowDataLoss": True}, "failing-over"),
    ],
)
def test_a_global_cluster_moves_in_a_state_of_its_own(
    rds: Any, whole: str, operation: str, more: Json, status: str, eventually: Eventually
) -> None:
    target = secondary(rds)
    getattr(rds, operation)(GlobalClusterIdentifier=whole, TargetDbClusterIdentifier=target, **more)
    began = described(rds)
    assert (began["Status"], began["FailoverState"]["ToDbClusterArn"]) == (status, target)
    eventually(lambda: described(rds)["Status"] == "available")
    assert [one["DBClusterArn"] for one in described(rds)["GlobalClusterMembers"] if one["IsWriter"]] == [target]


def test_a_global_cluster_that_moves_cannot_be_moved(rds: Any, whole: str, refusal: Refusal) -> None:
    asked = {"GlobalClusterIdentifier": whole, "TargetDbClusterIdentifier": secondary(rds)}
    rds.switchover_global_cluster(**asked)
    assert refusal(rds.switchover_global_cluster, **asked)[1] == "InvalidGlobalClusterStateFault"


def test_a_global_cluster_is_not_moved_to_where_it_has_no_cluster(rds: Any, whole: str, refusal: Refusal) -> None:
    elsewhere = "arn:aws:rds:eu-west-1:123456789012:cluster:catalogue"
    asked = {"GlobalClusterIdentifier": whole, "TargetDbClusterIdentifier": elsewhere}
    assert refusal(rds.switchover_global_cluster, **asked)[1] == "DBClusterNotFoundFault"


def test_a_global_cluster_that_is_not_there_is_not_found(rds: Any, whole: str, refusal: Refusal) -> None:
    assert refusal(rds.describe_global_clusters, GlobalClusterIdentifier="x")[1] == "GlobalClusterNotFoundFault"


def test_the_clusters_of_a_region_are_those_of_that_region(west: Any, whole: str) -> None:
    assert [one["DBClusterIdentifier"] for one in west.describe_db_clusters()["DBClusters"]] == ["catalogue-us-west-2"]


def test_a_cluster_fails_over_in_a_state_of_its_own(rds: Any, eventually: Eventually) -> None:
    rds.create_db_cluster(
        DBClusterIdentifier="sessions",
        Engine="aurora-mysql",
        MasterUsername="owner",
        MasterUserPassword="of-no-account",
    )
    for name in ("a", "b"):
        rds.create_db_instance(
            DBInstanceIdentifier=f"sessions-{name}",
            DBClusterIdentifier="sessions",
            Engine="aurora-mysql",
            DBInstanceClass="db.r6g.large",
        )
    rds.failover_db_cluster(DBClusterIdentifier="sessions", TargetDBInstanceIdentifier="sessions-b")
    assert rds.describe_db_clusters()["DBClusters"][0]["Status"] == "failing-over"
    eventually(lambda: rds.describe_db_clusters()["DBClusters"][0]["Status"] == "available")
    members = rds.describe_db_clusters()["DBClusters"][0]["DBClusterMembers"]
    assert [one["DBInstanceIdentifier"] for one in members if one["IsClusterWriter"]] == ["sessions-b"]
