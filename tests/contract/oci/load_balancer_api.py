# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The load balancing API with plain JSON, through the real SDK; and what the tests' fixtures are."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeAlias

import oci
import pytest
import requests
from oci.load_balancer import LoadBalancerClient

Json: TypeAlias = dict[str, Any]
#: Makes an SDK client for a profile, with more of the client's own options.
MakeClient: TypeAlias = Callable[..., LoadBalancerClient]
#: Makes a request as a user of the site does: URL, method, more options of ``requests``.
Visit: TypeAlias = Callable[..., requests.Response]
#: Stores a load balancer (OCID, fields) without the service's checks.
PutRaw: TypeAlias = Callable[..., None]
#: Attaches rules to the listener ``http``.
Attach: TypeAlias = Callable[..., None]

PATIENCE_SECONDS = 15
FINISHED = ("SUCCEEDED", "FAILED")


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
        found: Json = eventually(lambda: self.work_request(identifier), lambda seen: seen["lifecycleState"] in FINISHED)
        return found

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

    def put_backend(self, name: str, **changes: object) -> Json:
        """Change some fields of a backend of the backend set ``app``, named by its address and port."""
        path = f"/backendSets/app/backends/{name}"
        identity = ("name", "ipAddress", "port")
        details = {field: value for field, value in self.get(path).items() if field not in identity}
        return self.change("PUT", path, details | changes)

    def backend_set(self, name: str = "app") -> Json:
        """A backend set in the form that a PUT takes."""
        details: Json = self.get(f"/backendSets/{name}")
        del details["name"]
        for backend in details["backends"]:
            del backend["name"]
        return details


def eventually(observe: Callable[[], Any], accept: Callable[[Any], bool]) -> Any:
    """What is observed as soon as it is acceptable; fails when that takes too long."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not accept(observed := observe()):
        if time.monotonic() > deadline:
            pytest.fail(f"still not there after {PATIENCE_SECONDS} s; the last thing seen was {observed!r}")
        time.sleep(0.01)
    return observed
