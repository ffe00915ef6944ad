# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The load balancing service for its HTTP handlers: finds the object of a request, and accepts changes."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from copy import deepcopy

from aiohttp import web

from lab.faults import service_faults
from lab.oci.errors import ApiError, missing, not_found
from lab.oci.load_balancer.changes import Change
from lab.oci.load_balancer.fields import Json
from lab.oci.load_balancer.health import BackendHealthOf
from lab.oci.load_balancer.known_fields import BODIES, check_known
from lab.oci.load_balancer.store import LoadBalancer, Store
from lab.oci.load_balancer.work_requests import WorkRequests
from lab.oci.settings import Settings


class Service:
    """State of the service, and common functions of its handlers."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        compartment_id: str,
        on_change: Callable[[LoadBalancer], Awaitable[None]],
        health_of: Callable[[str], BackendHealthOf],
    ) -> None:
        """Create a service.

        :param compartment_id: the one compartment whose load balancers callers may list and create.
        :param on_change: applies a load balancer's new state to the traffic.
        :param health_of: from a load balancer's OCID to the results of its health checks.
        """
        self.store = store
        self.settings = settings
        self.compartment_id = compartment_id
        self.work_requests = WorkRequests(on_change)
        self.health_of = health_of
        self._on_change = on_change

    async def balancer(self, request: web.Request) -> LoadBalancer:
        """The load balancer that a request is for.

        :raises ApiError: 404: there is no such load balancer; 412: the request requires another version.
        """
        identifier = request.match_info["load_balancer_id"]
        balancer = self.store.get(identifier)
        for fault in service_faults(request, "competing_write"):
            # Any change of another client changes the version. By default it is a tag without meaning.
            patch = fault.get("patch", {"freeformTags": {"competing-writer": balancer.etag[:8]}})
            balancer.replace(merged(balancer.document, patch))
            await self._on_change(balancer)
        return self.store.get(identifier, request.headers.get("if-match"))

    async def body(self, request: web.Request) -> Json:
        """The body of a POST or PUT.

        :raises ApiError: 400: the body is no JSON object, or has a field that its operation does not have.
        """
        details = await json_body(request)
        if self.settings.unknown_fields == "refuse":
            check_known(details, BODIES[request.match_info.route.name or ""])
        return details

    def accept(self, request: web.Request, balancer: LoadBalancer, operation: str, change: Change) -> web.Response:
        """Accept a change: 204 with its work request. :raises ApiError: the change is refused."""
        failures = service_faults(request, "work_request_failed")
        durations = service_faults(request, "work_request_seconds")
        work_request_id = self.work_requests.accept(
            balancer,
            operation,
            change,
            self.settings,
            seconds=durations[0].get("seconds") if durations else None,
            if_match=request.headers.get("if-match"),
            failure=_failure(failures[0]) if failures else None,
        )
        return web.Response(status=204, headers={"opc-work-request-id": work_request_id})

    def check_compartment(self, compartment_id: str | None) -> str:
        """:raises ApiError: the compartment is missing, or the caller may not see it."""
        if compartment_id is None:
            raise missing("compartmentId")
        if compartment_id != self.compartment_id:
            raise not_found()
        return compartment_id


def _failure(fault: Json) -> Json:
    return {
        "errorCode": fault.get("code", "INTERNAL_ERROR"),
        "message": fault.get("message", "The change could not be made."),
    }


async def json_body(request: web.Request) -> Json:
    """The JSON object in the body of a POST or PUT. :raises ApiError: 400 CannotParseRequest."""
    try:
        body = json.loads(await request.text())
    except ValueError as error:
        raise ApiError(400, "CannotParseRequest", f"The body is no JSON: {error}.") from error
    if not isinstance(body, dict):
        raise ApiError(400, "CannotParseRequest", "The body must be a JSON object.")
    return body


def answer(balancer: LoadBalancer, data: object) -> web.Response:
    """The response to a successful GET of a part of a load balancer, with the load balancer's version."""
    return web.json_response(data, headers={"etag": balancer.etag})


def merged(target: Json, patch: Json) -> Json:
    """Apply a JSON merge patch (RFC 7396)."""
    result = deepcopy(target)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            inner = result.get(name)
            result[name] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            result[name] = deepcopy(value)
    return result
