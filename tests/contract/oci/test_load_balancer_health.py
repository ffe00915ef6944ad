# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Health as the API reports it, from real checks of real backends."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import pytest
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    Json,
    LoadBalancerApi,
    PutRaw,
    eventually,
)
from oci.load_balancer import LoadBalancerClient
from oci.load_balancer.models import BackendHealth

from lab.process import RunningLab

CHECKER = {
    "protocol": "HTTP",
    "urlPath": "/health",
    "returnCode": 200,
    "retries": 1,
    "timeoutInMillis": 2000,
    "intervalInMillis": 100,
}


@pytest.fixture
def dead_ports() -> Iterator[list[int]]:
    """Ports that nobody answers on, although they are taken."""
    sockets = [socket.socket() for _unused in range(3)]
    for taken in sockets:
        taken.bind(("127.0.0.1", 0))
    yield [taken.getsockname()[1] for taken in sockets]
    for taken in sockets:
        taken.close()


@pytest.fixture
def app_with(api: LoadBalancerApi, put_raw: PutRaw, dead_ports: list[int]) -> Callable[..., None]:
    """Give the backend set ``app`` so many living and dead backends, and other settings of its health check."""

    def put(living: int, dead: int, **checker: object) -> None:
        backend_sets = api.get()["backendSets"]
        alive = backend_sets["app"]["backends"][:living]
        backends = alive + [{"ipAddress": "127.0.0.1", "port": port} for port in dead_ports[:dead]]
        backend_sets["app"] |= {"backends": backends, "healthChecker": CHECKER | checker}
        put_raw(backendSets=backend_sets)

    return put


@pytest.mark.parametrize(
    ("living", "dead", "status"),
    [(2, 0, "OK"), (1, 1, "WARNING"), (2, 1, "WARNING"), (1, 2, "CRITICAL"), (0, 2, "CRITICAL")],
)
def test_a_backend_set_is_as_healthy_as_its_backends(
    app_with: Callable[..., None], client: LoadBalancerClient, api: LoadBalancerApi, living: int, dead: int, status: str
) -> None:
    app_with(living, dead)
    health = eventually(
        lambda: client.get_backend_set_health(api.balancer_id, "app").data,
        lambda health: not health.unknown_state_backend_names,
    )
    assert health.status == status
    assert (len(health.critical_state_backend_names), health.total_backend_count) == (dead, living + dead)


def test_a_backend_set_that_no_listener_uses_is_unknown(api: LoadBalancerApi) -> None:
    api.change("POST", "/backendSets", api.backend_set() | {"name": "spare"})
    assert api.get("/backendSets/spare/health")["status"] == "UNKNOWN"


def test_a_backend_set_that_a_listener_only_routes_to_is_checked(api: LoadBalancerApi, put_raw: PutRaw) -> None:
    found = api.get()
    action = {"name": "FORWARD_TO_BACKENDSET", "backendSetName": "app"}
    rule = {"name": "all", "condition": "any(http.request.url.path sw '/')", "actions": [action]}
    policy = {"name": "route", "conditionLanguageVersion": "V1", "rules": [rule]}
    https = {**found["listeners"]["https"], "defaultBackendSetName": "empty", "routingPolicyName": "route"}
    empty = {**found["backendSets"]["app"], "name": "empty", "backends": []}
    put_raw(
        listeners={"https": https},
        backendSets={"app": found["backendSets"]["app"], "empty": empty},
        routingPolicies={"route": policy},
    )
    eventually(lambda: api.get("/backendSets/app/health"), lambda health: health["status"] == "OK")


def test_a_backend_that_stops_is_found_and_found_again_when_it_is_back(
    lab: RunningLab, api: LoadBalancerApi, app_with: Callable[..., None]
) -> None:
    app_with(2, 0)
    for running, status in ((False, "WARNING"), (True, "OK")):
        lab.control("POST", "/oci/backends/app-1", {"running": running})
        eventually(lambda: api.get("/backendSets/app/health")["status"], status.__eq__)


@pytest.mark.parametrize(
    ("checker", "outcome"),
    [
        ({}, "OK"),
        ({"returnCode": 204}, "INVALID_STATUS_CODE"),
        ({"responseBodyRegex": "^ill"}, "REGEX_MISMATCH"),
        ({"responseBodyRegex": "health"}, "OK"),
        ({"protocol": "TCP"}, "OK"),
    ],
    ids=str,
)
def test_a_health_check_says_why_it_failed(
    app_with: Callable[..., None], client: LoadBalancerClient, api: LoadBalancerApi, checker: Json, outcome: str
) -> None:
    app_with(1, 0, **checker)
    name = api.get("/backendSets/app/backends")[0]["name"]
    health: BackendHealth = eventually(
        lambda: client.get_backend_health(api.balancer_id, "app", name).data, lambda health: health.status != "UNKNOWN"
    )
    assert [result.health_check_status for result in health.health_check_results] == [outcome]


@pytest.mark.parametrize("protocol", ["HTTP", "TCP"])
def test_a_backend_that_nobody_runs_fails_to_connect(
    app_with: Callable[..., None], api: LoadBalancerApi, dead_ports: list[int], protocol: str
) -> None:
    app_with(0, 1, protocol=protocol)
    path = f"/backendSets/app/backends/127.0.0.1:{dead_ports[0]}/health"
    health = eventually(lambda: api.get(path), lambda health: health["status"] != "UNKNOWN")
    assert health["healthCheckResults"][0]["healthCheckStatus"] == "CONNECT_FAILED"


def test_an_offline_backend_is_not_checked(api: LoadBalancerApi) -> None:
    name = api.get("/backendSets/app/backends")[0]["name"]
    api.put_backend(name, offline=True)
    health = api.get(f"/backendSets/app/backends/{name}/health")
    assert (health["status"], health["healthCheckResults"][0]["healthCheckStatus"]) == ("CRITICAL", "OFFLINE")


@pytest.mark.parametrize("flag", ["drain", "backup"])
def test_health_counts_backends_that_get_no_new_users_like_any_other(api: LoadBalancerApi, flag: str) -> None:
    for backend in api.get("/backendSets/app/backends"):
        api.put_backend(backend["name"], **{flag: True})
    health = eventually(lambda: api.get("/backendSets/app/health"), lambda health: health["status"] == "OK")
    assert (health["totalBackendCount"], health["criticalStateBackendNames"]) == (2, [])


def test_offline_backends_are_part_of_the_total(api: LoadBalancerApi) -> None:
    api.put_backend(api.get("/backendSets/app/backends")[0]["name"], offline=True)
    assert api.get("/backendSets/app/health")["totalBackendCount"] == 2


def test_a_load_balancer_is_as_healthy_as_its_worst_backend_set(
    app_with: Callable[..., None], api: LoadBalancerApi
) -> None:
    assert api.get("/health")["status"] == "OK"
    app_with(0, 2)
    health = eventually(lambda: api.get("/health"), lambda health: health["status"] == "CRITICAL")
    assert (health["criticalStateBackendSetNames"], health["totalBackendSetCount"]) == (["app"], 2)


def test_health_of_all_load_balancers_of_a_compartment_is_listed(
    client: LoadBalancerClient, lab: RunningLab, balancer_id: str
) -> None:
    listed = client.list_load_balancer_healths(lab.info["oci"]["compartment_id"]).data
    assert [(item.load_balancer_id, item.status) for item in listed] == [(balancer_id, "OK")]
