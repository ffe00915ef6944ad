# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A service with a read replica at the other site fails over by its promotion, and returns to a new replica."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

from lab.process import RunningLab

SIGN_IN = {"region": "region_name", "access_key": "aws_access_key_id", "secret_key": "aws_secret_access_key"}


class Shop(World):
    """The shop with its database and a replica of that."""

    def __init__(self, lab: RunningLab, playbooks: Playbooks, aws_auth: Json, folder: Path) -> None:
        super().__init__(lab, playbooks, aws_auth, folder)
        aws = {**lab.info["aws"], "region": lab.info["aws"]["region"]}
        keys = {given: aws[name] for name, given in SIGN_IN.items()}
        self._client: Callable[[str], Any] = lambda service: boto3.client(
            service, endpoint_url=aws["endpoint_url"], **keys
        )
        self.rds = self._client("rds")
        owner = {"MasterUsername": "owner", "MasterUserPassword": "of-no-account", "AllocatedStorage": 20}
        self.rds.create_db_instance(
            DBInstanceIdentifier="orders-a", Engine="postgres", DBInstanceClass="db.m5.large", **owner
        )
        self.rds.create_db_instance_read_replica(DBInstanceIdentifier="orders-b", SourceDBInstanceIdentifier="orders-a")
        target = {"replica": "orders-b", "source": "orders-a", "returning": {"replica": "orders-c"}}
        lag = {"db_instance": "orders-c", "source": "orders-b", "max_lag_seconds": 0, "aws": aws_auth}
        self.services["checkout"] |= {
            "failover_resources": {"rds": [target]},
            "failover_fences": [{"name": "scaled to zero", "command": {"argv": ["/bin/true"]}}],
            "failback_gates": [{"name": "caught up", "rds_replica_lag": lag}],
            "failback_steps": ["data_gates", "rds", "unlock", "notify"],
            "failback_wait_timeout": 60,
        }
        self.target = target

    def source_of(self, name: str) -> str:
        """What an instance is a replica of; empty if it is a writer."""
        found = self.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]
        return str(found.get("ReadReplicaSourceDBInstanceIdentifier") or "")

    def rebuild(self) -> None:
        """Make the replica that the failback returns to, and let it catch up."""
        task = {"tidegate.failover.rds_failover": {"rebuild": True, "targets": [self.target], **self._auth}}
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
        outcome = self._playbooks.run_file(self._playbooks.file([play]))
        assert outcome.returncode == 0, outcome.output
        caught_up: Json = {"MetricName": "ReplicaLag", "Value": 0.0}
        caught_up["Dimensions"] = [{"Name": "DBInstanceIdentifier", "Value": "orders-c"}]
        self._client("cloudwatch").put_metric_data(Namespace="AWS/RDS", MetricData=[caught_up])


@pytest.fixture
def shop(aws_lab: RunningLab, playbooks: Playbooks, aws_auth: Json, tmp_path: Path) -> Shop:
    return Shop(aws_lab, playbooks, aws_auth, tmp_path)


def test_the_writer_goes_over_with_the_users_and_back_to_a_new_replica(shop: Shop) -> None:
    outcome = shop.run("failover", failover_type="unplanned", failover_steps=["lock", "fences", "rds", "notify"])
    assert outcome.returncode == 0, outcome.output
    assert shop.steps()["rds"] == "done"
    assert (shop.source_of("orders-b"), shop.record()["promotions"]) == ("", ["rds"])
    too_early = shop.run("failback")
    assert too_early.returncode != 0
    assert shop.lock_id()
    shop.rebuild()
    outcome = shop.run("failback")
    assert outcome.returncode == 0, outcome.output
    assert (shop.source_of("orders-c"), shop.lock_id()) == ("", None)
    # The names have changed, and the inventory still has the old ones.
    outcome = shop.run("failover", failover_type="unplanned", failover_steps=["lock", "fences", "rds", "notify"])
    assert outcome.returncode != 0
    assert "orders-b has outdated data" in outcome.output
    assert shop.lock_id() is None


def test_a_replica_of_another_database_refuses_the_failover_before_the_lock(shop: Shop) -> None:
    shop.checkout["failover_resources"] = {"rds": [{"replica": "orders-b", "source": "accounts"}]}
    outcome = shop.run("failover", failover_type="unplanned")
    assert outcome.returncode != 0
    assert "orders-b is a replica of orders-a, not of accounts" in outcome.output
    assert (shop.lock_id(), shop.source_of("orders-b")) == (None, "orders-a")
