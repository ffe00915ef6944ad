# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A whole service fails over and back while users ask, by one playbook each."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World, eventually
from ansible_collections.tidegate.failover.tests.scenarios.whole_service import (
    BALANCED,
    NOTHING,
    SWITCHED,
    WAYS,
    Users,
    WholeService,
)

#: What differs once a service has come back: its database has another name, and its health check a state.
NOT_AS_BEFORE = ("rds", "lock")


@pytest.fixture
def service(world: World) -> WholeService:
    found = WholeService(world.lab)
    world.checkout.update(
        failover_resources=found.resources,
        failover_fences=[{"name": "scaled to zero", "command": {"argv": ["/bin/true"]}}],
        failover_wait_timeout=120,
        failback_gates=[found.gate],
        failback_wait_timeout=120,
    )
    return found


def test_a_whole_service_goes_over_with_its_users_and_comes_back(world: World, service: WholeService) -> None:
    before = service.everything()
    with Users(service) as users:
        users.wait_for_all("primary")
        service.set_site("primary", running=False)
        over = world.run("failover", failover_type="unplanned")
        assert over.returncode == 0, over.output
        users.wait_for_all("backup")
    assert [name for name, status in world.steps().items() if status == "done"] == [
        *("lock", "fences", "rds", "autoscaling", "alb", "global_accelerator", "dns", "wait")
    ]
    assert world.record()["recovery_point"]["lag_seconds"] == 2
    # A client that has reached the other site stays there; the failed site serves no client.
    assert users.after("backup") == {way: {"backup"} for way in WAYS}, users.counts()
    assert {NOTHING, "primary", "backup"} == set(users.counts()[BALANCED]) == set(users.counts()[SWITCHED])

    service.set_site("primary", running=True)
    service.rebuild()
    with Users(service) as users:
        users.wait_for_all("backup")
        back = world.run("failback")
        assert back.returncode == 0, back.output
        users.wait_for_all("primary")
    # Nobody was turned away, and nobody went to and fro.
    assert users.after("primary") == {way: {"primary"} for way in WAYS}, users.counts()
    assert all(set(counts) == {"primary", "backup"} for counts in users.counts().values()), users.counts()
    after = service.everything()
    assert {name for name in before if before[name] != after[name]} == set(NOT_AS_BEFORE)
    assert after["rds"]["orders-c"]["ReadReplicaSourceDBInstanceIdentifier"] is None
    eventually(lambda: world.leads_to("primary"))
