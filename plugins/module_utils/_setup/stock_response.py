# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The API Gateway deployment with a stock response: its limits, and its differences from the existing one."""

from __future__ import annotations

import re
import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import OptionError, RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup.ownership import check_ours, is_ours, tagged
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step
from ansible_collections.tidegate.failover.plugins.module_utils._shape import misfit

Json = dict[str, t.Any]

MODULE = "oci_stock_response"
#: Source: "Adding Stock Responses as an API Gateway Back End" of Oracle's documentation.
BODY_BYTES = 5 * 1024
HEADERS = 50
HEADER_NAME_BYTES = 1024
HEADER_VALUE_BYTES = 4 * 1024
_RENDERED: t.Any = {
    "routes": [
        {
            "path": str,
            "methods": [str],
            "backend": {"type": str, "status": int, "headers": [{"name": str, "value": str}], "body": str},
        }
    ]
}
_PREFIX = re.compile(r"/|(?:/[A-Za-z0-9._~-]+)+")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")


def check_content(params: t.Mapping[str, t.Any]) -> None:
    """:raises RefusedError: the service would not accept the response. Nothing was written."""
    if _PREFIX.fullmatch(params["path_prefix"]) is None:
        raise OptionError(
            f"path_prefix is {params['path_prefix']!r}. Give '/' or a path such as '/maintenance', without a slash at "
            "the end."
        )
    if params.get("specification") is not None and (params["body"] or params["headers"]):
        raise OptionError("specification is given, and so is body or headers. Give what the page is once.")
    for route in specification(params)["routes"]:
        _check_route(route)


def _check_route(route: t.Any) -> None:
    backend = route["backend"]
    if not 100 <= backend["status"] <= 599:
        raise OptionError(f"status is {backend['status']}. Give an HTTP status; 503 is the one for maintenance.")
    _check_size("The body", backend["body"], BODY_BYTES, "Shorten it; pictures and styles count too.")
    headers = backend["headers"]
    if len(headers) > HEADERS:
        raise OptionError(f"There are {len(headers)} headers, and a stock response has at most {HEADERS}.")
    for header in headers:
        _check_header(header["name"], header["value"])


def _check_header(name: str, value: str) -> None:
    if _HEADER_NAME.fullmatch(name) is None or not value.isprintable():
        raise OptionError(f"The header {name!r} is not one: a name has no spaces, and a value is on one line.")
    _check_size(f"The name of the header {name[:40]!r}", name, HEADER_NAME_BYTES, "Shorten it.")
    _check_size(f"The value of the header {name!r}", value, HEADER_VALUE_BYTES, "Shorten it.")


def _check_size(what: str, text: str, most: int, remedy: str) -> None:
    size = len(text.encode("utf-8"))
    if size > most:
        raise OptionError(
            f"{what} has {size} bytes in UTF-8, {size - most} more than the {most} that API Gateway takes. {remedy}"
        )


def specification(params: t.Mapping[str, t.Any]) -> Json:
    """The routes: the rendered ones, or every method for the prefix and everything below it.

    :raises RefusedError: the rendered specification has no stock responses.
    """
    rendered = params.get("specification")
    if rendered is not None:
        problem = misfit(rendered, _RENDERED)
        if problem or not rendered["routes"]:
            raise OptionError(
                f"specification has no routes of stock responses: {problem or 'routes is empty'}. Give what the role "
                "maintenance_page renders into api_gateway.json."
            )
        return {"routes": list(rendered["routes"])}
    backend: Json = {
        "type": "STOCK_RESPONSE_BACKEND",
        "status": params["status"],
        "headers": [{"name": name, "value": str(value)} for name, value in (params["headers"] or {}).items()],
        "body": params["body"] or "",
    }
    # A wildcard alone does not match the prefix itself.
    return {"routes": [{"path": path, "methods": ["ANY"], "backend": backend} for path in ("/", "/{all*}")]}


def check_gateway(gateway: Json, gateway_id: str) -> None:
    """:raises RefusedError: the gateway cannot take a deployment."""
    if gateway["lifecycleState"] != "ACTIVE":
        raise RefusedError(
            f"Gateway {gateway_id} is {gateway['lifecycleState']}, not ACTIVE. Wait until it is, or see why it is not "
            "in the console, and run this again."
        )


def missing_steps(params: t.Mapping[str, t.Any], compartment_id: str, found: Json | None) -> list[Step]:
    """The missing steps. :raises RefusedError: somebody else's deployment has the prefix."""
    prefix = params["path_prefix"]
    if found is not None:
        what = f"The deployment {found.get('displayName')!r} at the path prefix {prefix}"
        check_ours(found, what, MODULE, adopt=params["adopt"])
    if params["state"] == "absent":
        return [Step("delete", "deployment", prefix, {}, found["id"])] if found else []
    wanted = {"displayName": params["name"], "specification": specification(params)}
    if found is None:
        body = {
            "gatewayId": params["gateway_id"],
            "compartmentId": compartment_id,
            "pathPrefix": prefix,
            "freeformTags": tagged({}, MODULE),
            **wanted,
        }
        return [Step("create", "deployment", prefix, body)]
    if is_ours(found, MODULE) and _picture(found) == _picture(wanted):
        return []
    tags = tagged(found.get("freeformTags"), MODULE)
    kept = {"definedTags": found["definedTags"]} if found.get("definedTags") else {}
    return [Step("update", "deployment", prefix, {**kept, **wanted, "freeformTags": tags}, found["id"])]


def _picture(deployment: Json) -> Json:
    """The fields of a deployment to compare. The service adds other fields with defaults."""
    return {
        "displayName": deployment.get("displayName"),
        "routes": [_route(route) for route in (deployment.get("specification") or {}).get("routes") or []],
    }


def _route(route: Json) -> Json:
    backend = route.get("backend") or {}
    policies = ("requestPolicies", "responsePolicies")
    return {
        "path": route.get("path"),
        "methods": sorted(route.get("methods") or ["ANY"]),
        "type": backend.get("type"),
        "status": backend.get("status"),
        "headers": [(one["name"], one["value"]) for one in backend.get("headers") or []],
        "body": backend.get("body") or "",
        "policies": {name: route[name] for name in policies if any((route.get(name) or {}).values())},
    }


def shown(deployment: Json | None) -> Json:
    """A deployment as results show it."""
    if deployment is None:
        return {}
    return {
        "path_prefix": deployment.get("pathPrefix"),
        "freeform_tags": deployment.get("freeformTags") or {},
        **_picture(deployment),
    }
