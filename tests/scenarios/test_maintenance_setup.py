# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A service's page and alarm prepared from nothing, used, and removed without a trace."""

from __future__ import annotations

import pytest
import requests
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks

from lab.process import RunningLab

PLAY: list[Json] = [
    {"hosts": "services", "gather_facts": False, "roles": [{"role": "tidegate.failover.maintenance_setup"}]},
]
PAGE = "<h1>Checkout is back soon</h1>"
PORT = 58444


@pytest.fixture
def service(lab: RunningLab, checkout: Json) -> Json:
    oci = lab.info["oci"]
    address, _unused, port = oci["gateway"]["address"].rpartition(":")
    return checkout | {
        "maintenance_rule_set": "sorry",
        "maintenance_setup_page_listener": "sorry",
        "maintenance_setup_page_backend_set": "sorry",
        "maintenance_setup_gateway_id": oci["gateway"]["id"],
        "maintenance_setup_path_prefix": "/checkout",
        "maintenance_setup_body": PAGE,
        "maintenance_setup_port": PORT,
        "maintenance_setup_certificate_name": "checkout",
        "maintenance_setup_backends": [{"ip_address": address, "port": int(port)}],
        "maintenance_setup_backend_ca_certificate_name": "checkout",
        "maintenance_setup_alarm_name": "checkout-maintenance",
        "maintenance_setup_compartment_id": oci["compartment_id"],
        "maintenance_setup_function_id": "ocid1.fnfunc.oc1.iad.aaaaexample",
    }


def document(lab: RunningLab) -> Json:
    identifier = lab.info["oci"]["load_balancers"]["checkout"]["id"]
    found: Json = lab.control("GET", f"/oci/loadBalancers/{identifier}")["document"]
    return found


def writes(lab: RunningLab) -> list[str]:
    return [call["operation"] for call in lab.control("GET", "/requests") if call["is_write"]]


def test_from_nothing_to_a_page_and_back_to_nothing(lab: RunningLab, service: Json, playbooks: Playbooks) -> None:
    before, inventory = document(lab), playbooks.inventory({"checkout": service})

    def set_up(*arguments: str) -> Outcome:
        outcome = playbooks.run_file(playbooks.file(PLAY), "-i", inventory, *arguments)
        assert outcome.returncode == 0, outcome.output
        return outcome

    set_up("--check", "--diff")
    assert writes(lab) == []
    set_up()
    assert {alarm["title"] for alarm in lab.control("GET", "/oci/alarms")} >= {"checkout-maintenance"}
    lab.control("DELETE", "/requests")
    set_up()
    assert writes(lab) == []
    entered = playbooks.run("enter_maintenance", inventory=inventory)
    assert entered.returncode == 0, entered.output
    url = lab.info["oci"]["load_balancers"]["checkout"]["listeners"]["http"]["url"]
    answer = requests.get(f"{url}deep/link", timeout=10, verify=lab.info["oci"]["ca_file"])
    assert (answer.status_code, answer.text, answer.headers["Retry-After"]) == (503, PAGE, "600")
    exited = playbooks.run("exit_maintenance", inventory=inventory)
    assert exited.returncode == 0, exited.output
    set_up("-e", "maintenance_setup_state=absent")
    assert document(lab) == before
    assert {alarm["title"] for alarm in lab.control("GET", "/oci/alarms")} == {"checkout-backends"}
