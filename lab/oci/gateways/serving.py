# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Serves gateways: an HTTPS port for each, and the stock response for a request."""

from __future__ import annotations

import re
import ssl
from collections.abc import Callable

from aiohttp import web

from lab.oci.load_balancer.fields import Json
from lab.servers import LOOPBACK, Server

_PARAMETER = re.compile(r"\\\{\w+(\\\*)?\\\}")


def route_pattern(prefix: str, path: str) -> re.Pattern[str]:
    """The pattern of a route's addresses."""
    whole = re.escape(("" if prefix == "/" else prefix) + path)
    return re.compile(_PARAMETER.sub(lambda found: ".*" if found[1] else "[^/]+", whole))


def answer(deployments: list[Json], method: str, path: str) -> tuple[int, list[tuple[str, str]], str]:
    """The answer of a gateway: status, headers and body."""
    matching = [
        route
        for deployment in deployments
        for route in deployment["specification"]["routes"]
        if route_pattern(deployment["pathPrefix"], route["path"]).fullmatch(path)
    ]
    for route in matching:
        methods = route.get("methods") or ["ANY"]
        if "ANY" in methods or method in methods:
            backend = route["backend"]
            headers = [(header["name"], header["value"]) for header in backend.get("headers") or []]
            return backend["status"], headers, backend.get("body") or ""
    status, message = (405, "Method Not Allowed") if matching else (404, "Not Found")
    return status, [("Content-Type", "application/json")], f'{{"code":{status},"message":"{message}"}}'


class GatewayPort:
    """The HTTPS port of one gateway.

    :param deployments: returns the active deployments of the gateway.
    """

    def __init__(self, deployments: Callable[[], list[Json]]) -> None:
        self._deployments = deployments
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._server = Server(app)
        self.address = ""

    async def start(self, tls: ssl.SSLContext) -> None:
        """Listen on a free port."""
        self.address = f"{LOOPBACK}:{await self._server.start(tls=tls)}"

    async def stop(self) -> None:
        """Stop listening. Safe to call at any time."""
        await self._server.stop()

    async def _serve(self, request: web.Request) -> web.Response:
        status, headers, body = answer(self._deployments(), request.method, request.path)
        return web.Response(status=status, headers=headers, body=body.encode())
