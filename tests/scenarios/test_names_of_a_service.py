# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Names without health-check failover go with a service as resolvers see them: there, back, and after a failure."""

from __future__ import annotations

from typing import Any

import boto3
import dns.resolver
import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import FAILS, World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

PRIMARY, SECONDARY = "192.0.2.1", "198.51.100.1"
OPEN = {"name": "an hour of the day", "window": {"hours": ["00:00-24:00"]}}


class Names:
    """A simple and a weighted name of the shop, and a client that queries them."""

    def __init__(self, world: World) -> None:
        aws = world.lab.info["aws"]
        self._aws, self._zone = aws, aws["zone"]
        self.simple, self.weighted = (f"{name}.{self._zone['name']}" for name in ("static", "api"))
        self._client = boto3.client(
            "route53",
            endpoint_url=aws["endpoint_url"],
            region_name=aws["region"],
            aws_access_key_id=aws["access_key"],
            aws_secret_access_key=aws["secret_key"],
        )
        blue, green = ({"SetIdentifier": name, "Weight": weight} for name, weight in (("blue", 1), ("green", 0)))
        self.change("CREATE", self.simple, PRIMARY)
        self.change("CREATE", self.weighted, PRIMARY, **blue)
        self.change("CREATE", self.weighted, SECONDARY, **green)

    @property
    def resources(self) -> Json:
        """Both, as ``failover_resources`` has them."""
        zone = self._zone["name"]
        weights = [{"weights": {"blue": blue, "green": 1 - blue}} for blue in (1, 0)]
        simple = [{"values": [value]} for value in (PRIMARY, SECONDARY)]
        return {
            "dns": [
                {"zone": zone, "name": name, "primary": sides[0], "secondary": sides[1]}
                for name, sides in ((self.simple, simple), (self.weighted, weights))
            ]
        }

    def change(self, action: str, name: str, value: str, **more: Any) -> None:
        """Change a record by hand."""
        record = {"Name": name, "Type": "A", "TTL": 1, "ResourceRecords": [{"Value": value}], **more}
        changes = [{"Action": action, "ResourceRecordSet": record}]
        self._client.change_resource_record_sets(HostedZoneId=self._zone["id"], ChangeBatch={"Changes": changes})

    def answers(self) -> list[str]:
        """What resolvers get for both."""
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = [self._aws["dns"]["host"]], self._aws["dns"]["port"]
        return [str(item) for name in (self.simple, self.weighted) for item in resolver.resolve(name, "A")]


@pytest.fixture
def names(world: World) -> Names:
    found = Names(world)
    world.checkout["failover_resources"] = found.resources
    return found


def test_names_go_with_the_service_and_come_back_with_it(world: World, names: Names) -> None:
    done = world.run("failover")
    assert done.returncode == 0, done.output
    assert list(world.steps()) == ["lock", "dns", "wait"]
    assert names.answers() == [SECONDARY, SECONDARY]

    shown = world.run("status")
    assert "NOT MOVED" not in shown.output

    world.checkout["failback_gates"] = [OPEN]
    back = world.run("failback")
    assert back.returncode == 0, back.output
    assert world.steps()["dns"] == "done"
    assert names.answers() == [PRIMARY, PRIMARY]


def test_i11_a_planned_failover_that_fails_leads_names_back(world: World, names: Names) -> None:
    own = {"name": "own", "tasks": world.tasks(*FAILS)}
    world.checkout.update(failover_type="planned", failover_steps=["lock", "dns", own])
    assert world.run("failover").returncode != 0
    assert world.record()["status"] == "undone"
    assert (names.answers(), world.lock_id()) == ([PRIMARY, PRIMARY], None)


def test_i4_a_name_that_somebody_has_changed_refuses_the_failover_before_its_lock(world: World, names: Names) -> None:
    names.change("UPSERT", names.simple, "203.0.113.9")
    mark = world.latest()
    refused = world.run("failover")
    assert refused.returncode != 0
    assert "It leads to neither of the two sites: there is 203.0.113.9" in refused.output
    assert world.lab.writes(since=mark) == []
    assert "error: resources: dns" in world.run("preflight").output


def test_what_did_not_go_with_users_is_reported(world: World, names: Names) -> None:
    world.checkout["failover_steps"] = ["lock"]
    assert world.run("failover").returncode == 0
    reported = world.run("status").output
    assert f"NOT MOVED WITH USERS: dns {names.simple} A" in reported
