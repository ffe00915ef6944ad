# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls to the Load Balancing service, each sent once, on plain JSON, with the collection's own errors.

The calls use the SDK's ``base_client.call_api`` with ``response_type="object"``: the SDK signs them and provides
endpoints and timeouts, but does not convert the JSON to its models, which would drop fields newer than the SDK.
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
#: The fields that decisions read. Only fields that the API reference requires are required here.
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
    # A backend that is not named counts as OK, so a missing list must not pass for an empty list.
    **{f"{state}StateBackendNames": [str] for state in ("critical", "warning", "unknown")},
}
_WORK_REQUEST = {"id": str, "lifecycleState": str, "errorDetails": Maybe([dict])}


@dataclass(frozen=True)
class LoadBalancer:
    """A load balancer as it was read.

    :ivar data: the JSON of GetLoadBalancer, with its listeners, rule sets and tags.
    :ivar etag: its version, which changes with every change to it or its parts.
    :ivar read_at: the service's time of the response (HTTP date); empty if there is none.
    """

    data: Json
    etag: str
    read_at: str = ""


class LoadBalancerApi:
    """Calls for one load balancer.

    :param client: an ``oci.load_balancer.LoadBalancerClient``.
    """

    def __init__(self, client: t.Any, load_balancer_id: str) -> None:
        self._client = client
        self._id = load_balancer_id

    def read(self) -> LoadBalancer:
        """GetLoadBalancer. It contains all listeners; there is no call that reads a single listener."""
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

        :returns: the id of the work request.
        """
        path = "/loadBalancers/{loadBalancerId}/listeners/{listenerName}"
        params = {"loadBalancerId": self._id, "listenerName": name}
        return self._accepted(f"update listener {name!r} of {self._id}", path, params, body, etag)

    def update_load_balancer(self, body: Json, etag: str) -> str:
        """UpdateLoadBalancer, if the load balancer is still at ``etag``.

        :returns: the id of the work request.
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
        """ListWorkRequests, only the first page, which has the newest and so all running ones."""
        path = "/loadBalancers/{loadBalancerId}/workRequests"
        what = f"list the work requests of {self._id}"
        params, query = {"loadBalancerId": self._id}, {"limit": _PAGE}
        return t.cast("list[Json]", self._get(what, path, params, shape=[_WORK_REQUEST], query=query)[0])

    @property
    def endpoint(self) -> str:
        """The endpoint of the calls."""
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
            # Other clients of the API handle this case too. The outcome of the change is unknown then.
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
    """Add the maps that decisions read, where the service left out empty ones."""
    return {**data, **{key: data.get(key) or {} for key in ("listeners", "backendSets", "ruleSets")}}
