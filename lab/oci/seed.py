# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The first content of the lab: the service ``checkout`` behind a load balancer, and a maintenance page beside it."""

from __future__ import annotations

from dataclasses import dataclass

from lab.backends.processes import Backend
from lab.oci.load_balancer.changes import create_resources
from lab.oci.load_balancer.fields import Json
from lab.oci.load_balancer.store import empty_load_balancer
from lab.oci.traffic.tls import Bundle

SERVICE = "checkout"
BACKEND_SET = "app"
RULE_SET = "maintenance-page"
TO_HTTPS = "http-to-https"
MAINTENANCE = "maintenance"


@dataclass(frozen=True)
class SeedPorts:
    """Ports of the listeners."""

    http: int
    https: int
    maintenance: int


def seed_backends() -> list[Backend]:
    """The backend servers of the load balancer, not started yet."""
    return [
        Backend("app-1", "application"),
        Backend("app-2", "application"),
        Backend("maintenance-1", "maintenance_page"),
    ]


def seed_load_balancer(
    identifier: str, compartment_id: str, ports: SeedPorts, backends: list[Backend], tls: Bundle
) -> Json:
    """The load balancer, created with the same checks as in the API."""
    application = [backend for backend in backends if backend.kind == "application"]
    page = [backend for backend in backends if backend.kind == "maintenance_page"]
    listener = {
        "defaultBackendSetName": BACKEND_SET,
        "protocol": "HTTP",
        "connectionConfiguration": {"idleTimeout": 60},
    }
    details = {
        "certificates": {
            SERVICE: {
                "publicCertificate": tls.certificate,
                "privateKey": tls.private_key,
                "caCertificate": tls.ca_certificate,
            }
        },
        "backendSets": {
            BACKEND_SET: _backend_set(application, "/health", 200),
            RULE_SET: _backend_set(page, "/", 503),
        },
        "ruleSets": {
            RULE_SET: {"items": [_redirect_to("HTTP", ports.maintenance, 302)]},
            TO_HTTPS: {"items": [_redirect_to("HTTPS", ports.https, 301)]},
        },
        "listeners": {
            # As on most load balancers: HTTP requests are redirected to HTTPS.
            "http": listener | {"port": ports.http, "ruleSetNames": [TO_HTTPS]},
            "https": listener
            | {
                "port": ports.https,
                "sslConfiguration": {"certificateName": SERVICE, "protocols": ["TLSv1.2", "TLSv1.3"]},
            },
            MAINTENANCE: listener | {"port": ports.maintenance, "defaultBackendSetName": RULE_SET},
        },
    }
    return create_resources(details, empty_load_balancer(identifier, compartment_id, SERVICE))


def _backend_set(backends: list[Backend], path: str, status: int) -> Json:
    return {
        "policy": "ROUND_ROBIN",
        "backends": [{"ipAddress": "127.0.0.1", "port": backend.port} for backend in backends],
        "healthChecker": {
            "protocol": "HTTP",
            "urlPath": path,
            "returnCode": status,
            "intervalInMillis": 1000,
            # The default of the service. A delay of a second on a busy machine must not count as a failed backend.
            "timeoutInMillis": 3000,
            "retries": 1,
        },
    }


def _redirect_to(protocol: str, port: int, code: int) -> Json:
    """A redirect of every path to the same path on another port; 302 if clients must not cache the redirect."""
    condition = {"attributeName": "PATH", "attributeValue": "/", "operator": "PREFIX_MATCH"}
    uri = {"protocol": protocol, "host": "{host}", "port": port, "path": "{path}", "query": "{query}"}
    return {"action": "REDIRECT", "responseCode": code, "conditions": [condition], "redirectUri": uri}
