# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The playbook ``setup``: from a load balancer without a page to an alarm that switches it, and back to nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import requests
from ansible_collections.tidegate.failover.tests.scenarios.maintenance_clients import TABLE, Ask
from ansible_collections.tidegate.failover.tests.scenarios.oci_events import (
    PASSWORD,
    USER,
    MaintenanceByAlarm,
    maintenance_by_alarm,
)
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually, needs_java
from ansible_collections.tidegate.failover.tests.scenarios.test_maintenance_in_place import TESTERS

from lab.ports import free_port
from lab.process import RunningLab

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


def on_gateway(lab: RunningLab, folder: Path) -> Json:
    """What differs for a service whose page is rendered, and answered by the gateway."""
    names = ("rule_set", "setup_page_listener", "setup_page_backend_set", "backend_set")
    address, _colon, port = lab.info["oci"]["gateway"]["address"].rpartition(":")
    return {
        **{f"maintenance_{name}": "search" for name in names},
        **{f"maintenance_setup_{name}": free_port() for name in ("port", "rehearsal_port")},
        "maintenance_page_directory": str(folder / "page"),
        "maintenance_page_hosts": ["api_gateway"],
        "maintenance_page_title": "The search is back soon",
        "maintenance_page_exempt": [{"path": "/health", "status": 200, "body": "up"}],
        "maintenance_setup_gateway_id": lab.info["oci"]["gateway"]["id"],
        "maintenance_setup_path_prefix": "/search",
        "maintenance_setup_backends": [{"ip_address": address, "port": int(port)}],
        "maintenance_setup_backend_tls": True,
        "maintenance_setup_backend_ca_certificate_name": "checkout",
    }


def test_page_and_way_back_are_proven_and_nothing_temporary_is_left(
    lab: RunningLab, service: Json, playbooks: Playbooks, tmp_path: Path
) -> None:
    # Both are on one load balancer, and are set up side by side.
    inventory = playbooks.inventory({"checkout": service, "search": service | on_gateway(lab, tmp_path)})
    before = document(lab)

    def set_up(*arguments: str) -> Outcome:
        outcome = playbooks.run("setup", *arguments, inventory=inventory)
        assert outcome.returncode == 0, outcome.output
        return outcome

    checked = set_up("--check", "--diff")
    assert writes(lab) == []
    assert "Would rehearse the page and the way back" in checked.output
    done = set_up()
    assert {f"[{name}] proven: the page goes" in done.output for name in ("checkout", "search")} == {True}
    assert set(document(lab)["listeners"]) == {*before["listeners"], "sorry", "search"}
    gateway = f"https://{lab.info['oci']['gateway']['address']}/search"
    page, health = (
        requests.get(f"{gateway}/{path}", timeout=10, verify=lab.info["oci"]["ca_file"])
        for path in ("deep/link", "health")
    )
    assert (page.status_code, "The search is back soon" in page.text) == (503, True)
    assert (health.status_code, health.text) == (200, "up")
    lab.control("DELETE", "/requests")
    repeated = set_up("-e", "maintenance_setup_rehearsal=none")
    assert writes(lab) == []
    assert "changed=0" in repeated.output
    set_up("-e", "maintenance_setup_state=absent")
    assert document(lab) == before
    assert not list((tmp_path / "page").glob("*"))


def test_what_the_last_part_refuses_is_refused_before_the_first_is_written(
    lab: RunningLab, service: Json, playbooks: Playbooks
) -> None:
    wrong = with_alarm(lab, free_port()) | {"maintenance_setup_pending_minutes": 90}
    outcome = playbooks.run("setup", inventory=playbooks.inventory({"checkout": service | wrong}))
    assert "pending_minutes is 90" in outcome.failures()["checkout"]
    assert writes(lab) == []


def spares(lab: RunningLab, what: str) -> list[Json]:
    """The listeners or backend sets of rehearsals."""
    return [one for name, one in document(lab)[what].items() if name.startswith("rehearsal-")]


def test_what_a_killed_rehearsal_has_left_is_removed_by_the_next_run(
    lab: RunningLab, service: Json, playbooks: Playbooks
) -> None:
    before, inventory = document(lab), playbooks.inventory({"checkout": service})
    with playbooks.running("setup", inventory=inventory) as run:
        eventually(lambda: any(spare.get("ruleSetNames") for spare in spares(lab, "listeners")))
        run.kill()
    assert len(spares(lab, "backendSets")) == 1
    removed = playbooks.run("setup", "-e", "maintenance_setup_state=absent", inventory=inventory)
    assert removed.returncode == 0, removed.output
    assert document(lab) == before


@pytest.fixture
def quick(lab: RunningLab) -> None:
    """Alarms and health checks that are quick, and a routing policy for testers that nobody uses."""
    found = document(lab)
    found["routingPolicies"]["testers"] = TESTERS
    found["backendSets"]["app"]["healthChecker"]["intervalInMillis"] = 200
    lab.control("PUT", path_of(lab), found)
    lab.control("PATCH", "/oci/settings", {"minute_seconds": 0.3})


def with_alarm(lab: RunningLab, port: int) -> Json:
    """Variables of a service whose alarm a rulebook follows that listens at a port."""
    return {
        "maintenance_setup_alarm_name": "checkout-maintenance",
        "maintenance_setup_compartment_id": lab.info["oci"]["compartment_id"],
        "maintenance_setup_endpoint": f"https://127.0.0.1:{port}/",
        "maintenance_setup_endpoint_username": USER,
        "maintenance_setup_endpoint_password": PASSWORD,
        # A minute takes 0.3 s. A repeat every five of them would be more than a busy machine can follow.
        "maintenance_setup_repeat_minutes": 200,
        "maintenance_setup_rehearsal_timeout": 120,
    }


def map_of_alarms(lab: RunningLab, load_balancer: Json) -> Json:
    """The map with which a rulebook shows the page in place."""
    (alarm,) = [one["id"] for one in lab.control("GET", "/oci/alarms") if one["title"] == "checkout-maintenance"]
    in_place = {
        "load_balancer_id": load_balancer["id"],
        "backend_set": "app",
        "strategy": "backend_set",
        "maintenance_backend_set": "sorry",
        "tester_routing_policy": "testers",
    }
    return {alarm: {"targets": [in_place]}}


def got(clients: dict[str, Ask]) -> dict[str, str]:
    return {name: ask() for name, ask in clients.items()}


def dead_backends_and_their_recovery(rulebook: MaintenanceByAlarm, clients: dict[str, Ask], strategy: str) -> None:
    served, promised = got(clients), {name: row[strategy] for name, row in TABLE.items()}
    if strategy == "backend_set":
        # Testers pass to the application, which is down here.
        promised["Tester"] = "502 from the load balancer"
    rulebook.set_backends(running=False)
    eventually(lambda: got(clients) == promised)
    rulebook.set_backends(running=True)
    eventually(lambda: got(clients) == served)
    eventually(lambda: not rulebook.holders())
    rulebook.rulebook.wait_for_playbooks()


@needs_java
@pytest.mark.usefixtures("quick")
def test_from_nothing_to_dead_backends_and_each_client_gets_what_the_table_says(
    lab: RunningLab,
    service: Json,
    playbooks: Playbooks,
    oci_auth: Json,
    load_balancer: Json,
    clients: dict[str, Ask],
    tmp_path: Path,
) -> None:
    before, port = document(lab), free_port()
    inventory = playbooks.inventory({"checkout": service | with_alarm(lab, port)})
    # Nobody can give the topic to the rulebook before there is one, so the first run ends by saying which it is.
    first = playbooks.run("setup", "-e", "maintenance_setup_wait_timeout=10", inventory=inventory)
    topic = re.search(r"the topic (ocid1\.onstopic\.\S+) in oci_notifications_topics", first.failures()["checkout"])
    assert topic, first.output
    more: Json = {"oci_notifications_topics": [topic[1]], "port": port}
    with maintenance_by_alarm(lab, tmp_path / "redirect", oci_auth, **more) as rulebook:
        done = playbooks.run("setup", inventory=inventory)
        assert done.returncode == 0, f"{done.output}{rulebook.rulebook.reported()}"
        assert "Proven: its recovery takes the page away" in done.output
        dead_backends_and_their_recovery(rulebook, clients, "redirect")
    more["oci_maintenance_alarms"] = map_of_alarms(lab, load_balancer)
    with maintenance_by_alarm(lab, tmp_path / "in-place", oci_auth, **more) as rulebook:
        dead_backends_and_their_recovery(rulebook, clients, "backend_set")
    removed = playbooks.run("setup", "-e", "maintenance_setup_state=absent", inventory=inventory)
    assert removed.returncode == 0, removed.output
    assert document(lab) == before
