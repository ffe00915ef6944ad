# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Operations on load balancers as a whole."""

from __future__ import annotations

from collections.abc import Mapping

from aiohttp import web

from lab.oci.errors import invalid
from lab.oci.identifiers import new_ocid
from lab.oci.load_balancer.catalogue import SHAPES
from lab.oci.load_balancer.changes import (
    KINDS,
    create_resources,
    delete_load_balancer,
    replace_field,
    update_load_balancer,
)
from lab.oci.load_balancer.fields import Fields, Json
from lab.oci.load_balancer.service import Service, answer
from lab.oci.load_balancer.store import LoadBalancer, empty_load_balancer
from lab.oci.load_balancer.tags import check_tags
from lab.oci.pages import paginated

_SORT_FIELDS = {"TIMECREATED": "timeCreated", "DISPLAYNAME": "displayName"}


class BalancerHandlers:
    """HTTP handlers, one for each operation."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def list(self, request: web.Request) -> web.Response:
        """ListLoadBalancers."""
        query = request.query
        compartment_id = self._service.check_compartment(query.get("compartmentId"))
        documents = [balancer.public_document() for balancer in self._service.store.in_compartment(compartment_id)]
        for name in ("displayName", "lifecycleState"):
            if name in query:
                documents = [document for document in documents if document[name] == query[name]]
        return paginated(request, _sorted(documents, query), self._service.settings.page_size)

    async def get(self, request: web.Request) -> web.Response:
        """GetLoadBalancer."""
        balancer = await self._service.balancer(request)
        return answer(balancer, balancer.public_document())

    async def create(self, request: web.Request) -> web.Response:
        """CreateLoadBalancer."""
        details = await self._service.body(request)
        fields = Fields(details, "loadBalancer")
        self._service.check_compartment(fields.text("compartmentId", required=True))
        name = fields.text("displayName", required=True) or ""
        shape = fields.text("shapeName", required=True)
        if (shape or "").lower() not in {known.lower() for known in SHAPES}:
            raise invalid(f"There is no shape {shape!r}.")
        fields.texts("subnetIds", required=True)
        check_tags(details.get("freeformTags") or {}, details.get("definedTags") or {})
        identifier = new_ocid("loadbalancer")
        empty = empty_load_balancer(identifier, self._service.compartment_id, name)
        collections = {kind.collection for kind in KINDS}
        plain = {field: value for field, value in details.items() if field not in collections and value is not None}
        whole = create_resources(details, empty | plain)
        balancer = LoadBalancer(empty | {"lifecycleState": "CREATING"})
        response = self._service.accept(request, balancer, "CreateLoadBalancer", lambda _: whole)
        # A load balancer exists once it is accepted; in on_acceptance mode it already has its resources.
        self._service.store.adopt(balancer)
        return response

    async def update(self, request: web.Request) -> web.Response:
        """UpdateLoadBalancer."""
        details = await self._service.body(request)
        balancer = await self._service.balancer(request)
        return self._service.accept(request, balancer, "UpdateLoadBalancer", update_load_balancer(details))

    async def delete(self, request: web.Request) -> web.Response:
        """DeleteLoadBalancer."""
        balancer = await self._service.balancer(request)
        return self._service.accept(request, balancer, "DeleteLoadBalancer", delete_load_balancer)

    async def update_shape(self, request: web.Request) -> web.Response:
        """UpdateLoadBalancerShape."""
        details = await self._service.body(request)
        shape = Fields(details, "loadBalancer").text("shapeName", required=True, allowed=SHAPES)
        balancer = await self._service.balancer(request)
        return self._service.accept(request, balancer, "UpdateLoadBalancerShape", replace_field("shapeName", shape))

    async def update_network_security_groups(self, request: web.Request) -> web.Response:
        """UpdateNetworkSecurityGroups."""
        groups = Fields(await self._service.body(request), "loadBalancer").texts("networkSecurityGroupIds") or []
        balancer = await self._service.balancer(request)
        change = replace_field("networkSecurityGroupIds", groups)
        return self._service.accept(request, balancer, "UpdateNetworkSecurityGroups", change)


def _sorted(documents: list[Json], query: Mapping[str, str]) -> list[Json]:
    order = query.get("sortOrder", "DESC" if query.get("sortBy", "TIMECREATED") == "TIMECREATED" else "ASC")
    field = _SORT_FIELDS.get(query.get("sortBy", "TIMECREATED"))
    if field is None or order not in ("ASC", "DESC"):
        raise invalid("sortBy is TIMECREATED or DISPLAYNAME, and sortOrder is ASC or DESC.")
    return sorted(documents, key=lambda document: str(document[field]), reverse=order == "DESC")
