# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Operations that only read: rules of a listener, health, work requests, and the lists of allowed values."""

from __future__ import annotations

from aiohttp import web

from lab.oci.errors import not_found
from lab.oci.load_balancer import health
from lab.oci.load_balancer.catalogue import POLICIES, PROTOCOLS, SHAPES
from lab.oci.load_balancer.fields import Json
from lab.oci.load_balancer.resources import backend
from lab.oci.load_balancer.service import Service, answer
from lab.oci.pages import paginated

#: The order of ListListenerRules according to the API reference, which does not mention the other actions.
_RULE_ORDER = (
    "ALLOW",
    "CONTROL_ACCESS_USING_HTTP_METHODS",
    "REDIRECT",
    "ADD_HTTP_REQUEST_HEADER",
    "EXTEND_HTTP_REQUEST_HEADER_VALUE",
    "REMOVE_HTTP_REQUEST_HEADER",
    "ADD_HTTP_RESPONSE_HEADER",
    "EXTEND_HTTP_RESPONSE_HEADER_VALUE",
    "REMOVE_HTTP_RESPONSE_HEADER",
    "HTTP_HEADER",
    "IP_BASED_MAX_CONNECTIONS",
)


class ReadHandlers:
    """HTTP handlers, one for each operation."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def listener_rules(self, request: web.Request) -> web.Response:
        """ListListenerRules."""
        balancer = await self._service.balancer(request)
        listener = balancer.document["listeners"].get(request.match_info["listener"])
        if listener is None:
            raise not_found()
        rules = [
            {"ruleSetName": name, "rule": rule}
            for name in listener.get("ruleSetNames") or []
            for rule in balancer.document["ruleSets"][name]["items"]
        ]
        return answer(balancer, sorted(rules, key=lambda item: _RULE_ORDER.index(item["rule"]["action"])))

    async def backend_health(self, request: web.Request) -> web.Response:
        """GetBackendHealth."""
        balancer = await self._service.balancer(request)
        name = backend(balancer.document, request)["name"]
        return answer(balancer, self._service.health_of(balancer.id)(request.match_info["backend_set"], name))

    async def backend_set_health(self, request: web.Request) -> web.Response:
        """GetBackendSetHealth."""
        balancer = await self._service.balancer(request)
        name = request.match_info["backend_set"]
        if name not in balancer.document["backendSets"]:
            raise not_found()
        health_of = self._service.health_of(balancer.id)
        return answer(balancer, health.backend_set_health(balancer.document, name, health_of))

    async def load_balancer_health(self, request: web.Request) -> web.Response:
        """GetLoadBalancerHealth."""
        balancer = await self._service.balancer(request)
        health_of = self._service.health_of(balancer.id)
        return answer(balancer, health.load_balancer_health(balancer.document, health_of))

    async def load_balancer_healths(self, request: web.Request) -> web.Response:
        """ListLoadBalancerHealths."""
        compartment_id = self._service.check_compartment(request.query.get("compartmentId"))
        items = [
            {"loadBalancerId": balancer.id, "status": self._status(balancer.document)}
            for balancer in self._service.store.in_compartment(compartment_id)
        ]
        return paginated(request, items, self._service.settings.page_size)

    def _status(self, document: Json) -> str:
        status: str = health.load_balancer_health(document, self._service.health_of(document["id"]))["status"]
        return status

    async def work_requests(self, request: web.Request) -> web.Response:
        """ListWorkRequests."""
        balancer = await self._service.balancer(request)
        return paginated(request, self._service.work_requests.of(balancer), self._service.settings.page_size)

    async def work_request(self, request: web.Request) -> web.Response:
        """GetWorkRequest."""
        return web.json_response(self._service.work_requests.get(request.match_info["work_request"]))

    async def protocols(self, request: web.Request) -> web.Response:
        """ListProtocols."""
        return self._names(request, PROTOCOLS)

    async def policies(self, request: web.Request) -> web.Response:
        """ListPolicies."""
        return self._names(request, POLICIES)

    async def shapes(self, request: web.Request) -> web.Response:
        """ListShapes."""
        return self._names(request, SHAPES)

    def _names(self, request: web.Request, names: tuple[str, ...]) -> web.Response:
        self._service.check_compartment(request.query.get("compartmentId"))
        return paginated(request, [{"name": name} for name in names], self._service.settings.page_size)
