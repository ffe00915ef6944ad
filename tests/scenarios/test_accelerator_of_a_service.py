# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A site is taken out of AWS Global Accelerator with its service, and put back with it."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import FAILS, World

OPEN = {"name": "an hour of the day", "window": {"hours": ["00:00-24:00"]}}


class Accelerator:
    """The lab's accelerator, as a resource of the shop."""

    def __init__(self, world: World) -> None:
        aws = world.lab.info["aws"]
        self._groups: dict[str, str] = aws["global_accelerator"]["groups"]
        self._client: Any = boto3.client(
            "globalaccelerator",
            endpoint_url=aws["endpoint_url"],
            region_name="us-west-2",
            aws_access_key_id=aws["access_key"],
            aws_secret_access_key=aws["secret_key"],
        )
        sites = {"primary": self._groups["primary"], "secondary": self._groups["backup"]}
        target = {"name": "checkout"} | {site: {"endpoint_group_arn": arn} for site, arn in sites.items()}
        world.checkout["failover_resources"] = {"global_accelerator": [target]}

    def dials(self) -> dict[str, float]:
        """The traffic dial of each site."""
        described = {
            site: self._client.describe_endpoint_group(EndpointGroupArn=arn) for site, arn in self._groups.items()
        }
        return {site: found["EndpointGroup"]["TrafficDialPercentage"] for site, found in described.items()}


@pytest.fixture
def accelerator(world: World) -> Accelerator:
    return Accelerator(world)


def test_a_site_leaves_the_accelerator_with_the_service_and_comes_back_with_it(
    world: World, accelerator: Accelerator
) -> None:
    done = world.run("failover")
    assert done.returncode == 0, done.output
    assert list(world.steps()) == ["lock", "global_accelerator", "wait"]
    assert accelerator.dials() == {"primary": 0, "backup": 100}

    world.checkout["failback_gates"] = [OPEN]
    back = world.run("failback")
    assert back.returncode == 0, back.output
    assert world.steps()["global_accelerator"] == "done"
    assert accelerator.dials() == {"primary": 100, "backup": 100}


def test_i11_a_planned_failover_that_fails_puts_the_site_back(world: World, accelerator: Accelerator) -> None:
    own = {"name": "own", "tasks": world.tasks(*FAILS)}
    world.checkout.update(failover_type="planned", failover_steps=["lock", "global_accelerator", own])
    assert world.run("failover").returncode != 0
    assert world.record()["status"] == "undone"
    assert (accelerator.dials(), world.lock_id()) == ({"primary": 100, "backup": 100}, None)


def test_i4_a_site_whose_other_one_is_not_healthy_refuses_the_failover_before_its_lock(
    world: World, accelerator: Accelerator
) -> None:
    world.lab.control("PUT", "/aws/global-accelerator", {"backup": "UNHEALTHY"})
    mark = world.latest()
    refused = world.run("failover")
    assert refused.returncode != 0
    assert "the secondary site is not known to serve" in refused.output
    assert (world.lab.writes(since=mark), accelerator.dials()["primary"]) == ([], 100)
