# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A site is locked by ARC routing controls: beside Route 53's lock, in its place, and while Route 53 is silent."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import DOES_NOTHING, World, eventually
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import RunningLab

GATES = [{"name": "an hour of the day", "window": {"hours": ["00:00-24:00"]}}]
#: us-east-1 is gone: Route 53's control plane, and one of the cluster's endpoints. Other services fail too.
ENDPOINTS = {"us-east-1": "down", "us-west-2": "unavailable", "eu-west-1": "down"}


@pytest.fixture
def arc(world: World) -> World:
    """The shop with a routing control for each site."""
    found = world.lab.info["aws"]["routing_controls"]
    controls = {name: [arn] for name, arn in found["controls"].items()}
    world.checkout["failover_routing_controls"] = {
        "site": controls["primary"],
        "others": controls["backup"],
        "cluster_endpoints": found["endpoints"],
    }
    world.checkout["failback_gates"] = GATES
    return world


def controls_of(world: World) -> Json:
    states: Json = world.lab.control("GET", "/aws/routing-controls")
    return states


def silence_us_east_1(world: World) -> None:
    world.lab.add_fault("status", service="route53", status=503, times=None)
    for region, state in ENDPOINTS.items():
        world.lab.control("PUT", f"/aws/cluster-endpoints/{region}", {"state": state})


def restore_us_east_1(world: World) -> None:
    world.lab.control("DELETE", "/faults")
    for region in ENDPOINTS:
        world.lab.control("PUT", f"/aws/cluster-endpoints/{region}", {"state": "up"})


def let_records_follow_the_controls(lab: RunningLab) -> None:
    """The shop's records get health checks of the type RECOVERY_CONTROL."""
    aws = lab.info["aws"]
    route53: Any = boto3.client(
        "route53",
        endpoint_url=aws["endpoint_url"],
        region_name=aws["region"],
        aws_access_key_id=aws["access_key"],
        aws_secret_access_key=aws["secret_key"],
    )
    zone = aws["zone"]["id"]
    for name, arn in aws["routing_controls"]["controls"].items():
        config = {"Type": "RECOVERY_CONTROL", "RoutingControlArn": arn}
        check = route53.create_health_check(CallerReference=name, HealthCheckConfig=config)["HealthCheck"]["Id"]
        old = aws["health_checks"][name]
        for record in route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]:
            if record.get("HealthCheckId") == old:
                change = {"Action": "UPSERT", "ResourceRecordSet": record | {"HealthCheckId": check}}
                route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})


def test_the_lock_and_the_routing_control_go_together_there_and_back(arc: World) -> None:
    outcome = arc.run("failover")
    assert (outcome.returncode, controls_of(arc)["primary"]) == (0, "Off"), outcome.output
    assert arc.lock_id() is not None
    back = arc.run("failback")
    assert (back.returncode, arc.lock_id(), controls_of(arc)) == (0, None, {"primary": "On", "backup": "On"}), (
        back.output
    )


def test_preflight_and_status_show_the_routing_controls(arc: World) -> None:
    outcome = arc.run("preflight")
    assert "routing controls checkout: Turned off routing control primary." in outcome.output
    arc.lab.control("PUT", "/aws/routing-controls", {"primary": "Off"})
    assert "ROUTING CONTROL OFF, NO CLAIM: run the failover again" in arc.run("status").output
    assert arc.lab.writes() == []


def test_records_that_follow_a_routing_control_are_moved_by_it_alone(arc: World) -> None:
    let_records_follow_the_controls(arc.lab)
    ready = arc.run("preflight")
    assert "would move no traffic" not in ready.output
    outcome = arc.run("failover")
    assert outcome.returncode == 0, outcome.output
    assert arc.leads_to("backup")
    back = arc.run("failback")
    assert back.returncode == 0, back.output
    eventually(lambda: arc.leads_to("primary"))


def test_while_us_east_1_is_down_the_site_is_locked_and_a_later_run_claims(arc: World) -> None:
    let_records_follow_the_controls(arc.lab)
    arc.checkout["failover_promote_tasks"] = arc.tasks(*DOES_NOTHING)
    arc.checkout["failover_fence_override"] = {"fences": [], "reason": "CHG-1"}
    silence_us_east_1(arc)
    outcome = arc.run("failover")
    assert (outcome.returncode != 0, controls_of(arc)["primary"], arc.leads_to("backup")) == (True, "Off", True)
    assert "The claim is missing, because Route 53 did not answer" in outcome.output
    assert "promote" not in arc.steps()
    restore_us_east_1(arc)
    assert arc.lock_id() is None
    again = arc.run("failover")
    assert again.returncode == 0, again.output
    assert (arc.lock_id() is not None, arc.steps()["promote"]) == (True, "done")


def test_the_last_routing_control_that_is_on_refuses_the_run_before_anything_is_changed(arc: World) -> None:
    arc.lab.control("PUT", "/aws/routing-controls", {"backup": "Off"})
    outcome = arc.run("failover")
    assert (outcome.returncode != 0, arc.lab.writes()) == (True, [])
    assert "last routing control of the service that is on" in outcome.output
