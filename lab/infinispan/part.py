# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The Infinispan part of the lab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web

from lab.faults import Faults
from lab.infinispan.api import ADMINISTRATOR, OBSERVER, api_app
from lab.infinispan.cluster import BACKED_UP
from lab.infinispan.control import infinispan_control_routes
from lab.infinispan.sites import SITES, Sites
from lab.requests_log import RequestsLog
from lab.servers import LOOPBACK, Server


class InfinispanPart:
    """Implements :class:`lab.part.Part` and :class:`lab.part.Resettable`."""

    name = "infinispan"

    def __init__(self, log: RequestsLog, faults: Faults) -> None:
        self._log = log
        self._faults = faults
        self._servers: dict[str, Server] = {}
        self._ports = dict.fromkeys(SITES, 0)
        self._sites = Sites(is_running=lambda site: site in self._servers)

    async def start(self, _unused: Path) -> dict[str, Any]:
        """See :class:`lab.part.Part`."""
        for site in SITES:
            await self._run(site, running=True)
        return {
            "username": ADMINISTRATOR[0],
            "password": ADMINISTRATOR[1],
            "observer": {"username": OBSERVER[0], "password": OBSERVER[1]},
            "caches": list(BACKED_UP),
            "sites": {site: {"url": f"http://{LOOPBACK}:{port}"} for site, port in self._ports.items()},
        }

    async def stop(self) -> None:
        """See :class:`lab.part.Part`."""
        self._sites.reset()
        for site in list(self._servers):
            await self._run(site, running=False)

    async def reset(self) -> None:
        """See :class:`lab.part.Resettable`."""
        self._sites.reset()
        for site in SITES:
            await self._run(site, running=True)

    def control_routes(self) -> list[web.RouteDef]:
        """See :class:`lab.part.Part` and :mod:`lab.infinispan.control`."""
        return infinispan_control_routes(self._sites, lambda site, running: self._run(site, running=running))

    def environment(self) -> dict[str, str]:
        """See :class:`lab.part.Part`."""
        return {f"LAB_INFINISPAN_{site.upper()}_URL": f"http://{LOOPBACK}:{port}" for site, port in self._ports.items()}

    def inventory_hosts(self) -> dict[str, dict[str, Any]]:
        """See :class:`lab.part.Part`. Only a service's own gates name such clusters."""
        return {}

    async def _run(self, site: str, *, running: bool) -> None:
        """Start or stop the server of a site. The server keeps its port."""
        if running and site not in self._servers:
            server = Server(api_app(self._log, self._faults, self._sites, self._sites.clusters[site]))
            self._ports[site] = await server.start(self._ports[site])
            self._servers[site] = server
        elif not running and site in self._servers:
            await self._servers.pop(site).stop()
