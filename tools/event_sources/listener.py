# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: listen for messages over HTTPS."""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from tools.event_sources.options import _number

LOGGER = logging.getLogger(__name__)

# -- shared --

LISTENER_OPTIONS = {"host", "port", "path", "certfile", "keyfile", "behind_tls_proxy"}
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True)
class Listener:
    """Where to listen, and with what certificate."""

    host: str
    port: int
    path: str
    tls: ssl.SSLContext | None

    async def serve(self, receive: Callable[[web.Request], Awaitable[web.Response]], most_bytes: int) -> None:
        """Answer POSTs until the task is cancelled."""
        app = web.Application(client_max_size=most_bytes)
        app.router.add_post(self.path, receive)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, self.host, self.port, ssl_context=self.tls).start()
            LOGGER.info("Listening on %s port %d, path %s", self.host, self.port, self.path)
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()


def _listener_from(args: dict[str, Any]) -> Listener:
    """Read the options about listening. :raises ValueError: they do not go together."""
    host, tls = args.get("host", LOOPBACK[0]), None
    if args.get("certfile"):
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(args["certfile"], args.get("keyfile") or None)
    elif host not in LOOPBACK and args.get("behind_tls_proxy") is not True:
        message = (
            f"Without certfile and keyfile, messages and passwords would cross the network to {host} in the clear. "
            "Give a certificate; or set behind_tls_proxy if a proxy in front of this source ends TLS."
        )
        raise ValueError(message)
    return Listener(host, int(_number(args, "port", -1, least=1)), args.get("path", "/"), tls)
