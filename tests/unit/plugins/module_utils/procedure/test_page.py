# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The page in front of a service, as procedures put it up and take it away."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.page import (
    is_left_over,
    no_page,
    put_up,
    take_away,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import (
    OTHER,
    PAGE,
    RUN,
    Cloud,
    context_of,
    failover,
)

FOUND = {"failed": True, "msg": "no such load balancer", "listeners": []}


@pytest.mark.parametrize(
    ("page", "has"), [({}, False), (PAGE, True), ({"targets": [PAGE]}, True), ({"targets": []}, False)]
)
def test_a_service_has_a_page_where_a_load_balancer_is_known(page: Json, has: bool) -> None:
    assert (no_page(failover(), page) == "") is has


def test_the_page_is_held_by_the_failover() -> None:
    context = context_of(failover(), cloud := Cloud(), page=PAGE)
    put_up(context)
    assert cloud.held == ["failover:checkout"]
    assert context.outcome == {"changed": True, "msg": "page enabled."}
    assert cloud.asked("lb_maintenance_mode")[0]["backend_set"] == "app"


def test_what_is_not_given_is_not_handed_on_but_an_empty_list_of_listeners_is() -> None:
    page: Json = {"load_balancer_id": "x", "listeners": [], "backend_set": None, "targets": []}
    put_up(context_of(failover(), cloud := Cloud(), page=page))
    asked = cloud.asked("lb_maintenance_mode")[0]
    assert {"listeners": [], "load_balancer_id": "x"}.items() <= asked.items()
    assert not {"backend_set", "targets"} & set(asked)


def test_the_hold_of_somebody_else_stays() -> None:
    cloud = Cloud(held=["operator:bob", "failover:checkout"])
    take_away(context_of(failover(), cloud, page=PAGE))
    assert cloud.held == ["operator:bob"]


def test_i5_a_lock_that_rests_on_an_answer_is_made_independent_of_it_before_the_page_is_up() -> None:
    cloud = Cloud(locks={"check-1": RUN})
    put_up(context_of(failover(), cloud, page=PAGE | {"health_check_ids": ["check-1", "check-2"]}))
    (asked,) = cloud.asked("r53_healthcheck_lock")
    assert (asked["health_check_ids"], asked["method"]) == (["check-1"], "invert")
    assert (asked["lock_id"], asked["replaces"]) == (RUN, RUN)
    assert [name for name, _options in cloud.calls][-1] == "lb_maintenance_mode"


def claimed(cloud: Cloud, *checks: str) -> Context:
    """A failover that holds the claim, of a service whose page is in front of some health checks."""
    context = context_of(failover(), cloud, page=PAGE | {"health_check_ids": list(checks)})
    context.run.lock_ids = [RUN]
    return context


def test_that_the_run_has_the_service_is_seen_by_the_locks_that_are_read_anyway() -> None:
    put_up(claimed(cloud := Cloud(locks={"check-1": RUN}), "check-1"))
    assert cloud.asked("failover_state") == []


@pytest.mark.parametrize("checks", [["check-1"], []])
def test_i11_no_page_is_put_up_by_a_run_that_has_lost_the_service(checks: list[str]) -> None:
    with pytest.raises(TidegateError, match="no longer holds the service"):
        put_up(claimed(cloud := Cloud(locks={"check-1": OTHER}), *checks))
    assert cloud.held == []


def test_a_service_without_health_checks_has_no_lock_to_keep() -> None:
    put_up(context_of(failover(), cloud := Cloud(), page=PAGE))
    assert [name for name, _options in cloud.calls] == ["lb_maintenance_mode"]


@pytest.mark.parametrize(("held", "left"), [(["failover:checkout"], True), (["operator:bob"], False), ([], False)])
def test_the_page_of_a_failover_is_left_over_while_its_hold_is_there(held: list[str], left: bool) -> None:
    assert is_left_over(context_of(failover(), Cloud(held=held), page=PAGE)) is left


def test_i7_a_load_balancer_that_cannot_be_seen_is_not_taken_for_one_without_a_page() -> None:
    cloud = Cloud(fails={"lb_maintenance_mode_info": "no answer"})
    with pytest.raises(TidegateError, match="no answer"):
        is_left_over(context_of(failover(), cloud, page=PAGE))


def test_i7_nor_is_one_of_several(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cloud, "_lb_maintenance_mode_info", lambda _self, _options: {"load_balancers": [FOUND]})
    with pytest.raises(TidegateError, match="is still up. no such load balancer"):
        is_left_over(context_of(failover(), page=PAGE))


@pytest.mark.parametrize(("given", "seconds"), [({}, 600), ({"wait_timeout": "60"}, 60)])
def test_a_front_has_as_long_as_was_given_or_ten_minutes(given: Json, seconds: int) -> None:
    put_up(context_of(failover(), cloud := Cloud(), page=PAGE | given))
    assert cloud.asked("lb_maintenance_mode")[0]["wait_timeout"] == seconds


@pytest.mark.parametrize("kept", [False, True])
def test_a_page_that_is_up_already_changes_nothing_but_the_lock(kept: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Cloud, "_r53_healthcheck_lock", lambda _self, _options: {"changed": kept})
    cloud = Cloud(locks={"check-1": RUN}, held=["failover:checkout"])
    put_up(context := context_of(failover(), cloud, page=PAGE | {"health_check_ids": ["check-1"]}))
    assert context.outcome["changed"] is kept


def test_of_health_checks_only_the_locks_are_read() -> None:
    put_up(context_of(failover(), cloud := Cloud(), page=PAGE | {"health_check_ids": ["check-1"]}))
    (asked,) = cloud.asked("r53_healthcheck_info")
    assert (asked["include_observations"], asked["include_tags"]) == (False, False)


# Fronts of two kinds.

ROUTE: Json = {"cloud_foundry": {"url": "https://checkout.example.com", "responder_app": "page"}}
TWO: Json = {"fronts": [ROUTE, {"oci_load_balancer": PAGE}]}


def test_one_kind_of_front_that_fails_keeps_no_other_from_its_turn() -> None:
    cloud = Cloud(fails={"cf_maintenance_mode": "no route"})
    with pytest.raises(TidegateError, match="^no route$"):
        put_up(context_of(failover(), cloud, page=TWO))
    assert len(cloud.asked("lb_maintenance_mode")) == 1


def test_all_kinds_of_fronts_that_fail_are_reported() -> None:
    fails = {"cf_maintenance_mode": "no route", "lb_maintenance_mode": "HTTP 500"}
    with pytest.raises(TidegateError, match="^no route HTTP 500$"):
        put_up(context_of(failover(), Cloud(fails=fails), page=TWO))


def test_a_page_that_is_up_already_is_no_change() -> None:
    put_up(context := context_of(failover(), Cloud(held=["failover:checkout"]), page=PAGE))
    assert context.outcome["changed"] is False
