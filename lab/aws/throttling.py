# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Throttling with a token bucket: a rate of requests per second, and a burst."""

from __future__ import annotations

from dataclasses import dataclass, field

from lab.aws.errors import AwsError


@dataclass
class TokenBucket:
    """A bucket that fills by ``rate`` tokens a second up to ``burst``; a request takes one."""

    rate: float
    burst: float
    tokens: float
    filled_at: float

    def take(self, now: float) -> bool:
        """Take a token at the time ``now`` (seconds, monotonic); False when there is none."""
        self.tokens = min(self.burst, self.tokens + (now - self.filled_at) * self.rate)
        self.filled_at = now
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


@dataclass(frozen=True)
class ThrottleRule:
    """The rate limit of one service.

    :ivar rate: requests per real second.
    :ivar burst: how many requests may come at once.
    :ivar per_operation: whether each operation has its own bucket; otherwise the account has one bucket for all.
    """

    rate: float
    burst: float
    per_operation: bool = False


@dataclass
class Throttle:
    """The rules in force, by service, and their buckets. Without a rule a service is never throttled."""

    rules: dict[str, ThrottleRule] = field(default_factory=dict)
    refused: int = 0
    _buckets: dict[tuple[str, str | None], TokenBucket] = field(default_factory=dict)

    def set_rule(self, service: str, rule: ThrottleRule | None) -> None:
        """Set a rule, with full buckets; None removes it."""
        self._buckets = {key: bucket for key, bucket in self._buckets.items() if key[0] != service}
        self.rules.pop(service, None)
        if rule is not None:
            self.rules[service] = rule

    def check(self, service: str, operation: str, now: float) -> None:
        """Check a request.

        :raises AwsError: 400 Throttling, with the message of Route 53.
        """
        rule = self.rules.get(service)
        if rule is None:
            return
        key = (service, operation if rule.per_operation else None)
        bucket = self._buckets.setdefault(key, TokenBucket(rule.rate, rule.burst, rule.burst, now))
        if not bucket.take(now):
            self.refused += 1
            raise AwsError(400, "Throttling", "Rate exceeded")
