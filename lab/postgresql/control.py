# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Control routes of the PostgreSQL part; a site is ``primary``, ``backup``, or the name of a server that joined them.

``GET /lab/postgresql/servers``, ``GET /lab/postgresql/servers/{site}``: running, role (writer, standby), replaying.
``PUT /lab/postgresql/servers/{site}`` {"running": false} kills a server, as in a crash, and true starts it
with its data; {"replaying": false} lets a standby fall behind.
``POST /lab/postgresql/servers/{site}/promote``: the standby becomes the writer.
``POST /lab/postgresql/servers/{site}/rebuild``: the server becomes a new standby of the other one.
``POST /lab/postgresql/servers`` {"site": "reports", "follows": "backup"}: one more standby, of any server, with
optional "application_name", "slot" and "target_session_attrs"; {"site": "billing", "subscribes": "backup"}: a server
that subscribes to all tables of the shop. The answer holds its connection strings. A reset removes these servers.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from aiohttp import web

from lab.control import json_object
from lab.control_error import ControlError
from lab.postgresql.further import further_from
from lab.postgresql.pair import Pair
from lab.postgresql.server import Server


def postgresql_control_routes(pair: Callable[[], Pair]) -> list[web.RouteDef]:
    """Build the routes."""
    handlers = _Handlers(pair)
    return [
        web.get("/lab/postgresql/servers", handlers.list_servers),
        web.post("/lab/postgresql/servers", handlers.join),
        web.get("/lab/postgresql/servers/{site}", handlers.get_server),
        web.put("/lab/postgresql/servers/{site}", handlers.put_server),
        web.post("/lab/postgresql/servers/{site}/promote", handlers.promote),
        web.post("/lab/postgresql/servers/{site}/rebuild", handlers.rebuild),
    ]


class _Handlers:
    def __init__(self, pair: Callable[[], Pair]) -> None:
        self._pair = pair
        # One change at a time: a server cannot be rebuilt and started at once.
        self._changing = asyncio.Lock()

    async def list_servers(self, _unused: web.Request) -> web.Response:
        async with self._changing:
            return web.json_response([await server.describe() for server in self._pair().servers.values()])

    async def get_server(self, request: web.Request) -> web.Response:
        async with self._changing:
            return web.json_response(await self._server(request).describe())

    async def put_server(self, request: web.Request) -> web.Response:
        server, body = self._server(request), await json_object(request)
        if not body or not set(body) <= {"running", "replaying"} or not all(isinstance(v, bool) for v in body.values()):
            raise ControlError('the body holds "running", "replaying" or both, each of them true or false')
        async with self._changing:
            if "running" in body:
                await (server.start() if body["running"] else server.stop())
            if "replaying" in body:
                await self._pair().replay(server.site, on=body["replaying"])
            return web.json_response(await server.describe())

    async def join(self, request: web.Request) -> web.Response:
        further = further_from(await json_object(request))
        async with self._changing:
            server = await self._pair().join(further)
            return web.json_response(await server.describe() | server.connection())

    async def promote(self, request: web.Request) -> web.Response:
        return await self._change(request, self._pair().promote)

    async def rebuild(self, request: web.Request) -> web.Response:
        return await self._change(request, self._pair().rebuild)

    async def _change(self, request: web.Request, change: Callable[[str], Awaitable[None]]) -> web.Response:
        server = self._server(request)
        async with self._changing:
            await change(server.site)
            return web.json_response(await server.describe())

    def _server(self, request: web.Request) -> Server:
        servers, site = self._pair().servers, request.match_info["site"]
        if site not in servers:
            raise ControlError(f"there is no server of {site!r}; there are {', '.join(servers)}")
        return servers[site]
