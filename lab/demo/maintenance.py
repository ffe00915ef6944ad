# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The first story: a page is prepared, an alarm shows it in front of a shop, and so does an operator (OCI)."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import requests

from lab.demo.preparation import deploy_function, prepare_load_balancer, served_page, take_the_page_away
from lab.demo.telling import DemoError, browse, expect, get, heading, run, say

#: How long health checks, alarm and function may take, in seconds. The lab's minutes are seconds.
PATIENCE = 60
_OPEN, _PAGE = [301, 200], [301, 302, 503]
_JSON = "application/json"


def tell(lab: dict[str, Any], folder: Path) -> None:
    """Before, during and after maintenance.

    :raises DemoError: a user saw something unexpected.
    """
    shop = _Shop(lab, folder)
    take_the_page_away(lab)

    heading("1. Before: the shop is open. HTTP is redirected to HTTPS. There is no maintenance page")
    shop.expect_open()

    heading("2. A role renders the page, and a small program serves it")
    with served_page(folder) as page_port:
        heading("3. A function is deployed that follows the alarm. It decides with the same code as the module")
        deploy_function(lab, folder)

        heading("4. A role prepares the load balancer: listener, redirect, and the alarm that calls the function")
        shop.expect_page_at(prepare_load_balancer(lab, folder, page_port))

        heading("5. Both servers of the shop fail. No person acts")
        shop.set_servers(running=False)
        shop.wait_until(_PAGE)
        say("The alarm has fired, and the function has put the page up. A browser gets this:")
        shop.expect_page()
        say("A program that asks for JSON gets this:")
        shop.expect_json()

        heading("6. The servers return. The alarm recovers, and the function takes the page away")
        shop.set_servers(running=True)
        shop.wait_until(_OPEN)
        shop.expect_open()

        heading("7. An operator starts a database upgrade and puts the page up. The alarm fires and recovers meanwhile")
        shop.switch("enter", "-e", '{"maintenance_reason": "Database upgrade"}')
        shop.fire_and_recover()
        say("The page stays, because the operator still holds it. A user sees this:")
        shop.expect_page()

        heading("8. The upgrade is done, and the operator takes the page away. The shop is open again")
        shop.switch("exit")
        shop.expect_open()


class _Shop:
    """The lab's shop with its users, servers and load balancer."""

    def __init__(self, lab: dict[str, Any], folder: Path) -> None:
        self._control = f"{lab['control']}/lab/oci"
        self._inventory = ("-i", str(folder / "inventory.yml"), "-l", "checkout")
        self._ca_file: str = lab["oci"]["ca_file"]
        self._url = urljoin(lab["oci"]["load_balancers"]["checkout"]["listeners"]["http"]["url"], "cart?item=1")

    def expect_open(self) -> None:
        """:raises DemoError: a user does not get to the shop."""
        expect(browse(self._url, self._ca_file), _OPEN)

    def expect_page(self) -> None:
        """:raises DemoError: a user does not get the page, or the page has no Retry-After header."""
        page = expect(browse(self._url, self._ca_file), _PAGE)
        if "retry-after" not in page.headers:
            raise DemoError("the maintenance page has no Retry-After header")

    def expect_json(self) -> None:
        """:raises DemoError: a program does not get JSON with the status 503."""
        answer = expect(browse(self._url, self._ca_file, _JSON), _PAGE)
        if json.loads(answer.text)["status"] != 503:
            raise DemoError("a program should have got JSON with the status 503")

    def expect_page_at(self, url: str) -> None:
        """Wait until the page is served at its own address, and show it. :raises DemoError: it is not served."""
        _wait(lambda: get(url, self._ca_file).status == 503, "the page should have been served at its own address")
        expect(browse(url, self._ca_file), [503])

    def set_servers(self, *, running: bool) -> None:
        """Start or stop the servers of the shop."""
        for name in ("app-1", "app-2"):
            address = f"{self._control}/backends/{name}"
            requests.post(address, json={"running": running}, timeout=30).raise_for_status()
        say(f"The shop's servers are {'started' if running else 'stopped'}.")

    def wait_until(self, statuses: list[int]) -> None:
        """Wait until users get these statuses. :raises DemoError: they do not get them in time."""
        wanted = f"users should have got {statuses}"
        _wait(lambda: [one.status for one in browse(self._url, self._ca_file, quiet=True)] == statuses, wanted)

    def fire_and_recover(self) -> None:
        """Stop the servers until the function has handled the alarm; start them until it has handled the recovery."""
        for running, state in ((False, "firing"), (True, "recovered")):
            before = self._handled_count(state)
            self.set_servers(running=running)
            _wait(partial(self._has_handled, state, before), f"the function should have handled an alarm: {state}")

    def switch(self, verb: str, *arguments: str) -> None:
        """Run the playbook that begins or ends maintenance, for the operator."""
        owner = ("-e", "maintenance_owner=change:CHG-1234")
        run(f"ansible-playbook tidegate.failover.{verb}_maintenance", *self._inventory, *owner, *arguments)

    def _has_handled(self, state: str, before: int) -> bool:
        return self._handled_count(state) > before

    def _handled_count(self, state: str) -> int:
        """How often the function has handled an alarm in this state."""
        calls = requests.get(f"{self._control}/functions", timeout=10).json()["calls"]
        alarms = [alarm for call in calls if call["status"] == 200 for alarm in json.loads(call["text"])["alarms"]]
        return [alarm["state"] for alarm in alarms].count(state)


def _wait(condition: Callable[[], bool], problem: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise DemoError(f"{problem}, within {PATIENCE} seconds")
        time.sleep(0.2)
