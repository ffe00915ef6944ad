# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The records of a name while a site serves it, derived from the present records. Pure functions on JSON.

A name is at a site if its records equal the records that would be derived for that site. So settings that the options
do not name are never changed, such as a health check of a weighted record.
"""

from __future__ import annotations

import ipaddress
import typing as t
from collections.abc import Callable, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.records import plain_name

Json = dict[str, t.Any]
#: One resource record set, as ListResourceRecordSets returns it.
Record = Mapping[str, t.Any]

_CONTENT = ("TTL", "ResourceRecords", "AliasTarget")
_LOCKED = "Failover"
#: With these the answer depends on the place of the user, which two sides cannot express.
_BY_PLACE = ("Region", "GeoLocation", "GeoProximityLocation", "CidrRoutingConfig")
_BY_POLICY = "TrafficPolicyInstanceId"
_LARGEST_WEIGHT = 255
#: With this prefix, the name of a load balancer also has IPv6 addresses.
PREFIX_OF_CONSOLE = "dualstack."
#: Types whose values end in a name, where case and a final dot do not matter.
_NAMES = ("CNAME", "MX", "NS", "PTR", "SRV")


def check_routing(found: Sequence[Record]) -> None:
    """Check that the routing policy of the records allows a switch.

    :raises RefusedError: it does not.
    """
    if not found:
        raise RefusedError("There are no such records. Create them first: this module needs existing records.")
    if any(record.get(_LOCKED) for record in found):
        raise RefusedError(
            "They are PRIMARY and SECONDARY records of failover routing, which follow their health checks. Lock the "
            "health check instead, with r53_healthcheck_lock or a failover."
        )
    if any(record.get(_BY_POLICY) for record in found):
        raise RefusedError(
            "They were made by a traffic policy of Route 53, which would no longer manage them. Change the policy "
            "instead, or replace it by plain records."
        )
    by_place = sorted({name for record in found for name in _BY_PLACE if record.get(name)})
    if by_place:
        raise RefusedError(
            f"They answer by {', '.join(by_place)}, so each user may get another answer, and that cannot be one of two "
            "sites. Give them health checks and lock these."
        )


def made_for(side: Mapping[str, t.Any], found: Sequence[Record]) -> list[Json]:
    """The records for the time while this side serves.

    :param side: ``values`` with ``ttl``, ``alias``, ``weights`` or ``multivalue``.
    :raises RefusedError: the present records do not fit this description.
    """
    (form,) = (name for name in _FORMS if side.get(name) is not None)
    return _FORMS[form](side, found)


def same(one: Sequence[Record], other: Sequence[Record]) -> bool:
    """Whether Route 53 would give the same answers."""
    return sorted(map(_comparable, one)) == sorted(map(_comparable, other))


def reported(records: Sequence[Record]) -> str:
    """The records for people."""
    return ", ".join(_reported_one(record) for record in sorted(records, key=_identifier)) or "no record"


def longest_ttl(records: Sequence[Record]) -> int:
    """Seconds that resolvers may keep the answers. Aliases of other services have a TTL of at most 60."""
    return max((int(record.get("TTL") or 60) for record in records), default=0)


def aliases_within(records: Sequence[Record], zone_id: str) -> list[str]:
    """The names in the same zone that aliases lead to. Their answers have the TTL of the records there."""
    targets = [record["AliasTarget"] for record in records if record.get("AliasTarget")]
    return sorted({plain_name(str(one["DNSName"])) for one in targets if one.get("HostedZoneId") == zone_id})


def alias_names(records: Sequence[Record]) -> set[str]:
    """The names that aliases lead to."""
    return {plain_name(str(record["AliasTarget"]["DNSName"])) for record in records if record.get("AliasTarget")}


def _single(found: Sequence[Record], wanted: str) -> Record:
    if len(found) > 1 or found[0].get("SetIdentifier"):
        raise RefusedError(
            f"{wanted} is for a name with one record, and there are {reported(found)}. Give weights, or multivalue."
        )
    return found[0]


def _values(side: Mapping[str, t.Any], found: Sequence[Record]) -> list[Json]:
    record = _single(found, "values")
    ttl = side.get("ttl") or record.get("TTL")
    if not ttl:
        raise RefusedError("The record is an alias now, which has no TTL. Give ttl beside values.")
    kept = {name: value for name, value in record.items() if name not in _CONTENT}
    return [{**kept, "TTL": int(ttl), "ResourceRecords": [{"Value": value} for value in side["values"]]}]


def _alias(side: Mapping[str, t.Any], found: Sequence[Record]) -> list[Json]:
    record, alias = _single(found, "alias"), side["alias"]
    kept = {name: value for name, value in record.items() if name not in _CONTENT}
    target = {
        "HostedZoneId": alias["zone_id"],
        "DNSName": alias["dns_name"],
        "EvaluateTargetHealth": bool(alias["evaluate_target_health"]),
    }
    return [{**kept, "AliasTarget": target}]


def _weights(side: Mapping[str, t.Any], found: Sequence[Record]) -> list[Json]:
    weights = {str(name): int(weight) for name, weight in side["weights"].items()}
    there = {_identifier(record) for record in found if record.get("Weight") is not None}
    if there != set(weights) or len(there) != len(found):
        raise RefusedError(
            f"weights has {', '.join(sorted(weights))}, and there are {reported(found)}. Name each weighted record of "
            "the name, because what one gets depends on all weights."
        )
    return [{**record, "Weight": weights[_identifier(record)]} for record in found]


def _multivalue(side: Mapping[str, t.Any], found: Sequence[Record]) -> list[Json]:
    if not all(record.get("MultiValueAnswer") for record in found):
        raise RefusedError(f"multivalue is for multivalue answer records, and there are {reported(found)}.")
    name, kind = found[0]["Name"], found[0]["Type"]
    return [
        {
            "Name": name,
            "Type": kind,
            "SetIdentifier": one["set_identifier"],
            "MultiValueAnswer": True,
            "TTL": int(one["ttl"]),
            "ResourceRecords": [{"Value": value} for value in one["values"]],
            **({"HealthCheckId": one["health_check_id"]} if one.get("health_check_id") else {}),
        }
        for one in side["multivalue"]
    ]


#: The forms in which a side may be described.
_FORMS: Mapping[str, Callable[[Mapping[str, t.Any], Sequence[Record]], list[Json]]] = {
    "values": _values,
    "alias": _alias,
    "weights": _weights,
    "multivalue": _multivalue,
}
FORMS = tuple(_FORMS)


def problems_of_side(side: Mapping[str, t.Any]) -> str:
    """The error in the description of a side, whatever the present records; empty if there is none."""
    if side.get("values") == [] or side.get("multivalue") == []:
        return "it has no values, so the name would lead nowhere"
    weights = side.get("weights")
    if weights is None:
        return ""
    wrong = [str(name) for name, weight in weights.items() if not _is_weight(weight)]
    if wrong:
        return f"the weight of {', '.join(wrong)} is no whole number from 0 to {_LARGEST_WEIGHT}"
    # Developer Guide, "Weighted routing": if all weights are 0, all records are chosen equally.
    return "" if any(int(weight) for weight in weights.values()) else "all weights are 0, which Route 53 takes as equal"


def _is_weight(weight: t.Any) -> bool:
    text = str(weight)
    return not isinstance(weight, bool) and text.isdecimal() and int(text) <= _LARGEST_WEIGHT


def _identifier(record: Record) -> str:
    return str(record.get("SetIdentifier") or "")


def _comparable(record: Record) -> tuple[str, ...]:
    alias = record.get("AliasTarget")
    target = ""
    if alias:
        follows = bool(alias.get("EvaluateTargetHealth"))
        target = f"{alias.get('HostedZoneId')} {plain_name(str(alias['DNSName']))} {follows}"
    kind = str(record.get("Type"))
    values = sorted(_meaning(kind, str(value["Value"])) for value in record.get("ResourceRecords") or ())
    content = (*_CONTENT, "Name", "Type", "SetIdentifier")
    settings = sorted(f"{name}={value}" for name, value in record.items() if name not in content and value is not None)
    return (_identifier(record), target, str(record.get("TTL") or ""), *values, *settings)


def _meaning(kind: str, value: str) -> str:
    """A value in normal form. Route 53 keeps the form in which it was given."""
    if kind in _NAMES:
        return plain_name(" ".join(value.split()))
    if kind != "AAAA":
        return value
    try:
        return str(ipaddress.IPv6Address(value.strip()))
    except ValueError:
        return value


def _reported_one(record: Record) -> str:
    name = _identifier(record)
    alias = record.get("AliasTarget")
    values = ", ".join(str(value["Value"]) for value in record.get("ResourceRecords") or ())
    what = f"an alias of {plain_name(str(alias['DNSName']))}" if alias else f"{values} (TTL {record.get('TTL')})"
    weight = f" with weight {record['Weight']}" if record.get("Weight") is not None else ""
    return f"{name}: {what}{weight}" if name else what
