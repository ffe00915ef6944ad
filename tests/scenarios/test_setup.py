# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The playbook ``setup``: from a load balancer without a page to an alarm that switches it, and without a trace back."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import free_port

from lab.process import RunningLab

PAGE = "<h1>Checkout is back soon</h1>"
SEEDED = {"listeners": "maintenance", "ruleSets": "maintenance-page", "backendSets": "maintenance-page"}


def path_of(lab: RunningLab) -> str:
    return f"/oci/loadBalancers/{lab.info['oci']['load_balancers']['checkout']['id']}"


def document(lab: RunningLab) -> Json:
    found: Json = lab.control("GET", path_of(lab))["document"]
    return found


def writes(lab: RunningLab) -> list[str]:
    return [call["operation"] for call in lab.control("GET", "/requests") if call["is_write"]]


@pytest.fixture
def page_backend(lab: RunningLab) -> Json:
    """Where the lab's own page is served; what leads to it is taken from the load balancer."""
    found = document(lab)
    backend = found["backendSets"][SEEDED["backendSets"]]["backends"][0]
    for collection, name in SEEDED.items():
        del found[collection][name]
    lab.control("PUT", path_of(lab), found)
    return {"ip_address": backend["ipAddress"], "port": backend["port"]}


@pytest.fixture
def service(lab: RunningLab, checkout: Json, page_backend: Json) -> Json:
    """A service whose page is served by the lab's own responder, and which has no alarm."""
    return checkout | {
        "maintenance_rule_set": "sorry",
        "maintenance_setup_page_listener": "sorry",
        "maintenance_setup_page_backend_set": "sorry",
        "maintenance_setup_port": free_port(),
        "maintenance_setup_certificate_name": "checkout",
        "maintenance_setup_backends": [page_backend],
        "maintenance_setup_backend_tls": False,
        "maintenance_setup_rehearsal_port": free_port(),
        "maintenance_setup_rehearsal_delay": 0.1,
    }


def test_page_and_way_back_are_proven_and_nothing_temporary_is_left(
    lab: RunningLab, service: Json, playbooks: Playbooks
) -> None:
    before, inventory = document(lab), playbooks.inventory({"checkout": service})

    def set_up(*arguments: str) -> Outcome:
        outcome = playbooks.run("setup", *arguments, inventory=inventory)
        assert outcome.returncode == 0, outcome.output
        return outcome

    checked = set_up("--check", "--diff")
    assert writes(lab) == []
    assert "Would rehearse the page and the way back" in checked.output
    done = set_up()
    assert "proven: the page is seen where the listener shows it" in done.output
    assert set(document(lab)["listeners"]) == {*before["listeners"], "sorry"}
    lab.control("DELETE", "/requests")
    repeated = set_up("-e", "maintenance_setup_rehearsal=none")
    assert writes(lab) == []
    assert "changed=0" in repeated.output
    set_up("-e", "maintenance_setup_state=absent")
    assert document(lab) == before
