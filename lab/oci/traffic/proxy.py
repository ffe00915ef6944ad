# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The proxy of an HTTP listener: rule sets first, then a backend, then rule sets for the backend's answer."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from lab.oci.load_balancer.fields import Json
from lab.oci.load_balancer.redirect_uris import IncomingUri
from lab.oci.load_balancer.routing_conditions import Request as RoutingRequest
from lab.oci.load_balancer.routing_conditions import backend_set_by
from lab.oci.traffic.balancing import Balancing
from lab.oci.traffic.rules import attached_rules, path_matches, path_rank, refusal, with_header_rules
from lab.oci.traffic.tls import backend_authority, client_context

#: Headers about one connection, which a proxy does not pass on (RFC 9110, section 7.6.1).
_HOP_BY_HOP = (
    "Connection",
    "Keep-Alive",
    "Proxy-Authenticate",
    "Proxy-Authorization",
    "TE",
    "Trailer",
    "Transfer-Encoding",
    "Upgrade",
)
_DEFAULT_IDLE_SECONDS = 60


class Proxy:
    """Forwards requests to healthy backends."""

    def __init__(self, session: aiohttp.ClientSession, is_healthy: Callable[[str, str, str], bool]) -> None:
        """:param is_healthy: by load balancer OCID, backend set and backend."""
        self._session = session
        self._is_healthy = is_healthy
        self._balancing = Balancing()

    async def serve(self, request: web.BaseRequest, balancer: Json, listener: Json) -> web.StreamResponse:
        """Answer a request that came in at a listener."""
        rules = attached_rules(balancer, listener)
        uri = incoming_uri(request, listener)
        client_address = request.remote or ""
        refused = refusal(rules, client_address, request.method, uri)
        if refused is not None:
            return web.Response(status=refused.status, headers=refused.headers)
        name = _backend_set_name(balancer, listener, request, uri)
        backend_set = balancer["backendSets"].get(name, {"backends": []})

        def is_healthy(backend: str) -> bool:
            return self._is_healthy(balancer["id"], name, backend)

        key = f"{balancer['id']}/{name}"
        context = client_context(backend_authority(backend_set, balancer["certificates"]))
        scheme = "https" if backend_set.get("sslConfiguration") else "http"
        for backend in self._balancing.candidates(backend_set, is_healthy, client_address, key):
            url = URL(f"{scheme}://{backend['name']}{_target(request)}", encoded=True)
            with self._balancing.connection(backend["name"]):
                try:
                    return await self._forward(request, listener, rules, uri, url, context)
                except aiohttp.ClientConnectorError:
                    # Nothing was sent yet, so the next backend may get the request. The health check finds the failure.
                    continue
        return web.Response(status=502, text="No backend of the load balancer can serve this request.\n")

    async def _forward(
        self,
        request: web.BaseRequest,
        listener: Json,
        rules: list[Json],
        uri: IncomingUri,
        url: URL,
        context: ssl.SSLContext | bool,
    ) -> web.StreamResponse:
        idle = (listener.get("connectionConfiguration") or {}).get("idleTimeout") or _DEFAULT_IDLE_SECONDS
        headers = with_header_rules(rules, "REQUEST", _forwarded(request, uri))
        answering = self._session.request(
            request.method,
            url,
            headers=headers,
            data=request.content if request.body_exists else None,
            allow_redirects=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=idle),
            ssl=context,
            skip_auto_headers=("User-Agent", "Accept", "Content-Type"),
        )
        response: web.StreamResponse | None = None
        try:
            async with answering as answer:
                kept = _without(answer.headers, (*_HOP_BY_HOP, "Date"))
                response = web.StreamResponse(
                    status=answer.status, reason=answer.reason, headers=with_header_rules(rules, "RESPONSE", kept)
                )
                await response.prepare(request)
                async for chunk in answer.content.iter_any():
                    await response.write(chunk)
                await response.write_eof()
                return response
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientError, TimeoutError) as error:
            return _broken_off(request, response, error)


def _broken_off(request: web.BaseRequest, response: web.StreamResponse | None, error: Exception) -> web.StreamResponse:
    """The answer if the backend disconnects. An answer that has begun is cut off, because it cannot be replaced."""
    if response is not None and response.prepared:
        if request.transport is not None:
            request.transport.abort()
        return response
    return web.Response(status=504 if isinstance(error, TimeoutError) else 502, text="The backend did not answer.\n")


def incoming_uri(request: web.BaseRequest, listener: Json) -> IncomingUri:
    """The address that the client requested."""
    protocol = "https" if listener.get("sslConfiguration") else "http"
    host, separator, port = request.headers.get("Host", "127.0.0.1").rpartition(":")
    if not separator or not port.isdecimal():
        host, port = request.headers.get("Host", "127.0.0.1"), "443" if protocol == "https" else "80"
    path, _unused, query = _target(request).partition("?")
    return IncomingUri(protocol=protocol, host=host, port=int(port), path=path, query=query)


def _target(request: web.BaseRequest) -> str:
    """Path and query as sent; a request through a forward proxy would hold the whole address."""
    return request.raw_path if request.raw_path.startswith("/") else request.rel_url.raw_path_qs


def _backend_set_name(balancer: Json, listener: Json, request: web.BaseRequest, uri: IncomingUri) -> str:
    """The backend set for a request: from the routing policy, the best path route, or the listener.

    Path routes ignore case (API reference, PathRoute). It is not documented which one applies if a listener has both a
    routing policy and a path route set; here it is the policy.
    """
    default: str = listener["defaultBackendSetName"]
    path, policy = uri.path, balancer["routingPolicies"].get(listener.get("routingPolicyName") or "")
    if policy:
        return backend_set_by(policy, _as_conditions_see(request, uri)) or default
    route_set = balancer["pathRouteSets"].get(listener.get("pathRouteSetName") or "", {"pathRoutes": []})
    matches = [
        (route["pathMatchType"]["matchType"], route["path"], route["backendSetName"])
        for route in route_set["pathRoutes"]
        if path_matches(route["pathMatchType"]["matchType"], route["path"].lower(), path.lower())
    ]
    chosen: str = min(matches, key=lambda match: path_rank(match[0], match[1]))[2] if matches else default
    return chosen


def _as_conditions_see(request: web.BaseRequest, uri: IncomingUri) -> RoutingRequest:
    headers = {name.lower(): value for name, value in request.headers.items()}
    return RoutingRequest(uri.path, headers, dict(request.cookies), dict(request.query))


def _forwarded(request: web.BaseRequest, uri: IncomingUri) -> CIMultiDict[str]:
    """The client's headers, and the load balancer's own headers. Source: "HTTP X- Headers" in OCI's docs."""
    headers = _without(request.headers, _HOP_BY_HOP)
    client = request.remote or ""
    chain = ", ".join([*headers.getall("X-Forwarded-For", []), client])
    headers["X-Forwarded-For"] = chain
    headers["X-Forwarded-Host"] = request.headers.get("Host", "")
    headers["X-Forwarded-Port"] = str(uri.port)
    headers["X-Forwarded-Proto"] = uri.protocol
    headers["X-Real-IP"] = client
    return headers


def _without(headers: Mapping[str, str], names: tuple[str, ...]) -> CIMultiDict[str]:
    kept: CIMultiDict[str] = CIMultiDict(headers)
    for name in names:
        kept.popall(name, None)
    return kept
