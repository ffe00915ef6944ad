# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The server of the OCI APIs, and the processing of every request before its handler."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from lab.api_call import ApiCall, describing
from lab.faults import Faults, service_faults
from lab.oci.credentials import Tenancy
from lab.oci.errors import answer_errors, error_response
from lab.oci.identifiers import new_request_id
from lab.oci.load_balancer.routes import load_balancer_routes
from lab.oci.load_balancer.service import Service
from lab.oci.retry_tokens import RetryTokens
from lab.oci.signatures import SignedRequest, verify
from lab.requests_log import RequestsLog

#: Beginning of a call's path -> its service.
_SERVICES = {
    "20160918": "networking",
    "20180401": "monitoring",
    "20181201": "notifications",
    "20190501": "api_gateway",
}


def api_app(
    log: RequestsLog,
    faults: Faults,
    tenancy: Tenancy,
    retry_tokens: RetryTokens,
    service: Service,
    more_routes: list[web.RouteDef],
) -> web.Application:
    """Build the API server.

    :param more_routes: the routes of the services besides load balancing.
    """
    app = web.Application(
        middlewares=[
            describing(_describe),
            log.middleware(),
            _name_requests,
            faults.middleware(error_response),
            answer_errors,
            _authenticate(tenancy),
            retry_tokens.middleware(),
        ]
    )
    app.add_routes([*load_balancer_routes(service), *more_routes])
    return app


async def _describe(request: web.Request) -> ApiCall:
    operation = request.match_info.route.name or "unknown"
    service = _SERVICES.get(request.path.split("/")[1], "load_balancer")
    return ApiCall(service, operation, is_write=request.method not in ("GET", "HEAD"))


@web.middleware
async def _name_requests(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Give every answer an ``opc-request-id``: the client's own part first, if it sent one."""
    response = await handler(request)
    client = request.headers.get("opc-request-id") or new_request_id()
    response.headers["opc-request-id"] = f"{client.partition('/')[0]}/{new_request_id()}/{new_request_id()}"
    return response


def _authenticate(tenancy: Tenancy) -> Middleware:
    @web.middleware
    async def authenticate(request: web.Request, handler: Handler) -> web.StreamResponse:
        skew = sum(fault.get("seconds", 3600) for fault in service_faults(request, "clock_skew"))
        signed = SignedRequest(request.method, request.raw_path, request.headers, await request.read())
        verify(signed, tenancy, datetime.now(UTC) + timedelta(seconds=skew))
        return await handler(request)

    return authenticate
