# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which record set answers a query: routing policies and health. Pure, except for the dice of weighted records.

Source: the Developer Guide of Route 53, "How Amazon Route 53 chooses records when health checking is configured" and
"How health checks work in simple / complex Amazon Route 53 configurations".
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

from lab.aws.dns.records import RecordSet

IsHealthy = Callable[[str], bool]
_MOST_MULTIVALUE_ANSWERS = 8
#: The most aliases of aliases. Route 53 refuses loops when records are created; the lab stops here.
_DEEPEST_ALIAS = 10


class UnsupportedPolicyError(Exception):
    """The lab does not implement this routing policy."""


class Router:
    """Chooses among the record sets of one zone.

    :param is_healthy: the verdict of a health check, by id.
    """

    def __init__(self, record_sets: Sequence[RecordSet], is_healthy: IsHealthy, dice: random.Random) -> None:
        self._record_sets = record_sets
        self._is_healthy = is_healthy
        self._dice = dice

    def group(self, name: str, record_type: str) -> list[RecordSet]:
        """The record sets that share a name and a type."""
        return [item for item in self._record_sets if (item.name, item.type) == (name, record_type)]

    def has_name(self, name: str) -> bool:
        """Whether the zone has the name, or a name below it."""
        return any(item.name == name or item.name.endswith(f".{name}") for item in self._record_sets)

    def choose(self, name: str, record_type: str) -> list[RecordSet]:
        """The record sets that answer; empty if the name has no record set of this type.

        :raises UnsupportedPolicyError: the record sets are, for example, latency or geolocation records.
        """
        group = self.group(name, record_type)
        if not group:
            return []
        policy = group[0].policy
        if policy == "simple":
            return group[:1]
        # If no record is healthy, all count as healthy: a possibly wrong answer is better than no answer.
        healthy = [item for item in group if self._record_healthy(item)] or group
        if policy == "failover":
            return sorted(healthy, key=lambda item: item.failover != "PRIMARY")[:1]
        if policy == "weighted":
            return [self._weighted(healthy)]
        if policy == "multivalue":
            return self._dice.sample(healthy, min(len(healthy), _MOST_MULTIVALUE_ANSWERS))
        raise UnsupportedPolicyError(f"{name} {record_type} has {policy} routing, which the lab cannot answer.")

    def _weighted(self, healthy: list[RecordSet]) -> RecordSet:
        # Weight 0 means "only if there is no other record".
        weights = [item.weight for item in healthy]
        return self._dice.choices(healthy, weights if any(weights) else None)[0]

    def _record_healthy(self, item: RecordSet, depth: int = 0) -> bool:
        if item.health_check_id is not None and not self._is_healthy(item.health_check_id):
            return False
        if item.alias is None or not item.alias.evaluate_target_health or depth >= _DEEPEST_ALIAS:
            return True
        target = self.group(item.alias.name, item.type)
        return not target or any(self._record_healthy(part, depth + 1) for part in target)
