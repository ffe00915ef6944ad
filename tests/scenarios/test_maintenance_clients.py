# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Each kind of client gets under each strategy what the table of the role's README lists, with real traffic."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.maintenance_clients import STRATEGIES, TABLE, Ask
from ansible_collections.tidegate.failover.tests.scenarios.maintenance_run import Maintenance
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.test_maintenance_in_place import TESTERS

from lab.process import RunningLab

SORRY = "maintenance-page"


@pytest.fixture
def maintenance(lab: RunningLab, load_balancer: Json, oci_auth: Json) -> Maintenance:
    """The lab's load balancer, with a routing policy for testers that nobody uses."""
    switched = Maintenance(lab, load_balancer, oci_auth)
    switched.change(lambda raw: raw["routingPolicies"].update(testers=TESTERS))
    return switched


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_each_client_gets_what_the_table_says_and_afterwards_nothing_has_changed(
    maintenance: Maintenance, clients: dict[str, Ask], strategy: str
) -> None:
    before, served = maintenance.raw(), {name: ask() for name, ask in clients.items()}
    page: Json = {"rule_set": f"<{SORRY}", "testers": "testers"} if strategy == "backend_set" else {}
    entered = maintenance.run(enabled=True, **page)
    assert not entered["failed"], entered["msg"]
    assert {name: ask() for name, ask in clients.items()} == {name: row[strategy] for name, row in TABLE.items()}
    assert not maintenance.run(enabled=False, **page)["failed"]
    assert maintenance.raw() == before
    assert {name: ask() for name, ask in clients.items()} == served


def test_playbooks_put_the_page_in_place_and_check_what_users_get(
    maintenance: Maintenance, playbooks: Playbooks, checkout: Json
) -> None:
    before = maintenance.raw()
    own = {"maintenance_strategy": "backend_set", "maintenance_page_backend_set": SORRY, "maintenance_rule_set": ""}
    inventory = playbooks.inventory({"checkout": checkout | own})
    entered = playbooks.run("enter_maintenance", "-l", "checkout", inventory=inventory)
    assert entered.returncode == 0, entered.output
    assert "In maintenance: backend set 'maintenance-page' answers on https" in entered.reported()["checkout"]
    assert " answers 503." in entered.reported()["checkout"]
    ended = playbooks.run("exit_maintenance", "-l", "checkout", inventory=inventory)
    assert ended.returncode == 0, ended.output
    assert maintenance.raw() == before


def test_a_front_of_each_strategy_is_switched_and_reported_by_one_run(
    maintenance: Maintenance, playbooks: Playbooks, checkout: Json, load_balancer: Json
) -> None:
    front = {"load_balancer_id": load_balancer["id"]}
    fronts = [
        {"oci_load_balancer": front | {"listeners": ["https"], "rule_set": SORRY}},
        {
            "oci_load_balancer": front
            | {"listeners": ["http"], "strategy": "backend_set", "maintenance_backend_set": SORRY}
        },
    ]
    inventory = playbooks.inventory({"checkout": {"maintenance_fronts": fronts, "oci_auth": checkout["oci_auth"]}})
    entered = playbooks.run("enter_maintenance", "-l", "checkout", inventory=inventory)
    assert entered.returncode == 0, entered.output
    assert maintenance.attached()["https"] == [SORRY]
    assert maintenance.raw()["listeners"]["http"]["defaultBackendSetName"] == SORRY
    status = playbooks.run("status", inventory=inventory)
    assert "MAINTENANCE ON, held by operator" in status.output
