# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The rules for a deployment. Source: API reference, ApiSpecification; limits: "Adding Stock Responses as an API
Gateway Back End" of Oracle's documentation.
"""

from __future__ import annotations

import re

from lab.oci.documents import model
from lab.oci.errors import invalid
from lab.oci.load_balancer.fields import Fields, Json

_TAGS = ("freeformTags", "definedTags")
_HEADER = model("HeaderFieldSpecification", "name", "value")
_BACKEND = model("StockResponseBackend", "type", "status", "body", headers=_HEADER)
_ROUTE = model(
    "ApiSpecificationRoute",
    "path",
    "methods",
    "requestPolicies",
    "responsePolicies",
    "loggingPolicies",
    backend=_BACKEND,
)
SPECIFICATION = model("ApiSpecification", "requestPolicies", "loggingPolicies", routes=_ROUTE)
CREATE = model(
    "CreateDeploymentDetails",
    "displayName",
    "gatewayId",
    "compartmentId",
    "pathPrefix",
    "locks",
    *_TAGS,
    specification=SPECIFICATION,
)
UPDATE = model("UpdateDeploymentDetails", "displayName", *_TAGS, specification=SPECIFICATION)
CREATE_GATEWAY = model(
    "CreateGatewayDetails",
    "displayName",
    "compartmentId",
    "endpointType",
    "subnetId",
    "networkSecurityGroupIds",
    "certificateId",
    *_TAGS,
)
UPDATE_GATEWAY = model("UpdateGatewayDetails", "displayName", "networkSecurityGroupIds", "certificateId", *_TAGS)

BODY_BYTES = 5 * 1024
HEADERS = 50
HEADER_NAME_BYTES = 1024
HEADER_VALUE_BYTES = 4 * 1024
_METHODS = ("ANY", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
#: /fixed/{one}/{rest*}: a parameter is one segment; a parameter with * is all remaining segments, and comes last.
_PATH = re.compile(r"/(?:[\w.~!$&'()+,;=:@%-]+|\{\w+\})?(?:/(?:[\w.~!$&'()+,;=:@%-]+|\{\w+\}))*(?:/?\{\w+\*\})?/?")
_PREFIX = re.compile(r"/|(?:/[\w.~-]+)+")


def check_prefix(fields: Fields) -> str:
    """:raises ApiError: 400: the path prefix is invalid."""
    return fields.text("pathPrefix", required=True, pattern=_PREFIX) or ""


def check_specification(specification: Fields) -> Json:
    """:raises ApiError: 400: a route breaks a rule, or needs something that the lab does not implement."""
    routes = specification.objects("routes", required=True)
    if not routes:
        raise specification.wrong("routes", "must hold a route")
    for name in ("requestPolicies", "loggingPolicies"):
        if specification.value(name):
            raise specification.wrong(name, "are not obeyed by the lab")
    for route in routes:
        _check_route(route)
    taken = [(route.data["path"], method) for route in routes for method in route.data.get("methods") or ["ANY"]]
    if len(set(taken)) < len(taken):
        raise invalid("specification.routes holds one path with one method twice.")
    return specification.data


def _check_route(route: Fields) -> None:
    route.text("path", required=True, pattern=_PATH)
    route.texts("methods", allowed=_METHODS)
    for name in ("requestPolicies", "responsePolicies", "loggingPolicies"):
        if route.value(name):
            raise route.wrong(name, "are not obeyed by the lab")
    backend = route.object("backend", required=True)
    if backend is None:
        raise AssertionError("a required object is there")
    backend.text("type", required=True, allowed=("STOCK_RESPONSE_BACKEND",))
    backend.integer("status", 100, 599, required=True)
    body = (backend.text("body") or "").encode()
    if len(body) > BODY_BYTES:
        raise invalid(f"The body of a stock response is at most {BODY_BYTES} bytes long; got {len(body)}.")
    headers = backend.objects("headers")
    if len(headers) > HEADERS:
        raise invalid(f"A stock response has at most {HEADERS} headers; got {len(headers)}.")
    for header in headers:
        _check_header(header)


def _check_header(header: Fields) -> None:
    for name, most in (("name", HEADER_NAME_BYTES), ("value", HEADER_VALUE_BYTES)):
        text = header.text(name, required=True) or ""
        if len(text.encode()) > most or not text.isprintable():
            raise header.wrong(name, f"must have at most {most} bytes, on one line")
