# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The Cloud Foundry part of the lab."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from aiohttp import web

from lab.backends.processes import start_all, stop_all
from lab.cloudfoundry.access import RateLimit
from lab.cloudfoundry.api import api_app
from lab.cloudfoundry.control import cloudfoundry_control_routes
from lab.cloudfoundry.platform import Platform, Settings
from lab.cloudfoundry.router import Router
from lab.cloudfoundry.seed import DOMAIN, RESPONDER, seed, seed_accounts, seed_backends
from lab.cloudfoundry.uaa import Account, Uaa, uaa_app
from lab.faults import Faults
from lab.requests_log import RequestsLog
from lab.servers import LOOPBACK, Server


class CloudFoundryPart:
    """Implements :class:`lab.part.Part` and :class:`lab.part.Resettable`."""

    name = "cloudfoundry"

    def __init__(self, log: RequestsLog, faults: Faults) -> None:
        self._platform = Platform()
        self._accounts = seed_accounts()
        self._backends = seed_backends()
        self._guids: dict[str, str] = {}
        self._uaa = Uaa(self._accounts.users, self._accounts.clients, self._platform.settings)
        self._rate_limit = RateLimit(self._platform)
        self._router = Router(self._platform)
        self._uaa_url = self._api_url = ""
        self._uaa_server = Server(uaa_app(log, faults, self._uaa))
        self._api_server = Server(
            api_app(
                log,
                faults,
                self._platform,
                self._uaa,
                self._rate_limit,
                self._router.follow,
                lambda: self._uaa_url,
            )
        )

    async def start(self, _unused: Path) -> dict[str, Any]:
        """See :class:`lab.part.Part`."""
        await start_all(list(self._backends.values()))
        self._seed()
        self._uaa_url = f"http://{LOOPBACK}:{await self._uaa_server.start()}"
        self._api_url = f"http://{LOOPBACK}:{await self._api_server.start()}"
        router = await self._router.start()
        return {
            "api_url": self._api_url,
            "uaa_url": self._uaa_url,
            "router": f"http://{LOOPBACK}:{router}",
            "domain": DOMAIN,
            "responder_app": RESPONDER,
            "organization": "example",
            "space": "shop",
            "guids": dict(self._guids),
            "routes": {route.guid: route.url for route in self._platform.routes},
            "route": self._guids["route shop"],
            "route_url": self._platform.routes[0].url,
            "client": _sign_in(self._accounts.client),
            "users": {user.name.partition("@")[0]: _sign_in(user) for user in self._accounts.users},
        }

    async def stop(self) -> None:
        """See :class:`lab.part.Part`."""
        await self._api_server.stop()
        await self._uaa_server.stop()
        await self._router.stop()
        await stop_all(list(self._backends.values()))

    async def reset(self) -> None:
        """See :class:`lab.part.Resettable`."""
        self._router.forget_changes()
        self._rate_limit.forget()
        self._platform.settings = Settings()
        self._uaa.settings = self._platform.settings
        await start_all(list(self._backends.values()))
        self._seed()

    def control_routes(self) -> list[web.RouteDef]:
        """See :class:`lab.part.Part` and :mod:`lab.cloudfoundry.control`."""
        return cloudfoundry_control_routes(self._platform, lambda: self._uaa, self._router.follow)

    def environment(self) -> dict[str, str]:
        """See :class:`lab.part.Part`."""
        return {
            "CF_API_URL": self._api_url,
            "CF_CLIENT_ID": self._accounts.client.name,
            "CF_CLIENT_SECRET": self._accounts.client.secret,
            "LAB_ROUTE_GUID": self._guids["route shop"],
        }

    def inventory_hosts(self) -> dict[str, dict[str, Any]]:
        """See :class:`lab.part.Part`. Services do not name routes yet."""
        return {}

    def _seed(self) -> None:
        seed(self._platform, self._accounts, self._backends, self._guids)
        self._router.follow_all()


def _sign_in(account: Account) -> dict[str, str]:
    return {"name": account.name, "secret": account.secret, "guid": account.guid}
