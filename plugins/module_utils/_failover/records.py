# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""DNS records as plain data: which records a health check takes out of service, and which answer then."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

_ESCAPED = re.compile(r"\\([0-3][0-7]{2})")


@dataclass(frozen=True)
class Record:
    """One resource record set, of several with the same name and type (API reference, ResourceRecordSet).

    :ivar health_check_id: without one, and without ``follows_target``, the record always counts as healthy.
    :ivar follows_target: an alias with EvaluateTargetHealth.
    :ivar answers: its values; empty for an alias.
    :ivar everywhere: whether it can answer users of every location, so that its location is none or the default.
    """

    identifier: str
    failover: str | None
    health_check_id: str | None
    follows_target: bool
    answers: tuple[str, ...]
    alias: bool
    ttl: int | None
    everywhere: bool = True


@dataclass(frozen=True)
class RecordGroup:
    """All records of one name and type.

    :ivar problem: why they could not be read.
    """

    zone: str
    name: str
    type: str
    records: tuple[Record, ...] = ()
    problem: str | None = None

    @property
    def reported(self) -> str:
        """The name and type, for messages."""
        return f"{self.name} {self.type}"

    def led_by(self, check_ids: Sequence[str]) -> list[Record]:
        """The records that these health checks take out of service."""
        return [record for record in self.records if record.health_check_id in check_ids]

    def others(self, check_ids: Sequence[str]) -> list[Record]:
        """The records that answer once these health checks are unhealthy."""
        return [record for record in self.records if record.health_check_id not in check_ids]


def record_from(item: Mapping[str, t.Any]) -> Record:
    """A record from ListResourceRecordSets."""
    alias = item.get("AliasTarget")
    return Record(
        identifier=str(item.get("SetIdentifier") or ""),
        failover=item.get("Failover"),
        health_check_id=item.get("HealthCheckId"),
        follows_target=bool(alias and alias.get("EvaluateTargetHealth")),
        answers=tuple(value["Value"] for value in item.get("ResourceRecords", [])),
        alias=alias is not None,
        ttl=item.get("TTL"),
        everywhere=_is_everywhere(item),
    )


def groups_from(zone: str, items: Sequence[Mapping[str, t.Any]]) -> list[RecordGroup]:
    """All records of a zone from ListResourceRecordSets, by name and type."""
    found: dict[tuple[str, str], list[Record]] = {}
    for item in items:
        found.setdefault((plain_name(str(item["Name"])), str(item["Type"])), []).append(record_from(item))
    return [RecordGroup(zone, name, kind, tuple(records)) for (name, kind), records in found.items()]


def _is_everywhere(item: Mapping[str, t.Any]) -> bool:
    """Whether a record has no location or address range, or the default "*", which answers all others."""
    geolocation, range_ = item.get("GeoLocation"), item.get("CidrRoutingConfig")
    if geolocation and geolocation.get("CountryCode") != "*":
        return False
    return not range_ or range_.get("LocationName") == "*"


def same_name(one: str, other: str) -> bool:
    """Whether two DNS names are the same: neither case nor a dot at the end matters."""
    return plain_name(one) == plain_name(other)


def plain_name(name: str) -> str:
    r"""A DNS name as people write it. Route 53 shows ``*`` and other special characters in octal, as ``\052``."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 8)), name).rstrip(".").lower()


def trusting(group: RecordGroup) -> RecordGroup:
    """The same records, with the target's health ignored for each record that has a health check."""
    records = (replace(one, follows_target=False) if one.health_check_id else one for one in group.records)
    return replace(group, records=tuple(records))
