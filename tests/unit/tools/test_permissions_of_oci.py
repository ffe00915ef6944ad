# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""No call of OCI without a statement, and no statement without a call."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._oci import notifications
from ansible_collections.tidegate.failover.plugins.module_utils._oci.alarming import AlarmingApi
from ansible_collections.tidegate.failover.plugins.module_utils._oci.gateways import GatewayApi
from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancerApi
from ansible_collections.tidegate.failover.plugins.module_utils._oci.networks import NetworkApi
from ansible_collections.tidegate.failover.plugins.module_utils._oci.page_parts import PartsApi
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step

from tools.permissions import oci as declared
from tools.permissions.model import OciPolicy

ROOT = Path(__file__).resolve().parents[3]
PACKAGE = "ansible_collections.tidegate.failover.plugins.module_utils._oci"
VERBS = ("create", "update", "delete")
#: Packages of the SDK -> the resource types of policies that their operations belong to.
SERVICES = {
    "load_balancer": ("load-balancers",),
    "ons": ("ons-topics", "ons-subscriptions"),
    "monitoring": ("alarms", "metrics"),
    "apigateway": ("api-gateways", "api-deployments", "api-workrequests"),
    "core": ("subnets", "vcns", "route-tables"),
}
CLIENTS = {
    "load_balancer": ("LoadBalancerClient",),
    "ons": ("NotificationControlPlaneClient", "NotificationDataPlaneClient"),
    "monitoring": ("MonitoringClient",),
    "apigateway": ("GatewayClient", "DeploymentClient", "WorkRequestsClient"),
    "core": ("VirtualNetworkClient",),
}
_OPERATION = re.compile(
    r'''    def (\w+)\(self, [^\n]*\n(?:(?!    def ).*\n)*? +resource_path = "([^"]+)"\n +method = "([A-Z]+)"'''
)
LISTS = ("/topics", "/subscriptions", "/alarms", "/loadBalancers/{}/workRequests")
#: Enough of every object to satisfy anyone who reads one.
THING = {
    **dict.fromkeys(("id", "vcnId", "routeTableId", "topicId", "endpoint", "protocol", "messageId"), "x"),
    **dict.fromkeys(("name", "displayName", "compartmentId"), "page"),
    "pathPrefix": "/page",
    "lifecycleState": "ACTIVE",
    "status": "SUCCEEDED",
    "routeRules": [],
    "totalBackendCount": 0,
    **{f"{state}StateBackendNames": [] for state in ("critical", "warning", "unknown")},
}


@dataclass
class Wire:
    """In place of a client of the SDK: writes down what is called, and answers."""

    service: str
    called: set[tuple[str, str]] = field(default_factory=set)
    endpoint: str = "https://oci.example.com"

    @property
    def base_client(self) -> Wire:
        return self

    def call_api(self, *, resource_path: str, method: str, **_more: Any) -> Any:
        path = re.sub(r"\{\w+\}", "{}", resource_path)
        self.called.add((self.service, operation_of(self.service, method, path)))
        data: Any = [THING] if method == "GET" and path in LISTS else {**THING, "items": [THING]}
        return SimpleNamespace(data=data, headers={"etag": "1", "opc-work-request-id": "x"})


def operation_of(service: str, method: str, path: str) -> str:
    """The name that the real SDK has for a call.

    :raises AssertionError: it has none.
    """
    assert (method, path) in ROUTES[service], f"{service} has no {method} {path}"
    return ROUTES[service][method, path]


def _routes(service: str) -> Iterator[tuple[tuple[str, str], str]]:
    """From the source of the SDK, as its clients keep them nowhere."""
    for name in CLIENTS[service]:
        text = inspect.getsource(getattr(import_module(f"oci.{service}"), name))
        for operation, path, method in _OPERATION.findall(text):
            known = method, re.sub(r"\{\w+\}", "{}", path)
            yield known, "".join(word.capitalize() for word in operation.split("_"))


ROUTES: Mapping[str, Mapping[tuple[str, str], str]] = {service: dict(_routes(service)) for service in SERVICES}


def step(verb: Any, kind: str) -> Step:
    return Step(verb, kind, "page", {}, "x")


Drive = Callable[[Any], object]
BALANCER, PARTS, GATEWAY, NETWORK, ALARMING = "LoadBalancerApi", "PartsApi", "GatewayApi", "NetworkApi", "AlarmingApi"
DRIVEN: Mapping[tuple[str, str], Drive] = {
    (BALANCER, "read"): lambda api: api.read(),
    (BALANCER, "backend_set_health"): lambda api: api.backend_set_health("app"),
    (BALANCER, "update_listener"): lambda api: api.update_listener("https", {}, "1"),
    (BALANCER, "update_load_balancer"): lambda api: api.update_load_balancer({}, "1"),
    (BALANCER, "read_work_request"): lambda api: api.read_work_request("x"),
    (BALANCER, "newest_work_requests"): lambda api: api.newest_work_requests(),
    (PARTS, "write"): lambda api: [
        api.write(one, "1")
        for one in (
            step("update", "load balancer"),
            *(step(verb, kind) for kind in ("backend set", "rule set", "listener") for verb in VERBS),
        )
    ],
    (GATEWAY, "gateway"): lambda api: api.gateway(),
    (GATEWAY, "deployment"): lambda api: api.deployment("x", "/page"),
    (GATEWAY, "write"): lambda api: [api.write(step(verb, "deployment")) for verb in VERBS],
    (GATEWAY, "work_request"): lambda api: api.work_request("x"),
    (GATEWAY, "problems"): lambda api: api.problems("x"),
    (NETWORK, "network"): lambda api: api.network("x"),
    (ALARMING, "read"): lambda api: api.read(),
    (ALARMING, "write"): lambda api: [
        api.write(step(verb, kind), {}) for kind in ("topic", "subscription", "alarm") for verb in VERBS
    ],
    (ALARMING, "topic_state"): lambda api: api.topic_state("x"),
    (ALARMING, "subscription_state"): lambda api: api.subscription_state("x"),
    (ALARMING, "resend_confirmation"): lambda api: api.resend_confirmation("x"),
}


@pytest.fixture(scope="module")
def called() -> set[tuple[str, str]]:
    """Every operation that the adapters call, with its service."""
    wires = {service: Wire(service) for service in SERVICES}
    balancers = wires["load_balancer"]
    apis = {
        BALANCER: LoadBalancerApi(balancers, "x"),
        PARTS: PartsApi(balancers, "x"),
        GATEWAY: GatewayApi(wires["apigateway"], "x"),
        NETWORK: NetworkApi(wires["core"]),
        ALARMING: AlarmingApi(wires["monitoring"], wires["ons"], "x", "page"),
    }
    for (kind, _method), drive in DRIVEN.items():
        drive(apis[kind])
    notifications.publish(wires["ons"], "x", "title", "body")
    return {one for wire in wires.values() for one in wire.called}


def test_every_method_of_every_adapter_is_driven_here() -> None:
    found = set()
    for path in (ROOT / "plugins" / "module_utils" / "_oci").glob("[!_]*.py"):
        module = import_module(f"{PACKAGE}.{path.stem}")
        for name, kind in inspect.getmembers(module, inspect.isclass):
            if name.endswith("Api") and kind.__module__ == module.__name__:
                methods = [method for method, _unused in inspect.getmembers(kind, inspect.isfunction)]
                found |= {(name, method) for method in methods if not method.startswith("_")}
    assert found == set(DRIVEN)


def stated() -> set[tuple[str, str]]:
    """Every operation that a statement is said to allow, with its service."""
    by_type = {kind: service for service, kinds in SERVICES.items() for kind in kinds}
    return {
        (by_type[statement.allows.partition(" ")[2]], operation)
        for policy in declared.FILES
        for statement in policy.statements
        for operation in statement.operations
    }


def test_no_call_is_without_a_statement(called: set[tuple[str, str]]) -> None:
    assert called - stated() == set()


def test_no_statement_is_without_a_call(called: set[tuple[str, str]]) -> None:
    assert stated() - called == set()


#: Oracle's policy references: the least verb on a resource type that covers an operation. What needs two is in both.
LEAST = {
    "load-balancers": {
        "read": "GetLoadBalancer GetBackendSetHealth GetWorkRequest ListWorkRequests",
        "use": (
            "UpdateLoadBalancer CreateListener UpdateListener DeleteListener CreateBackendSet UpdateBackendSet "
            "DeleteBackendSet CreateRuleSet UpdateRuleSet DeleteRuleSet"
        ),
    },
    "ons-topics": {
        "inspect": "ListTopics",
        "read": "GetTopic",
        "use": (
            "PublishMessage GetSubscription CreateSubscription UpdateSubscription DeleteSubscription "
            "ResendSubscriptionConfirmation"
        ),
        "manage": "CreateTopic UpdateTopic DeleteTopic",
    },
    "ons-subscriptions": {"inspect": "ListSubscriptions"},
    "alarms": {"inspect": "ListAlarms", "read": "GetAlarm", "manage": "CreateAlarm UpdateAlarm DeleteAlarm"},
    "metrics": {"read": "GetAlarm CreateAlarm UpdateAlarm"},
    "api-gateways": {"read": "GetGateway", "use": "CreateDeployment DeleteDeployment"},
    "api-deployments": {
        "inspect": "ListDeployments",
        "read": "GetDeployment",
        "use": "UpdateDeployment",
        "manage": "CreateDeployment DeleteDeployment",
    },
    "api-workrequests": {"read": "GetWorkRequest ListWorkRequestErrors"},
    "subnets": {"inspect": "GetSubnet"},
    "vcns": {"inspect": "GetVcn"},
    "route-tables": {"inspect": "GetRouteTable"},
}
RANKS = ("inspect", "read", "use", "manage")


@pytest.mark.parametrize("policy", declared.FILES, ids=lambda policy: policy.name)
def test_a_statement_has_the_least_verb_that_covers_its_operations(policy: OciPolicy) -> None:
    for statement in policy.statements:
        verb, kind = statement.allows.split(" ")
        least = {operation: RANKS.index(rank) for rank, listed in LEAST[kind].items() for operation in listed.split()}
        assert RANKS.index(verb) == max(least[operation] for operation in statement.operations)
