# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Control routes of the OCI part: settings, stored load balancers, and the backend processes.

``GET|PATCH /lab/oci/settings``: see :class:`lab.oci.settings.Settings`.
``GET|PUT /lab/oci/loadBalancers/{id}``: the stored load balancer; PUT stores any content, unchecked, without a work
request.
``GET /lab/oci/backends``, ``GET|POST /lab/oci/backends/{name}``: backend processes; ``{"running": false}`` ends one,
``true`` starts it again.
"""

from __future__ import annotations

from collections.abc import Callable

from aiohttp import web

from lab.backends.processes import Backend
from lab.control import json_object
from lab.control_error import ControlError
from lab.oci.errors import ApiError
from lab.oci.load_balancer.service import Service
from lab.oci.load_balancer.store import completed
from lab.oci.traffic.engine import TrafficEngine


def oci_control_routes(
    service: Callable[[], Service], engine: TrafficEngine, backends: list[Backend]
) -> list[web.RouteDef]:
    """Build the routes."""
    handlers = _Handlers(service, engine, {backend.name: backend for backend in backends})
    return [
        web.get("/lab/oci/settings", handlers.get_settings),
        web.patch("/lab/oci/settings", handlers.patch_settings),
        web.get("/lab/oci/loadBalancers/{id}", handlers.get_balancer),
        web.put("/lab/oci/loadBalancers/{id}", handlers.put_balancer),
        web.get("/lab/oci/backends", handlers.list_backends),
        web.get("/lab/oci/backends/{name}", handlers.get_backend),
        web.post("/lab/oci/backends/{name}", handlers.post_backend),
    ]


class _Handlers:
    def __init__(self, service: Callable[[], Service], engine: TrafficEngine, backends: dict[str, Backend]) -> None:
        self._service = service
        self._engine = engine
        self._backends = backends

    async def get_settings(self, _unused: web.Request) -> web.Response:
        return web.json_response(vars(self._service().settings))

    async def patch_settings(self, request: web.Request) -> web.Response:
        service = self._service()
        service.settings = service.settings.patched(await json_object(request))
        return web.json_response(vars(service.settings))

    async def get_balancer(self, request: web.Request) -> web.Response:
        identifier = request.match_info["id"]
        try:
            balancer = self._service().store.get(identifier)
        except ApiError as error:
            raise ControlError(error.message) from error
        # A listener whose port is not available works through the API, but not for traffic.
        unserved = {str(port): reason for port, reason in self._engine.unserved(identifier).items()}
        return web.json_response(
            {"etag": balancer.etag, "document": balancer.public_document(), "unserved_ports": unserved}
        )

    async def put_balancer(self, request: web.Request) -> web.Response:
        service = self._service()
        identity = {"id": request.match_info["id"]}
        document = {"compartmentId": service.compartment_id} | await json_object(request) | identity
        known = service.store.secrets_of(identity["id"])
        balancer = service.store.put(completed(document, known))
        await self._engine.follow(balancer.document)
        return web.json_response({"etag": balancer.etag})

    async def list_backends(self, _unused: web.Request) -> web.Response:
        return web.json_response([backend.describe() for backend in self._backends.values()])

    async def get_backend(self, request: web.Request) -> web.Response:
        return web.json_response(self._backend(request).describe())

    async def post_backend(self, request: web.Request) -> web.Response:
        backend = self._backend(request)
        running = (await json_object(request)).get("running")
        if not isinstance(running, bool):
            raise ControlError('the body must be {"running": true} or {"running": false}')
        await (backend.start() if running else backend.stop())
        return web.json_response(backend.describe())

    def _backend(self, request: web.Request) -> Backend:
        name = request.match_info["name"]
        if name not in self._backends:
            raise ControlError(f"there is no backend {name!r}; there are {', '.join(self._backends)}")
        return self._backends[name]
