# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The control API puts all health checks back to what they were, for tests that need the same state repeatedly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from lab.process import LabProcessError, RunningLab

Eventually = Callable[[Callable[[], Any]], Any]
Statuses = Callable[[str], list[str]]


def listed(route53: Any) -> list[dict[str, Any]]:
    pages = route53.get_paginator("list_health_checks").paginate()
    return [check for page in pages for check in page["HealthChecks"]]


def test_settings_versions_and_tags_come_back(lab: RunningLab, route53: Any) -> None:
    check = lab.control("POST", "/aws/health-checks", {"count": 3})["ids"][0]
    kept, before = lab.control("GET", "/aws/health-checks"), listed(route53)
    route53.update_health_check(HealthCheckId=check, ResourcePath="/elsewhere")
    route53.change_tags_for_resource(ResourceType="healthcheck", ResourceId=check, RemoveTagKeys=["Name"])
    lab.control("PUT", "/aws/health-checks", kept)
    assert listed(route53) == before
    assert lab.control("GET", "/aws/health-checks") == kept


def test_health_checks_that_are_not_named_are_gone(lab: RunningLab, route53: Any, primary: str) -> None:
    kept = [check for check in lab.control("GET", "/aws/health-checks")["health_checks"] if check["Id"] == primary]
    lab.control("PUT", "/aws/health-checks", {"health_checks": kept})
    assert [check["Id"] for check in listed(route53)] == [primary]


def test_a_health_check_that_lacks_something_is_refused_and_nothing_changes(lab: RunningLab, route53: Any) -> None:
    before = listed(route53)
    with pytest.raises(LabProcessError, match="does not match: 'HealthCheckConfig'"):
        lab.control("PUT", "/aws/health-checks", {"health_checks": [{"Id": "a"}]})
    assert listed(route53) == before


def test_a_health_check_in_place_of_one_with_its_id_is_probed_as_it_is_now(
    lab: RunningLab, primary: str, eventually: Eventually, statuses: Statuses
) -> None:
    eventually(lambda: statuses(primary))
    kept = lab.control("GET", "/aws/health-checks")
    for check in kept["health_checks"]:
        check["HealthCheckConfig"]["ResourcePath"] = "/missing"
    lab.control("PUT", "/aws/health-checks", kept | {"probed": True})
    eventually(lambda: set(statuses(primary)) == {"Failure: HTTP Status Code 404, Not Found"})
