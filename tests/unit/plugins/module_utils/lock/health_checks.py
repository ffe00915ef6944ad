# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Health checks, locks and evidence as plain data, to try decisions on."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import (
    Evidence,
    Gate,
    GateResult,
    Override,
    Permission,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import DEFAULT_LOCK_PATH, pinned_path
from ansible_collections.tidegate.failover.plugins.module_utils._lock.request import LockRequest, UnlockRequest

CHECK_ID = "233e180f-f023-45a3-954e-415303f21eab"
NOW = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
LOCK_ID = "20261121T030405Z-3f9a1c2e"
NEWER_LOCK_ID = "20261121T040506Z-00c0ffee"
#: This machine's clock is right.
MOMENT = Moment(NOW, NOW, NOW)
PINNED = pinned_path(DEFAULT_LOCK_PATH, "/lb-check", LOCK_ID)
DATABASE = Gate("database has caught up", "sha256:aaaa")
SESSIONS = Gate("sessions are back", "sha256:bbbb")


def health_check(path: str | None = "/lb-check", *, version: int = 7, **more: t.Any) -> HealthCheck:
    """An HTTPS health check of an endpoint, or one whose configuration differs from that as given."""
    config = {
        "Type": "HTTPS",
        "FullyQualifiedDomainName": "primary.checkout.example.com",
        "Port": 443,
        "RequestInterval": 30,
        "FailureThreshold": 3,
        "EnableSNI": True,
        "Disabled": False,
        "Inverted": False,
    }
    if path is not None:
        config["ResourcePath"] = path
    return HealthCheck(CHECK_ID, config | more, version)


def always_unhealthy(path: str | None = "/lb-check", **more: t.Any) -> HealthCheck:
    """A health check that is disabled and inverted."""
    return health_check(path, **{"Disabled": True, "Inverted": True} | more)


def clock_ahead(seconds: float) -> Moment:
    """This machine's clock is so far ahead."""
    service = NOW - timedelta(seconds=seconds)
    return Moment(NOW, service, service)


def lock_request(method: str = "auto", **more: str) -> LockRequest:
    """A request to lock."""
    given = {"lock_path": DEFAULT_LOCK_PATH, "lock_id": LOCK_ID, "owner": "operator", "reason": ""}
    return LockRequest(method=method, **given | more)


def unlock_request(
    lock_id: str | None = None, *, restore_path: str | None = None, permission: Permission | None = None
) -> UnlockRequest:
    """A request to unlock, by default with an override of a person."""
    return UnlockRequest(DEFAULT_LOCK_PATH, lock_id, restore_path, permission or overridden())


def overridden(*skipped: str, required: Sequence[Gate] = (), evidence: Evidence | None = None) -> Permission:
    """Permission that rests on an override."""
    return Permission(tuple(required), evidence, Override(frozenset(skipped), "CHG-1234"), 300)


def result(gate: Gate = DATABASE, *, passed: bool = True, age: float = 10) -> GateResult:
    """What a gate observed, some seconds ago."""
    ended = NOW - timedelta(seconds=age)
    return GateResult(gate, passed, "12 bytes behind", "0 bytes behind", ended - timedelta(seconds=1), ended)


def evidence(*results: GateResult, lock_ids: Sequence[str] = (LOCK_ID,), age: float = 5) -> Evidence:
    """Results put together, some seconds ago."""
    return Evidence(frozenset(lock_ids), NOW - timedelta(seconds=age), results)


def proven(given: Evidence | None = None, *, required: Sequence[Gate] = (DATABASE,), max_age: int = 300) -> Permission:
    """Permission that rests on evidence alone."""
    return Permission(tuple(required), evidence(result()) if given is None else given, None, max_age)
