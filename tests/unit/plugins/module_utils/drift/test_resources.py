# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is found of resources that move with a service."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._drift.resources import findings

GROUP = {"min": 1, "desired": 2, "max": 4, "in_service": 2}


def seen(kind: str = "rds", **more: Any) -> dict[str, Any]:
    reported = {
        "kind": kind,
        "name": "orders-b",
        "failed": False,
        "refused": False,
        "changed": False,
        "msg": "as it is.",
    }
    return {**reported, "before": {"status": "available"}, **more}


def kinds(one: dict[str, Any], *, locked: bool = False) -> list[str]:
    return [finding.kind for finding in findings([one], locked=locked)]


@pytest.mark.parametrize("locked", [False, True])
def test_what_is_ready_or_has_moved_is_not_found(locked: bool) -> None:
    assert kinds(seen(), locked=locked) == []
    assert kinds(seen("autoscaling", before=GROUP), locked=locked) == []
    assert kinds(seen("dns", before=None), locked=locked) == []


def test_what_a_failover_would_move_is_not_found_before_it() -> None:
    assert kinds(seen(changed=True)) == []


@pytest.mark.parametrize(
    ("kind", "found"),
    [("rds", "replica_lost"), ("autoscaling", "capacity_lost"), ("alb", "resource_not_ready")],
)
def test_what_a_failover_could_not_move_is_found(kind: str, found: str) -> None:
    assert kinds(seen(kind, failed=True, refused=True, msg="it is gone.")) == [found]


def test_what_could_not_be_read_is_not_observed() -> None:
    assert kinds(seen(failed=True, msg="no rights")) == ["not_observed"]


@pytest.mark.parametrize(("kind", "found"), [("rds", "resource_elsewhere"), ("autoscaling", "capacity_lost")])
def test_what_is_not_where_users_are_is_found(kind: str, found: str) -> None:
    before = GROUP if kind == "autoscaling" else {"status": "available"}
    assert kinds(seen(kind, changed=True, before=before), locked=True) == [found]


def test_capacity_that_is_not_in_service_is_lost() -> None:
    assert kinds(seen("autoscaling", before={**GROUP, "in_service": 1})) == ["capacity_lost"]


@pytest.mark.parametrize("status", ["storage-full", "incompatible-network", "stopped", "failed"])
def test_a_replica_that_does_not_replicate_is_lost(status: str) -> None:
    assert kinds(seen(before={"status": status})) == ["replica_lost"]
    assert kinds(seen(before={"status": "backing-up"})) == []
