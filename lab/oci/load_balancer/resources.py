# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Operations on the resources inside a load balancer."""

from __future__ import annotations

from aiohttp import web

from lab.oci.errors import not_found
from lab.oci.load_balancer import changes
from lab.oci.load_balancer.changes import Kind
from lab.oci.load_balancer.fields import Json
from lab.oci.load_balancer.service import Service, answer


class ResourceHandlers:
    """HTTP handlers of one kind of resource, one for each operation."""

    def __init__(self, service: Service, kind: Kind) -> None:
        self._service = service
        self._kind = kind

    async def list(self, request: web.Request) -> web.Response:
        """All resources of this kind."""
        balancer = await self._service.balancer(request)
        return answer(balancer, list(balancer.public_document()[self._kind.collection].values()))

    async def get(self, request: web.Request) -> web.Response:
        """One resource."""
        balancer = await self._service.balancer(request)
        resources = balancer.public_document()[self._kind.collection]
        if request.match_info["name"] not in resources:
            raise not_found()
        return answer(balancer, resources[request.match_info["name"]])

    async def create(self, request: web.Request) -> web.Response:
        """Add a resource."""
        details = await self._service.body(request)
        balancer = await self._service.balancer(request)
        change = changes.create(self._kind, details)
        return self._service.accept(request, balancer, f"Create{self._kind.singular}", change)

    async def update(self, request: web.Request) -> web.Response:
        """Replace a resource as a whole."""
        details = await self._service.body(request)
        balancer = await self._service.balancer(request)
        change = changes.update(self._kind, request.match_info["name"], details)
        return self._service.accept(request, balancer, f"Update{self._kind.singular}", change)

    async def delete(self, request: web.Request) -> web.Response:
        """Remove a resource."""
        balancer = await self._service.balancer(request)
        change = changes.delete(self._kind, request.match_info["name"])
        return self._service.accept(request, balancer, f"Delete{self._kind.singular}", change)


class BackendHandlers:
    """HTTP handlers of the backends and the health checker of a backend set."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def list(self, request: web.Request) -> web.Response:
        """ListBackends."""
        balancer = await self._service.balancer(request)
        return answer(balancer, _backend_set(balancer.document, request)["backends"])

    async def get(self, request: web.Request) -> web.Response:
        """GetBackend."""
        balancer = await self._service.balancer(request)
        return answer(balancer, backend(balancer.document, request))

    async def create(self, request: web.Request) -> web.Response:
        """CreateBackend."""
        details = await self._service.body(request)
        balancer = await self._service.balancer(request)
        change = changes.create_backend(request.match_info["backend_set"], details)
        return self._service.accept(request, balancer, "CreateBackend", change)

    async def update(self, request: web.Request) -> web.Response:
        """UpdateBackend."""
        details = await self._service.body(request)
        balancer = await self._service.balancer(request)
        change = changes.update_backend(request.match_info["backend_set"], request.match_info["backend"], details)
        return self._service.accept(request, balancer, "UpdateBackend", change)

    async def delete(self, request: web.Request) -> web.Response:
        """DeleteBackend."""
        balancer = await self._service.balancer(request)
        change = changes.delete_backend(request.match_info["backend_set"], request.match_info["backend"])
        return self._service.accept(request, balancer, "DeleteBackend", change)

    async def get_health_checker(self, request: web.Request) -> web.Response:
        """GetHealthChecker."""
        balancer = await self._service.balancer(request)
        return answer(balancer, _backend_set(balancer.document, request)["healthChecker"])

    async def update_health_checker(self, request: web.Request) -> web.Response:
        """UpdateHealthChecker."""
        details = await self._service.body(request)
        balancer = await self._service.balancer(request)
        change = changes.update_health_checker(request.match_info["backend_set"], details)
        return self._service.accept(request, balancer, "UpdateHealthChecker", change)


def _backend_set(document: Json, request: web.Request) -> Json:
    name = request.match_info["backend_set"]
    if name not in document["backendSets"]:
        raise not_found()
    backend_set: Json = document["backendSets"][name]
    return backend_set


def backend(document: Json, request: web.Request) -> Json:
    """The backend that a request names. :raises ApiError: 404."""
    for candidate in _backend_set(document, request)["backends"]:
        if candidate["name"] == request.match_info["backend"]:
            found: Json = candidate
            return found
    raise not_found()
