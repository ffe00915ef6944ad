# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The routes of the load balancing API: the operation for each method and path. Source: the API reference."""

from __future__ import annotations

from aiohttp import web
from aiohttp.typedefs import Handler

from lab.oci.load_balancer import balancers, reads, resources
from lab.oci.load_balancer.changes import CERTIFICATES, KINDS, LISTENERS
from lab.oci.load_balancer.service import Service

BASE_PATH = "/20170115"
_BALANCER = f"{BASE_PATH}/loadBalancers/{{load_balancer_id}}"
_BACKENDS = f"{_BALANCER}/backendSets/{{backend_set}}/backends"


def load_balancer_routes(service: Service) -> list[web.RouteDef]:
    """All routes; each is named after its operation."""
    return [*_balancer_routes(service), *_resource_routes(service), *_backend_routes(service), *_reads(service)]


def _route(method: str, path: str, operation: str, handler: Handler) -> web.RouteDef:
    return web.route(method, path, handler, name=operation)


def _balancer_routes(service: Service) -> list[web.RouteDef]:
    handlers = balancers.BalancerHandlers(service)
    return [
        _route("GET", f"{BASE_PATH}/loadBalancers", "ListLoadBalancers", handlers.list),
        _route("POST", f"{BASE_PATH}/loadBalancers", "CreateLoadBalancer", handlers.create),
        _route("GET", _BALANCER, "GetLoadBalancer", handlers.get),
        _route("PUT", _BALANCER, "UpdateLoadBalancer", handlers.update),
        _route("DELETE", _BALANCER, "DeleteLoadBalancer", handlers.delete),
        _route("PUT", f"{_BALANCER}/updateShape", "UpdateLoadBalancerShape", handlers.update_shape),
        _route(
            "PUT",
            f"{_BALANCER}/networkSecurityGroups",
            "UpdateNetworkSecurityGroups",
            handlers.update_network_security_groups,
        ),
    ]


def _resource_routes(service: Service) -> list[web.RouteDef]:
    routes = []
    for kind in KINDS:
        handlers = resources.ResourceHandlers(service, kind)
        collection = f"{_BALANCER}/{kind.collection}"
        one = f"{collection}/{{name}}"
        routes += [
            _route("POST", collection, f"Create{kind.singular}", handlers.create),
            _route("DELETE", one, f"Delete{kind.singular}", handlers.delete),
        ]
        # The service cannot list or get listeners except through the load balancer, and certificates never change.
        if kind is not LISTENERS:
            plural = kind.collection[0].upper() + kind.collection[1:]
            routes.append(_route("GET", collection, f"List{plural}", handlers.list))
        if kind not in (LISTENERS, CERTIFICATES):
            routes.append(_route("GET", one, f"Get{kind.singular}", handlers.get))
        if kind is not CERTIFICATES:
            routes.append(_route("PUT", one, f"Update{kind.singular}", handlers.update))
    return routes


def _backend_routes(service: Service) -> list[web.RouteDef]:
    handlers = resources.BackendHandlers(service)
    checker = f"{_BALANCER}/backendSets/{{backend_set}}/healthChecker"
    return [
        _route("GET", _BACKENDS, "ListBackends", handlers.list),
        _route("POST", _BACKENDS, "CreateBackend", handlers.create),
        _route("GET", f"{_BACKENDS}/{{backend}}", "GetBackend", handlers.get),
        _route("PUT", f"{_BACKENDS}/{{backend}}", "UpdateBackend", handlers.update),
        _route("DELETE", f"{_BACKENDS}/{{backend}}", "DeleteBackend", handlers.delete),
        _route("GET", checker, "GetHealthChecker", handlers.get_health_checker),
        _route("PUT", checker, "UpdateHealthChecker", handlers.update_health_checker),
    ]


def _reads(service: Service) -> list[web.RouteDef]:
    handlers = reads.ReadHandlers(service)
    return [
        _route("GET", f"{_BALANCER}/listeners/{{listener}}/rules", "ListListenerRules", handlers.listener_rules),
        _route("GET", f"{_BACKENDS}/{{backend}}/health", "GetBackendHealth", handlers.backend_health),
        _route(
            "GET", f"{_BALANCER}/backendSets/{{backend_set}}/health", "GetBackendSetHealth", handlers.backend_set_health
        ),
        _route("GET", f"{_BALANCER}/health", "GetLoadBalancerHealth", handlers.load_balancer_health),
        _route("GET", f"{BASE_PATH}/loadBalancerHealths", "ListLoadBalancerHealths", handlers.load_balancer_healths),
        _route("GET", f"{_BALANCER}/workRequests", "ListWorkRequests", handlers.work_requests),
        _route(
            "GET", f"{BASE_PATH}/loadBalancerWorkRequests/{{work_request}}", "GetWorkRequest", handlers.work_request
        ),
        _route("GET", f"{BASE_PATH}/loadBalancerProtocols", "ListProtocols", handlers.protocols),
        _route("GET", f"{BASE_PATH}/loadBalancerPolicies", "ListPolicies", handlers.policies),
        _route("GET", f"{BASE_PATH}/loadBalancerShapes", "ListShapes", handlers.shapes),
    ]
