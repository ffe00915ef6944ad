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

from ansible_collections.tidegate.failover.plugins.module_utils._errors import TransientError, UnexpectedAnswerError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._shape import MapOf, Maybe, Shape, misfit

Json = dict[str, t.Any]

_PAGE = 100

_RULE = {"action": str, "conditions": Maybe([dict]), "redirectUri": Maybe(dict)}
_LISTENER = {
    "protocol": str,
    "port": int,
    "defaultBackendSetName": str,
    "ruleSetNames": Maybe([str]),
    "hostnameNames": Maybe([str]),
    "sslConfiguration": Maybe(dict),
}
#: What decisions read. It is what the API reference requires of these objects, and no more.
_LOAD_BALANCER = {
    "lifecycleState": str,
    "listeners": Maybe(MapOf(_LISTENER)),
    "backendSets": Maybe(MapOf({"backends": Maybe([{"name": str}])})),
    "ruleSets": Maybe(MapOf({"items": Maybe([_RULE])})),
    "hostnames": Maybe(MapOf({"hostname": str})),
    "routingPolicies": Maybe(MapOf({"rules": Maybe([{"actions": Maybe([dict])}])})),
    "pathRouteSets": Maybe(MapOf({"pathRoutes": Maybe([dict])})),
    "ipAddresses": Maybe([dict]),
    "subnetIds": Maybe([str]),
    "freeformTags": Maybe(MapOf(str)),
}
_HEALTH = {
    "status": str,
    "totalBackendCount": int,
    # A backend that is not named counts as OK, so a list that is missing must not read as an empty one.
    **{f"{state}StateBackendNames": [str] for state in ("critical", "warning", "unknown")},
}
_WORK_REQUEST = {"id": str, "lifecycleState": str, "errorDetails": Maybe([dict])}


@dataclass(frozen=True)
class LoadBalancer:
    """A load balancer as it was read.

    :ivar data: the JSON of GetLoadBalancer, with its listeners, rule sets and tags.
    :ivar etag: its version, which changes with every change to it or to anything in it.
    :ivar read_at: the service's own time of the answer (HTTP date), or empty where it gave none.
    """

    data: Json
    etag: str
    read_at: str = ""


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
        path, params = "/loadBalancers/{loadBalancerId}", {"loadBalancerId": self._id}
        data, headers = self._get(what, path, params, shape=_LOAD_BALANCER)
        if not headers.get("etag"):
            raise self._unexpected(what, "it has no etag")
        return LoadBalancer(_with_maps(data), headers["etag"], headers.get("date") or "")

    def backend_set_health(self, name: str) -> Json:
        """GetBackendSetHealth: its status, and the names of the backends that are not OK."""
        path = "/loadBalancers/{loadBalancerId}/backendSets/{backendSetName}/health"
        params = {"loadBalancerId": self._id, "backendSetName": name}
        what = f"read the health of backend set {name!r} of {self._id}"
        return t.cast(Json, self._get(what, path, params, shape=_HEALTH)[0])

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

    def read_work_request(self, work_request_id: str) -> Json:
        """GetWorkRequest."""
        path = "/loadBalancerWorkRequests/{workRequestId}"
        what = f"read work request {work_request_id}"
        params = {"workRequestId": work_request_id}
        return t.cast(Json, self._get(what, path, params, shape=_WORK_REQUEST)[0])

    def newest_work_requests(self) -> list[Json]:
        """ListWorkRequests, its first page: the newest ones, where those that still run are found."""
        path = "/loadBalancers/{loadBalancerId}/workRequests"
        what = f"list the work requests of {self._id}"
        params, query = {"loadBalancerId": self._id}, {"limit": _PAGE}
        return t.cast("list[Json]", self._get(what, path, params, shape=[_WORK_REQUEST], query=query)[0])

    @property
    def endpoint(self) -> str:
        """Where the calls go."""
        return str(self._client.base_client.endpoint)

    def _get(
        self, action: str, path: str, path_params: Json, *, shape: Shape, query: Json | None = None
    ) -> tuple[t.Any, t.Any]:
        data, headers = self._call(action, "GET", path, path_params, query=query)
        if found := misfit(data, shape):
            raise self._unexpected(action, found)
        return data, headers

    def _unexpected(self, action: str, found: str) -> UnexpectedAnswerError:
        return UnexpectedAnswerError(action, self.endpoint, "the Load Balancing service", found, "service_endpoint")

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
    """The maps that decisions read are there even where the service left out empty ones."""
    return {**data, **{key: data.get(key) or {} for key in ("listeners", "backendSets", "ruleSets")}}
