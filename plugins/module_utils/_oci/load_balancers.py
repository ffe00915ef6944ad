# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The Load Balancing service: each call once, on plain JSON, with the collection's own errors.

The calls go through the SDK's ``base_client.call_api`` with ``response_type="object"``: signing, endpoints and timeouts
are the SDK's, but the JSON is not squeezed through its models, which would drop fields newer than the SDK.
"""

from __future__ import annotations

import typing as t
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import ServiceRejectedError, TransientError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.errors import translated

Json = dict[str, t.Any]

_PAGE = 100


@dataclass(frozen=True)
class LoadBalancer:
    """A load balancer as it was read.

    :ivar data: the JSON of GetLoadBalancer, with its listeners, rule sets and tags.
    :ivar etag: its version, which changes with every change to it or to anything in it.
    """

    data: Json
    etag: str


class LoadBalancerApi:
    """Calls of one load balancer.

    :param client: an ``oci.load_balancer.LoadBalancerClient``.
    """

    def __init__(self, client: t.Any, load_balancer_id: str) -> None:
        self._client = client
        self._id = load_balancer_id

    def read(self) -> LoadBalancer:
        """GetLoadBalancer. There is no call that reads one listener, and none is needed: this one holds them all."""
        what = f"read load balancer {self._id}"
        data, headers = self._call(what, "GET", "/loadBalancers/{loadBalancerId}", {"loadBalancerId": self._id})
        if not isinstance(data, dict) or not headers.get("etag"):
            raise ServiceRejectedError(
                f"Cannot {what}: what answered at {self.endpoint} is not the Load Balancing service "
                "(no JSON object with an etag). Check service_endpoint, and proxies on the way."
            )
        return LoadBalancer(_with_maps(data), headers["etag"])

    def read_backend_set_health(self, backend_set: str) -> Json:
        """GetBackendSetHealth."""
        path = "/loadBalancers/{loadBalancerId}/backendSets/{backendSetName}/health"
        params = {"loadBalancerId": self._id, "backendSetName": backend_set}
        what = f"read the health of backend set {backend_set!r} of {self._id}"
        return t.cast(Json, self._call(what, "GET", path, params)[0])

    def update_listener(self, name: str, body: Json, etag: str) -> str:
        """UpdateListener, which replaces the whole listener, if the load balancer is still at ``etag``.

        :returns: the id of the work request that carries it out.
        """
        path = "/loadBalancers/{loadBalancerId}/listeners/{listenerName}"
        params = {"loadBalancerId": self._id, "listenerName": name}
        return self._accepted(f"update listener {name!r} of {self._id}", path, params, body, etag)

    def update_load_balancer(self, body: Json, etag: str) -> str:
        """UpdateLoadBalancer, if it is still at ``etag``.

        :returns: the id of the work request that carries it out.
        """
        path, params = "/loadBalancers/{loadBalancerId}", {"loadBalancerId": self._id}
        return self._accepted(f"update the tags of load balancer {self._id}", path, params, body, etag)

    def backend_set_health(self, name: str) -> Json:
        """GetBackendSetHealth: its status, and the names of the backends that are not well."""
        path = "/loadBalancers/{loadBalancerId}/backendSets/{backendSetName}/health"
        params = {"loadBalancerId": self._id, "backendSetName": name}
        what = f"read the health of backend set {name!r} of {self._id}"
        return t.cast(Json, self._get(what, path, params, kind=dict))

    def read_work_request(self, work_request_id: str) -> Json:
        """GetWorkRequest."""
        path = "/loadBalancerWorkRequests/{workRequestId}"
        what = f"read work request {work_request_id}"
        return t.cast(Json, self._get(what, path, {"workRequestId": work_request_id}, kind=dict))

    def newest_work_requests(self) -> list[Json]:
        """ListWorkRequests, its first page: the newest ones, where those that still run are found."""
        path = "/loadBalancers/{loadBalancerId}/workRequests"
        what = f"list the work requests of {self._id}"
        params, query = {"loadBalancerId": self._id}, {"limit": _PAGE}
        return t.cast("list[Json]", self._get(what, path, params, kind=list, query=query))

    @property
    def endpoint(self) -> str:
        """Where the calls go."""
        return str(self._client.base_client.endpoint)

    def _get(self, action: str, path: str, path_params: Json, *, kind: type, query: Json | None = None) -> t.Any:
        data, _headers = self._call(action, "GET", path, path_params, query=query)
        if not isinstance(data, kind):
            raise ServiceRejectedError(
                f"Cannot {action}: what answered at {self.endpoint} is not the Load Balancing service. Check "
                "service_endpoint, and proxies on the way."
            )
        return data

    def _accepted(self, action: str, path: str, path_params: Json, body: Json, etag: str) -> str:
        _data, headers = self._call(action, "PUT", path, path_params, body, etag)
        if not headers.get("opc-work-request-id"):
            # Other clients of the API allow for that too. It proves nothing, least of all that the change succeeded.
            raise TransientError(
                f"Cannot {action} for certain: the answer of {self.endpoint} names no work request.",
                effect_unknown=True,
            )
        return str(headers["opc-work-request-id"])

    def _call(
        self,
        action: str,
        method: str,
        path: str,
        path_params: Json,
        body: Json | None = None,
        etag: str | None = None,
        query: Json | None = None,
    ) -> tuple[t.Any, t.Any]:
        headers = {"accept": "application/json", "content-type": "application/json"}
        if etag is not None:
            headers["if-match"] = etag
        with translated(action, self.endpoint):
            answer = self._client.base_client.call_api(
                resource_path=path,
                method=method,
                path_params=path_params,
                query_params=query,
                header_params=headers,
                body=body,
                response_type="object" if method == "GET" else None,
                enable_strict_url_encoding=True,
            )
        return answer.data, answer.headers


def _with_maps(data: Json) -> Json:
    """The maps that decisions look into are there even where the service left out empty ones."""
    return {**data, **{key: data.get(key) or {} for key in ("listeners", "backendSets", "ruleSets")}}
