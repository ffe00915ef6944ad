# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Maintenance switched in this process, as the module does it, on the lab over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import read_holds
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request, Selection
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.swaps import is_record
from ansible_collections.tidegate.failover.plugins.module_utils._module.load_balancer_switch import LoadBalancerSwitch
from ansible_collections.tidegate.failover.plugins.module_utils._oci.auth import load_balancer_client
from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancerApi
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import RunningLab


class KilledError(BaseException):
    """The process ends here, for the code under test."""


class HurriedClock(Clock):
    """Waits a tenth of the requested time, because the lab's work requests are fast."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / 10)


class Maintenance:
    """Switches the lab's load balancer as the module does."""

    def __init__(self, lab: RunningLab, load_balancer: Json, oci_auth: Json) -> None:
        self._lab = lab
        self._load_balancer = load_balancer
        self._auth = oci_auth
        self._base = f"{lab.info['control']}/lab/oci/loadBalancers/{load_balancer['id']}"

    def run(
        self,
        *,
        enabled: bool,
        owner: str = "operator",
        check_mode: bool = False,
        seconds: int = 30,
        killed_after: float = 10**9,
        killed_after_writes: float = 10**9,
        before_call: Callable[[int], object] = lambda calls: None,
        **more: Any,
    ) -> Json:
        """One run; killed after so many calls or writes, if it makes that many. The rest are fields of the request.

        :param seconds: that the run may take.
        :param before_call: called before each call with the number of calls so far.
        """
        rule_set = str(more.pop("rule_set", self._load_balancer["rule_set"]))
        listeners = tuple(more.pop("listeners", ()))
        backend_set = more.pop("backend_set", None if listeners else "app")
        testers = str(more.pop("testers", ""))
        request = Request(
            selection=Selection(self._load_balancer["id"], listeners, backend_set, rule_set, testers),
            rule_set=rule_set,
            enabled=enabled,
            owner=owner,
            reason="",
            since="2026-11-21T03:04:05Z",
            **more,
        )
        client = load_balancer_client(self._auth, wait_timeout=seconds)
        let_through, calls = client.base_client.call_api, list[str]()

        def call_api(*arguments: Any, **options: Any) -> Any:
            if len(calls) >= killed_after or calls.count("PUT") >= killed_after_writes:
                raise KilledError
            before_call(len(calls))
            calls.append(options["method"])
            return let_through(*arguments, **options)

        client.base_client.call_api = call_api
        api = LoadBalancerApi(client, self._load_balancer["id"])
        return LoadBalancerSwitch(lambda: api, request, Deadline(seconds, HurriedClock())).run(check_mode=check_mode)

    def raw(self) -> Json:
        """The load balancer as the lab keeps it."""
        document: Json = requests.get(self._base, timeout=10).json()["document"]
        return document

    def put_raw(self, document: Json) -> None:
        """Set the load balancer past all checks."""
        requests.put(self._base, json=document, timeout=10).raise_for_status()

    def attached(self) -> dict[str, list[str]]:
        """The rule sets of the application's listeners."""
        listeners = self.raw()["listeners"]
        return {name: listeners[name].get("ruleSetNames") or [] for name in ("http", "https")}

    def holders(self) -> list[tuple[str, str]]:
        """Who holds the page, and on which listener, by the tags alone."""
        raw = self.raw()
        holds = read_holds(raw["freeformTags"], raw["listeners"])
        return [(hold.listener, hold.owner) for hold in holds if not is_record(hold)]

    def change(self, change: Callable[[Json], object]) -> None:
        """Change the load balancer past all checks, as somebody else would."""
        document = self.raw()
        change(document)
        self.put_raw(document)

    def wait_for_page(self) -> None:
        """Until a page that is on its way is up on a listener."""
        while not any(self.attached().values()):
            time.sleep(0.05)

    def attach_by_hand(self, *names: str) -> None:
        """Put the page up without a hold."""
        self.change(lambda raw: [raw["listeners"][name].update(ruleSetNames=["maintenance-page"]) for name in names])
