# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One site as a program: ``python -m lab.aws.sites.server NAME ADDRESS PORT TLS_PORT CERTIFICATE KEY``.

The program reads its behaviour or ``database DSN`` from standard input, one line each. It ends at the end of standard
input, so it never runs longer than the lab. It writes a line when it listens, and after each line that it has applied.
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

from lab.aws.key_pair import KeyPair

if TYPE_CHECKING:
    from lab.aws.sites.orders import Orders

#: The path of the load balancer's health check.
CHECK_PATH = "/lb-check"
ORDERS_PATH = "/orders"
BEHAVIOURS = ("healthy", "down", "maintenance", "catch_all", "redirect", "slow")
DATABASE = "database"
#: Longer than any health checker waits.
_SLOW_SECONDS = 30


class Site:
    """Answers like a service behind a load balancer.

    - ``healthy``: 200 on its front page and its check, 404 elsewhere
    - ``down``: 503 everywhere
    - ``maintenance``: 503 everywhere but on its check, as behind a maintenance page
    - ``catch_all``: 200 everywhere, as a single-page application does
    - ``redirect``: 302 everywhere, as a sign-on or a redirect to HTTPS does
    - ``slow``: answers, but much too late

    With a database it also takes orders while it is ``healthy``.
    """

    def __init__(self, name: str) -> None:
        self._name = name
        self.behaviour = "healthy"
        self._orders: Orders | None = None
        self._changing = asyncio.Lock()

    async def apply(self, line: str) -> None:
        """Apply a new behaviour or another database. When this returns, no order is still in progress with the old one.

        :raises ValueError: there is no such behaviour.
        """
        word, _unused, value = line.partition(" ")
        if word not in (DATABASE, *BEHAVIOURS):
            raise ValueError(f"unknown behaviour: {word}")
        async with self._changing:
            if word == DATABASE:
                self._orders = _orders(self._name, value) if value else None
            else:
                self.behaviour = word

    async def handle(self, request: web.Request) -> web.Response:
        """Answer any request."""
        if self.behaviour == "slow":
            await asyncio.sleep(_SLOW_SECONDS)
        if self.behaviour == "redirect":
            return web.Response(status=302, headers={"Location": "https://login.example.com/"})
        if self.behaviour == "down" or (self.behaviour == "maintenance" and request.path != CHECK_PATH):
            return _closed()
        if request.path == CHECK_PATH:
            # Padding tests checkers that read only the beginning of a body.
            return web.Response(text=" " * int(request.query.get("padding", "0")) + "UP\n")
        if request.path == ORDERS_PATH and self._orders is not None:
            return await (self._take_order(request) if request.method == "POST" else self._orders.show(request))
        if request.path == "/" or self.behaviour == "catch_all":
            return web.Response(text=f"Served by {self._name}.\n")
        return web.Response(status=404, text="Not found.\n")

    async def _take_order(self, request: web.Request) -> web.Response:
        async with self._changing:
            if self._orders is None or self.behaviour != "healthy":
                return _closed()
            return await self._orders.take(request)


def _closed() -> web.Response:
    return web.Response(status=503, text="DOWN\n", headers={"Retry-After": "60"})


def _orders(name: str, dsn: str) -> Orders:
    # Most sites have no database, and start faster without its library.
    from lab.aws.sites.orders import Orders

    return Orders(name, dsn)


async def _apply(site: Site) -> None:
    """Apply lines from standard input until it ends."""
    reader = asyncio.StreamReader()
    loop = asyncio.get_running_loop()
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        await site.apply(line.decode().strip())
        print("ok", flush=True)


async def _serve(name: str, address: str, port: int, tls_port: int, pair: KeyPair) -> None:
    site = Site(name)
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", site.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0)
    await runner.setup()
    await web.TCPSite(runner, address, port).start()
    await web.TCPSite(runner, address, tls_port, ssl_context=pair.server_context()).start()
    print("listening", flush=True)
    try:
        await _apply(site)
    finally:
        await runner.cleanup()


def main(arguments: list[str]) -> None:
    """Run one site until standard input ends."""
    name, address, port, tls_port, certificate, key = arguments
    asyncio.run(_serve(name, address, int(port), int(tls_port), KeyPair(Path(certificate), Path(key))))


if __name__ == "__main__":
    main(sys.argv[1:])
