# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Faults on demand, and the log that shows what came of them."""

from __future__ import annotations

import contextlib

import oci
import pytest
import requests
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    Json,
    LoadBalancerApi,
    MakeClient,
    Visit,
)
from circuitbreaker import CircuitBreakerError
from oci.circuit_breaker import CircuitBreakerStrategy
from oci.exceptions import RequestException, ServiceError
from oci.load_balancer import LoadBalancerClient

from lab.process import LabProcessError, RunningLab


def test_an_injected_status_has_the_services_error_form(
    lab: RunningLab, client: LoadBalancerClient, balancer_id: str
) -> None:
    lab.add_fault("status", status=404, code="NotAuthorizedOrNotFound", message="no such thing")
    with pytest.raises(ServiceError) as caught:
        client.get_load_balancer(balancer_id)
    assert (caught.value.status, caught.value.code, caught.value.message) == (
        404,
        "NotAuthorizedOrNotFound",
        "no such thing",
    )


def test_a_5xx_that_is_no_json_has_no_code(lab: RunningLab, client: LoadBalancerClient, balancer_id: str) -> None:
    lab.add_fault("status", status=502, body="<html>Bad Gateway</html>")
    with pytest.raises(ServiceError) as caught:
        client.get_load_balancer(balancer_id)
    assert (caught.value.status, caught.value.code) == (502, None)
    assert "Bad Gateway" in caught.value.message


@pytest.mark.parametrize("headers", [{}, {"Retry-After": "0"}], ids=["without Retry-After", "with Retry-After"])
def test_throttling_is_retried_by_the_sdk_when_it_may(
    lab: RunningLab, make_client: MakeClient, balancer_id: str, headers: dict[str, str]
) -> None:
    lab.add_fault("status", status=429, code="TooManyRequests", headers=headers)
    client = make_client(retry_strategy=quick_retries())
    assert client.get_load_balancer(balancer_id).status == 200


def quick_retries() -> object:
    builder = oci.retry.RetryStrategyBuilder(service_error_check=True)
    builder.add_max_attempts(3).add_total_elapsed_time(30)
    builder.retry_base_sleep_time_seconds, builder.retry_max_wait_between_calls_seconds = 0.01, 0.02
    return builder.get_retry_strategy()


def conflicting_update(lab: RunningLab, make_client: MakeClient, api: LoadBalancerApi, code: str) -> list[int]:
    """Update a listener with the SDK's own retries, through one conflict; returns the answers' statuses."""
    lab.add_fault("status", operation="UpdateListener", status=409, code=code)
    client = make_client(retry_strategy=oci.retry.DEFAULT_RETRY_STRATEGY)
    with contextlib.suppress(ServiceError):
        client.update_listener(api.listener(), api.balancer_id, "http")
    return [request["status"] for request in lab.writes()]


def test_the_sdk_retries_an_incorrect_state(lab: RunningLab, make_client: MakeClient, api: LoadBalancerApi) -> None:
    assert conflicting_update(lab, make_client, api, "IncorrectState") == [409, 204]


def test_the_sdk_does_not_retry_a_conflict(lab: RunningLab, make_client: MakeClient, api: LoadBalancerApi) -> None:
    assert conflicting_update(lab, make_client, api, "Conflict") == [409]


def test_operations_do_not_retry_by_default(lab: RunningLab, client: LoadBalancerClient, balancer_id: str) -> None:
    lab.add_fault("status", status=503, code="ServiceUnavailable")
    with pytest.raises(ServiceError):
        client.get_load_balancer(balancer_id)
    assert len(lab.requests()) == 1


def test_ten_failures_open_the_sdks_circuit_breaker(lab: RunningLab, balancer_id: str) -> None:
    lab.add_fault("status", status=500, times=None)
    config = oci.config.from_file(lab.info["oci"]["config_file"])
    client = LoadBalancerClient(
        config,
        service_endpoint=lab.info["oci"]["endpoint"],
        circuit_breaker_strategy=CircuitBreakerStrategy(failure_threshold=10, recovery_timeout=30),
    )
    for _unused in range(10):
        with pytest.raises(ServiceError):
            client.get_load_balancer(balancer_id)
    with pytest.raises(CircuitBreakerError):
        client.get_load_balancer(balancer_id)
    assert len(lab.requests()) == 10


def test_a_connection_dropped_before_the_effect_has_none(
    lab: RunningLab, client: LoadBalancerClient, api: LoadBalancerApi
) -> None:
    lab.add_fault("drop_before", operation="UpdateListener")
    with pytest.raises(RequestException):
        client.update_listener(api.listener(), api.balancer_id, "http")
    assert api.get("/workRequests") == []


def test_a_connection_dropped_after_the_effect_has_one(
    lab: RunningLab, client: LoadBalancerClient, api: LoadBalancerApi
) -> None:
    lab.add_fault("drop_after", operation="UpdateListener")
    with pytest.raises(RequestException):
        client.update_listener(api.listener(), api.balancer_id, "http")
    assert len(api.get("/workRequests")) == 1


@pytest.mark.parametrize(("after", "work_requests"), [(False, 0), (True, 1)])
def test_a_hanging_request_is_given_up_by_its_client(
    lab: RunningLab, make_client: MakeClient, api: LoadBalancerApi, after: bool, work_requests: int
) -> None:
    lab.add_fault("hang", operation="UpdateListener", after=after)
    with pytest.raises(RequestException):
        make_client(timeout=(1, 0.2)).update_listener(api.listener(), api.balancer_id, "http")
    assert len(api.get("/workRequests")) == work_requests


def test_latency_makes_an_impatient_client_give_up(lab: RunningLab, make_client: MakeClient, balancer_id: str) -> None:
    lab.add_fault("latency", seconds=1)
    with pytest.raises(RequestException):
        make_client(timeout=(1, 0.2)).get_load_balancer(balancer_id)
    assert make_client(timeout=(1, 5)).get_load_balancer(balancer_id).status == 200


def test_a_fault_skips_and_counts_and_chooses(lab: RunningLab, client: LoadBalancerClient, balancer_id: str) -> None:
    lab.add_fault("status", status=500, method="GET", path="/health$", skip=1, times=2)
    statuses = []
    for call in (client.get_load_balancer, *[client.get_load_balancer_health] * 4):
        try:
            statuses.append(call(balancer_id).status)
        except ServiceError as error:
            statuses.append(error.status)
    assert statuses == [200, 200, 500, 500, 200]
    assert lab.control("GET", "/faults") == []


@pytest.mark.parametrize(
    "fault", [{"kind": "earthquake"}, {"kind": "latency", "minutes": 1}, {"kind": "status", "path": "("}], ids=str
)
def test_a_fault_that_makes_no_sense_is_refused(lab: RunningLab, fault: Json) -> None:
    with pytest.raises(LabProcessError, match="400"):
        lab.control("POST", "/faults", fault)


def test_the_log_distinguishes_reads_from_writes(lab: RunningLab, api: LoadBalancerApi) -> None:
    api.put_listener()
    operations = {request["operation"]: request["is_write"] for request in lab.requests()}
    assert operations == {"GetLoadBalancer": False, "UpdateListener": True, "GetWorkRequest": False}


def test_the_log_shows_what_came_after_a_given_request(lab: RunningLab, api: LoadBalancerApi) -> None:
    api.get()
    last = lab.requests()[-1]["n"]
    api.get("/health")
    assert [(entry["path"], entry["status"]) for entry in lab.requests(since=last)] == [
        (f"/20170115/loadBalancers/{api.balancer_id}/health", 200)
    ]


def test_settings_that_make_no_sense_are_refused(lab: RunningLab) -> None:
    for settings in ({"speed": 1}, {"conflict_code": "Maybe"}, {"work_request_seconds": "long"}, {"page_size": 0}):
        answer = requests.patch(f"{lab.info['control']}/lab/oci/settings", json=settings, timeout=10)
        assert answer.status_code == 400


def test_a_reset_brings_everything_back(
    lab: RunningLab, api: LoadBalancerApi, urls: dict[str, str], visit: Visit
) -> None:
    before = api.get()
    api.put_listener(ruleSetNames=["maintenance-page"])
    lab.control("POST", "/oci/backends/app-1", {"running": False})
    lab.add_fault("status", times=None)
    lab.reset()
    assert api.get() == before
    assert {visit(urls["https"]).headers["X-Served-By"] for _unused in range(4)} == {"app-1", "app-2"}
