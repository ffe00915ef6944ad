# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A service's page and alarm prepared from nothing, used, and removed without a trace."""

from __future__ import annotations

import json
import re
import ssl
import threading
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.tidegate.failover.tests.scenarios.oci_events import PASSWORD, USER, maintenance_by_alarm
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually, needs_java
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from lab.ports import free_port
from lab.process import CLONE, RunningLab

PLAY: list[Json] = [
    {"hosts": "services", "gather_facts": False, "roles": [{"role": "tidegate.failover.maintenance_setup"}]},
]
PAGE = "<h1>Checkout is back soon</h1>"
FUNCTION = "ocid1.fnfunc.oc1.iad.aaaaexample"


@pytest.fixture
def service(lab: RunningLab, checkout: Json) -> Json:
    oci = lab.info["oci"]
    folder = str(CLONE / "extensions" / "functions" / "oci_maintenance")
    lab.control("PUT", f"/oci/functions/{FUNCTION}", {"folder": folder})
    address, _unused, port = oci["gateway"]["address"].rpartition(":")
    return checkout | {
        "maintenance_rule_set": "sorry",
        "maintenance_setup_page_listener": "sorry",
        "maintenance_setup_page_backend_set": "sorry",
        "maintenance_setup_gateway_id": oci["gateway"]["id"],
        "maintenance_setup_path_prefix": "/checkout",
        "maintenance_setup_body": PAGE,
        "maintenance_setup_port": free_port(),
        "maintenance_setup_certificate_name": "checkout",
        "maintenance_setup_backends": [{"ip_address": address, "port": int(port)}],
        "maintenance_setup_backend_ca_certificate_name": "checkout",
        "maintenance_setup_alarm_name": "checkout-maintenance",
        "maintenance_setup_compartment_id": oci["compartment_id"],
        "maintenance_setup_function_id": FUNCTION,
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


def test_a_page_that_would_be_refused_leaves_the_gateway_unchanged_too(
    lab: RunningLab, service: Json, playbooks: Playbooks
) -> None:
    lab.control(
        "PUT",
        f"/oci/loadBalancers/{lab.info['oci']['load_balancers']['checkout']['id']}",
        document(lab) | {"subnetIds": [lab.info["oci"]["subnets"]["isolated"]]},
    )
    outside = service | {"maintenance_setup_backends": [{"ip_address": "192.0.2.1"}]}
    outcome = playbooks.run_file(playbooks.file(PLAY), "-i", playbooks.inventory({"checkout": outside}))
    assert outcome.returncode == 2, outcome.output
    assert "has no route to the page's backend 192.0.2.1" in outcome.output
    assert writes(lab) == []


@needs_java
def test_the_rulebook_that_the_role_subscribes_puts_the_page_up_and_takes_it_away(
    lab: RunningLab, service: Json, playbooks: Playbooks, oci_auth: Json, tmp_path: Path
) -> None:
    port = free_port()
    subscribed = {
        "maintenance_setup_function_id": "",
        "maintenance_setup_endpoint": f"https://127.0.0.1:{port}/",
        "maintenance_setup_endpoint_username": USER,
        "maintenance_setup_endpoint_password": PASSWORD,
        "maintenance_setup_wait_timeout": 20,
        # The lab's minutes are so short that a message for every five of them would come faster than a playbook ends.
        "maintenance_setup_repeat_minutes": 0,
    }
    inventory = playbooks.inventory({"checkout": service | subscribed})
    before = document(lab)["listeners"]
    # The topic has to exist before the rulebook can be given it.
    refused = playbooks.run_file(playbooks.file(PLAY), "-i", inventory).failures()["checkout"]
    topics = re.findall(r"ocid1\.onstopic[\w.]+", refused)
    with maintenance_by_alarm(lab, tmp_path, oci_auth, port=port, oci_notifications_topics=topics) as alarms:
        outcome = playbooks.run_file(playbooks.file(PLAY), "-i", inventory)
        assert outcome.returncode == 0, outcome.output
        alarms.quicken()
        alarms.set_backends(running=False)
        eventually(lambda: alarms.users_get(page=True))
        assert [holder[:6] for holder in alarms.holders()] == ["alarm:"]
        alarms.set_backends(running=True)
        eventually(lambda: alarms.users_get(page=False))
        eventually(lambda: not alarms.holders())
        alarms.rulebook.wait_for_playbooks()
    after = document(lab)["listeners"]
    assert {name: after[name] for name in before} == before


@dataclass
class Endpoint:
    """A receiver of alarms that confirms its subscription, as the rulebook's source does."""

    ca_file: str
    url: str = ""
    messages: list[Json] = field(default_factory=list)

    def respond(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        if url := request.headers.get("X-OCI-NS-ConfirmationURL"):
            requests.get(url, verify=self.ca_file, timeout=10)
        else:
            self.messages.append(json.loads(request.get_data()))
        return Response(status=200)(environ, start_response)


@pytest.fixture
def endpoint(lab: RunningLab) -> Iterator[Endpoint]:
    oci = lab.info["oci"]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(oci["endpoint_certificate"], oci["endpoint_key"])
    made = Endpoint(oci["ca_file"])
    server = make_server("127.0.0.1", 0, made.respond, threaded=True, ssl_context=context)
    made.url = f"https://127.0.0.1:{server.server_port}/oci"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def test_an_endpoint_that_confirms_gets_the_message_of_all_backends(
    lab: RunningLab, load_balancer: Json, oci_auth: Json, endpoint: Endpoint, playbooks: Playbooks
) -> None:
    options = oci_auth | {
        "name": "checkout-maintenance",
        "compartment_id": lab.info["oci"]["compartment_id"],
        "load_balancer_id": load_balancer["id"],
        "backend_set": "app",
        "rule_set": "maintenance-page",
        "endpoint": endpoint.url,
        "endpoint_username": "oci",
        "endpoint_password": "never shown",
        "wait_timeout": 60,
    }
    task = {"tidegate.failover.oci_maintenance_alarm": options}
    play = [{"hosts": "localhost", "gather_facts": False, "tasks": [task]}]
    outcome = playbooks.run_file(playbooks.file(play), "-vvv")
    assert outcome.returncode == 0, outcome.output
    assert "never shown" not in outcome.output.replace(json.dumps(options), "")
    lab.control("PATCH", "/oci/settings", {"minute_seconds": 0.1})
    for name in ("app-1", "app-2"):
        lab.control("POST", f"/oci/backends/{name}", {"running": False})
    deadline = time.monotonic() + 60
    while not endpoint.messages:
        assert time.monotonic() < deadline, "no message came"
        time.sleep(0.1)
    fired = endpoint.messages[0]
    assert (fired["type"], fired["body"]) == ("OK_TO_FIRING", f"{load_balancer['id']},app,maintenance-page")
