# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The API Gateway API (API reference, 20190501): gateways, deployments and work requests."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from aiohttp import web

from lab.faults import service_faults
from lab.oci.documents import Resource, Resources, checked_body, shown
from lab.oci.errors import conflict, missing, not_found
from lab.oci.gateways.serving import GatewayPort
from lab.oci.gateways.specification import (
    CREATE,
    CREATE_GATEWAY,
    UPDATE,
    UPDATE_GATEWAY,
    check_prefix,
    check_specification,
)
from lab.oci.identifiers import new_ocid, now
from lab.oci.later import Later
from lab.oci.load_balancer.fields import Fields, Json

BASE_PATH = "/20190501"
#: The effect of a change when it is carried out.
Effect: TypeAlias = Callable[[], Awaitable[None]]


class Gateways:
    """State of the service, and handlers of its calls.

    :param later: runs delayed actions; ``seconds``: returns the present delay.
    :param subnet_id: the subnet of the first gateway.
    """

    def __init__(self, later: Later, seconds: Callable[[], float], subnet_id: str) -> None:
        self._later = later
        self._seconds = seconds
        self._subnet_id = subnet_id
        self._compartment_id = ""
        self._tls: ssl.SSLContext | None = None
        self._gateways, self._deployments, self._work_requests = Resources(), Resources(), Resources()
        self._errors: dict[str, list[Json]] = {}
        self._ports: dict[str, GatewayPort] = {}

    async def start(self, compartment_id: str, tls: ssl.SSLContext) -> None:
        """Start without a gateway."""
        self._compartment_id, self._tls = compartment_id, tls

    async def stop(self) -> None:
        """Close all ports. Safe to call at any time."""
        await asyncio.gather(*(port.stop() for port in self._ports.values()))
        self._ports = {}

    async def reset(self, gateway_id: str) -> str:
        """Reset to one active gateway; returns its address."""
        kept = self._ports.pop(gateway_id, None)
        await self.stop()
        for resources in (self._gateways, self._deployments, self._work_requests):
            resources.clear()
        self._errors.clear()
        if kept is not None:
            self._ports[gateway_id] = kept
        details = {"displayName": "pages", "endpointType": "PRIVATE", "subnetId": self._subnet_id}
        gateway = self._add_gateway(details, gateway_id)
        await self._activate(gateway)
        return self._ports[gateway_id].address

    def routes(self) -> list[web.RouteDef]:
        """All routes; each is named after its operation."""
        gateway, deployment = f"{BASE_PATH}/gateways/{{id}}", f"{BASE_PATH}/deployments/{{id}}"
        work_request = f"{BASE_PATH}/workRequests/{{id}}"
        return [
            web.get(f"{BASE_PATH}/gateways", self._list_gateways, name="ListGateways"),
            web.post(f"{BASE_PATH}/gateways", self._create_gateway, name="CreateGateway"),
            web.get(gateway, self._get_gateway, name="GetGateway"),
            web.put(gateway, self._update_gateway, name="UpdateGateway"),
            web.delete(gateway, self._delete_gateway, name="DeleteGateway"),
            web.get(f"{BASE_PATH}/deployments", self._list_deployments, name="ListDeployments"),
            web.post(f"{BASE_PATH}/deployments", self._create_deployment, name="CreateDeployment"),
            web.get(deployment, self._get_deployment, name="GetDeployment"),
            web.put(deployment, self._update_deployment, name="UpdateDeployment"),
            web.delete(deployment, self._delete_deployment, name="DeleteDeployment"),
            web.get(work_request, self._get_work_request, name="GetApiGatewayWorkRequest"),
            web.get(f"{work_request}/errors", self._list_errors, name="ListApiGatewayWorkRequestErrors"),
        ]

    # Gateways

    def _add_gateway(self, details: Json, identifier: str) -> Resource:
        given = {name: value for name, value in details.items() if value is not None}
        return self._gateways.add(
            {
                "displayName": None,
                "networkSecurityGroupIds": [],
                "certificateId": None,
                "freeformTags": {},
                "definedTags": {},
                **given,
                "id": identifier,
                "compartmentId": self._compartment_id,
                "lifecycleState": "CREATING",
                "lifecycleDetails": None,
                "hostname": None,
                "ipAddresses": [],
                "timeCreated": now(),
                "timeUpdated": now(),
            }
        )

    async def _activate(self, gateway: Resource) -> None:
        identifier = gateway.document["id"]
        if identifier not in self._ports:
            if self._tls is None:
                raise AssertionError("the service is started before it is used")
            port = GatewayPort(lambda: self._served(identifier))
            await port.start(self._tls)
            self._ports[identifier] = port
        # In OCI a name below apigateway.<region>.oci.customer-oci.com; here with the port.
        gateway.change(
            lifecycleState="ACTIVE", hostname=self._ports[identifier].address, ipAddresses=[{"ipAddress": "127.0.0.1"}]
        )

    def _served(self, gateway_id: str) -> list[Json]:
        return [
            deployment.document
            for deployment in self._deployments.all()
            if deployment.document["gatewayId"] == gateway_id
            and deployment.document["lifecycleState"] in ("ACTIVE", "UPDATING")
        ]

    def _check_compartment(self, compartment_id: object) -> None:
        if compartment_id is None:
            raise missing("compartmentId")
        if compartment_id != self._compartment_id:
            raise not_found()

    def _filtered(self, request: web.Request, resources: Resources, *names: str) -> web.Response:
        self._check_compartment(request.query.get("compartmentId"))
        found = [
            resource.document
            for resource in resources.all()
            if all(request.query.get(name) in (None, resource.document[name]) for name in names)
        ]
        return web.json_response({"items": found})

    async def _list_gateways(self, request: web.Request) -> web.Response:
        return self._filtered(request, self._gateways, "displayName", "lifecycleState", "certificateId")

    async def _create_gateway(self, request: web.Request) -> web.Response:
        fields = await checked_body(request, CREATE_GATEWAY, ("compartmentId", "endpointType", "subnetId"))
        self._check_compartment(fields.value("compartmentId"))
        fields.text("endpointType", allowed=("PUBLIC", "PRIVATE"))
        if not (fields.text("subnetId") or "").startswith("ocid1.subnet."):
            raise fields.wrong("subnetId", "must be the OCID of a subnet")
        gateway = self._add_gateway(fields.data, new_ocid("apigateway"))
        return self._accepted(request, gateway, "gateway", "CREATE", lambda: self._activate(gateway))

    async def _get_gateway(self, request: web.Request) -> web.Response:
        return shown(self._gateways.get(request.match_info["id"]))

    async def _update_gateway(self, request: web.Request) -> web.Response:
        gateway = _active(self._gateways.get(request.match_info["id"], request.headers.get("if-match")))
        fields = await checked_body(request, UPDATE_GATEWAY)
        return self._accepted(request, gateway, "gateway", "UPDATE", _changing(gateway, fields))

    async def _delete_gateway(self, request: web.Request) -> web.Response:
        gateway = _active(self._gateways.get(request.match_info["id"], request.headers.get("if-match")))
        if any(one.document["gatewayId"] == gateway.document["id"] for one in self._deployments.all()):
            raise conflict("The gateway has deployments.")
        return self._accepted(request, gateway, "gateway", "DELETE", lambda: self._drop_gateway(gateway))

    async def _drop_gateway(self, gateway: Resource) -> None:
        self._gateways.remove(gateway.document["id"])
        await self._ports.pop(gateway.document["id"]).stop()

    # Deployments

    async def _list_deployments(self, request: web.Request) -> web.Response:
        return self._filtered(request, self._deployments, "gatewayId", "displayName", "lifecycleState")

    async def _create_deployment(self, request: web.Request) -> web.Response:
        fields = await checked_body(request, CREATE, ("gatewayId", "compartmentId", "pathPrefix", "specification"))
        self._check_compartment(fields.value("compartmentId"))
        gateway = _active(self._gateways.get(fields.text("gatewayId") or ""))
        prefix = check_prefix(fields)
        specification = fields.object("specification", required=True)
        if specification is None:
            raise AssertionError("a required object is there")
        check_specification(specification)
        taken = [one.document["pathPrefix"] for one in self._deployments.all() if _of(one, gateway)]
        if prefix in taken:
            raise conflict(f"The gateway has a deployment with the path prefix {prefix} already.")
        given = {name: value for name, value in fields.data.items() if value is not None}
        deployment = self._deployments.add(
            {
                "displayName": None,
                "freeformTags": {},
                "definedTags": {},
                **given,
                "id": new_ocid("apideployment"),
                "endpoint": f"https://{gateway.document['hostname']}{prefix}",
                "lifecycleState": "CREATING",
                "lifecycleDetails": None,
                "timeCreated": now(),
                "timeUpdated": now(),
            }
        )
        return self._accepted(request, deployment, "deployment", "CREATE", _nothing)

    async def _get_deployment(self, request: web.Request) -> web.Response:
        return shown(self._deployments.get(request.match_info["id"]))

    async def _update_deployment(self, request: web.Request) -> web.Response:
        deployment = _active(self._deployments.get(request.match_info["id"], request.headers.get("if-match")))
        fields = await checked_body(request, UPDATE)
        specification = fields.object("specification")
        if specification is not None:
            check_specification(specification)
        return self._accepted(request, deployment, "deployment", "UPDATE", _changing(deployment, fields))

    async def _delete_deployment(self, request: web.Request) -> web.Response:
        deployment = self._deployments.get(request.match_info["id"], request.headers.get("if-match"))
        if deployment.document["lifecycleState"] not in ("ACTIVE", "FAILED"):
            raise conflict(f"The deployment is {deployment.document['lifecycleState']}.", "IncorrectState")

        async def drop() -> None:
            self._deployments.remove(deployment.document["id"])

        return self._accepted(request, deployment, "deployment", "DELETE", drop)

    # Work requests

    def _accepted(self, request: web.Request, resource: Resource, kind: str, verb: str, effect: Effect) -> web.Response:
        """Accept a change: the answer has the state of the resource until its work request ends."""
        before = resource.document["lifecycleState"]
        resource.enter({"CREATE": "CREATING", "UPDATE": "UPDATING", "DELETE": "DELETING"}[verb])
        action = {"CREATE": "CREATED", "UPDATE": "UPDATED", "DELETE": "DELETED"}[verb]
        work_request = self._work_requests.add(
            {
                "id": new_ocid("apigatewayworkrequest"),
                "operationType": f"{verb}_{kind.upper()}",
                "status": "ACCEPTED",
                "compartmentId": self._compartment_id,
                "resources": [
                    {
                        "entityType": kind,
                        "actionType": "IN_PROGRESS",
                        "identifier": resource.document["id"],
                        "entityUri": f"{BASE_PATH}/{kind}s/{resource.document['id']}",
                    }
                ],
                "percentComplete": 0.0,
                "timeAccepted": now(),
                "timeStarted": None,
                "timeFinished": None,
            }
        )
        failures = service_faults(request, "work_request_failed")
        failed = "FAILED" if verb == "CREATE" else before

        async def finish() -> None:
            if failures:
                resource.enter(failed)
                _end(work_request, "FAILED", "FAILED")
                message = failures[0].get("message", "The change could not be made.")
                code = failures[0].get("code", "InternalServerError")
                self._errors[work_request.document["id"]] = [{"code": code, "message": message, "timestamp": now()}]
                return
            if verb != "DELETE":
                resource.enter("ACTIVE")
            await effect()
            _end(work_request, "SUCCEEDED", action)

        self._later.work(self._seconds(), finish)
        headers = {"opc-work-request-id": work_request.document["id"]}
        if verb == "CREATE":
            return shown(resource, **headers)
        return web.Response(status=202 if verb == "DELETE" else 200, headers=headers)

    async def _get_work_request(self, request: web.Request) -> web.Response:
        return shown(self._work_requests.get(request.match_info["id"]))

    async def _list_errors(self, request: web.Request) -> web.Response:
        identifier = self._work_requests.get(request.match_info["id"]).document["id"]
        return web.json_response({"items": self._errors.get(identifier, [])})


async def _nothing() -> None:
    """The effect of a change that only takes time."""


def _active(resource: Resource) -> Resource:
    """:raises ApiError: 409: another change of the resource is in progress."""
    if resource.document["lifecycleState"] != "ACTIVE":
        raise conflict(f"The resource is {resource.document['lifecycleState']}.", "IncorrectState")
    return resource


def _changing(resource: Resource, fields: Fields) -> Effect:
    async def change() -> None:
        given = {name: value for name, value in fields.data.items() if value is not None}
        resource.change(**given, timeUpdated=now())

    return change


def _of(deployment: Resource, gateway: Resource) -> bool:
    return bool(deployment.document["gatewayId"] == gateway.document["id"])


def _end(work_request: Resource, status: str, action: str) -> None:
    resources = [one | {"actionType": action} for one in work_request.document["resources"]]
    work_request.change(status=status, resources=resources, percentComplete=100.0, timeFinished=now())
