# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Reads other resources of an AWS account for a failover: DNS records, and receivers of a health check's alarms."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable

from ansible_collections.tidegate.failover.plugins.module_utils._aws.calls import Calls
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.records import (
    Record,
    record_from,
    same_name,
)

Json = dict[str, t.Any]

#: Ids of hosted zones have no dot; names of zones almost always have one.
_ZONE_ID = re.compile(r"Z[A-Z0-9]{5,31}")


class Account:
    """Reads of one account.

    :param client: makes boto3 clients that do not retry by themselves, by the service's name.
    :param new_deadline: returns the deadline of one read.
    """

    def __init__(self, client: Callable[[str], t.Any], new_deadline: Callable[[], Deadline]) -> None:
        self._call = Calls(client, new_deadline).call

    def zone_id(self, name: str) -> str | None:
        """The id of the public zone of that name, by ListHostedZonesByName, or the given id; None if there is none.

        :raises RefusedError: several zones have the name. Resolvers on the internet query only one of them.
        """
        if _ZONE_ID.fullmatch(name):
            return name
        answer = self._call("route53", f"find the hosted zone {name}", "list_hosted_zones_by_name", DNSName=name)
        found = [
            str(zone["Id"]).removeprefix("/hostedzone/")
            for zone in answer["HostedZones"]
            if same_name(zone["Name"], name) and not zone.get("Config", {}).get("PrivateZone")
        ]
        if len(found) > 1:
            raise RefusedError(
                f"{len(found)} public hosted zones are named {name}: {', '.join(found)}. Give as zone the id of the "
                f"one whose name servers {name} is delegated to ('aws route53 get-hosted-zone' lists them)."
            )
        return found[0] if found else None

    def public_zones(self) -> list[tuple[str, str]]:
        """ListHostedZones: id and name of every public zone, a hundred to a page."""
        found: list[tuple[str, str]] = []
        start: Json = {}
        while True:
            answer = self._call("route53", "list the hosted zones", "list_hosted_zones", **start)
            found += [
                (str(zone["Id"]).removeprefix("/hostedzone/"), str(zone["Name"]).rstrip("."))
                for zone in answer["HostedZones"]
                if not zone.get("Config", {}).get("PrivateZone")
            ]
            if not answer.get("IsTruncated"):
                return found
            start = {"Marker": answer["NextMarker"]}

    def record_sets(self, zone_id: str) -> list[Json]:
        """ListResourceRecordSets: all records of a zone as the service returns them, three hundred to a page."""
        found: list[Json] = []
        start: Json = {}
        while True:
            answer = self._call(
                "route53",
                f"list the records of the hosted zone {zone_id}",
                "list_resource_record_sets",
                HostedZoneId=zone_id,
                **start,
            )
            found += answer["ResourceRecordSets"]
            if not answer.get("IsTruncated"):
                return found
            start = _next_record(answer)

    def records(self, zone_id: str, name: str, kind: str) -> list[Record]:
        """The records of this name and type."""
        return [record_from(item) for item in self.raw_records(zone_id, name, kind)]

    def raw_records(self, zone_id: str, name: str, kind: str) -> list[Json]:
        """ListResourceRecordSets: the records of this name and type as the service returns them."""
        found: list[Json] = []
        start: Json = {"StartRecordName": name, "StartRecordType": kind}
        while True:
            answer = self._call(
                "route53",
                f"list the records of {name}",
                "list_resource_record_sets",
                HostedZoneId=zone_id,
                **start,
            )
            items = answer["ResourceRecordSets"]
            mine = [item for item in items if same_name(item["Name"], name) and item["Type"] == kind]
            found += mine
            if not answer.get("IsTruncated") or len(mine) < len(items):
                return found
            start = _next_record(answer)

    def functions_listening_to(self, check_id: str) -> list[str]:
        """The Lambda functions that an alarm on the health check reaches, directly or through a topic of SNS.

        Metrics of Route 53, and so their alarms, are only in us-east-1 (Developer Guide of Route 53, "Monitoring health
        checks using CloudWatch").
        """
        answer = self._call(
            "cloudwatch",
            f"list the alarms on health check {check_id}",
            "describe_alarms_for_metric",
            MetricName="HealthCheckStatus",
            Namespace="AWS/Route53",
            Dimensions=[{"Name": "HealthCheckId", "Value": check_id}],
        )
        actions = [
            action
            for alarm in answer["MetricAlarms"]
            if any(dimension["Value"] == check_id for dimension in alarm.get("Dimensions", []))
            for action in alarm.get("AlarmActions", [])
        ]
        direct = [action for action in actions if ":lambda:" in action]
        topics = [action for action in actions if ":sns:" in action]
        return sorted({*direct, *(function for topic in topics for function in self._subscribed(topic))})

    def _subscribed(self, topic: str) -> list[str]:
        found: list[str] = []
        start: Json = {}
        while True:
            answer = self._call(
                "sns",
                f"list the subscriptions of {topic}",
                "list_subscriptions_by_topic",
                TopicArn=topic,
                **start,
            )
            found += [item["Endpoint"] for item in answer["Subscriptions"] if item["Protocol"] == "lambda"]
            if not answer.get("NextToken"):
                return found
            start = {"NextToken": answer["NextToken"]}

    def may_update(self, check_id: str, version: int) -> None:
        """Request an empty update with an old version. If the caller may update, AWS only refuses the version.

        :raises ConflictError: the caller may change the health check. It was not changed.
        :raises AccessError: the caller may not change the health check.
        """
        self._call(
            "route53",
            f"update health check {check_id}",
            "update_health_check",
            HealthCheckId=check_id,
            HealthCheckVersion=version - 1,
        )


def _next_record(answer: Json) -> Json:
    """Where the next page of ListResourceRecordSets starts."""
    start = {"StartRecordName": answer["NextRecordName"], "StartRecordType": answer["NextRecordType"]}
    identifier = answer.get("NextRecordIdentifier")
    return {**start, "StartRecordIdentifier": identifier} if identifier else start
