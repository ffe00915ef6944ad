# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The settings of the AWS part, which are chosen before it starts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AwsSettings:
    """The account and the compressed time.

    :ivar time_factor: how many seconds of AWS pass in one second of the lab. It shortens health-check intervals,
        alarm periods and delivery retries. It does not shorten a checker's timeouts and the TTL of DNS records,
        because those would then depend on the speed of this machine and on the clients' own caches.
    :ivar checkers_per_region: Route 53 uses sixteen checkers, two in each of eight regions.
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
