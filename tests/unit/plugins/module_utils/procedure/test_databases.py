# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The place of the step ``rds``: when it demands a fence, and from when on nothing is undone."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import failover as failovers
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    EARLIER,
    FENCE,
    Cloud,
    Role,
    failback,
    failover,
)

REPLICA: Json = {"rds": [{"replica": "west", "source": "east", "returning": {"replica": "east-2"}}]}
CLUSTER: Json = {"rds": [{"cluster": "sessions", "writer": {"primary": "a", "secondary": "b"}}]}
CAUGHT_UP: Json = {
    "name": "caught up",
    "rds_replica_lag": {"db_instance": "east-2", "source": "west", "max_lag_seconds": 0},
}


def over(resources: Json, **given: t.Any) -> Role:
    return Role(failover(resources=resources, **given), Cloud())


def test_a_promotion_without_a_fence_is_refused() -> None:
    run = over(REPLICA).go()
    assert (run.status, "failover_fences is empty" in run.problem) == ("refused", True)


def test_a_cluster_needs_no_fence() -> None:
    assert over(CLUSTER).go().status == "completed"


def test_a_promotion_comes_after_its_fence() -> None:
    taken = list(over(REPLICA, fences=[FENCE]).go().results)
    assert taken.index("fences") < taken.index("rds")


def test_i11_a_promotion_is_the_point_of_no_return() -> None:
    role = over(REPLICA, type="planned", fences=[FENCE])
    assert role.go().point_of_no_return_at is not None


def test_i11_the_writer_of_a_cluster_is_moved_back_where_a_later_step_fails() -> None:
    role = over(CLUSTER, type="planned", steps=["lock", "rds", {"name": "own", "tasks": "/inventory/own.yml"}])
    role.files = {"/inventory/own.yml": "broken"}
    role.go()
    moves = [options["to"] for _name, options in role.cloud.calls if _name == "rds_failover"]
    assert moves[-1] == "primary"


def test_no_promotion_is_seen_where_its_step_is_left_out() -> None:
    assert not failovers.promotes(failover(resources=REPLICA, steps=["lock", "wait"]))


@pytest.mark.parametrize("resources", [{"rds": ["no dictionary"]}, {"rds": "no list"}])
def test_databases_that_are_none_are_refused_with_that(resources: Json) -> None:
    run = over(resources).go()
    assert (run.status, "is of the wrong kind" in run.problem) == ("refused", True)


def test_a_failback_promotes_nothing_without_a_gate_on_its_lag() -> None:
    run = Role(failback(resources=REPLICA), Cloud(locks={"check-1": EARLIER})).go()
    assert (run.status, "rds_replica_lag" in run.problem) == ("refused", True)


def test_a_failback_promotes_before_it_unlocks() -> None:
    run = Role(failback(resources=REPLICA, gates=[CAUGHT_UP]), Cloud(locks={"check-1": EARLIER})).go()
    taken = list(run.results)
    assert taken.index("data_gates") < taken.index("rds") < taken.index("unlock")
