# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The service and the operation of a request to the AWS endpoint."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qsl

from aiohttp import web
from moto.core.model import OperationModel, ServiceModel
from moto.core.utils import get_service_model

from lab.api_call import ApiCall

#: The signing name of a service, as in the scope of a signature, and its name in boto3 and in this project.
_SERVICES = {
    "monitoring": "cloudwatch",
    "elasticloadbalancing": "elbv2",
}
_READS = ("Get", "List", "Describe", "Test", "Check", "Lookup", "Search")
_CREDENTIAL = re.compile(
    r"Credential=(?P<access_key>[^/,\s]+)/(?P<date>\d{8})/(?P<region>[^/]+)/(?P<service>[^/]+)/aws4_request"
)


@dataclass(frozen=True)
class CredentialScope:
    """The scope in the Authorization header: the caller's key, the Region and the service."""

    access_key: str
    date: str
    region: str
    signing_name: str

    @property
    def service(self) -> str:
        """The service's name in boto3."""
        return _SERVICES.get(self.signing_name, self.signing_name)


def credential_scope(request: web.Request) -> CredentialScope | None:
    """Read the scope of a signature, version 4; None when there is none."""
    match = _CREDENTIAL.search(request.headers.get("Authorization", ""))
    if match is None:
        return None
    return CredentialScope(match["access_key"], match["date"], match["region"], match["service"])


@dataclass(frozen=True)
class _Route:
    method: str
    path: re.Pattern[str]
    operation: OperationModel


@lru_cache
def _rest_routes(service: str) -> list[_Route]:
    model: ServiceModel = get_service_model(service)
    routes = []
    for name in model.operation_names:
        operation = model.operation_model(name)
        path = operation.http["requestUri"].split("?")[0]
        pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(path))
        routes.append(_Route(operation.http["method"], re.compile(f"{pattern}/?"), operation))
    return routes


def find_rest_operation(service: str, method: str, path: str) -> tuple[OperationModel, dict[str, str]] | None:
    """The operation of a REST service at this path, with the values in the path."""
    for route in _rest_routes(service):
        match = route.path.fullmatch(path) if route.method == method else None
        if match is not None:
            return route.operation, match.groupdict()
    return None


async def describe_call(request: web.Request) -> ApiCall:
    """Name the call, as far as that is possible without trusting its content."""
    scope = credential_scope(request)
    service = scope.service if scope is not None else "unsigned"
    operation = await _operation(request, service)
    return ApiCall(service=service, operation=operation, is_write=not operation.startswith(_READS))


async def _operation(request: web.Request, service: str) -> str:
    if service == "route53":
        found = find_rest_operation(service, request.method, request.path)
        return found[0].name if found is not None else "unknown"
    if service in ("lambda", "route53-recovery-control-config"):
        # An ARN in the path has its slashes encoded.
        found = find_rest_operation(service, request.method, request.raw_path.partition("?")[0])
        return found[0].name if found is not None else "unknown"
    if target := request.headers.get("X-Amz-Target"):
        return target.rpartition(".")[2]
    if action := request.query.get("Action"):
        return action
    if request.content_type == "application/x-www-form-urlencoded":
        return dict(parse_qsl(await request.text())).get("Action", "unknown")
    return "unknown"
