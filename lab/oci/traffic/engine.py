# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Applies the load balancers' state to the traffic: opens and closes ports, starts and stops health checks."""

from __future__ import annotations

import asyncio

import aiohttp

from lab.oci.identifiers import now
from lab.oci.load_balancer.fields import Json
from lab.oci.load_balancer.health import BackendHealthOf, backend_health
from lab.oci.traffic.health_checks import HealthCheck, check_target
from lab.oci.traffic.ports import HttpPort, PortPlan, PortServer, TcpPort, planned_ports
from lab.oci.traffic.proxy import Proxy


class TrafficEngine:
    """All ports and health checks of all load balancers."""

    def __init__(self) -> None:
        self._ports: dict[int, PortServer] = {}
        #: load balancer OCID -> port -> why it is not served.
        self._unserved: dict[str, dict[int, str]] = {}
        self._checks: dict[tuple[str, str, str], HealthCheck] = {}
        self._session: aiohttp.ClientSession | None = None
        self._proxy: Proxy | None = None
        self._busy = asyncio.Lock()

    async def start(self) -> None:
        """Start. No port is open before the first :meth:`follow`."""
        self._session = aiohttp.ClientSession(auto_decompress=False, cookie_jar=aiohttp.DummyCookieJar())
        self._proxy = Proxy(self._session, self.is_healthy)

    async def stop(self) -> None:
        """Close all ports and stop all checks."""
        await asyncio.gather(*(server.stop() for server in self._ports.values()))
        await asyncio.gather(*(check.stop() for check in self._checks.values()))
        self._ports, self._checks = {}, {}
        if self._session is not None:
            await self._session.close()

    async def follow(self, balancer: Json) -> None:
        """Apply the present state of a load balancer. Unchanged listeners are not interrupted."""
        async with self._busy:
            await self._follow_backends(balancer)
            await self._follow_ports(balancer)

    async def forget(self, identifier: str) -> None:
        """Stop serving a load balancer."""
        await self.follow({"id": identifier, "listeners": {}, "backendSets": {}, "certificates": {}})
        self._unserved.pop(identifier, None)

    def unserved(self, identifier: str) -> dict[int, str]:
        """The ports of a load balancer that are not served, and why: they are in use, or need privileges."""
        return self._unserved.get(identifier, {})

    async def _follow_ports(self, balancer: Json) -> None:
        plans = {plan.port: plan for plan in planned_ports(balancer)}
        for port, server in list(self._ports.items()):
            plan = plans.get(port)
            if server.plan.balancer["id"] != balancer["id"]:
                continue
            if plan is not None and plan.transport == server.plan.transport:
                server.plan = plan
                del plans[port]
            else:
                del self._ports[port]
                await server.stop()
        failures = {}
        for port, plan in plans.items():
            server = self._server(plan)
            try:
                await server.start()
                self._ports[port] = server
            except (OSError, ValueError) as error:
                failures[port] = str(error)
                await server.stop()
        self._unserved[balancer["id"]] = failures

    def _server(self, plan: PortPlan) -> PortServer:
        if plan.transport == "TCP":
            return TcpPort(plan, self.is_healthy)
        if self._proxy is None:
            raise AssertionError("the engine is started before it follows")
        return HttpPort(plan, self._proxy)

    async def _follow_backends(self, balancer: Json) -> None:
        targets = {
            (balancer["id"], name, backend["name"]): check_target(backend_set, backend, balancer["certificates"])
            for name, backend_set in balancer["backendSets"].items()
            if backend_set.get("healthChecker")
            for backend in backend_set["backends"]
        }
        for key, check in list(self._checks.items()):
            if key[0] == balancer["id"] and check.target != targets.get(key):
                del self._checks[key]
                await check.stop()
        if self._session is None:
            raise AssertionError("the engine is started before it follows")
        for key, target in targets.items():
            if key not in self._checks:
                self._checks[key] = HealthCheck(target, self._session)
                self._checks[key].start()

    def is_healthy(self, identifier: str, backend_set: str, backend: str) -> bool:
        """Whether a backend may get traffic. A backend without a check result counts as healthy."""
        check = self._checks.get((identifier, backend_set, backend))
        return check is None or check.status in ("OK", "UNKNOWN")

    def health_of(self, identifier: str) -> BackendHealthOf:
        """The results of a load balancer's health checks."""

        def health(backend_set: str, backend: str) -> Json:
            check = self._checks.get((identifier, backend_set, backend))
            return backend_health("UNKNOWN", now()) if check is None else check.describe()

        return health

    async def until_healthy(self, seconds: float) -> None:
        """Wait until every backend passed its health check. :raises TimeoutError: some do not in time."""
        deadline = asyncio.get_running_loop().time() + seconds
        while failing := [f"{key[2]} ({check.status})" for key, check in self._checks.items() if check.status != "OK"]:
            if asyncio.get_running_loop().time() > deadline:
                raise TimeoutError(f"backends are not healthy after {seconds} s: {', '.join(failing)}")
            await asyncio.sleep(0.01)
