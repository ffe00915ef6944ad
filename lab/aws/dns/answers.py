# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Answers to DNS questions from the hosted zones: aliases, CNAMEs, names that do not exist."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from lab.aws.dns.records import Zone, canonical_name
from lab.aws.dns.routing import IsHealthy, Router, UnsupportedPolicyError

_LONGEST_CHAIN = 10


@dataclass(frozen=True)
class ResourceRecord:
    """One record of an answer."""

    name: str
    type: str
    ttl: int
    value: str


@dataclass
class Answer:
    """The answer of the name server.

    :ivar code: ``NOERROR``, ``NXDOMAIN``, ``REFUSED`` or ``SERVFAIL``.
    :ivar authority: the zone's SOA record, if there is no other record.
    """

    code: str
    records: list[ResourceRecord] = field(default_factory=list)
    authority: list[ResourceRecord] = field(default_factory=list)


class Answers:
    """Answers for all zones.

    :param zones: reads the present zones.
    """

    def __init__(self, zones: Callable[[], Sequence[Zone]], is_healthy: IsHealthy, dice: random.Random) -> None:
        self._zones = zones
        self._is_healthy = is_healthy
        self._dice = dice

    def answer(self, name: str, record_type: str, zone_id: str | None = None) -> Answer:
        """Answer one question; if ``zone_id`` is given, only from that zone."""
        name = canonical_name(name)
        zones = [zone for zone in self._zones() if zone_id in (None, zone.id)]
        zone = _closest(zones, name)
        if zone is None:
            return Answer("REFUSED")
        router = Router(zone.record_sets, self._is_healthy, self._dice)
        answer = Answer("NOERROR")
        try:
            self._follow(router, name, record_type, answer)
        except UnsupportedPolicyError:
            return Answer("SERVFAIL")
        if not answer.records:
            answer.code = "NOERROR" if router.has_name(name) else "NXDOMAIN"
            answer.authority = [
                ResourceRecord(soa.name, "SOA", soa.ttl, value)
                for soa in router.group(zone.name, "SOA")
                for value in soa.values
            ]
        return answer

    def _follow(self, router: Router, name: str, record_type: str, answer: Answer) -> None:
        """Collect the records for a name. Follows CNAMEs inside the zone, and aliases."""
        asked = name
        for _unused in range(_LONGEST_CHAIN):
            chosen = router.choose(name, record_type)
            if chosen and chosen[0].alias is not None:
                name = chosen[0].alias.name
                continue
            if chosen:
                answer.records += [
                    ResourceRecord(asked, item.type, item.ttl, value) for item in chosen for value in item.values
                ]
                return
            canonical = router.choose(name, "CNAME")
            if not canonical or canonical[0].alias is not None:
                return
            target = canonical_name(canonical[0].values[0])
            answer.records.append(ResourceRecord(asked, "CNAME", canonical[0].ttl, target))
            asked = name = target


def _closest(zones: Sequence[Zone], name: str) -> Zone | None:
    """The zone of a name. If several zones match, the zone with the longest name."""
    matching = [zone for zone in zones if name == zone.name or name.endswith(f".{zone.name}")]
    return max(matching, key=lambda zone: len(zone.name), default=None)
