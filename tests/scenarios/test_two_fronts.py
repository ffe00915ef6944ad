# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A service with fronts of two kinds: failover, failback and alarms switch both, and one that fails stops no other."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main
from ansible_collections.tidegate.failover.tests.scenarios.alb_run import LoadBalancer
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Outcome, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.two_fronts import TwoFronts, service_of
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import ALARM_ID, oci

from lab.process import RunningLab, running_lab

SHUT = {"name": "on-call agrees", "attestation": {"by": "", "statement": "CHG-1"}}
SERVICE, PAGE = ("application", "application"), ("page", "page")


@pytest.fixture(scope="module")
def clouds(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    parts = ("--parts", "aws", "cloudfoundry", "oci", "--work-request-seconds", "0.05")
    with running_lab(tmp_path_factory.mktemp("two-fronts"), *parts) as lab:
        yield lab


@pytest.fixture
def fronts(clouds: RunningLab) -> TwoFronts:
    clouds.reset()
    return TwoFronts(clouds)


@pytest.fixture
def service(fronts: TwoFronts, playbooks: Playbooks, tmp_path: Path) -> World:
    return service_of(fronts, playbooks, tmp_path)


def test_a_failover_puts_the_page_up_at_both_fronts_and_only_a_failback_whose_gates_pass_takes_it_away(
    fronts: TwoFronts, service: World
) -> None:
    outcome = service.run("failover")
    assert outcome.returncode == 0, outcome.output
    assert fronts.users_get() == PAGE
    assert (service.steps()["maintenance"], fronts.balancer.holders()) == ("done", {"failover:checkout"})
    opened, service.checkout["failback_gates"] = service.checkout["failback_gates"], [SHUT]
    assert service.run("failback").returncode != 0
    assert (fronts.users_get(), service.lock_id() is not None) == (PAGE, True)
    service.checkout["failback_gates"] = opened
    outcome = service.run("failback")
    assert outcome.returncode == 0, outcome.output
    assert (fronts.users_get(), fronts.settings()) == (SERVICE, fronts.before)
    assert service.lock_id() is None


FORBIDDEN = [("UpdateListener", ("application", "page")), ("ReplaceDestinations", ("page", "application"))]


@pytest.mark.parametrize(("operation", "users_get"), FORBIDDEN)
def test_a_front_that_may_not_be_changed_holds_up_neither_the_other_nor_an_unplanned_failover(
    fronts: TwoFronts, service: World, operation: str, users_get: tuple[str, str]
) -> None:
    fronts.lab.add_fault("status", operation=operation, status=403, code="NotAllowed", times=None)
    outcome = service.run("failover")
    assert outcome.returncode == 0, outcome.output
    assert service.steps() == {"lock": "done", "maintenance": "failed", "wait": "done"}
    assert (fronts.users_get(), "403" in outcome.output) == (users_get, True)
    # The failback finds nothing to take away there.
    outcome = service.run("failback")
    assert outcome.returncode == 0, outcome.output
    assert (fronts.users_get(), fronts.settings()[0]["listeners"]) == (SERVICE, fronts.before[0]["listeners"])


def test_a_planned_failover_whose_page_fails_at_one_front_is_undone_at_both(fronts: TwoFronts, service: World) -> None:
    fronts.lab.add_fault("status", operation="ReplaceDestinations", status=403, code="NotAuthorized", times=None)
    outcome = service.run("failover", failover_type="planned")
    assert outcome.returncode != 0
    assert (fronts.users_get(), service.lock_id()) == (SERVICE, None)


def test_a_page_that_stays_at_one_front_fails_the_failback_which_is_finished_by_running_it_again(
    fronts: TwoFronts, service: World
) -> None:
    service.run("failover")
    fronts.lab.add_fault("status", operation="UpdateListener", status=403, code="NotAllowed", times=None)
    outcome = service.run("failback")
    assert outcome.returncode != 0
    # The other one serves: its users do not wait for a missing permission.
    assert fronts.users_get() == ("page", "application")
    assert (service.steps()["release"], "403" in outcome.output) == ("failed", True)
    fronts.lab.control("DELETE", "/faults")
    outcome = service.run("failback")
    assert outcome.returncode == 0, outcome.output
    assert (fronts.users_get(), fronts.settings()) == (SERVICE, fronts.before)


# Alarms


def follow(fronts: TwoFronts, playbooks: Playbooks, state: str, **more: Any) -> Outcome:
    """Run the playbook for a message that names nothing, by a map that names both fronts."""
    event = main({"payload": oci(state, dimensions=[], body=None)})
    assert isinstance(event, dict)
    alarms = {ALARM_ID: {"targets": fronts.fronts}}
    extra = {"alarm": event["alarm"], "alarms": alarms, **fronts.auth, **more}
    return playbooks.run("maintenance_by_alarm", extra=extra)


def test_an_alarm_switches_both_fronts_and_its_recovery_switches_them_back(
    fronts: TwoFronts, playbooks: Playbooks
) -> None:
    fronts.set_backends(running=False)
    fronts.set_app(running=False)
    outcome = follow(fronts, playbooks, "OK_TO_FIRING")
    assert outcome.returncode == 0, outcome.output
    assert fronts.users_get() == PAGE
    fronts.set_backends(running=True)
    fronts.set_app(running=True)
    outcome = follow(fronts, playbooks, "FIRING_TO_OK")
    assert outcome.returncode == 0, outcome.output
    assert (fronts.users_get(), fronts.route.annotations()) == (SERVICE, {})


def test_i9_an_alarm_switches_only_the_front_whose_backends_confirm_it(fronts: TwoFronts, playbooks: Playbooks) -> None:
    assert "only_if_backends is 'down', and an app" in follow(fronts, playbooks, "OK_TO_FIRING").output
    assert not fronts.lab.writes()
    fronts.set_backends(running=False)
    assert follow(fronts, playbooks, "OK_TO_FIRING").returncode == 0
    assert fronts.users_get() == ("page", "application")
    fronts.set_app(running=False)
    assert follow(fronts, playbooks, "REPEAT").returncode == 0
    assert fronts.users_get() == PAGE
    # A recovery that live state does not confirm at the load balancer.
    fronts.set_app(running=True)
    assert follow(fronts, playbooks, "FIRING_TO_OK").returncode == 0
    assert fronts.users_get() == ("page", "application")


def test_an_alarm_takes_over_no_page_of_a_route_that_nobody_holds(fronts: TwoFronts, playbooks: Playbooks) -> None:
    fronts.set_app(running=False)
    fronts.route.put(destinations=[fronts.route.to("maintenance")])
    assert follow(fronts, playbooks, "OK_TO_FIRING").returncode == 0
    fronts.set_app(running=True)
    assert follow(fronts, playbooks, "FIRING_TO_OK").returncode == 0
    assert (fronts.route.destinations(), fronts.route.annotations()) == (fronts.route.page(), {})


# An Application Load Balancer


def test_a_failover_puts_the_page_up_on_load_balancers_of_both_clouds(fronts: TwoFronts, service: World) -> None:
    alb = LoadBalancer(fronts.lab)
    before = alb.settings()
    service.checkout["maintenance_fronts"] = [fronts.fronts[0], {"alb": {**alb.front, "html": "<p>maintained</p>"}}]
    outcome = service.run("failover")
    assert outcome.returncode == 0, outcome.output
    assert (fronts.users_get()[0], alb.gets(), service.steps()["maintenance"]) == ("page", "page", "done")
    outcome = service.run("failback")
    assert outcome.returncode == 0, outcome.output
    assert (fronts.users_get()[0], alb.gets(), alb.settings()) == ("application", "primary", before)
    assert fronts.settings()[0]["listeners"] == fronts.before[0]["listeners"]
