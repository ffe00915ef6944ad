# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the gate ``rds_replica_lag`` makes of what RDS and CloudWatch say."""

from __future__ import annotations

import typing as t
from datetime import timedelta

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import Datapoint
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._gates.rds_replica_lag import (
    KIND,
    judge_lag,
    judge_replica,
    judge_source,
)

from .gates import NOW, defined, options_of

REPLICA = {
    "DBInstanceIdentifier": "shop-replica",
    "Engine": "mysql",
    "DBInstanceStatus": "available",
    "ReadReplicaSourceDBInstanceIdentifier": "arn:aws:rds:eu-west-1:123456789012:db:shop",
    "StatusInfos": [{"StatusType": "read replication", "Normal": True, "Status": "replicating"}],
}


def lag(value: float, age: float = 60) -> Observation:
    options = options_of(KIND, db_instance="shop-replica", max_lag_seconds=5)
    return judge_lag(options, Datapoint(value, NOW - timedelta(seconds=age)), NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"StatusInfos": []},
        {"ReadReplicaSourceDBInstanceIdentifier": None, "ReadReplicaSourceDBClusterIdentifier": "shop-cluster"},
        {"StatusInfos": [{"StatusType": "something new", "Normal": False, "Status": "odd"}]},
    ],
)
def test_a_replica_that_replicates_is_in_no_trouble(changed: dict[str, t.Any]) -> None:
    assert judge_replica("shop-replica", REPLICA | changed) is None


@pytest.mark.parametrize(
    ("changed", "observed"),
    [
        ({"DBInstanceStatus": "rebooting"}, "shop-replica is rebooting"),
        ({"DBInstanceStatus": None}, "shop-replica is in no state that RDS tells"),
        (
            {"ReadReplicaSourceDBInstanceIdentifier": None},
            "shop-replica is no replica: it takes writes itself, and follows nobody",
        ),
        (
            {
                "StatusInfos": [
                    {"StatusType": "read replication", "Normal": False, "Status": "error", "Message": "1236"}
                ]
            },
            "replication of shop-replica is error: 1236",
        ),
        (
            {"StatusInfos": [{"StatusType": "read replication", "Normal": True, "Status": "stopped"}]},
            "replication of shop-replica is stopped",
        ),
        ({"Engine": "aurora-postgresql"}, "shop-replica is of Aurora, which has no ReplicaLag"),
    ],
)
def test_what_is_no_replica_that_replicates_fails(changed: dict[str, t.Any], observed: str) -> None:
    seen = judge_replica("shop-replica", REPLICA | changed)
    assert seen is not None
    assert (seen.passed, seen.observed, bool(seen.remedy)) == (False, observed, True)


def test_an_instance_that_does_not_exist_fails() -> None:
    seen = judge_replica("shop-replica", None)
    assert seen is not None
    assert seen.observed == "there is no database instance shop-replica"


@pytest.mark.parametrize(("value", "passed"), [(0, True), (5, True), (5.5, False), (900, False)])
def test_the_lag_counts_up_to_the_limit(value: float, passed: bool) -> None:
    seen = lag(value)
    assert (seen.passed, seen.observed) == (passed, f"{value:g} s behind, 60 s ago")


def test_a_lag_below_zero_says_that_nothing_replicates() -> None:
    seen = lag(-1)
    assert (seen.passed, "replication is not active" in seen.observed) == (False, True)


def test_no_value_of_late_fails() -> None:
    options = options_of(KIND, db_instance="shop-replica", max_lag_seconds=5)
    seen = judge_lag(options, None, NOW)
    assert (seen.passed, seen.observed) == (False, "ReplicaLag has no value of the last 300 s")


SOURCE = "arn:aws:rds:eu-west-1:123456789012:db:shop"


@pytest.mark.parametrize(
    ("source", "wanted", "passed"),
    [
        (SOURCE, SOURCE, True),
        (SOURCE, "shop", True),
        ("shop", "Shop", True),
        ("shop", SOURCE, True),
        (SOURCE, "arn:aws:rds:eu-west-2:123456789012:db:shop", False),
        ("shop-replica-2", "shop", False),
        ("shop", None, True),
    ],
)
def test_a_replica_of_another_database_fails_where_the_source_is_named(
    source: str, wanted: str | None, passed: bool
) -> None:
    options = options_of(KIND, db_instance="shop-replica", max_lag_seconds=5, source=wanted)
    seen = judge_source(options, REPLICA | {"ReadReplicaSourceDBInstanceIdentifier": source})
    assert (seen is None) is passed


def test_a_value_from_before_the_last_writes_passes_as_documented() -> None:
    assert lag(0, age=299).passed


def test_a_lag_that_is_no_number_fails() -> None:
    assert not lag(float("nan")).passed


def test_a_value_of_the_minute_that_runs_is_told_as_of_now() -> None:
    assert lag(1, age=-20).observed == "1 s behind, 0 s ago"


def test_a_person_is_told_what_is_expected() -> None:
    options = options_of(KIND, db_instance="shop-replica", max_lag_seconds=5)
    assert KIND.expected(options) == "replica shop-replica replicating, at most 5 s behind"
    assert KIND.expected(options | {"source": "shop"}).startswith("replica shop-replica replicating from shop, at most")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"max_lag_seconds": -1}, "max_lag_seconds is -1"),
        ({"max_lag_seconds": "inf"}, "max_lag_seconds is inf"),
        ({"max_lag_seconds": "nan"}, "max_lag_seconds is nan"),
        ({"max_data_age": 59}, "60 or more"),
    ],
)
def test_options_that_mean_nothing_are_refused(options: dict[str, t.Any], message: str) -> None:
    given = {"db_instance": "shop-replica", "max_lag_seconds": 5, **options}
    with pytest.raises(RefusedError, match=message):
        defined({"name": "replica", "rds_replica_lag": given}, {"rds_replica_lag": KIND})
