# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Changes of records, as strict as Route 53. moto is less strict.

A batch is applied as a whole or not at all. A deletion must give the exact values of the record. A creation must name a
record that does not exist (API reference, ChangeResourceRecordSets and InvalidChangeBatch). moto deletes by name or by
identifier alone, in the whole zone, and keeps a journal of what may be deleted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from moto.route53.models import FakeZone, Route53Backend, route53_backends
from moto.route53.models import RecordSet as MotoRecordSet

from lab.aws.dns.records import canonical_name
from lab.aws.errors import AwsError

Json = Mapping[str, Any]
Key = tuple[str, str, str]


class Changes:
    """The requested changes, and whether the name servers have them."""

    def __init__(self, account_id: str) -> None:
        self._account_id = account_id
        self._pending = False

    def check(self, zone_id: str, changes: Sequence[Json]) -> None:
        """Refuse a batch that Route 53 refuses.

        :raises AwsError: Route 53 refuses the batch.
        """
        zone = route53_backends[self._account_id]["aws"].zones.get(zone_id.rpartition("/")[2])
        if zone is None:
            raise AwsError(404, "NoSuchHostedZone", f"No hosted zone found with ID: {zone_id}")
        there = {_key_of(item): _values_of(item) for item in zone.rrsets}
        problems = [problem for change in changes if (problem := _problem(change, there))]
        if problems:
            raise AwsError(400, "InvalidChangeBatch", f"[{', '.join(problems)}]")
        self._pending = True

    def status(self) -> str:
        """The status of the latest change. The first request gets PENDING, as is usual in AWS."""
        reported = "PENDING" if self._pending else "INSYNC"
        self._pending = False
        return reported


def _problem(change: Json, there: dict[Key, Json]) -> str:
    """The problem of one change; ``there`` holds the records after the earlier changes of the batch."""
    record, action = change["ResourceRecordSet"], change["Action"]
    key = (canonical_name(record["Name"]), str(record["Type"]), str(record.get("SetIdentifier") or ""))
    reported = f"resource record set [name='{key[0]}', type='{key[1]}'" + (
        f", set identifier='{key[2]}']" if key[2] else "]"
    )
    found, given = there.get(key), _values_of_request(record)
    if action == "DELETE":
        if found is None:
            return f"Tried to delete {reported} but it was not found"
        if found != given:
            return f"Tried to delete {reported} but the values provided do not match the current values"
        del there[key]
        return ""
    if action == "CREATE" and found is not None:
        return f"Tried to create {reported} but it already exists"
    others = [other for other in there if other[:2] == key[:2] and other != key]
    if any(bool(other[2]) != bool(key[2]) for other in others):
        return f"RRSet with DNS name {key[0]}, type {key[1]} cannot be created as other RRSets exist with the same name"
    there[key] = given
    return ""


def _key_of(item: MotoRecordSet) -> Key:
    return canonical_name(item.name), str(item.type), str(item.set_identifier or "")


def _values_of(item: MotoRecordSet) -> Json:
    values = [value["Value"] if isinstance(value, dict) else str(value) for value in item.records or ()]
    settings = {"HealthCheckId": item.health_check_id, "Failover": item.failover, "Region": item.region}
    settings |= {"MultiValueAnswer": item.multi_value_answer, "Weight": item.weight}
    return _comparable(values, item.ttl, item.alias_target, settings)


def _values_of_request(record: Json) -> Json:
    values = [value["Value"] for value in record.get("ResourceRecords") or ()]
    names = ("HealthCheckId", "Failover", "Region", "MultiValueAnswer", "Weight")
    return _comparable(values, record.get("TTL"), record.get("AliasTarget"), {name: record.get(name) for name in names})


def _comparable(values: list[str], ttl: Any, alias: Json | None, settings: Json) -> Json:
    target = None
    if alias:
        follows = str(alias.get("EvaluateTargetHealth", False)).lower() == "true"
        target = (alias.get("HostedZoneId"), canonical_name(alias["DNSName"]), follows)
    reported = {name: str(value).lower() for name, value in settings.items() if value not in (None, "", False)}
    return {"values": sorted(values), "ttl": None if ttl is None else int(ttl), "alias": target, **reported}


def install() -> None:
    """Make moto carry out batches unchanged. They are checked before."""

    def carry_out(backend: Route53Backend, zoneid: str, change_list: list[dict[str, Any]]) -> None:
        zone = backend.get_hosted_zone(zoneid)
        for change in change_list:
            record = change["ResourceRecordSet"]
            record["Name"] = f"{record['Name'].rstrip('.')}."
            if change["Action"] != "CREATE":
                _remove(zone, record)
            if change["Action"] != "DELETE":
                values = [value["Value"] for value in record.get("ResourceRecords") or ()]
                zone.add_rrset(record | ({"ResourceRecords": values} if values else {}))

    setattr(Route53Backend, "change_resource_record_sets", carry_out)  # noqa: B010 - a method of somebody else's class


def _remove(zone: FakeZone, record: Json) -> None:
    key = (canonical_name(record["Name"]), str(record["Type"]), str(record.get("SetIdentifier") or ""))
    zone.rrsets = [item for item in zone.rrsets if _key_of(item) != key]
