# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A whole service fails over while Route 53's control plane is down: a routing control is its lock and its fence."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually
from ansible_collections.tidegate.failover.tests.scenarios.test_routing_controls import (
    ENDPOINTS,
    let_records_follow_the_controls,
)
from ansible_collections.tidegate.failover.tests.scenarios.whole_procedures import OVER, Procedures
from ansible_collections.tidegate.failover.tests.scenarios.whole_service import (
    BALANCED,
    FAILED_OVER,
    SWITCHED,
    WholeService,
)

from lab.process import RunningLab

OVERRIDE = {"checks": ["claim"], "reason": "CHG-1: us-east-1 is down, nobody else fails over"}


@pytest.fixture
def procedures(aws_lab: RunningLab) -> Procedures:
    service = WholeService(aws_lab)
    let_records_follow_the_controls(aws_lab)
    return Procedures(service)


def set_us_east_1(lab: RunningLab, *, up: bool) -> None:
    """Route 53's control plane, and one of the cluster's endpoints. Other services fail too."""
    for region, state in ENDPOINTS.items():
        lab.control("PUT", f"/aws/cluster-endpoints/{region}", {"state": "up" if up else state})
    if up:
        lab.control("DELETE", "/faults")
    else:
        lab.add_fault("status", service="route53", status=503, times=None)


def options_of(service: WholeService) -> Json:
    """The routing controls, and the one of the failed site as the fence."""
    found = service.lab.info["aws"]["routing_controls"]
    arns, endpoints = found["controls"], found["endpoints"]
    fence = {"routing_control_arns": [arns["primary"]], "cluster_endpoints": endpoints, "min_endpoints": 2}
    return {
        "routing_controls": {"site": [arns["primary"]], "others": [arns["backup"]], "cluster_endpoints": endpoints},
        "fences": [{"name": "routing control", "routing_control": {**fence, "aws": service.auth}}],
    }


def got(service: WholeService) -> list[str]:
    return [service.gets(way) for way in (BALANCED, FAILED_OVER, SWITCHED)]


def test_a_routing_control_locks_and_fences_while_route_53_is_down_and_a_later_run_does_the_rest(
    procedures: Procedures,
) -> None:
    service, lab = procedures.service, procedures.service.lab
    given: dict[str, Any] = options_of(service)
    service.set_site("primary", running=False)
    set_us_east_1(lab, up=False)
    run = procedures.go(procedures.failover(**given, override=OVERRIDE))
    assert procedures.statuses() == {**dict.fromkeys(OVER, "done"), "dns": "failed"}, run.msg
    assert got(service)[:2] == ["backup", "backup"]
    assert service.controls() == {"primary": "Off", "backup": "On"}

    set_us_east_1(lab, up=True)
    run = procedures.go(procedures.failover(**given))
    assert (run.status, service.is_locked()) == ("completed", True), run.msg
    assert got(service) == ["backup"] * 3

    service.set_site("primary", running=True)
    service.rebuild()
    run = procedures.go(procedures.failback(routing_controls=given["routing_controls"]))
    assert (run.status, service.controls()) == ("completed", {"primary": "On", "backup": "On"}), run.msg
    eventually(lambda: got(service) == ["primary"] * 3)


def test_a_routing_control_that_is_on_is_no_fence(procedures: Procedures) -> None:
    given: dict[str, Any] = options_of(procedures.service)
    run = procedures.go(procedures.failover(**{**given, "routing_controls": None}))
    assert (run.status, "primary is On at" in run.msg) == ("undone", True), run.msg
    assert procedures.service.is_replica()
