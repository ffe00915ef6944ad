# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The five Regional endpoints of a cluster. Each has its own port, and any of them may be down."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiohttp import web

from lab.aws.errors import AwsError
from lab.servers import LOOPBACK, Server

#: The Regions of a cluster's endpoints.
REGIONS = ("us-east-1", "us-west-2", "eu-west-1", "ap-northeast-1", "ap-southeast-2")
#: ``down`` accepts no connection, ``silent`` accepts it and never answers, ``unavailable`` answers with an error.
STATES = ("up", "down", "silent", "unavailable")
#: Longer than any client waits.
_SILENCE = 600


class ClusterEndpoints:
    """Starts and stops the endpoints.

    :ivar states: the state of each endpoint, by Region.
    """

    def __init__(self, application: Callable[[], web.Application]) -> None:
        self._application = application
        self._servers: dict[str, Server] = {}
        self._ports: dict[str, int] = {}
        self.states: dict[str, str] = {}

    @property
    def urls(self) -> dict[str, str]:
        """The address of each endpoint, by Region."""
        return {region: f"http://{LOOPBACK}:{port}/v1" for region, port in self._ports.items()}

    async def start(self) -> None:
        """Start all endpoints."""
        for region in REGIONS:
            await self._start(region)

    async def stop(self) -> None:
        """Stop all endpoints. Safe to call at any time."""
        for server in self._servers.values():
            await server.stop()
        self._servers.clear()

    async def set(self, region: str, state: str) -> None:
        """Set the state of an endpoint."""
        if state != "down" and region not in self._servers:
            await self._start(region)
        if state == "down" and region in self._servers:
            await self._servers.pop(region).stop()
        self.states[region] = state

    async def all_up(self) -> None:
        """Set the state of all endpoints to ``up``."""
        for region in REGIONS:
            await self.set(region, "up")

    async def _start(self, region: str) -> None:
        server = Server(self._application())
        self._ports[region] = await server.start(self._ports.get(region, 0))
        self._servers[region], self.states[region] = server, "up"

    def region_of(self, request: web.Request) -> str | None:
        """The Region of the endpoint that got the request; None if it was another endpoint of the lab."""
        address = request.transport.get_extra_info("sockname") if request.transport else None
        port = address[1] if address else None
        return next((region for region, its in self._ports.items() if its == port), None)

    async def answer(self, region: str) -> None:
        """Apply the state of the endpoint.

        :raises AwsError: the endpoint is not available.
        """
        if self.states[region] == "silent":
            await asyncio.sleep(_SILENCE)
        if self.states[region] != "up":
            message = "The cluster endpoint isn't available. Try another cluster endpoint."
            raise AwsError(503, "EndpointTemporarilyUnavailableException", message)
