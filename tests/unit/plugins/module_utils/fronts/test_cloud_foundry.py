# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Routes of Cloud Foundry as fronts, beside load balancers."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import (
    libraries,
    parts_of,
    seen_of,
    switched,
)
from ansible_collections.tidegate.failover.plugins.module_utils._fronts.cloud_foundry import KIND
from ansible_collections.tidegate.failover.plugins.module_utils._fronts.oci_load_balancer import KIND as OCI
from ansible_collections.tidegate.failover.plugins.module_utils._module.cf_maintenance_mode import requests_from
from ansible_collections.tidegate.failover.plugins.module_utils._module.cf_options import targets_from
from ansible_collections.tidegate.failover.plugins.modules import cf_maintenance_mode

ROUTE = {"url": "shop.apps.example.com", "responder_app": "maintenance"}
HOLD = {"owner": "operator:bob", "since": "2026-11-21T03:04:05Z", "reason": ""}
PARAMS: dict[str, Any] = {"state": "enabled", "owner": "operator", "reason": "", "force": False, "wait_timeout": 120}
PARAMS |= {"only_if_backends": None, "event_time": None}


def entry(*, up: bool, **more: Any) -> dict[str, Any]:
    """What the module returns of one route."""
    after = {"in_maintenance": up, "holds": [HOLD] if up else [], "destinations": []}
    return {"url": ROUTE["url"], "msg": "Done.", "failed": False, "after": after, "released": [], **more}


def test_routes_and_load_balancers_are_tasks_of_their_own_modules() -> None:
    balancer = {"load_balancer_id": "a", "backend_set": "app", "rule_set": "page"}
    fronts = [{"cloud_foundry": {**ROUTE, "space": None}}, {"oci_load_balancer": balancer}, {"cloud_foundry": ROUTE}]
    found = {part.kind.module: part.options for part in parts_of({"fronts": fronts})}
    assert found == {"cf_maintenance_mode": {"targets": [ROUTE, ROUTE]}, "lb_maintenance_mode": {"targets": [balancer]}}


def test_a_route_needs_no_library() -> None:
    assert libraries({"fronts": [{"cloud_foundry": ROUTE}]}) == []


def test_what_is_tried_has_the_owner_of_each_service() -> None:
    assert KIND.check({"targets": [ROUTE]}, "failover:shop") == [{**ROUTE, "owner": "failover:shop"}]


@pytest.mark.parametrize("wrong", [{"responder_app": " "}, {"url": "shop.apps.example.com:8080"}])
def test_what_the_module_would_refuse_is_not_tried(wrong: dict[str, str]) -> None:
    with pytest.raises(RefusedError):
        KIND.check({"targets": [ROUTE | wrong]}, "failover:shop")


def test_a_target_has_the_owner_of_the_task_unless_it_has_its_own() -> None:
    params = {**PARAMS, "targets": [ROUTE, ROUTE | {"owner": "failover:shop"}]}
    assert [one.owner for one in requests_from(params, targets_from(params))] == ["operator", "failover:shop"]


def test_the_owner_of_a_target_is_checked_before_anything_is_done() -> None:
    params = {**PARAMS, "targets": [ROUTE | {"owner": "o" * 65}]}
    with pytest.raises(RefusedError, match="owner"):
        requests_from(params, targets_from(params))


def test_a_route_that_was_read_is_an_entrance_with_its_holds() -> None:
    answer = {"routes": [{"url": ROUTE["url"], "failed": False, "in_maintenance": True, "holds": [HOLD]}]}
    (seen,) = seen_of(KIND, answer, [ROUTE])
    (entrance,) = seen.entrances
    assert (entrance.name, entrance.up, entrance.holds, seen.entrance) == (ROUTE["url"], True, [HOLD], "route")


def test_a_route_that_could_not_be_read_is_reported_by_its_address() -> None:
    (seen,) = seen_of(KIND, {"msg": "no answer", "routes": []}, [ROUTE])
    assert (seen.front, seen.problem) == (ROUTE["url"], "no answer")


def test_users_of_a_route_meet_the_page_without_a_redirect() -> None:
    assert switched([(KIND, {"changed": True, "msg": "Done.", "routes": [entry(up=True)]})]).meets == "page"
    assert switched([(KIND, {"changed": True, "msg": "Done.", "routes": [entry(up=False)]})]).meets == "service"


def test_a_route_that_failed_hides_no_load_balancer() -> None:
    failed = {"failed": True, "changed": False, "msg": "no answer", "routes": []}
    fine: dict[str, Any] = {"display_name": "shop", "strategy": "redirect", "rule_set": "page", "msg": "Done."}
    fine |= {"released": [], "after": {"listeners": {"https": {"rule_set_names": ["page"]}}}}
    found = switched([(KIND, failed), (OCI, {"changed": True, "msg": "Done.", "load_balancers": [fine]})])
    assert (found.problems, found.changed, found.msg) == (
        ["no answer"],
        True,
        "cloud_foundry: no answer oci_load_balancer: Done.",
    )


def test_a_front_takes_what_a_target_of_its_module_takes() -> None:
    documented = yaml.safe_load(cf_maintenance_mode.DOCUMENTATION)["options"]["targets"]["suboptions"]
    assert set(KIND.options) == set(documented) - {"owner"}
    assert all(KIND.options[name]["type"] == documented[name]["type"] for name in KIND.options)
