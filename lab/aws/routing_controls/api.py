# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The two APIs of routing controls: the data plane at the Regional endpoints, and the configuration in us-west-2."""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from aiohttp import web

from lab.api_call import ApiCall
from lab.aws.calls import credential_scope, find_rest_operation
from lab.aws.errors import AwsError
from lab.aws.routing_controls.endpoints import ClusterEndpoints
from lab.aws.routing_controls.store import Control, RoutingControls, Rule

Json = dict[str, Any]
#: The Region of the configuration API. The data plane is in the Regions of its endpoints.
CONFIG_REGION = "us-west-2"
_ARN_LENGTH = 255


class DataPlane:
    """Handles ``route53-recovery-cluster``, at the cluster's endpoints only."""

    def __init__(self, store: RoutingControls, endpoints: ClusterEndpoints) -> None:
        self._store = store
        self._endpoints = endpoints
        self._operations: dict[str, Callable[[Json], Json]] = {
            "GetRoutingControlState": self._get,
            "ListRoutingControls": self._list,
            "UpdateRoutingControlState": self._update,
            "UpdateRoutingControlStates": self._update_several,
        }

    async def handle(self, request: web.Request, call: ApiCall) -> web.Response:
        """Answer a call.

        :raises AwsError: the service refuses the call.
        """
        region = self._endpoints.region_of(request)
        if region is None:
            raise AwsError(404, "UnknownOperationException", "Use one of the Regional endpoints of the cluster.")
        _check_region(request, region)
        await self._endpoints.answer(region)
        run = self._operations.get(call.operation)
        if run is None:
            raise AwsError(404, "UnknownOperationException", f"There is no operation {call.operation}.")
        answer = run(json.loads(await request.text()))
        headers = {"x-amzn-requestid": str(uuid.uuid4())}
        return web.json_response(answer, content_type="application/x-amz-json-1.0", headers=headers)

    def _get(self, given: Json) -> Json:
        return _reported(self._store.get(_arn(given, "RoutingControlArn")))

    def _list(self, given: Json) -> Json:
        panel, most = given.get("ControlPanelArn"), given.get("MaxResults", 500)
        if panel not in (None, self._store.panel):
            raise AwsError(404, "ResourceNotFoundException", f"Control panel {panel} was not found.")
        start = int(given.get("NextToken", "0"))
        found = list(self._store.controls.values())
        controls = [
            {**_reported(one), "ControlPanelArn": one.panel, "ControlPanelName": "DefaultControlPanel"}
            for one in found[start : start + most]
        ]
        more = {"NextToken": str(start + most)} if start + most < len(found) else {}
        return {"RoutingControls": controls, **more}

    def _update(self, given: Json) -> Json:
        wanted = {_arn(given, "RoutingControlArn"): given.get("RoutingControlState", "")}
        self._store.update(wanted, given.get("SafetyRulesToOverride", []), time.monotonic())
        return {}

    def _update_several(self, given: Json) -> Json:
        entries = given.get("UpdateRoutingControlStateEntries") or []
        wanted = {_arn(entry, "RoutingControlArn"): entry.get("RoutingControlState", "") for entry in entries}
        self._store.update(wanted, given.get("SafetyRulesToOverride", []), time.monotonic())
        return {}


class Configuration:
    """Handles the part of ``route53-recovery-control-config`` that this project needs."""

    def __init__(self, store: RoutingControls, endpoints: ClusterEndpoints) -> None:
        self._store = store
        self._endpoints = endpoints

    async def handle(self, request: web.Request, call: ApiCall) -> web.Response:
        """Answer a call.

        :raises AwsError: the service refuses the call.
        """
        _check_region(request, CONFIG_REGION)
        found = find_rest_operation(call.service, request.method, request.raw_path.partition("?")[0])
        in_path = {name: unquote(value) for name, value in found[1].items()} if found else {}
        given = json.loads(await request.text() or "{}")
        return web.json_response(self._run(call.operation, given | in_path))

    def _run(self, operation: str, given: Json) -> Json:
        if operation == "DescribeCluster":
            if given["ClusterArn"] != self._store.cluster:
                raise AwsError(404, "ResourceNotFoundException", f"Cluster {given['ClusterArn']} was not found.")
            return {"Cluster": self._cluster()}
        if operation == "CreateRoutingControl":
            return {"RoutingControl": _configured(self._store.create(given["RoutingControlName"]))}
        if operation == "DescribeRoutingControl":
            return {"RoutingControl": _configured(self._store.get(given["RoutingControlArn"]))}
        if operation == "CreateSafetyRule":
            kind, name = ("ASSERTION", "AssertionRule") if "AssertionRule" in given else ("GATING", "GatingRule")
            return {name: _rule(self._store.create_rule(kind, given[name]))}
        if operation == "ListSafetyRules":
            return {"SafetyRules": [{rule.kind: _rule(rule)} for rule in self._store.rules.values()]}
        raise AwsError(404, "UnknownOperationException", f"The lab has no {operation}.")

    def _cluster(self) -> Json:
        endpoints = [{"Endpoint": url, "Region": region} for region, url in self._endpoints.urls.items()]
        return {
            "ClusterArn": self._store.cluster,
            "ClusterEndpoints": endpoints,
            "Name": "lab",
            "Owner": self._store.account_id,
            "Status": "DEPLOYED",
        }


def _check_region(request: web.Request, region: str) -> None:
    scope = credential_scope(request)
    if scope is None or scope.region != region:
        message = f"Credential should be scoped to a valid region: {region}."
        raise AwsError(403, "InvalidSignatureException", message)


def _arn(given: Json, name: str) -> str:
    arn = given.get(name)
    if not isinstance(arn, str) or not 1 <= len(arn) <= _ARN_LENGTH:
        raise AwsError(400, "ValidationException", f"{name} must have 1 to {_ARN_LENGTH} characters.")
    return arn


def _reported(control: Control) -> Json:
    return {
        "RoutingControlArn": control.arn,
        "RoutingControlName": control.name,
        "RoutingControlState": control.state,
    }


def _configured(control: Control) -> Json:
    return {
        "ControlPanelArn": control.panel,
        "Name": control.name,
        "RoutingControlArn": control.arn,
        "Status": "DEPLOYED",
    }


def _rule(rule: Rule) -> Json:
    return {**rule.settings, "SafetyRuleArn": rule.arn, "Status": "DEPLOYED"}
