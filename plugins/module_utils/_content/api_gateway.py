# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The content as a deployment of OCI API Gateway: one stock response for each path."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator

from ansible_collections.tidegate.failover.plugins.module_utils._content import limits
from ansible_collections.tidegate.failover.plugins.module_utils._content.answers import only_answer
from ansible_collections.tidegate.failover.plugins.module_utils._content.content import Content

Json = dict[str, t.Any]

HOST = "OCI API Gateway"


def specification(content: Content) -> Json:
    """The specification of the deployment, in the form of the service's API.

    Paths are relative to the path prefix of the deployment. ``/`` needs its own route.
    """
    answer, document = only_answer(content)
    headers = [("Content-Type", answer.offers[0].content_type), *answer.headers, *document.headers]
    page = _stock_response(answer.status, headers, document.body)
    routes = [
        _route(_pattern(exempt.path), _stock_response(exempt.status, _exempt_headers(exempt.content_type), exempt.body))
        for exempt in content.exempt
    ]
    taken = {route["path"] for route in routes}
    routes += [_route(path, page) for path in ("/", "/{path*}") if path not in taken]
    return {"routes": routes}


def problems(content: Content) -> Iterator[str]:
    """What exceeds the limits of the service."""
    for route in specification(content)["routes"]:
        backend = route["backend"]
        what = f"The body for {route['path']}"
        yield from limits.excess(what, limits.json_size(backend["body"]), limits.GATEWAY_BODY, HOST)
        for header in backend["headers"]:
            what = f"The header {header['name']} for {route['path']}"
            yield from limits.excess(what, limits.size(header["value"]), limits.GATEWAY_HEADER_VALUE, HOST)


def _route(path: str, backend: Json) -> Json:
    return {"path": path, "methods": ["ANY"], "backend": backend}


def _stock_response(status: int, headers: list[tuple[str, str]], body: str) -> Json:
    return {
        "type": "STOCK_RESPONSE_BACKEND",
        "status": status,
        "headers": [{"name": name, "value": value} for name, value in headers],
        "body": body,
    }


def _exempt_headers(content_type: str) -> list[tuple[str, str]]:
    return [("Content-Type", content_type), ("Cache-Control", "no-store")]


def _pattern(path: str) -> str:
    return path[:-1] + "{path*}" if path.endswith("*") else path
