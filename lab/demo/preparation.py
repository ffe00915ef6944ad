# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Prepares a load balancer, so that an alarm switches its page: all steps that are needed once for a service."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from lab.demo.telling import run, say
from lab.ports import free_port
from lab.process import CLONE

FUNCTION_ID = "ocid1.fnfunc.oc1.iad.aaaaexample"
_PLAYBOOKS = CLONE / "lab" / "demo" / "playbooks"
#: The parts of a page that the lab's load balancer has from the start: listener, backend set and rule set.
_SEEDED = {"listeners": "maintenance", "backendSets": "maintenance-page", "ruleSets": "maintenance-page"}
_END_SECONDS = 10


def take_the_page_away(lab: dict[str, Any]) -> None:
    """Remove these parts, so that the demo begins with an unprepared load balancer."""
    address = f"{lab['control']}/lab/oci/loadBalancers/{lab['oci']['load_balancers']['checkout']['id']}"
    document = requests.get(address, timeout=10).json()["document"]
    for kind, name in _SEEDED.items():
        del document[kind][name]
    requests.put(address, json=document, timeout=10).raise_for_status()


@contextmanager
def served_page(folder: Path) -> Iterator[int]:
    """Let the role render the page, and serve it while the block runs. Returns its port."""
    files = folder / "page"
    where = ("-i", str(folder / "inventory.yml"), "-e", f"maintenance_page_directory={files}")
    run("ansible-playbook", str(_PLAYBOOKS / "page.yml"), *where)
    port = free_port()
    with (folder / "page.log").open("wb") as log:
        responder = subprocess.Popen(
            [sys.executable, "responder.py"],
            cwd=files,
            env=os.environ | {"PORT": str(port)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
        )
    try:
        yield port
    finally:
        responder.terminate()
        responder.wait(_END_SECONDS)


def deploy_function(lab: dict[str, Any], folder: Path) -> None:
    """Pack the function, and deploy it to the lab."""
    packed = folder / "function"
    run("python extensions/functions/pack.py oci_maintenance", str(packed))
    say("The lab deploys that folder as 'fn deploy' would, and runs the function in a process of its own.")
    address = f"{lab['control']}/lab/oci/functions/{FUNCTION_ID}"
    requests.put(address, json={"folder": str(packed)}, timeout=10).raise_for_status()


def prepare_load_balancer(lab: dict[str, Any], folder: Path, page_port: int) -> str:
    """Let the role create listener, redirect and alarm. Returns the page's own address."""
    listener_port = free_port()
    service = {
        "maintenance_setup_port": listener_port,
        "maintenance_setup_certificate_name": "checkout",
        "maintenance_setup_backends": [{"ip_address": "127.0.0.1", "port": page_port}],
        "maintenance_setup_backend_tls": False,
        "maintenance_setup_alarm_name": "checkout-maintenance",
        "maintenance_setup_compartment_id": lab["oci"]["compartment_id"],
        "maintenance_setup_function_id": FUNCTION_ID,
        # The lab's minutes are seconds.
        "maintenance_setup_repeat_minutes": 60,
    }
    inventory = folder / "page.json"
    inventory.write_text(json.dumps({"services": {"hosts": {"checkout": service}}}), encoding="utf-8")
    inventories = ("-i", str(folder / "inventory.yml"), "-i", str(inventory))
    run("ansible-playbook", str(_PLAYBOOKS / "prepare.yml"), *inventories)
    return f"https://127.0.0.1:{listener_port}/"
