# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The real OCI SDK, talking to the lab."""

from __future__ import annotations

from typing import Any

import oci
import pytest
import requests
from ansible_collections.tidegate.failover.tests.contract.oci.load_balancer_api import (
    LoadBalancerApi,
    MakeClient,
    PutRaw,
    Visit,
)
from oci.circuit_breaker import NoCircuitBreakerStrategy
from oci.load_balancer import LoadBalancerClient

from lab.process import RunningLab


@pytest.fixture(autouse=True)
def lab(oci_lab: RunningLab) -> RunningLab:
    """The running lab; every test finds it as it was when it started."""
    oci_lab.reset()
    return oci_lab


@pytest.fixture(scope="session")
def make_client(oci_lab: RunningLab) -> MakeClient:
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
def client(make_client: MakeClient) -> LoadBalancerClient:
    """An SDK client that signs with the API key. It takes longer to make than most tests to run."""
    return make_client()


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
def urls(lab: RunningLab) -> dict[str, str]:
    """Addresses of the listeners, without the slash at the end."""
    listeners = lab.info["oci"]["load_balancers"]["checkout"]["listeners"]
    return {name: listener["url"].rstrip("/") for name, listener in listeners.items()}


@pytest.fixture
def visit(lab: RunningLab) -> Visit:
    """Make a request as a user of the site would; redirects are not followed."""

    def request(url: str, method: str = "GET", **options: Any) -> requests.Response:
        options.setdefault("allow_redirects", False)
        return requests.request(method, url, timeout=10, verify=lab.info["oci"]["ca_file"], **options)

    return request


@pytest.fixture
def put_raw(lab: RunningLab, api: LoadBalancerApi) -> PutRaw:
    """Store a load balancer just as it is, without the service's checks."""

    def put(identifier: str | None = None, **fields: object) -> None:
        document = api.get() | fields
        lab.control("PUT", f"/oci/loadBalancers/{identifier or api.balancer_id}", document)

    return put


@pytest.fixture
def plain_http(api: LoadBalancerApi, put_raw: PutRaw) -> None:
    """The listener ``http`` serves its users itself, as not many do."""
    listeners = api.get()["listeners"]
    listeners["http"]["ruleSetNames"] = []
    put_raw(listeners=listeners)
