# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Maintenance of a Cloud Foundry route switched in this process, as the module does it, on the lab over HTTP."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import requests
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.client import CloudFoundry, Connection
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.routes import RouteApi
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry.sign_in import Credentials
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.request import (
    Request,
    selection_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._module.route_switch import RouteSwitch
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import RunningLab


class KilledError(BaseException):
    """The process ends here, for the code under test."""


class HurriedClock(Clock):
    """Waits a tenth of what it should."""

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds / 10)


class RouteMaintenance:
    """Switches the lab's route ``shop`` as the module does."""

    def __init__(self, lab: RunningLab) -> None:
        self.lab = lab
        self.info: Json = lab.info["cloudfoundry"]
        self.guids: dict[str, str] = self.info["guids"]
        self.route: str = self.info["route"]

    def run(
        self,
        *,
        enabled: bool,
        owner: str = "operator",
        check_mode: bool = False,
        killed_after: float = 10**9,
        before_call: Callable[[int], object] = lambda calls: None,
        user: str | None = None,
        route: Json | None = None,
        **more: Any,
    ) -> Json:
        """One run; killed after so many calls, if it makes that many. The rest are fields of the request.

        :param before_call: called before each call with the number of calls so far.
        :param user: who signs in with a password; the lab's client if nobody.
        """
        cloud = CloudFoundry(Connection(self.info["api_url"]), self._credentials(user))
        let_through, calls = cloud._fetch, [0]

        def fetch(request: Any, option: str) -> Any:
            if calls[0] >= killed_after:
                raise KilledError
            before_call(calls[0])
            calls[0] += 1
            return let_through(request, option)

        cloud._fetch = fetch  # type: ignore[method-assign]
        request = Request(enabled=enabled, owner=owner, since="2026-11-21T03:04:05Z", responder="maintenance")
        selection = selection_from(route or {"route_guid": self.route})
        deadline = Deadline(30, HurriedClock())
        switch = RouteSwitch(lambda: RouteApi(cloud), selection, replace(request, **more), deadline)
        return switch.run(check_mode=check_mode)

    def _credentials(self, user: str | None) -> Credentials:
        if user is None:
            client = self.info["client"]
            return Credentials(client_id=client["name"], client_secret=client["secret"])
        known = self.info["users"][user]
        return Credentials(username=known["name"], password=known["secret"], client_id="cf", client_secret="")

    def raw(self, route: str | None = None) -> Json:
        """The route as the lab keeps it."""
        found: Json = self.lab.control("GET", f"/cloudfoundry/routes/{route or self.route}")
        return found

    def destinations(self, route: str | None = None) -> list[tuple[Any, ...]]:
        """What the route leads to, without guids and times."""
        return sorted(
            (one["app"]["guid"], one["app"]["process"]["type"], one["port"], one["weight"], one["protocol"])
            for one in self.raw(route)["destinations"]
        )

    def annotations(self) -> dict[str, str]:
        """The annotations of the route."""
        found: dict[str, str] = self.raw()["metadata"]["annotations"]
        return found

    def page(self) -> list[tuple[Any, ...]]:
        """What the route leads to with the page up."""
        return [(self.guids["app maintenance"], "web", 8080, None, "http1")]

    def put(self, route: str | None = None, **changes: Any) -> None:
        """Change the route as somebody else would."""
        self.lab.control("PUT", f"/cloudfoundry/routes/{route or self.route}", changes)

    def to(self, app: str, **more: Any) -> Json:
        """A destination, as requests name them."""
        return {"app": {"guid": self.guids[f"app {app}"]}, **more}

    def add(self, *more: Json) -> None:
        """Map the route to more apps, as somebody else would."""
        kept = [
            {name: one[name] for name in ("app", "port", "protocol", "weight") if one[name] is not None}
            for one in self.raw()["destinations"]
        ]
        self.put(destinations=[*kept, *more])


class Users:
    """Request the route without a pause until stopped, and note every answer."""

    def __init__(self, maintenance: RouteMaintenance, count: int = 4) -> None:
        self._url = f"{maintenance.info['router']}/cart?item=1"
        self._headers = {"Host": maintenance.info["route_url"], "Accept": "text/html"}
        self._enough = threading.Event()
        self._threads = [threading.Thread(target=self._ask) for _unused in range(count)]
        self.answers: list[str] = []

    def __enter__(self) -> Users:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_unused: object) -> None:
        self._enough.set()
        for thread in self._threads:
            thread.join()

    def _ask(self) -> None:
        with requests.Session() as session:
            while not self._enough.is_set():
                self.answers.append(self._one(session))

    def _one(self, session: requests.Session) -> str:
        try:
            answer = session.get(self._url, headers=self._headers, timeout=10)
        except requests.RequestException as problem:
            return type(problem).__name__
        if answer.status_code == 200 and answer.text.startswith("Welcome to the shop."):
            return "application"
        if answer.status_code == 503 and "We will be right back" in answer.text and "Retry-After" in answer.headers:
            return "page"
        return f"{answer.status_code} {answer.text}"

    def wait_for(self, answer: str) -> None:
        """Until twenty more answers have come, the last of which is this one."""
        enough = len(self.answers) + 20
        while len(self.answers) < enough or self.answers[-1] != answer:
            self._threads[0].join(0.01)
