# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The outcome of the gate ``rds_replica_lag`` for answers of RDS and CloudWatch."""

from __future__ import annotations

import typing as t
from datetime import timedelta
from types import SimpleNamespace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.cloudwatch import Datapoint
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates import rds_replica_lag
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._gates.rds_replica_lag import (
    KIND,
    judge_lag,
    judge_replica,
)

from .gates import NOW, defined, options_of, seen_by

REPLICA = {
    "DBInstanceIdentifier": "shop-replica",
    "Engine": "mysql",
    "DBInstanceStatus": "available",
    "ReadReplicaSourceDBInstanceIdentifier": "arn:aws:rds:eu-west-1:123456789012:db:shop",
    "StatusInfos": [{"StatusType": "read replication", "Normal": True, "Status": "replicating"}],
}


def lag(value: float, age: float = 60) -> Observation:
    options = options_of(KIND, db_instance="shop-replica", source="shop", max_lag_seconds=5)
    return judge_lag(options, Datapoint(value, NOW - timedelta(seconds=age)), NOW)


@pytest.mark.parametrize(
    "changed",
    [
        {},
        {"StatusInfos": []},
        {"DBInstanceStatus": "storage-optimization"},
        {"ReadReplicaSourceDBInstanceIdentifier": None, "ReadReplicaSourceDBClusterIdentifier": "shop"},
        {"StatusInfos": [{"StatusType": "something new", "Normal": False, "Status": "odd"}]},
    ],
)
def test_a_replica_that_replicates_is_in_no_trouble(changed: dict[str, t.Any]) -> None:
    assert judge_replica("shop-replica", "shop", REPLICA | changed) is None


@pytest.mark.parametrize(
    ("changed", "observed"),
    [
        ({"DBInstanceStatus": "rebooting"}, "shop-replica is rebooting"),
        ({"DBInstanceStatus": None}, "shop-replica is in an unknown state"),
        (
            {"ReadReplicaSourceDBInstanceIdentifier": None},
            "shop-replica is no replica: it takes writes itself, and follows no other database",
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
    seen = judge_replica("shop-replica", "shop", REPLICA | changed)
    assert seen is not None
    assert (seen.passed, seen.observed, bool(seen.remedy)) == (False, observed, True)


def test_i6_one_that_a_run_has_promoted_is_reported_with_what_to_do() -> None:
    tag = {"Key": "tidegate:promoted-from", "Value": "20261121T030405Z-3f9a1c2e shop"}
    promoted = {**REPLICA, "ReadReplicaSourceDBInstanceIdentifier": None, "TagList": [tag]}
    seen = judge_replica("shop-replica", "shop", promoted)
    assert seen is not None
    assert (seen.passed, seen.final) == (False, True)
    assert "run 20261121T030405Z-3f9a1c2e promoted it from a replica of shop" in seen.observed
    assert "override this gate by its name" in seen.remedy


@pytest.mark.parametrize(
    "source",
    ["shop-2", "arn:aws:rds:us-east-1:123456789012:db:shop", "arn:aws:rds:eu-west-1:210987654321:db:shop"],
)
def test_a_replica_of_another_database_fails(source: str) -> None:
    seen = judge_replica("shop-replica", source, REPLICA)
    assert seen is not None
    assert (seen.passed, seen.observed.endswith(f", not of {source}")) == (False, True)


@pytest.mark.parametrize("source", ["shop", "Shop", "arn:aws:rds:eu-west-1:123456789012:db:shop"])
def test_the_source_is_known_by_its_name_or_its_arn(source: str) -> None:
    assert judge_replica("shop-replica", source, REPLICA) is None


def test_an_instance_that_does_not_exist_fails() -> None:
    seen = judge_replica("shop-replica", "shop", None)
    assert seen is not None
    assert seen.observed == "there is no database instance shop-replica"


@pytest.mark.parametrize(("value", "passed"), [(0, True), (5, True), (5.5, False), (900, False)])
def test_the_lag_counts_up_to_the_limit(value: float, passed: bool) -> None:
    seen = lag(value)
    assert (seen.passed, seen.observed) == (passed, f"{value:g} s behind, 60 s ago")
    assert seen.measured == {"lag_seconds": value}


def test_a_lag_below_zero_says_that_nothing_replicates() -> None:
    seen = lag(-1)
    assert (seen.passed, "replication is not active" in seen.observed) == (False, True)
    assert seen.measured == {}


def test_no_value_of_late_fails() -> None:
    options = options_of(KIND, db_instance="shop-replica", source="shop", max_lag_seconds=5)
    seen = judge_lag(options, None, NOW)
    assert (seen.passed, seen.observed) == (False, "ReplicaLag has no value of the last 300 s")


def seen_of(monkeypatch: pytest.MonkeyPatch, instance: dict[str, t.Any]) -> Observation:
    rds = SimpleNamespace(
        meta=SimpleNamespace(endpoint_url="https://rds.example.com"),
        describe_db_instances=lambda **_name: {"DBInstances": [{"DBInstanceIdentifier": "shop-replica", **instance}]},
    )
    cloudwatch = SimpleNamespace(
        meta=SimpleNamespace(endpoint_url="https://monitoring.example.com"),
        get_metric_statistics=lambda **_metric: {"Datapoints": [{"Maximum": 2.0, "Timestamp": NOW}]},
    )
    monkeypatch.setattr(rds_replica_lag, "client", lambda service, *_where: {"rds": rds}.get(service, cloudwatch))
    return seen_by(KIND, db_instance="shop-replica", source="shop", max_lag_seconds=5)


@pytest.mark.parametrize("source", ["shop", "arn:aws:rds:eu-west-1:123456789012:db:shop"])
def test_the_evidence_names_the_source_as_rds_does(monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    seen = seen_of(monkeypatch, REPLICA | {"ReadReplicaSourceDBInstanceIdentifier": source})
    assert (seen.passed, seen.observed) == (True, f"2 s behind, 0 s ago (source {source})")


def test_a_value_from_before_the_last_writes_passes_as_documented() -> None:
    assert lag(0, age=299).passed


def test_a_lag_that_is_no_number_fails() -> None:
    assert not lag(float("nan")).passed


def test_a_value_of_the_minute_that_runs_is_reported_as_of_now() -> None:
    assert lag(1, age=-20).observed == "1 s behind, 0 s ago"


def test_the_expectation_is_reported() -> None:
    options = options_of(KIND, db_instance="shop-replica", source="shop", max_lag_seconds=5)
    assert KIND.expected(options) == "replica shop-replica of shop replicating, at most 5 s behind"


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
    given = {"db_instance": "shop-replica", "source": "shop", "max_lag_seconds": 5, **options}
    with pytest.raises(RefusedError, match=message):
        defined({"name": "replica", "rds_replica_lag": given}, {"rds_replica_lag": KIND})
