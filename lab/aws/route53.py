# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Connects both halves of Route 53: the lab's own health checks, and moto's hosted zones."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from lab.api_call import ApiCall
from lab.aws.calls import find_rest_operation
from lab.aws.dns.answers import Answers
from lab.aws.dns.changes import Changes
from lab.aws.dns.records import Zone
from lab.aws.errors import AwsError
from lab.aws.rest_xml import read_request, write_answer
from lab.aws.route53_health_checks.api import HealthCheckApi, Parameters, Result
from lab.aws.route53_health_checks.store import HealthCheckStore
from lab.faults import service_faults

ReadZones = Callable[[], Sequence[Zone]]
Operation = Callable[[Parameters], Result]


class Route53:
    """Handles the calls that moto answers wrongly or not at all."""

    def __init__(
        self, store: HealthCheckStore, api: HealthCheckApi, answers: Answers, zones: ReadZones, changes: Changes
    ) -> None:
        self._store = store
        self._changes = changes
        self._api = api
        self._answers = answers
        self._zones = zones

    async def handle(self, request: web.Request, call: ApiCall) -> web.Response | None:
        """Answer a call, or leave it to moto.

        :raises AwsError: the service refuses the call.
        """
        found = find_rest_operation("route53", request.method, request.path)
        if found is None:
            raise AwsError(404, "UnknownOperation", "Could not find operation for the path and method.")
        operation, path_values = found
        run = self._operation(operation.name, path_values)
        if run is None and operation.name != "ChangeResourceRecordSets":
            return None
        parameters = await read_request(request, operation, path_values)
        if run is None:
            self._check_record_sets(parameters)
            return None
        self._write_as_competitor(request, parameters)
        return write_answer(operation, run(parameters))

    def _operation(self, name: str, path_values: dict[str, str]) -> Operation | None:
        if path_values.get("ResourceType") == "healthcheck":
            return self._api.tag_operations.get(name)
        if name == "TestDNSAnswer":
            return self._test_dns_answer
        if name == "GetChange":
            return self._get_change
        return self._api.operations.get(name)

    def _check_record_sets(self, parameters: Parameters) -> None:
        """Refuse records with a health check that does not exist, and batches that do not match the present records."""
        for change in parameters["ChangeBatch"]["Changes"]:
            check_id = change["ResourceRecordSet"].get("HealthCheckId")
            if check_id is not None and change["Action"] != "DELETE":
                self._store.get(check_id)
        self._changes.check(parameters["HostedZoneId"], parameters["ChangeBatch"]["Changes"])

    def _get_change(self, parameters: Parameters) -> Result:
        info = {"Id": parameters["Id"], "Status": self._changes.status(), "SubmittedAt": datetime.now(UTC)}
        return {"ChangeInfo": info}

    def _write_as_competitor(self, request: web.Request, parameters: Parameters) -> None:
        """Act as the other client of the fault "competing_write": change the health check just before the call."""
        for fault in service_faults(request, "competing_write"):
            check_id = parameters.get("HealthCheckId") or parameters.get("ResourceId")
            if check_id is None:
                raise AwsError(500, "InternalFailure", "A competing_write fault needs a call about one health check.")
            patch: dict[str, Any] = fault.get("patch", {})
            settings = {name: value for name, value in patch.items() if value is not None}
            reset = [name for name, value in patch.items() if value is None]
            self._store.update(check_id, settings | ({"ResetElements": reset} if reset else {}))

    def _test_dns_answer(self, parameters: Parameters) -> Result:
        zone_id = parameters["HostedZoneId"].rpartition("/")[2]
        zone: Zone | None = next((zone for zone in self._zones() if zone.id == zone_id), None)
        if zone is None:
            raise AwsError(404, "NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}")
        answer = self._answers.answer(parameters["RecordName"], parameters["RecordType"], zone_id)
        return {
            "Nameserver": next(_name_servers(zone), "ns-1.example.com"),
            "RecordName": parameters["RecordName"],
            "RecordType": parameters["RecordType"],
            "RecordData": [record.value for record in answer.records],
            "ResponseCode": answer.code,
            "Protocol": "UDP",
        }


def _name_servers(zone: Zone) -> Iterator[str]:
    for record_set in zone.record_sets:
        if (record_set.name, record_set.type) == (zone.name, "NS"):
            yield from record_set.values
