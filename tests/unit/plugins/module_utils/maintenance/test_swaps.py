# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A page in place: what is recorded of a listener before its backend set is swapped, and what it gets back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import swaps
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.backends import (
    check_page_health,
    page_health_warnings,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.decision import (
    ChangeHolds,
    Step,
    Switch,
    after_step,
    listener_body,
    missing_steps,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import Hold, tags_with
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import (
    Request,
    check_owner,
    selection_from,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.state import holds_of, is_attached
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.swaps import Routes, Swap

from .balancers import LOAD_BALANCER_ID, NOW, PAGE, balancer, listener, request

SORRY = "<sorry"
CONDITION = "http.request.headers[(i 'x-tester')] eq 'secret'"
TESTERS = {"rules": [{"name": "t", "condition": CONDITION, "actions": [{"backendSetName": "app"}]}]}
OWN = {"routingPolicyName": "mobile", "pathRouteSetName": None, "tomorrow": [1]}


def served(*listeners: dict[str, Any]) -> dict[str, Any]:
    """A load balancer with a backend set for the page in place."""
    return balancer(
        *listeners or [listener("http", **OWN)],
        backendSets={"app": {}, "page": {}, "sorry": {}},
        routingPolicies={"mobile": {"rules": []}, "testers": TESTERS},
    )


def in_place(*, enabled: bool = True, testers: str = "", **more: Any) -> Request:
    found = request(enabled=enabled, rule_set=SORRY, **more)
    return replace(found, selection=replace(found.selection, rule_set=SORRY, testers=testers))


def run(load_balancer: dict[str, Any], asked: Request, steps: int = 99) -> dict[str, Any]:
    """The load balancer as the service has it after so many steps of a request."""
    seen, written = swaps.view(load_balancer), list[Step]()
    while len(written) < steps and (missing := missing_steps(seen, asked, written)):
        seen = after_step(seen, missing[0], asked.rule_set)
        written.append(missing[0])
    return swaps.original(seen)


def test_i8_what_a_listener_has_is_recorded_before_it_is_swapped() -> None:
    first, second = missing_steps(swaps.view(served()), in_place(), [])
    assert isinstance(first, ChangeHolds)
    assert [swaps.swap_from(record).original for record in first.remember] == [Routes("app", "mobile")]
    assert second == Switch("http", attach=True)


def test_a_swap_changes_nothing_but_where_requests_go() -> None:
    before = served()
    after = run(before, in_place(testers="testers"))
    routes = {"defaultBackendSetName": "sorry", "routingPolicyName": "testers", "pathRouteSetName": None}
    assert after["listeners"]["http"] == before["listeners"]["http"] | routes
    assert {name for name in before if before[name] != after[name]} == {"listeners", "freeformTags"}


@pytest.mark.parametrize("owner", ["operator", "alarm:a"])
def test_i1_a_swapped_listener_gets_back_all_that_it_had(owner: str) -> None:
    before = served()
    after = run(run(before, in_place(owner=owner, testers="testers")), in_place(enabled=False, owner=owner))
    assert after == before


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_i8_a_swap_that_was_broken_off_after_any_step_can_be_repeated_and_ended(steps: int) -> None:
    before = served()
    broken_off = run(before, in_place(), steps)
    assert run(broken_off, in_place())["listeners"]["http"]["defaultBackendSetName"] == "sorry"
    assert run(broken_off, in_place(enabled=False)) == before
    up = run(before, in_place())
    assert run(run(up, in_place(enabled=False), steps), in_place(enabled=False)) == before


def test_i2_what_somebody_has_changed_meanwhile_is_not_given_back() -> None:
    up = run(served(), in_place())
    up["listeners"]["http"]["routingPolicyName"] = "testers"
    after = run(up, in_place(enabled=False))
    assert swaps.routes_of(after["listeners"]["http"]) == Routes("app", "testers")


def test_i1_a_record_is_renewed_where_the_listener_was_given_something_else() -> None:
    up = run(served(), in_place(owner="operator:early"))
    up["listeners"]["http"].update(defaultBackendSetName="page", routingPolicyName=None)
    up = run(up, in_place(listeners=["http"], owner="operator:late"))
    for owner in ("operator:early", "operator:late"):
        assert up["listeners"]["http"]["defaultBackendSetName"] == "sorry"
        up = run(up, in_place(enabled=False, listeners=["http"], owner=owner))
    assert swaps.routes_of(up["listeners"]["http"]) == Routes("page", "mobile")


def test_the_page_stays_for_the_last_holder() -> None:
    up = run(run(served(), in_place(owner="operator:a")), in_place(owner="alarm:b"))
    left = run(up, in_place(enabled=False, owner="operator:a"))
    assert left["listeners"]["http"]["defaultBackendSetName"] == "sorry"
    assert [hold.owner for hold in holds_of(left)] == ["alarm:b"]


def test_the_selection_goes_by_the_backend_set_of_the_application() -> None:
    up = swaps.view(run(served(), in_place()))
    assert missing_steps(up, in_place(), []) == []
    assert is_attached(up, "http", SORRY)
    assert not is_attached(up, "http", PAGE)


def test_a_redirect_on_a_swapped_listener_leaves_the_swap_as_it_is() -> None:
    up = swaps.view(run(served(), in_place()))
    body = listener_body(up, Switch("http", attach=True), PAGE)
    assert (body["ruleSetNames"], body["defaultBackendSetName"]) == ([PAGE], "sorry")


def test_force_ends_a_page_that_nobody_holds_and_forgets_it() -> None:
    before = served()
    up = run(before, in_place())
    record = swaps.record_of(Swap("http", "sorry", "", Routes("app", "mobile")), NOW)
    up["freeformTags"] = balancer(holds=[record])["freeformTags"]
    assert run(up, in_place(enabled=False, force=True)) == before


@pytest.mark.parametrize("routes", [Routes("a"), Routes("a", "b"), Routes("a", "", "c"), Routes("a", "b", "c")])
@pytest.mark.parametrize("testers", ["", "testers"])
def test_a_record_says_what_was_there(routes: Routes, testers: str) -> None:
    swap = Swap("http", "sorry", testers, routes)
    assert swaps.swap_from(swaps.record_of(swap, NOW)) == swap


def test_no_owner_reads_as_a_record() -> None:
    with pytest.raises(RefusedError, match="without '=' in front"):
        check_owner("=app")


@pytest.mark.parametrize(
    ("condition", "passes"),
    [
        (CONDITION, True),
        ("http.request.cookies['tester'] = 'yes'", True),
        ("any(http.request.headers[(i 'not')] eq 'x != y')", True),
        ("http.request.url.path sw '/'", False),
        ("http.request.url.query['tester'] eq 'yes'", False),
        ("http.request.headers[(i 'x')] neq 'secret'", False),
        ("not http.request.headers[(i 'x')] eq 'secret'", False),
    ],
)
def test_only_who_has_a_header_or_cookie_may_pass(condition: str, passes: bool) -> None:
    found = served()
    found["routingPolicies"]["testers"] = {"rules": [TESTERS["rules"][0] | {"condition": condition}]}
    if passes:
        assert missing_steps(swaps.view(found), in_place(testers="testers"), [])
        return
    with pytest.raises(RefusedError, match="would lead users past the page"):
        missing_steps(swaps.view(found), in_place(testers="testers"), [])


def test_a_listener_cannot_get_back_what_is_gone() -> None:
    up = run(served(), in_place())
    del up["routingPolicies"]["mobile"]
    assert "routingPolicyName was 'mobile'" in swaps.not_restorable(swaps.view(up), "http", SORRY)


def test_a_listener_of_which_nothing_is_recorded_is_not_touched() -> None:
    with pytest.raises(RefusedError, match="is not recorded. Set its default backend set by hand"):
        swaps.listener_body(served(), "http", SORRY, attach=False)


def test_holds_that_cannot_be_read_leave_the_load_balancer_as_it_is() -> None:
    found = served() | {"freeformTags": {"tidegate-holds-1": "somebody was here"}}
    assert swaps.view(found) == found


def test_what_no_listener_uses_has_an_unknown_health_and_that_is_only_a_warning() -> None:
    found = {"backendSets": {"sorry": {"backends": [{"name": "a", "backup": True}]}}}
    names: dict[str, Any] = {f"{state}StateBackendNames": [] for state in ("critical", "warning", "unknown")}
    unknown = {"status": "UNKNOWN", "totalBackendCount": 1, **names}
    check_page_health(found, "sorry", unknown)
    assert "was not known" in page_health_warnings(found, "sorry", unknown)[0]
    assert page_health_warnings(found, "sorry", unknown | {"status": "OK"}) == []


@pytest.mark.parametrize(
    ("given", "reported"),
    [
        ({"strategy": "backend_set"}, "maintenance_backend_set is not given"),
        ({"strategy": "backend_set", "maintenance_backend_set": "app"}, "are both 'app'"),
        (
            {"strategy": "backend_set", "maintenance_backend_set": "s", "rule_set": "r"},
            "rule_set goes with the other .* Remove it, or",
        ),
        (
            {"rule_set": "r", "maintenance_backend_set": "s", "tester_routing_policy": "t"},
            "maintenance_backend_set and tester_routing_policy go with the other strategy, and strategy is redirect",
        ),
    ],
)
def test_options_of_both_strategies_are_not_mixed(given: dict[str, str], reported: str) -> None:
    with pytest.raises(RefusedError, match=reported):
        selection_from({"load_balancer_id": LOAD_BALANCER_ID, "backend_set": "app", **given})


def test_leaving_where_nothing_is_up_and_nothing_is_recorded_writes_nothing() -> None:
    assert missing_steps(swaps.view(served()), in_place(enabled=False), []) == []


def without_hold(load_balancer: dict[str, Any]) -> dict[str, Any]:
    """What is recorded of its listeners stays, and nobody holds the page."""
    tags = tags_with(swaps.records_of(load_balancer), {})
    return load_balancer | {"freeformTags": tags}


def test_a_record_that_nobody_holds_any_more_goes_with_a_person_and_stays_with_an_alarm() -> None:
    idle = without_hold(run(served(), in_place(), 1))
    assert missing_steps(swaps.view(idle), in_place(enabled=False), []) == [ChangeHolds()]
    assert missing_steps(swaps.view(idle), in_place(enabled=False, owner="alarm:b"), []) == []


def test_what_a_listener_had_stays_recorded_for_a_hold_whose_page_is_not_up_yet() -> None:
    held = swaps.view(run(served(), in_place(owner="alarm:b"), 1))
    after = after_step(held, ChangeHolds(take=(Hold("http", SORRY, "alarm:c", NOW),)), SORRY)
    assert swaps.recorded(held, "http", SORRY) is not None
    assert swaps.recorded(after, "http", SORRY) == swaps.recorded(held, "http", SORRY)


def test_what_a_listener_had_stays_recorded_for_a_page_that_nobody_holds() -> None:
    up = without_hold(run(served(), in_place()))
    after = after_step(swaps.view(up), ChangeHolds(), SORRY)
    assert swaps.records_of(up) != ()
    assert swaps.records_of(after) == swaps.records_of(up)


@pytest.mark.parametrize(
    ("changed", "reported"),
    [
        ({"routingPolicyName": "mobile"}, ["routing policy 'mobile'"]),
        ({"pathRouteSetName": "old"}, ["path route set 'old'"]),
        (
            {"defaultBackendSetName": "app", "routingPolicyName": "mobile"},
            ["backend set 'app'", "routing policy 'mobile'"],
        ),
        ({}, []),
    ],
)
def test_what_leads_requests_past_a_page_in_place_is_reported(changed: dict[str, Any], reported: list[str]) -> None:
    found = run(served(listener("http", routingPolicyName="mobile", pathRouteSetName="old")), in_place())
    found["listeners"]["http"] |= changed
    assert swaps.passed_by(swaps.view(found), "http") == reported


def test_a_page_without_its_way_for_testers_is_passed_by_nothing() -> None:
    found = run(served(), in_place(testers="testers"))
    found["listeners"]["http"]["routingPolicyName"] = None
    assert swaps.passed_by(swaps.view(found), "http") == []


def test_nothing_leads_past_a_page_that_is_not_up() -> None:
    assert swaps.passed_by(swaps.view(served()), "http") == []


def two_listeners() -> dict[str, Any]:
    return served(listener("http"), listener("https", port=443))


def test_a_listener_that_was_set_back_by_hand_does_not_hide_the_page_on_the_next_one() -> None:
    up = run(two_listeners(), in_place())
    up["listeners"]["http"]["defaultBackendSetName"] = "app"
    seen = swaps.view(up)
    assert [swaps.is_up(seen, name, SORRY) for name in ("http", "https")] == [False, True]


def test_i1_a_field_that_the_service_leaves_out_is_left_out_of_the_update() -> None:
    up = swaps.view(run(served(listener("http")), in_place()))
    sent = [swaps.listener_body(up, "http", SORRY, attach=attach) for attach in (True, False)]
    assert [set(swaps.FIELDS).intersection(body) for body in sent] == [{"defaultBackendSetName"}] * 2


def test_a_listener_has_one_page_in_place_and_another_listener_may_have_another() -> None:
    up = swaps.view(run(two_listeners(), in_place(listeners=["http"])))
    with pytest.raises(RefusedError, match="Listener 'http' shows, or is to show, the page of backend set 'sorry'"):
        swaps.check_page(up, "<page", "", ["http"])
    swaps.check_page(up, "<page", "", ["https"])


def test_a_page_that_is_in_place_may_be_put_there_again() -> None:
    up = run(served(), in_place())
    swaps.check_page(swaps.view(up), SORRY, "", ["http"])


def test_a_backend_set_that_a_listener_serves_on_its_own_is_no_page() -> None:
    with pytest.raises(RefusedError, match="'app' is the default backend set of listener 'http' already"):
        swaps.check_page(swaps.view(served()), "<app", "", ["http"])


def test_a_page_half_in_place_may_be_put_there_again_where_the_backend_set_is_there_already() -> None:
    up = run(served(), in_place(testers="testers"))
    up["listeners"]["http"]["routingPolicyName"] = "mobile"
    swaps.check_page(swaps.view(up), SORRY, "testers", ["http"])


@pytest.mark.parametrize(
    ("there", "reported"), [({"page": {}, "app": {}}, "It has: app, page."), ({}, "It has: none.")]
)
def test_a_page_whose_backend_set_is_missing_is_refused_with_those_that_are_there(there: Any, reported: str) -> None:
    with pytest.raises(RefusedError, match=f"no backend set 'sorry' .* {reported}"):
        swaps.check_exists({"backendSets": there}, SORRY)


@pytest.mark.parametrize(("there", "reported"), [({"b": {}, "a": {}}, "It has: a, b."), (None, "It has: none.")])
def test_a_missing_policy_for_testers_is_refused_with_those_that_are_there(there: Any, reported: str) -> None:
    found = served() | {"routingPolicies": there}
    with pytest.raises(RefusedError, match=f"no routing policy 'testers'. {reported}"):
        swaps.check_page(found, SORRY, "testers", ["http"])


def test_a_policy_that_leads_testers_to_the_page_is_refused() -> None:
    with pytest.raises(RefusedError, match="leads testers to 'app', which serves the page"):
        swaps.check_page(served(), "<app", "testers", ["http"])


def test_a_listener_can_get_back_what_is_still_there() -> None:
    up = run(served(), in_place())
    assert swaps.not_restorable(swaps.view(up), "http", SORRY) == ""
