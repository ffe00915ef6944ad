# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether a read replica may be promoted, and how a promoted one is known again."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._databases.replicas import decide, rebuild
from ansible_collections.tidegate.failover.plugins.module_utils._databases.verdict import PROMOTED_TAG, Json
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

EAST = "arn:aws:rds:us-east-1:123456789012:db:orders-east"
TARGET: Json = {
    "replica": "orders-west",
    "source": EAST,
    "region": "us-west-2",
    "returning": {"replica": "orders-east-2", "region": "us-east-1"},
}
RUN = "20261121T030405Z-3f9a1c2e"


def instance(name: str, source: str = "", *, tag: str = "", status: str = "available") -> Json:
    found: Json = {"DBInstanceIdentifier": name, "DBInstanceStatus": status, "AvailabilityZone": "us-west-2a"}
    found["DBInstanceArn"] = f"arn:aws:rds:us-west-2:123456789012:db:{name}"
    found["TagList"] = [{"Key": PROMOTED_TAG, "Value": tag}] if tag else []
    return found | ({"ReadReplicaSourceDBInstanceIdentifier": source} if source else {})


def operations(found: t.Any, to: str = "secondary", target: Json | None = None, **more: t.Any) -> list[str]:
    verdict = decide(target or TARGET, to, RUN, {"instance": found, **more})
    return [write.operation for write in verdict.writes]


def test_i8_a_replica_is_marked_before_it_is_promoted() -> None:
    assert operations(instance("orders-west", EAST)) == ["add_tags_to_resource", "promote_read_replica"]


def test_the_mark_names_the_run_and_the_source() -> None:
    mark = decide(TARGET, "secondary", RUN, {"instance": instance("orders-west", EAST)}).writes[0]
    assert mark.arguments["Tags"] == [{"Key": PROMOTED_TAG, "Value": f"{RUN} {EAST}"}]


def test_an_aborted_run_that_has_left_its_mark_only_promotes() -> None:
    assert operations(instance("orders-west", EAST, tag=f"earlier {EAST}")) == ["promote_read_replica"]


def test_an_instance_that_carries_the_mark_is_promoted_already() -> None:
    found = instance("orders-west", tag=f"earlier {EAST}")
    assert decide(TARGET, "secondary", RUN, {"instance": found}).done


@pytest.mark.parametrize(
    "found",
    [
        pytest.param(None, id="nothing of that name"),
        pytest.param(instance("orders-west", "accounts"), id="a replica of another source"),
        pytest.param(instance("orders-west"), id="a standalone instance without a mark"),
        pytest.param(instance("orders-west", tag="earlier accounts"), id="one that was promoted from another source"),
        pytest.param(instance("orders-west", EAST.replace("us-east-1", "eu-west-1")), id="a namesake elsewhere"),
    ],
)
def test_i4_what_is_no_replica_of_the_source_is_refused(found: Json | None) -> None:
    with pytest.raises(RefusedError):
        operations(found)


def test_a_replica_that_is_being_changed_is_waited_for() -> None:
    found = instance("orders-west", EAST, status="modifying")
    assert not decide(TARGET, "secondary", RUN, {"instance": found}).ready


def test_a_failback_without_a_promotion_changes_nothing() -> None:
    assert operations(instance("orders-west", EAST), "primary") == []


def test_a_failback_promotes_the_replica_of_the_present_writer() -> None:
    west = instance("orders-west", tag=f"earlier {EAST}")
    back = instance("orders-east-2", west["DBInstanceArn"])
    assert operations(west, "primary", returning=back)[-1] == "promote_read_replica"


@pytest.mark.parametrize("source", ["", EAST])
def test_a_failback_refuses_a_replica_of_anything_else(source: str) -> None:
    west = instance("orders-west", tag=f"earlier {EAST}")
    with pytest.raises(RefusedError):
        operations(west, "primary", returning=instance("orders-east-2", source))


def after_failback(tag: str = f"earlier {EAST}") -> tuple[Json, Json]:
    """The former writer, and the replica that a failback has promoted in its place."""
    west = instance("orders-west", tag=tag)
    return west, instance("orders-east-2", tag=f"later {west['DBInstanceArn']}")


def test_i7_a_former_writer_is_not_taken_for_the_writer_by_the_next_failover() -> None:
    west, east = after_failback()
    (mark,) = decide(TARGET, "primary", RUN, {"instance": west, "returning": east}).writes
    assert (mark.operation, mark.arguments["ResourceName"], mark.region) == (
        "add_tags_to_resource",
        west["DBInstanceArn"],
        "us-west-2",
    )
    marked, east = after_failback(mark.arguments["Tags"][0]["Value"])
    assert decide(TARGET, "primary", RUN, {"instance": marked, "returning": east}).done
    with pytest.raises(RefusedError, match="outdated data: run .* failed back to orders-east-2"):
        operations(marked)


def test_a_writer_is_not_marked_as_outdated_before_the_other_one_is_promoted() -> None:
    west, _east = after_failback()
    back = instance("orders-east-2", west["DBInstanceArn"])
    writes = decide(TARGET, "primary", RUN, {"instance": west, "returning": back}).writes
    assert west["DBInstanceArn"] not in [write.arguments.get("ResourceName") for write in writes]


def test_i7_a_failback_does_not_conclude_from_a_missing_writer_that_the_source_is_the_writer() -> None:
    with pytest.raises(RefusedError, match="who the writer is"):
        operations(None, "primary", returning=None)


def test_a_failback_without_a_replica_to_return_to_is_refused() -> None:
    with pytest.raises(RefusedError, match="no way back"):
        operations(instance("orders-west"), "primary", {**TARGET, "returning": None})


def test_a_failback_whose_replica_is_not_built_yet_says_how_to_build_it() -> None:
    with pytest.raises(RefusedError, match="rebuild=true"):
        operations(instance("orders-west"), "primary", returning=None)


def test_a_replica_in_another_region_is_built_by_the_writers_arn() -> None:
    writer = instance("orders-west")
    (write,) = rebuild(TARGET, {"instance": writer, "returning": None}).writes
    assert (write.region, write.arguments["SourceDBInstanceIdentifier"]) == ("us-east-1", writer["DBInstanceArn"])


def test_a_replica_that_is_built_already_is_not_built_again() -> None:
    writer = instance("orders-west")
    built = instance("orders-east-2", writer["DBInstanceArn"])
    assert rebuild(TARGET, {"instance": writer, "returning": built}).done


def test_a_name_that_something_else_has_is_refused() -> None:
    with pytest.raises(RefusedError, match="not deleted"):
        rebuild(TARGET, {"instance": instance("orders-west"), "returning": instance("orders-east-2")})


def test_nothing_is_rebuilt_before_the_promotion() -> None:
    with pytest.raises(RefusedError, match="still a replica"):
        rebuild(TARGET, {"instance": instance("orders-west", EAST), "returning": None})


@pytest.mark.parametrize("status", ["backing-up", "storage-optimization", "configuring-log-exports"])
def test_a_promoted_replica_that_serves_is_not_waited_for(status: str) -> None:
    found = instance("orders-west", tag=f"earlier {EAST}", status=status)
    assert decide(TARGET, "secondary", RUN, {"instance": found}).done


def test_a_replica_whose_storage_is_optimized_for_hours_is_promoted_meanwhile() -> None:
    found = instance("orders-west", EAST, status="storage-optimization")
    assert decide(TARGET, "secondary", RUN, {"instance": found}).ready


def test_a_replica_that_is_backed_up_is_waited_for() -> None:
    found = instance("orders-west", EAST, status="backing-up")
    assert not decide(TARGET, "secondary", RUN, {"instance": found}).ready


STUCK = ["stopped", "storage-full", "failed", "incompatible-network", "inaccessible-encryption-credentials"]


@pytest.mark.parametrize("status", STUCK)
@pytest.mark.parametrize("source", [EAST, ""], ids=["replica", "promoted"])
def test_a_status_that_only_a_person_ends_is_refused(source: str, status: str) -> None:
    found = instance("orders-west", source, tag=f"earlier {EAST}", status=status)
    with pytest.raises(RefusedError, match=f"{status}, which it does not leave by itself"):
        decide(TARGET, "secondary", RUN, {"instance": found})


def broken() -> Json:
    reported = {"StatusType": "read replication", "Normal": False, "Status": "error", "Message": "SQL thread stopped."}
    return instance("orders-west", EAST) | {"StatusInfos": [reported]}


def test_a_planned_failover_does_not_promote_a_replica_whose_replication_is_broken() -> None:
    with pytest.raises(RefusedError, match=r"replication of orders-west is error \(SQL thread stopped\)"):
        decide(TARGET, "secondary", RUN, {"instance": broken()}, planned=True)


@pytest.mark.parametrize("status", ["stopped", "replication stop point reached"])
def test_a_replication_that_somebody_has_stopped_is_broken_too(status: str) -> None:
    reported = {"StatusType": "read replication", "Normal": True, "Status": status}
    with pytest.raises(RefusedError, match=f"is {status}, so it does not have"):
        decide(
            TARGET,
            "secondary",
            RUN,
            {"instance": instance("orders-west", EAST) | {"StatusInfos": [reported]}},
            planned=True,
        )


def test_an_unplanned_failover_promotes_what_there_is() -> None:
    assert operations(broken())[-1] == "promote_read_replica"


def test_a_replica_that_replicates_is_promoted_by_plan() -> None:
    reported = {"StatusType": "read replication", "Normal": True, "Status": "replicating"}
    found = instance("orders-west", EAST) | {"StatusInfos": [reported]}
    assert decide(TARGET, "secondary", RUN, {"instance": found}, planned=True).writes


@pytest.mark.parametrize(
    ("writer", "returning", "said"),
    [
        ({"BackupRetentionPeriod": 0}, {}, "backup retention period"),
        ({"MasterUserSecret": {"SecretStatus": "active"}, "Engine": "mysql"}, {}, "Secrets Manager"),
        ({"StorageEncrypted": True}, {}, "Give targets"),
        ({"StorageEncrypted": True}, {"region": "us-west-2", "kms_key": "alias/orders"}, "Remove targets"),
    ],
)
def test_a_replica_that_rds_would_not_make_is_refused(writer: Json, returning: Json, said: str) -> None:
    target = {**TARGET, "returning": {**TARGET["returning"], **returning}}
    with pytest.raises(RefusedError, match=said):
        rebuild(target, {"instance": instance("orders-west") | writer, "returning": None})


@pytest.mark.parametrize(
    ("writer", "returning"),
    [
        ({"MasterUserSecret": {"SecretStatus": "active"}, "Engine": "sqlserver-ee"}, {}),
        ({"StorageEncrypted": True}, {"kms_key": "alias/orders"}),
        ({"StorageEncrypted": True}, {"region": "us-west-2"}),
        ({"BackupRetentionPeriod": 1}, {}),
    ],
)
def test_a_replica_that_rds_would_make_is_made(writer: Json, returning: Json) -> None:
    target = {**TARGET, "returning": {**TARGET["returning"], **returning}}
    assert rebuild(target, {"instance": instance("orders-west") | writer, "returning": None}).writes


def test_a_user_who_signs_in_by_iam_can_do_so_at_the_new_replica() -> None:
    writer = instance("orders-west") | {"IAMDatabaseAuthenticationEnabled": True}
    (write,) = rebuild(TARGET, {"instance": writer, "returning": None}).writes
    assert write.arguments["EnableIAMDatabaseAuthentication"] is True
