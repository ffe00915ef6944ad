# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Services behind routes of Cloud Foundry: the same playbooks, and the same words about them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route_run import RouteMaintenance

from lab.process import RunningLab, running_lab


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("scenario-routes"), "--parts", "cloudfoundry") as lab:
        yield lab


@pytest.fixture
def maintenance(platform: RunningLab) -> RouteMaintenance:
    platform.reset()
    return RouteMaintenance(platform)


@pytest.fixture
def shop(maintenance: RouteMaintenance) -> Json:
    """Variables of the service ``shop``."""
    info = maintenance.info
    auth = {"api_url": info["api_url"], "client_id": info["client"]["name"], "client_secret": info["client"]["secret"]}
    front = {"route_guid": maintenance.route, "responder_app": "maintenance"}
    return {"cf_auth": auth, "maintenance_fronts": [{"cloud_foundry": front}]}


def test_a_route_enters_maintenance_is_reported_and_gets_back_what_it_had(
    maintenance: RouteMaintenance, playbooks: Playbooks, shop: Json
) -> None:
    inventory, before = playbooks.inventory({"shop": shop}), maintenance.destinations()
    entered = playbooks.run("enter_maintenance", inventory=inventory)
    assert entered.returncode == 0, entered.output
    assert maintenance.destinations() == maintenance.page()
    assert "MAINTENANCE ON, held by operator" in playbooks.run("status", inventory=inventory).output
    ended = playbooks.run("exit_maintenance", inventory=inventory)
    assert ended.returncode == 0, ended.output
    assert maintenance.destinations() == before


def test_preflight_tries_the_page_of_a_route_and_writes_nothing(
    maintenance: RouteMaintenance, playbooks: Playbooks, shop: Json
) -> None:
    found = playbooks.run("preflight", inventory=playbooks.inventory({"shop": shop}))
    assert "READY for maintenance." in found.output, found.output
    assert not maintenance.lab.writes()
    wrong = {**shop["maintenance_fronts"][0]["cloud_foundry"], "responder_app": "nowhere"}
    broken = shop | {"maintenance_fronts": [{"cloud_foundry": wrong}]}
    refused = playbooks.run("preflight", inventory=playbooks.inventory({"shop": broken}))
    assert "Showing the page would fail." in refused.output


def test_extra_vars_describe_a_route_without_an_inventory(
    maintenance: RouteMaintenance, playbooks: Playbooks, shop: Json
) -> None:
    extra = {"fronts": shop["maintenance_fronts"], "cf_auth": shop["cf_auth"], "owner": "change:CHG-1"}
    before = maintenance.destinations()
    entered = playbooks.run("enter_maintenance", extra=extra)
    assert entered.returncode == 0, entered.output
    assert (maintenance.destinations(), "held by change:CHG-1" in entered.output) == (maintenance.page(), True)
    assert playbooks.run("exit_maintenance", extra=extra).returncode == 0
    assert maintenance.destinations() == before
    nothing = playbooks.run("enter_maintenance", extra={"fronts": []})
    assert "not given as an extra var (-e) were load_balancer_id" in nothing.output
