# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Calls to API Gateway, each sent once, on plain JSON."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import NotFoundError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.calls import Calls
from ansible_collections.tidegate.failover.plugins.module_utils._setup.step import Step
from ansible_collections.tidegate.failover.plugins.module_utils._shape import MapOf, Maybe

Json = dict[str, t.Any]

_GATEWAY = {
    "id": str,
    "lifecycleState": str,
    "compartmentId": str,
    "endpointType": Maybe(str),
    "subnetId": Maybe(str),
}
_DEPLOYMENT = {"id": str, "pathPrefix": str, "lifecycleState": str, "freeformTags": Maybe(MapOf(str))}
_WORK_REQUEST = {"id": str, "status": str}
_ONE = "/deployments/{id}"


class GatewayApi:
    """Calls for the deployments of one gateway.

    :param client: any client of the API Gateway service.
    """

    def __init__(self, client: t.Any, gateway_id: str) -> None:
        self._calls = Calls(client, "OCI API Gateway", "manage api-gateway-family")
        self._gateway_id = gateway_id
        self._etag = ""

    def gateway(self) -> Json:
        """GetGateway."""
        what = f"read gateway {self._gateway_id}"
        return t.cast(Json, self._calls.get(what, "/gateways/{id}", _GATEWAY, id=self._gateway_id)[0])

    def deployment(self, compartment_id: str, path_prefix: str) -> Json | None:
        """The deployment at a path prefix, if there is one."""
        query = {"compartmentId": compartment_id, "gatewayId": self._gateway_id}
        listed = self._calls.pages("list deployments", "/deployments", _DEPLOYMENT, query, items="items")
        for one in listed:
            if one["pathPrefix"] == path_prefix and one["lifecycleState"] not in ("DELETING", "DELETED"):
                found, self._etag = self._calls.get(f"read deployment {path_prefix}", _ONE, _DEPLOYMENT, id=one["id"])
                return t.cast(Json, found)
        return None

    def write(self, step: Step) -> tuple[Json, str]:
        """Take a step. Returns the deployment, as far as the response shows it, and the id of the work request."""
        action = f"{step.verb} the deployment at {step.name}"
        if step.verb == "create":
            made, headers = self._calls.post(action, "/deployments", step.body, _DEPLOYMENT)
        elif step.verb == "update":
            made, headers = step.body, self._calls.put(action, _ONE, step.body, self._etag, id=step.identifier)
        else:
            made, headers = {}, self._calls.delete(action, _ONE, self._etag, id=step.identifier)
        return made, str(headers.get("opc-work-request-id") or "")

    def work_request(self, work_request_id: str) -> Json:
        """A work request, with the field names of load balancers' work requests."""
        path, what = "/workRequests/{id}", f"read work request {work_request_id}"
        found, _etag = self._calls.get(what, path, _WORK_REQUEST, id=work_request_id)
        return {**found, "lifecycleState": found["status"], "type": found.get("operationType")}

    def problems(self, work_request_id: str) -> list[Json]:
        """Why a work request failed."""
        what = f"read the errors of work request {work_request_id}"
        try:
            found, _etag = self._calls.get(what, "/workRequests/{id}/errors", {"items": [dict]}, id=work_request_id)
        except NotFoundError:
            return []
        return [{"errorCode": one.get("code"), "message": one.get("message")} for one in found["items"]]
