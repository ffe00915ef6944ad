# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The report of a task about many targets, and about a target at which the code itself breaks."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock, Deadline
from ansible_collections.tidegate.failover.plugins.module_utils._module import (
    lb_maintenance_mode,
    lb_maintenance_mode_info,
    load_balancer_targets,
)
from ansible_collections.tidegate.failover.plugins.module_utils._module.load_balancer_switch import LoadBalancerSwitch
from ansible_collections.tidegate.failover.plugins.module_utils._oci.load_balancers import LoadBalancer

from ..maintenance.balancers import LOAD_BALANCER_ID, balancer, request

SECRET = "a message of an error that nobody foresaw may hold secrets"


class Api:
    """A load balancer that is out of maintenance, or at which the code breaks."""

    def __init__(self, *, breaks: bool = False) -> None:
        self._breaks = breaks

    def read(self) -> LoadBalancer:
        if self._breaks:
            raise KeyError(SECRET)
        return LoadBalancer(balancer(lifecycleState="ACTIVE"), "a1")

    def newest_work_requests(self) -> list[t.Any]:
        return []


def switched(connect: Callable[[], t.Any], *, check_mode: bool = False) -> lb_maintenance_mode.Result:
    return LoadBalancerSwitch(connect, request(enabled=False), Deadline(5, Clock())).run(check_mode=check_mode)


def reported(load_balancer_id: str, *, changed: bool = False, failed: bool = False) -> lb_maintenance_mode.Result:
    return {"load_balancer_id": load_balancer_id, "changed": changed, "failed": failed, "msg": "No." if failed else ""}


def test_a_load_balancer_that_several_targets_name_is_counted_as_changed_once() -> None:
    results = [reported("a", changed=True), reported("a", changed=True), reported("b", failed=True)]
    said = lb_maintenance_mode.ENDING.failure(results)
    assert said == "1 of 3 targets failed; the others match the requested state. Changed by this run: a. b: No."


@pytest.mark.parametrize("check_mode", [True, False])
def test_i7_what_nobody_foresaw_fails_its_target_and_is_reported_by_type_and_place(check_mode: bool) -> None:
    result = switched(lambda: Api(breaks=True), check_mode=check_mode)
    assert (result["failed"], result["changed"]) == (True, False)
    assert re.search(r"broke with KeyError \(test_lb_maintenance_mode.py, line [0-9]+\)", result["msg"])


def test_i12_the_words_of_what_nobody_foresaw_are_not_reported() -> None:
    assert SECRET not in str(switched(lambda: Api(breaks=True)))


def test_a_target_that_broke_has_the_same_keys_as_any_other() -> None:
    broken = switched(lambda: Api(breaks=True))
    assert broken.keys() - switched(Api).keys() == {"error_code"}
    assert switched(Api).keys() <= broken.keys()


def test_i7_a_load_balancer_at_which_the_code_breaks_hides_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    made = {"ocid1.loadbalancer.oc1.iad.broken": Api(breaks=True), LOAD_BALANCER_ID: Api()}
    apis = load_balancer_targets.LoadBalancerApis({})
    monkeypatch.setattr(apis, "of", lambda target: made[target.selection.load_balancer_id])
    selected = [{"load_balancer_id": name, "listeners": None, "backend_set": None, "rule_set": None} for name in made]
    targets = load_balancer_targets.targets_from({"targets": selected})
    results = [lb_maintenance_mode_info._read_target({"wait_timeout": 5}, apis, target) for target in targets]
    assert [result["failed"] for result in results] == [True, False]
