# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The router: forwards requests of users by host name and path to the current destinations, like the gorouter."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from lab.cloudfoundry.platform import Destination, Instance, Platform, Route
from lab.servers import LOOPBACK, Server

#: Headers about one connection, which a proxy does not pass on (RFC 9110, section 7.6.1).
_HOP_BY_HOP = (
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
)
_ANSWER_SECONDS = 60


class Router:
    """Forwards requests on one loopback port.

    It applies a change of destinations as a whole, after the delay in the platform's settings.
    """

    def __init__(self, platform: Platform) -> None:
        self._platform = platform
        self._in_force: dict[str, list[Destination]] = {}
        self._changes: set[asyncio.Task[None]] = set()
        self._turns: defaultdict[str, int] = defaultdict(int)
        self._session: aiohttp.ClientSession | None = None
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_route("*", "/{anything:.*}", self._serve)
        self._server = Server(app)

    async def start(self) -> int:
        """Listen; returns the port."""
        self._session = aiohttp.ClientSession(auto_decompress=False)
        return await self._server.start()

    async def stop(self) -> None:
        """Stop listening."""
        self.forget_changes()
        await self._server.stop()
        if self._session is not None:
            await self._session.close()

    def forget_changes(self) -> None:
        """Drop pending changes."""
        for change in self._changes:
            change.cancel()
        self._changes.clear()

    def follow_all(self) -> None:
        """Apply the present destinations of all routes at once."""
        self._in_force = {route.guid: list(route.destinations) for route in self._platform.routes}

    async def follow(self, route: Route) -> None:
        """Apply a route's destinations, at once or later."""
        wanted, seconds = list(route.destinations), self._platform.settings.propagation_seconds
        if not seconds:
            self._in_force[route.guid] = wanted
            return

        async def later() -> None:
            await asyncio.sleep(seconds)
            self._in_force[route.guid] = wanted

        change = asyncio.create_task(later())
        self._changes.add(change)
        change.add_done_callback(self._changes.discard)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        route = self._match(request.headers.get("Host", "").partition(":")[0].lower(), request.path)
        if route is None:
            return _router_error(
                404, "unknown_route", f"404 Not Found: Requested route ('{request.host}') does not exist.\n"
            )
        endpoints = self._endpoints(route)
        if not endpoints:
            return _router_error(
                503, "no_endpoints", "503 Service Unavailable: Requested route has no available endpoints.\n"
            )
        self._turns[route.guid] += 1
        first = self._turns[route.guid] % len(endpoints)
        body = await request.read()
        for instance, port in [*endpoints[first:], *endpoints[:first]]:
            try:
                return await self._forward(request, body, instance, port)
            except aiohttp.ClientConnectorError:
                continue
        return _router_error(
            502, "endpoint_failure", "502 Bad Gateway: Registered endpoint failed to handle the request.\n"
        )

    def _match(self, host: str, path: str) -> Route | None:
        """The route of this host with the longest path; otherwise a wildcard route."""
        parent = f"*.{host.partition('.')[2]}"
        for name in (host, parent):
            found = [
                route
                for route in self._platform.routes
                if route.domain.protocol == "http" and not route.domain.internal and _host_of(route) == name
                if _is_below(path, route.path)
            ]
            if found:
                return max(found, key=lambda route: len(route.path))
        return None

    def _endpoints(self, route: Route) -> list[tuple[Instance, int]]:
        """Running instances whose container has the destination's port open."""
        return [
            (instance, one.presented_port)
            for one in self._in_force.get(route.guid, [])
            for process in one.app.processes
            if process.type == one.process_type
            for instance in process.instances
            if instance.backend.is_running and one.presented_port in instance.open_ports
        ]

    async def _forward(self, request: web.Request, body: bytes, instance: Instance, port: int) -> web.StreamResponse:
        if self._session is None:
            raise AssertionError("the router is started before it is used")
        headers = _without(request.headers.items(), _HOP_BY_HOP)
        headers["X-Forwarded-For"] = request.remote or ""
        headers["X-Forwarded-Proto"] = "http"
        headers["X-Lab-Container-Port"] = str(port)
        url = URL(f"http://{LOOPBACK}:{instance.backend.port}{request.raw_path}", encoded=True)
        asking = self._session.request(
            request.method,
            url,
            headers=headers,
            data=body or None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=_ANSWER_SECONDS),
            skip_auto_headers=("User-Agent", "Accept", "Content-Type"),
        )
        async with asking as answer:
            kept = _without(answer.headers.items(), (*_HOP_BY_HOP, "Date", "Content-Length"))
            return web.Response(status=answer.status, headers=kept, body=await answer.read())


def _host_of(route: Route) -> str:
    return f"{route.host}.{route.domain.name}" if route.host else route.domain.name


def _is_below(path: str, prefix: str) -> bool:
    return not prefix or path == prefix or path.startswith(f"{prefix}/")


def _router_error(status: int, code: str, text: str) -> web.Response:
    return web.Response(status=status, text=text, headers={"X-Cf-RouterError": code})


def _without(headers: Iterable[tuple[str, str]], names: tuple[str, ...]) -> CIMultiDict[str]:
    kept: CIMultiDict[str] = CIMultiDict(headers)
    for name in names:
        kept.popall(name, None)
    return kept
