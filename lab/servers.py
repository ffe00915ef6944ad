# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""HTTP servers on loopback ports."""

from __future__ import annotations

import asyncio
import ssl

from aiohttp import web

LOOPBACK = "127.0.0.1"


class Server:
    """One aiohttp application on one loopback port."""

    def __init__(self, app: web.Application) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)

    async def start(self, port: int = 0, tls: ssl.SSLContext | None = None) -> int:
        """Listen.

        :param port: 0 takes any free port.
        :returns: the port.
        :raises OSError: the port is taken or not allowed.
        """
        await self._runner.setup()
        site = web.TCPSite(self._runner, LOOPBACK, port, ssl_context=tls)
        await site.start()
        bound: int = self._runner.addresses[0][1]
        return bound

    async def stop(self) -> None:
        """Close all connections and stop listening. Safe to call at any time."""
        await self._runner.cleanup()


async def free_port() -> int:
    """A port that nobody listens on at the moment, for what must know its port before it listens."""
    server = await asyncio.start_server(lambda *_: None, LOOPBACK, 0)
    port: int = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    return port
