# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Ending maintenance where something is gone that the end does not need."""

from __future__ import annotations

import typing as t
from dataclasses import replace

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.backends import checked_backend_sets
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.decision import (
    ChangeHolds,
    Step,
    Switch,
    missing_steps,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import tags_with
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.leaving import (
    check_no_slip,
    fronts,
    leaving,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request

from .balancers import PAGE, balancer, hold, listener, request

UP = listener("http", ruleSetNames=[PAGE])
RELEASE = ChangeHolds(release=(hold().key,))
OUT: list[Step] = [Switch("http", attach=False), RELEASE]


def steps(found: dict[str, t.Any], asked: Request) -> list[Step]:
    check_no_slip(found, asked)
    return missing_steps(found, asked, [])


@pytest.mark.parametrize("force", [False, True])
@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(balancer(holds=[hold()], ruleSets={"renamed": {}}), [RELEASE], id="the rule set is gone"),
        pytest.param(balancer(UP, holds=[hold()], ruleSets={PAGE: {}}), OUT, id="the rule set redirects nothing"),
        pytest.param(
            balancer(listener("http", protocol="TCP"), holds=[hold()]), [RELEASE], id="the listener has become TCP"
        ),
        pytest.param(balancer(UP, holds=[hold()], backendSets={"page": {}}), OUT, id="the backend set is gone"),
        pytest.param(
            balancer({**UP, "defaultBackendSetName": "new"}, holds=[hold()]), OUT, id="the backend set is not served"
        ),
        pytest.param(balancer(listener("https"), holds=[hold()]), [RELEASE], id="the listener is gone"),
    ],
)
def test_leaving_needs_nothing_that_it_does_not_change(
    found: dict[str, t.Any], expected: list[Step], force: bool
) -> None:
    assert steps(found, request(enabled=False, force=force)) == expected


def test_a_named_listener_that_is_gone_is_left() -> None:
    found = balancer(UP, holds=[hold(), hold(name="https")])
    released = ChangeHolds(release=(hold().key, hold(name="https").key))
    asked = request(enabled=False, listeners=["http", "https"])
    assert steps(found, asked) == [Switch("http", attach=False), released]
    assert "no listener 'https'" in leaving(found, asked).missing[0]


def test_a_listener_that_is_gone_is_left_also_where_only_its_mark_is_recorded() -> None:
    holds = [hold(name=f"https-{number:02}-with-a-long-name") for number in range(16)]
    found = balancer(freeformTags=tags_with(holds, {f"tag{number}": "" for number in range(9)}))
    (step,) = steps(found, request(enabled=False, listeners=[holds[0].listener]))
    assert isinstance(step, ChangeHolds)
    assert len(step.release) == 16


def test_a_listener_that_is_gone_is_left_while_its_owner_holds_a_page_elsewhere() -> None:
    holds = [hold(name=f"https-{number:02}-with-a-long-name") for number in range(16)] + [hold()]
    found = balancer(UP, freeformTags=tags_with(holds, {f"tag{number}": "" for number in range(9)}))
    (step,) = steps(found, request(enabled=False, listeners=[holds[0].listener]))
    assert isinstance(step, ChangeHolds)
    assert (len(step.release), hold().key in step.release) == (16, False)


def test_leaving_again_what_is_gone_is_nothing_to_do() -> None:
    found = balancer(ruleSets={"renamed": {}}, backendSets={"page": {}}, listeners={})
    assert steps(found, request(enabled=False)) == []
    assert steps(found, request(enabled=False, listeners=["http"])) == []


def test_of_a_backend_set_only_the_listeners_are_meant_where_there_is_something_to_leave() -> None:
    found = balancer(UP, listener("plain", port=81))
    assert leaving(found, request(enabled=False)).listeners == ("http",)
    assert leaving(balancer(listener("plain", port=81)), request(enabled=False)).listeners == ("plain",)


def test_it_must_be_clear_which_holds_are_about_a_backend_set_that_is_gone() -> None:
    one, other = {**UP, "defaultBackendSetName": "one"}, listener("api", port=81, defaultBackendSetName="other")
    found = balancer(one, other, holds=[hold(), hold(name="api")], backendSets={})
    with pytest.raises(RefusedError, match=r"'operator' holds .* on api, http, which serve different backend sets now"):
        steps(found, request(enabled=False))


@pytest.mark.parametrize(
    "asked",
    [
        request(enabled=False, rule_set="typo"),
        request(enabled=False, listeners=["typo"]),
        request(enabled=False, listeners=["typo"], force=True),
        request(enabled=False, backend_set="typo", rule_set="typo"),
    ],
)
def test_i4_a_name_that_is_not_there_is_an_error_while_its_owner_holds_a_page_elsewhere(asked: Request) -> None:
    with pytest.raises(RefusedError, match="no .* 'typo'.*nothing to end there, but .*: 'maintenance-page' on http"):
        steps(balancer(UP, holds=[hold()]), asked)


def test_i4_a_name_that_is_not_there_is_an_error_while_the_page_is_up_elsewhere_and_nobody_holds_it() -> None:
    with pytest.raises(RefusedError, match="no listener 'typo'.*'maintenance-page' on http"):
        steps(balancer(UP), request(enabled=False, listeners=["typo"]))


def test_a_repeated_recovery_does_not_fail_because_of_a_page_that_nobody_holds() -> None:
    asked = request(enabled=False, owner="alarm:backends", backend_set="gone")
    assert steps(balancer(UP), asked) == []


@pytest.mark.parametrize("backend_sets", [{}, {"app": {}, "new": {}}])
def test_the_health_that_counts_for_leaving_is_that_of_who_gets_the_requests_now(
    backend_sets: dict[str, t.Any],
) -> None:
    found = balancer({**UP, "defaultBackendSetName": "new"}, holds=[hold()], backendSets=backend_sets)
    assert checked_backend_sets(found, request(enabled=False)) == ["new"]


def test_nothing_is_asked_about_the_health_of_listeners_that_are_gone() -> None:
    assert checked_backend_sets(balancer(holds=[hold(name="gone")]), request(enabled=False, listeners=["gone"])) == []


NO_PAGE = listener("plain", port=81, protocol="TCP")


def test_where_nothing_is_to_be_left_those_are_meant_that_could_show_the_page() -> None:
    assert leaving(balancer(listener("http"), NO_PAGE), request(enabled=False)).listeners == ("http",)


@pytest.mark.parametrize("rule_sets", [{}, {PAGE: {"items": []}}])
def test_where_no_listener_could_show_the_page_all_that_serve_the_backend_set_are_meant(
    rule_sets: dict[str, t.Any],
) -> None:
    found = balancer(NO_PAGE, ruleSets=rule_sets)
    assert leaving(found, request(enabled=False)).listeners == ("plain",)


def test_leaving_by_backend_set_says_which_listeners_are_left_out() -> None:
    found = balancer(UP, NO_PAGE, holds=[hold()])
    assert [left.listener for left in fronts(found, request(enabled=False)).left_out] == ["plain"]


def test_leaving_named_listeners_leaves_none_out() -> None:
    found = balancer(UP, NO_PAGE, holds=[hold()])
    assert fronts(found, request(enabled=False, listeners=["http"])).left_out == ()


def test_a_backend_set_that_no_listener_serves_is_missing() -> None:
    found = balancer({**UP, "defaultBackendSetName": "new"}, holds=[hold()])
    (missing,) = leaving(found, request(enabled=False)).missing
    assert missing == "No listener has 'app' as its default backend set any more."


def test_of_a_backend_set_that_is_gone_only_the_own_holds_on_this_page_are_meant() -> None:
    elsewhere = [hold("operator:bob", "api"), replace(hold(name="admin"), rule_set="other")]
    found = balancer({**UP, "defaultBackendSetName": "new"}, holds=[hold(), *elsewhere])
    assert leaving(found, request(enabled=False)).listeners == ("http",)
