# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The real OCI SDK, talking to the lab."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeAlias

import oci
import pytest
import requests
from oci.circuit_breaker import NoCircuitBreakerStrategy
from oci.load_balancer import LoadBalancerClient

from lab.process import RunningLab

Json: TypeAlias = dict[str, Any]
PATIENCE_SECONDS = 15


class LoadBalancerApi:
    """The SDK's client, called with plain JSON, as a client that must not lose unknown fields calls it."""

    def __init__(self, client: LoadBalancerClient, balancer_id: str) -> None:
        self.client = client
        self.balancer_id = balancer_id

    def call(self, method: str, path: str, body: object = None, **headers: str) -> oci.response.Response:
        """Call an operation on the load balancer; ``path`` begins below it. Raises ServiceError."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.base_client.call_api(
            resource_path=f"/loadBalancers/{self.balancer_id}{path}",
            method=method,
            header_params={"accept": "application/json", "content-type": "application/json", **sent},
            body=body,
            response_type="object",
        )

    def get(self, path: str = "") -> Any:
        """GET something of the load balancer."""
        return self.call("GET", path).data

    def etag(self) -> str:
        """The load balancer's version."""
        etag: str = self.call("GET", "").headers["etag"]
        return etag

    def change(self, method: str, path: str, body: object = None, **headers: str) -> Json:
        """Write, and wait for the work request; returns it."""
        return self.finished(self.call(method, path, body, **headers))

    def finished(self, response: oci.response.Response) -> Json:
        """The work request of a write, once it has succeeded or failed."""
        identifier = response.headers["opc-work-request-id"]
        return eventually(lambda: self.work_request(identifier), lambda found: found["lifecycleState"] in FINISHED)

    def work_request(self, identifier: str) -> Json:
        """A work request as it is now."""
        found: Json = self.client.base_client.call_api(
            resource_path=f"/loadBalancerWorkRequests/{identifier}",
            method="GET",
            header_params={"accept": "application/json"},
            response_type="object",
        ).data
        return found

    def listener(self, name: str = "http") -> Json:
        """A listener in the form that a PUT takes."""
        listener: Json = self.get()["listeners"][name]
        return {field: value for field, value in listener.items() if field != "name"}

    def put_listener(self, name: str = "http", **changes: object) -> Json:
        """Change some fields of a listener and send back all others as they were read."""
        return self.change("PUT", f"/listeners/{name}", self.listener(name) | changes)


FINISHED = ("SUCCEEDED", "FAILED")


def eventually(observe: Callable[[], Any], accept: Callable[[Any], bool]) -> Any:
    """What is observed as soon as it is acceptable; fails when that takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not accept(observed := observe()):
        if time.monotonic() > deadline:
            pytest.fail(f"still not there after {PATIENCE_SECONDS} s; the last thing seen was {observed!r}")
        time.sleep(0.01)
    return observed


@pytest.fixture
def lab(oci_lab: RunningLab) -> RunningLab:
    """The running lab, as it was when it started."""
    oci_lab.reset()
    return oci_lab


@pytest.fixture(scope="session")
def make_client(oci_lab: RunningLab) -> Callable[..., LoadBalancerClient]:
    """Make an SDK client for a profile of the lab's configuration file."""

    def make(profile: str = "DEFAULT", **options: Any) -> LoadBalancerClient:
        config = oci.config.from_file(oci_lab.info["oci"]["config_file"], profile)
        return LoadBalancerClient(
            config,
            service_endpoint=oci_lab.info["oci"]["endpoint"],
            circuit_breaker_strategy=NoCircuitBreakerStrategy(),
            **options,
        )

    return make


@pytest.fixture(scope="session")
def shared_client(make_client: Callable[..., LoadBalancerClient]) -> LoadBalancerClient:
    """An SDK client that signs with the API key. It takes longer to make than most tests to run."""
    return make_client()


@pytest.fixture
def client(shared_client: LoadBalancerClient, lab: RunningLab) -> LoadBalancerClient:
    """An SDK client for the lab as it was when it started."""
    return shared_client


@pytest.fixture
def balancer_id(lab: RunningLab) -> str:
    """The OCID of the load balancer ``checkout``."""
    identifier: str = lab.info["oci"]["load_balancers"]["checkout"]["id"]
    return identifier


@pytest.fixture
def api(client: LoadBalancerClient, balancer_id: str) -> LoadBalancerApi:
    """Plain JSON calls on the load balancer ``checkout``."""
    return LoadBalancerApi(client, balancer_id)


@pytest.fixture
def wait_until() -> Callable[[Callable[[], Any], Callable[[Any], bool]], Any]:
    """:func:`eventually`, for tests."""
    return eventually


@pytest.fixture
def urls(lab: RunningLab) -> dict[str, str]:
    """Addresses of the listeners, without the slash at the end."""
    listeners = lab.info["oci"]["load_balancers"]["checkout"]["listeners"]
    return {name: listener["url"].rstrip("/") for name, listener in listeners.items()}


@pytest.fixture
def visit(lab: RunningLab) -> Callable[..., requests.Response]:
    """Make a request as a user of the site would; redirects are not followed."""

    def request(url: str, method: str = "GET", **options: Any) -> requests.Response:
        options.setdefault("allow_redirects", False)
        return requests.request(method, url, timeout=10, verify=lab.info["oci"]["ca_file"], **options)

    return request


@pytest.fixture
def put_raw(lab: RunningLab, api: LoadBalancerApi) -> Callable[..., None]:
    """Store a load balancer just as it is, without the service's checks."""

    def put(identifier: str | None = None, **fields: object) -> None:
        document = api.get() | fields
        lab.control("PUT", f"/oci/loadBalancers/{identifier or api.balancer_id}", document)

    return put
