# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The ports of listeners: one server for all listeners of a port."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from aiohttp import web

from lab.oci.load_balancer.fields import Json
from lab.oci.traffic.balancing import Balancing
from lab.oci.traffic.proxy import Proxy
from lab.oci.traffic.rules import serving_listener
from lab.oci.traffic.tls import server_context
from lab.servers import LOOPBACK


@dataclass(frozen=True)
class PortPlan:
    """The listeners of a port.

    :ivar transport: ``TCP``, ``HTTP``, or the TLS settings, since a change of these needs a new server.
    :ivar balancer: the load balancer of the listeners.
    """

    port: int
    transport: str
    balancer: Json
    listeners: tuple[Json, ...]


def planned_ports(balancer: Json) -> list[PortPlan]:
    """The ports that a load balancer serves, and its listeners on each."""
    listeners: dict[int, list[Json]] = {}
    for listener in balancer["listeners"].values():
        listeners.setdefault(listener["port"], []).append(listener)
    return [
        PortPlan(port, _transport(balancer, sharing[0]), balancer, tuple(sharing))
        for port, sharing in listeners.items()
    ]


def _transport(balancer: Json, listener: Json) -> str:
    tls = listener.get("sslConfiguration")
    if listener["protocol"] == "TCP":
        return "TCP"
    if not tls:
        return "HTTP"
    certificate = balancer["certificates"].get(tls.get("certificateName"))
    return f"TLS {tls} {certificate}"


class PortServer(Protocol):
    """Serves one port."""

    plan: PortPlan

    async def start(self) -> None:
        """Listen. :raises OSError: the port is not available; ValueError: its certificate is not."""

    async def stop(self) -> None:
        """Stop listening and close all connections."""


class HttpPort:
    """HTTP, with TLS or without. Its plan may be replaced while it runs, as long as the transport stays the same."""

    def __init__(self, plan: PortPlan, proxy: Proxy) -> None:
        self.plan = plan
        self._proxy = proxy
        self._runner = web.ServerRunner(web.Server(self._serve, access_log=None), shutdown_timeout=0.2)

    async def start(self) -> None:
        """Listen. :raises OSError: the port is not available; ValueError: its certificate is not."""
        tls: ssl.SSLContext | None = None
        if self.plan.transport != "HTTP":
            tls = server_context(self.plan.listeners[0]["sslConfiguration"], self.plan.balancer["certificates"])
        await self._runner.setup()
        await web.TCPSite(self._runner, LOOPBACK, self.plan.port, ssl_context=tls).start()

    async def stop(self) -> None:
        """Stop listening and close all connections."""
        await self._runner.cleanup()

    async def _serve(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._proxy.serve(request, self.plan.balancer, self._listener(request))

    def _listener(self, request: web.BaseRequest) -> Json:
        host = request.headers.get("Host", "").partition(":")[0]
        return serving_listener(self.plan.listeners, self.plan.balancer["hostnames"], host)


class TcpPort:
    """A TCP listener: bytes in both directions."""

    def __init__(self, plan: PortPlan, is_healthy: Callable[[str, str, str], bool]) -> None:
        self.plan = plan
        self._is_healthy = is_healthy
        self._balancing = Balancing()
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[Any]] = set()

    async def start(self) -> None:
        """Listen. :raises OSError: the port is not available."""
        self._server = await asyncio.start_server(self._serve, LOOPBACK, self.plan.port)

    async def stop(self) -> None:
        """Stop listening and close all connections."""
        if self._server is not None:
            self._server.close()
        for connection in self._connections:
            connection.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise AssertionError("a connection is served by a task")
        self._connections.add(task)
        try:
            await self._relay(reader, writer)
        finally:
            writer.close()
            self._connections.discard(task)

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        balancer, name = self.plan.balancer, self.plan.listeners[0]["defaultBackendSetName"]
        client_address = writer.get_extra_info("peername")[0]
        for backend in self._balancing.candidates(
            balancer["backendSets"].get(name, {"backends": []}),
            lambda backend: self._is_healthy(balancer["id"], name, backend),
            client_address,
            name,
        ):
            try:
                to_backend = await asyncio.open_connection(backend["ipAddress"], backend["port"])
            except OSError:
                continue
            await asyncio.gather(_copy(reader, to_backend[1]), _copy(to_backend[0], writer))
            return


async def _copy(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65536):
            target.write(data)
            await target.drain()
    except ConnectionError:
        # One side has disconnected, so only the other side has to be closed.
        pass
    finally:
        target.close()
