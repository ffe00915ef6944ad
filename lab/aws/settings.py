# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What can be chosen about the AWS part before it starts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AwsSettings:
    """Facts of the account and of the compressed time.

    :ivar time_factor: how many seconds of AWS pass in one second of the lab. It shortens health-check intervals,
        alarm periods and delivery retries; it does not shorten a checker's timeouts nor the TTL of DNS records,
        because those would then measure this machine and the clients' own caches.
    :ivar checkers_per_region: two in each of the eight regions make the sixteen that Route 53 uses.
    """

    region: str = "us-east-1"
    account_id: str = "123456789012"
    access_key: str = "AKIALABOPERATOR00001"
    secret_key: str = "lab/operator/secret/key/of/no/real/acct0"
    time_factor: float = 60.0
    checkers_per_region: int = 2
    zone: str = "shop.example.com"
    record: str = "checkout.shop.example.com"
    record_ttl: int = 5
