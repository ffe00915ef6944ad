# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Many services in one run: each with its own credentials, and none in the way of another."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks

from lab.process import RunningLab


@pytest.mark.usefixtures("plain_http")
def test_services_switch_side_by_side_and_a_failing_one_neither_stops_nor_hides_the_others(
    lab: RunningLab, playbooks: Playbooks, checkout: Json
) -> None:
    def service(listener: str) -> Json:
        own = {"maintenance_backend_set": None, "maintenance_listeners": [listener], "maintenance_verify_url": ""}
        return checkout | own

    # Two of them on one load balancer, so that they also are each other's competing writers.
    inventory = playbooks.inventory({"a": service("http"), "b": service("nowhere"), "c": service("https")})
    outcome = playbooks.run("enter_maintenance", inventory=inventory)
    assert outcome.returncode != 0
    assert set(outcome.reported()) == {"a", "c"}
    assert "no listener 'nowhere'" in outcome.failures()["b"]
    attached = lab.control("GET", f"/oci/loadBalancers/{checkout['maintenance_load_balancer_id']}")["document"]
    names = {name: attached["listeners"][name].get("ruleSetNames") for name in ("http", "https")}
    assert names == {"http": ["maintenance-page"], "https": ["maintenance-page"]}


def test_a_service_without_a_page_is_named_before_its_locks_are_touched(playbooks: Playbooks) -> None:
    inventory = playbooks.inventory({"orders": {"failover_health_check_ids": ["check-1"]}})
    outcome = playbooks.run("enter_maintenance", inventory=inventory)
    refused = outcome.failures()["orders"]
    assert "orders has no maintenance page" in refused
    assert "--limit 'services:!orders'" in refused


def test_each_service_signs_in_with_its_own_credentials(
    lab: RunningLab, playbooks: Playbooks, checkout: Json, oci_auth: Json
) -> None:
    def service(**auth: str) -> Json:
        return checkout | {"oci_auth": oci_auth | auth, "maintenance_verify_url": ""}

    oci = lab.info["oci"]
    services = {
        "key": service(),
        "token": service(config_profile_name=oci["token_profile"], auth_type="security_token"),
        "stranger": service(config_profile_name=oci["unknown_key_profile"]),
    }
    outcome = playbooks.run("enter_maintenance", "--check", inventory=playbooks.inventory(services))
    assert set(outcome.reported()) == {"key", "token"}, outcome.output
    assert "401 NotAuthenticated" in outcome.failures()["stranger"]


@pytest.mark.usefixtures("plain_http")
def test_one_service_behind_several_load_balancers_reports_each(
    lab: RunningLab, playbooks: Playbooks, checkout: Json
) -> None:
    target = {
        "load_balancer_id": checkout["maintenance_load_balancer_id"],
        "rule_set": checkout["maintenance_rule_set"],
    }
    targets = [target | {"listeners": [name]} for name in ("http", "https")]
    common = {name: checkout[name] for name in ("maintenance_verify_url", "maintenance_verify_ca_path", "oci_auth")}
    inventory = playbooks.inventory({"checkout": common | {"maintenance_targets": targets}})
    outcome = playbooks.run("enter_maintenance", inventory=inventory)
    assert outcome.returncode == 0, outcome.output
    said = outcome.reported()["checkout"]
    assert "checkout: In maintenance: 'maintenance-page' is attached to http, held by operator." in said
    assert "checkout: In maintenance: 'maintenance-page' is attached to https, held by operator." in said
    assert "which answers 503." in said


def test_credentials_that_a_play_sets_for_the_group_are_kept(
    lab: RunningLab, playbooks: Playbooks, checkout: Json, oci_auth: Json
) -> None:
    variables = {name: value for name, value in checkout.items() if name != "oci_auth"}
    play = {
        "hosts": "localhost",
        "gather_facts": False,
        "module_defaults": {"group/tidegate.failover.oci": oci_auth},
        "roles": [{"role": "tidegate.failover.maintenance"}],
        "vars": variables | {"maintenance_state": "enabled", "oci_auth": {"region": "us-ashburn-1"}},
    }
    outcome = playbooks.run_file(playbooks.file([play]), "--check")
    assert outcome.returncode == 0, outcome.output
