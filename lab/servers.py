# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""HTTP servers on loopback ports."""

from __future__ import annotations

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
