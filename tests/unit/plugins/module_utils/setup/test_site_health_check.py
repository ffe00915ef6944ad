# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The health check of a site: found again by its caller reference, corrected, and left unchanged while it is locked."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._setup.site_health_check import (
    Found,
    after,
    one_of,
    reference_prefix,
    steps_to_have,
    steps_to_remove,
    wanted_config,
)

LOCK_PATH = "/lb-check-failed-over"
TAGS = {"Name": "checkout primary", "tidegate-setup": "checkout"}


def params(**changes: Any) -> dict[str, Any]:
    return {
        "service": "checkout",
        "name": "checkout primary",
        "type": "HTTPS",
        "ip_address": "192.0.2.10",
        "fqdn": None,
        "port": None,
        "resource_path": "/lb-check",
        "request_interval": 10,
        "failure_threshold": 3,
        **changes,
    }


def check(**config: Any) -> HealthCheck:
    reference = reference_prefix("checkout", "checkout primary") + "3f9a1c2e"
    return HealthCheck("id-1", {**wanted_config(params()), **config}, 1, reference)


def test_a_reference_has_room_and_is_of_one_site_alone() -> None:
    first, second = reference_prefix("a b", "c"), reference_prefix("a", "b c")
    assert first != second
    assert len(first) + 16 <= 64


def test_it_is_found_by_its_reference_and_several_are_refused() -> None:
    assert one_of([check()], "checkout", "checkout primary") == check()
    assert one_of([check()], "checkout", "checkout secondary") is None
    with pytest.raises(RefusedError, match="exists 2 times"):
        one_of([check(), check()], "checkout", "checkout primary")


def test_from_nothing_it_is_created_and_then_tagged() -> None:
    steps = steps_to_have(params(), LOCK_PATH, Found())
    assert [step.reported() for step in steps] == [
        "health check 'checkout primary' created",
        "tags of health check 'checkout primary' updated",
    ]
    assert steps[0].body["Port"] == 443
    there = after(after(Found(), steps[0]), steps[1])
    assert steps_to_have(params(), LOCK_PATH, there) == []


def test_one_without_tags_gets_them_and_nothing_else() -> None:
    (step,) = steps_to_have(params(), LOCK_PATH, Found(check()))
    assert (step.verb, step.body) == ("update", TAGS)


def test_what_differs_is_corrected() -> None:
    (step,) = steps_to_have(params(), LOCK_PATH, Found(check(ResourcePath="/"), TAGS))
    assert step.body == {"ResourcePath": "/lb-check"}


@pytest.mark.parametrize("there", [{"Type": "HTTP"}, {"RequestInterval": 30}, {"IPAddress": None}])
def test_what_route_53_cannot_change_is_refused(there: dict[str, Any]) -> None:
    with pytest.raises(RefusedError, match="Route 53 cannot"):
        steps_to_have(params(), LOCK_PATH, Found(check(**there), TAGS))


@pytest.mark.parametrize("there", [{"ResourcePath": LOCK_PATH}, {"Disabled": True, "Inverted": True}])
def test_i5_a_locked_one_is_neither_corrected_nor_deleted(there: dict[str, Any]) -> None:
    for decide in (steps_to_have, steps_to_remove):
        with pytest.raises(RefusedError, match="is locked"):
            decide(params(), LOCK_PATH, Found(check(**there), TAGS))


def test_it_is_deleted_once() -> None:
    (step,) = steps_to_remove(params(), LOCK_PATH, Found(check(), TAGS))
    assert steps_to_remove(params(), LOCK_PATH, after(Found(check(), TAGS), step)) == []


def test_tcp_has_no_path() -> None:
    assert "ResourcePath" not in wanted_config(params(type="TCP", port=5432))
