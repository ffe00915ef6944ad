# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Record sets in the form that DNS needs, read from moto's hosted zones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from moto.route53.models import RecordSet as MotoRecordSet
from moto.route53.models import route53_backends


@dataclass(frozen=True)
class Alias:
    """The target of an alias record."""

    name: str
    evaluate_target_health: bool


@dataclass(frozen=True)
class RecordSet:
    """One record set; names are in lower case and end with a dot.

    :ivar policy: ``simple``, ``failover``, ``weighted`` or ``multivalue``; or a policy that the lab does not implement.
    """

    name: str
    type: str
    policy: str = "simple"
    ttl: int = 60
    values: tuple[str, ...] = ()
    health_check_id: str | None = None
    failover: str | None = None
    weight: int = 0
    alias: Alias | None = None


@dataclass(frozen=True)
class Zone:
    """A public hosted zone."""

    id: str
    name: str
    record_sets: tuple[RecordSet, ...]


def canonical_name(name: str) -> str:
    """The name for comparisons: lower case, with the final dot. Route 53 may escape a wildcard's asterisk."""
    return name.lower().rstrip(".").replace("\\052", "*") + "."


def read_zones(account_id: str) -> list[Zone]:
    """The present public hosted zones."""
    zones = list(route53_backends[account_id]["aws"].zones.values())
    return [
        Zone(zone.resource_id, canonical_name(zone.name), tuple(_record_set(item) for item in list(zone.rrsets)))
        for zone in zones
        if not zone.private_zone
    ]


def _record_set(item: MotoRecordSet) -> RecordSet:
    target: dict[str, Any] | None = item.alias_target or None
    alias = None
    if target is not None:
        evaluate = str(target.get("EvaluateTargetHealth", False)).lower() == "true"
        alias = Alias(canonical_name(target["DNSName"]), evaluate)
    return RecordSet(
        name=canonical_name(item.name),
        type=str(item.type),
        policy=_policy(item),
        ttl=int(item.ttl or 60),
        values=tuple(value["Value"] if isinstance(value, dict) else str(value) for value in item.records or ()),
        health_check_id=item.health_check_id or None,
        failover=item.failover or None,
        weight=int(item.weight or 0),
        alias=alias,
    )


def _policy(item: MotoRecordSet) -> str:
    if item.failover:
        return "failover"
    if item.weight is not None:
        return "weighted"
    if item.multi_value_answer:
        return "multivalue"
    if item.region:
        return "latency"
    if item.geo_location:
        return "geolocation"
    return "simple"
