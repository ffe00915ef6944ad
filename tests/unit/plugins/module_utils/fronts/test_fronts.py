# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Fronts of all kinds: the task and module that switch each, and what users get."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import (
    AUTH,
    has_front,
    libraries,
    met,
    parts_of,
    problems_of_fronts,
    seen_of,
    switched,
)
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._kind import Entrance
from ansible_collections.tidegate.failover.plugins.module_utils._fronts.oci_load_balancer import KIND

BALANCER = {"load_balancer_id": "ocid1.loadbalancer.oc1..aaaa", "backend_set": "app", "rule_set": "page"}


def entry(*up: bool, **more: Any) -> dict[str, Any]:
    """What the module for OCI load balancers returns of one."""
    listeners = {str(number): {"rule_set_names": ["page"] if one else []} for number, one in enumerate(up)}
    found = {
        "display_name": "checkout",
        "strategy": "redirect",
        "rule_set": "page",
        "msg": "Done.",
        "after": {"listeners": listeners},
    }
    return found | {"released": [], **more}


def test_variables_of_a_single_load_balancer_are_handed_on_as_they_are() -> None:
    (part,) = parts_of({**BALANCER, "listeners": None, "targets": [], "fronts": []})
    assert (part.kind, part.options, part.targets) == (KIND, BALANCER, [BALANCER])


def test_fronts_of_one_kind_are_targets_of_one_task() -> None:
    other = {"load_balancer_id": "b", "listeners": ["https"], "rule_set": "page", "region": None}
    (part,) = parts_of({"fronts": [{"oci_load_balancer": BALANCER}, {"oci_load_balancer": other}]})
    without = {name: value for name, value in other.items() if value is not None}
    assert part.options == {"targets": [BALANCER, without]}


def test_a_front_beside_the_short_form_is_refused() -> None:
    with pytest.raises(
        RefusedError, match="maintenance_fronts is given, and so is one of maintenance_load_balancer_id"
    ):
        parts_of({**BALANCER, "fronts": [{"oci_load_balancer": BALANCER}]})


@pytest.mark.parametrize(
    ("front", "found"),
    [({}, "names nothing"), ({"f5": {}}, "names f5"), ("x", "names nothing"), ({"oci_load_balancer": "x"}, "no dict")],
)
def test_what_is_no_front_is_a_problem_of_the_variables(front: Any, found: str) -> None:
    (problem,) = problems_of_fronts({"fronts": [front]})
    assert problem.startswith("maintenance_fronts[0]")
    assert found in problem
    assert libraries({"fronts": [front]}) == []


def test_a_service_without_variables_has_no_front() -> None:
    assert not has_front({"load_balancer_id": None, "targets": [], "fronts": None})
    assert libraries({"fronts": [{"oci_load_balancer": BALANCER}]}) == ["oci"]


def test_each_module_of_a_front_has_its_way_to_sign_in() -> None:
    modules = {"alb_maintenance_mode": "aws", "cf_maintenance_mode": "cf", "lb_maintenance_mode": "oci"}
    assert dict(AUTH) == {name: how for one, how in modules.items() for name in (one, f"{one}_info")}


@pytest.mark.parametrize(
    ("entrances", "meets"),
    [
        ([], "service"),
        ([Entrance("a", False)], "service"),
        ([Entrance("a", True, redirects=True)], "redirect"),
        ([Entrance("a", True)], "page"),
        ([Entrance("a", True, redirects=True), Entrance("b", True)], "page"),
        ([Entrance("a", True), Entrance("b", False)], "either"),
    ],
)
def test_what_users_meet(entrances: list[Entrance], meets: str) -> None:
    assert met(entrances) == meets


def test_several_load_balancers_are_reported_by_name() -> None:
    answer = {"changed": True, "msg": "2 targets.", "load_balancers": [entry(True), entry(True)]}
    found = switched([(KIND, answer)])
    assert (found.outcome, found.msg) == ("checkout: Done. checkout: Done.", "2 targets.")


def test_a_page_in_place_is_up_where_its_backend_set_answers() -> None:
    listeners = {"https": {"rule_set_names": ["page"], "default_backend_set_name": "sorry"}}
    found = entry(
        strategy="backend_set", maintenance_backend_set="sorry", rule_set=None, after={"listeners": listeners}
    )
    assert switched([(KIND, {"changed": True, "msg": "Done.", "load_balancers": [found]})]).meets == "page"
    listeners["https"]["default_backend_set_name"] = "app"
    assert switched([(KIND, {"changed": True, "msg": "Done.", "load_balancers": [found]})]).meets == "service"


def test_a_page_in_place_has_its_variables() -> None:
    page = {**BALANCER, "rule_set": None, "strategy": "backend_set", "page_backend_set": "sorry"}
    (part,) = parts_of(page)
    own = {"strategy": "backend_set", "maintenance_backend_set": "sorry"}
    assert part.options == {"load_balancer_id": BALANCER["load_balancer_id"], "backend_set": "app", **own}


def test_released_holds_are_named_once() -> None:
    holds = [{"owner": "operator:bob"}, {"owner": "alarm:a"}, {"owner": "operator:bob"}]
    answer = {"changed": True, "msg": "Done.", "load_balancers": [entry(False, released=holds)]}
    assert switched([(KIND, answer)]).released == ["alarm:a", "operator:bob"]


def test_a_front_that_failed_fails_the_whole_and_hides_no_other() -> None:
    failed = {"failed": True, "changed": False, "msg": "no answer", "load_balancers": []}
    fine = {"changed": True, "msg": "Done.", "load_balancers": [entry(True)]}
    found = switched([(KIND, failed), (KIND, fine)])
    assert (found.problems, found.changed) == (["no answer"], True)
    assert len(found.fronts) == 1


def test_a_front_that_was_not_answered_of_counts_as_unread() -> None:
    (seen,) = seen_of(KIND, {"msg": "unreachable"}, [{"load_balancer_id": "a"}])
    assert (seen.front, seen.problem) == ("a", "unreachable")
