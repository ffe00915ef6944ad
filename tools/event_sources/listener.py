# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: listen for messages over HTTPS."""

from __future__ import annotations

import asyncio
import logging
import resource
import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tools.event_sources.admission import Allowances, Seats, _network
from tools.event_sources.connections import (
    CLOSING_SECONDS,
    Connection,
    ThinnedLogger,
    _answering,
    _later,
)
from tools.event_sources.options import _number
from tools.event_sources.refusals import Refusals

LOGGER = logging.getLogger(__name__)

# -- shared --

LISTENER_OPTIONS = {"host", "port", "path", "certfile", "keyfile", "behind_tls_proxy"}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Most open connections, in all and for one address.
MOST_CONNECTIONS = 256
MOST_CONNECTIONS_EACH = 64
# Open files that the process needs besides connections.
OTHER_FILES = 128
HANDSHAKE_SECONDS = 10.0
# Connections that wait to be accepted, and how many may be refused in a row before other tasks run.
BACKLOG = 512
TURNED_AWAY_AT_ONCE = 32


@dataclass
class Door:
    """Accepts connections, and keeps them while they may stay."""

    server: web.Server
    tls: ssl.SSLContext | None
    most_bytes: int
    refusals: Refusals
    seats: Seats
    allowances: Allowances = field(default_factory=Allowances)
    logger: logging.Logger = field(default_factory=ThinnedLogger)
    holders: set[asyncio.Task[None]] = field(default_factory=set)

    async def accept(self, listening: socket.socket) -> None:
        """Accept connections until the task is cancelled."""
        loop, turned_away = asyncio.get_running_loop(), 0
        while True:
            try:
                sock, peer = await loop.sock_accept(listening)
            except OSError as problem:
                # For example too many open files. Waiting connections stay in the backlog, so a pause loses none.
                self.refusals.note("a connection that cannot be accepted", problem.strerror or type(problem).__name__)
                await asyncio.sleep(CLOSING_SECONDS)
                continue
            if self._admit(sock, peer[0]):
                turned_away = 0
            else:
                sock.close()
                turned_away += 1
            if turned_away % TURNED_AWAY_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _admit(self, sock: socket.socket, peer: str) -> bool:
        # Without TLS the peer is a proxy that ends TLS, or this machine. So its address does not identify a sender.
        address = _network(peer) if self.tls is not None else ""
        if address and not self.allowances.take(address):
            self.refusals.note("an address that opens many connections and never authenticates", address)
            return False
        connection = Connection(self.server, address, self.allowances, self.most_bytes, self.logger)
        if not self.seats.admit(connection):
            self.refusals.note("a connection, because too many are open")
            return False
        connection.holder = asyncio.create_task(self._hold(connection, sock))
        self.holders.add(connection.holder)
        connection.holder.add_done_callback(self.holders.discard)
        return True

    async def _hold(self, connection: Connection, sock: socket.socket) -> None:
        """Keep a connection until it closes or is cancelled."""
        limits = {"ssl_handshake_timeout": HANDSHAKE_SECONDS, "ssl_shutdown_timeout": CLOSING_SECONDS}
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection, sock, ssl=self.tls, **(limits if self.tls is not None else {})
            )
            await connection.closed.wait()
        except OSError as problem:
            LOGGER.debug("No TLS with %s: %s", connection.address, problem)
        finally:
            self.seats.release(connection)
            if connection.transport is not None:
                connection.transport.abort()


@dataclass(frozen=True)
class Listener:
    """The address, the path and the certificate of the listener."""

    host: str
    port: int
    path: str
    tls: ssl.SSLContext | None

    async def serve(self, receive: Callable[[web.Request], Awaitable[web.Response]], most_bytes: int) -> None:
        """Answer POSTs until the task is cancelled."""
        refusals, most = Refusals(), _most_connections()
        app = web.Application(middlewares=[_answering(refusals)])
        app.router.add_post(self.path, receive, expect_handler=_later)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        seats = Seats(most, most if self.tls is None else min(most, MOST_CONNECTIONS_EACH))
        door = Door(runner.server, self.tls, most_bytes, refusals, seats)  # type: ignore[arg-type]
        listening = await self._sockets()
        try:
            LOGGER.info("Listening on %s port %d, path %s", self.host, self.port, self.path)
            await asyncio.gather(*(door.accept(sock) for sock in listening))
        finally:
            for sock in listening:
                sock.close()
            await runner.cleanup()
            for holder in door.holders:
                holder.cancel()

    async def _sockets(self) -> list[socket.socket]:
        """Return a socket that listens for each address of the host."""
        found = await asyncio.get_running_loop().getaddrinfo(
            self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        made = []
        for family, address in dict.fromkeys((info[0], info[4]) for info in found):
            made.append(socket.create_server(address[:2], family=family, backlog=BACKLOG))
            made[-1].settimeout(0)
        return made


def _most_connections() -> int:
    """Return the most open connections that leave enough files for everything else."""
    files, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY or files >= MOST_CONNECTIONS + OTHER_FILES:
        return MOST_CONNECTIONS
    most = max(files - OTHER_FILES, 1)
    LOGGER.warning("This process may have %d files open (RLIMIT_NOFILE), so it takes %d connections", files, most)
    return most


def _listener_from(args: dict[str, Any]) -> Listener:
    """Read the options of the listener. :raises ValueError: they contradict each other."""
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
