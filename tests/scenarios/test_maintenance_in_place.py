# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What maintenance promises where a backend set is swapped, on the lab over HTTP, without ansible around it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.maintenance_run import KilledError, Maintenance
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import RunningLab

SORRY = "maintenance-page"
PAGE = f"<{SORRY}"
CALLS_OF_A_RUN = 14
ROUTES = ("defaultBackendSetName", "routingPolicyName", "pathRouteSetName")


def rule(name: str, condition: str, backend_set: str = "app") -> Json:
    actions = [{"name": "FORWARD_TO_BACKENDSET", "backendSetName": backend_set}]
    return {"name": name, "condition": condition, "actions": actions}


def policy(name: str, *rules: Json) -> Json:
    return {"name": name, "conditionLanguageVersion": "V1", "rules": list(rules)}


TESTERS = policy("testers", rule("secret", "http.request.headers[(i 'X-Tester')] eq 'open sesame'"))
MOBILE = policy("mobile", rule("mobile", "http.request.url.path sw '/m'"))


@pytest.fixture
def maintenance(lab: RunningLab, load_balancer: Json, oci_auth: Json) -> Maintenance:
    """The lab's load balancer, with a routing policy on a listener and settings that the service has and no SDK has."""
    lab.control("PATCH", "/oci/settings", {"unknown_fields": "keep"})
    switched = Maintenance(lab, load_balancer, oci_auth)
    document = switched.raw()
    document["routingPolicies"] = {"testers": TESTERS, "mobile": MOBILE}
    document["pathRouteSets"] = {"old": {"name": "old", "pathRoutes": []}}
    document["listeners"]["http"] |= {"ruleSetNames": [], "fieldOfTomorrow": {"kept": [1, None]}}
    document["listeners"]["https"] |= {"routingPolicyName": "mobile", "pathRouteSetName": "old"}
    document["definedTags"] = {"Operations": {"CostCenter": "42"}}
    document["freeformTags"] = {"team": "web"}
    switched.put_raw(document)
    return switched


def routes(maintenance: Maintenance, name: str = "https") -> list[str | None]:
    listener = maintenance.raw()["listeners"][name]
    return [listener[field] for field in ROUTES]


def swap(maintenance: Maintenance, *, enabled: bool = True, **more: object) -> Json:
    return maintenance.run(enabled=enabled, rule_set=PAGE, **more)  # type: ignore[arg-type]


def test_i1_a_swapped_listener_gets_back_what_it_had(maintenance: Maintenance) -> None:
    before = maintenance.raw()
    entered = swap(maintenance, testers="testers")
    assert not entered["failed"], entered["msg"]
    assert routes(maintenance) == [SORRY, "testers", None]
    assert routes(maintenance, "http") == [SORRY, "testers", None]
    ended = swap(maintenance, enabled=False)
    assert not ended["failed"], ended["msg"]
    assert maintenance.raw() == before


def test_nothing_but_where_requests_go_changes_while_the_page_is_up(maintenance: Maintenance) -> None:
    before = maintenance.raw()
    swap(maintenance)
    now = maintenance.raw()
    changed = {name for name in before if before[name] != now[name]}
    assert changed == {"listeners", "freeformTags"}
    for name, listener in before["listeners"].items():
        assert {key for key in listener if listener[key] != now["listeners"][name][key]} <= {*ROUTES}


def test_what_the_page_covers_besides_is_reported(maintenance: Maintenance) -> None:
    entered = swap(maintenance)
    reported = "The page also covers what listener 'https' serves by routing policy 'mobile' and path route set 'old'."
    assert any(warning.startswith(reported) for warning in entered["warnings"])
    assert entered["after"]["listeners"]["https"] == {
        "rule_set_names": [],
        "default_backend_set_name": SORRY,
        "routing_policy_name": None,
        "path_route_set_name": None,
    }
    assert entered["msg"] == "In maintenance: backend set 'maintenance-page' answers on http, https, held by operator."


def test_i2_what_somebody_changes_while_the_page_is_up_is_kept(maintenance: Maintenance) -> None:
    swap(maintenance)
    maintenance.change(lambda raw: raw["listeners"]["https"].update(routingPolicyName="testers"))
    swap(maintenance, enabled=False)
    assert routes(maintenance) == ["app", "testers", "old"]


def test_a_listener_that_is_set_back_by_hand_keeps_that_and_loses_nothing_else(maintenance: Maintenance) -> None:
    swap(maintenance)
    maintenance.change(lambda raw: raw["listeners"]["https"].update(defaultBackendSetName="app"))
    swap(maintenance, enabled=False)
    assert routes(maintenance) == ["app", "mobile", "old"]
    assert maintenance.raw()["freeformTags"] == {"team": "web"}


def test_i1_what_is_given_back_is_what_the_listener_had_last(maintenance: Maintenance) -> None:
    swap(maintenance, owner="operator:early")

    def by_hand(raw: Json) -> None:
        raw["backendSets"]["new"] = {**raw["backendSets"]["app"], "name": "new"}
        raw["listeners"]["https"].update(defaultBackendSetName="new")

    maintenance.change(by_hand)
    entered = swap(maintenance, owner="operator:late", backend_set=None, listeners=("https",))
    assert not entered["failed"], entered["msg"]
    assert routes(maintenance) == [SORRY, None, None]
    swap(maintenance, enabled=False, owner="operator:early", backend_set=None, listeners=("https",))
    assert routes(maintenance) == [SORRY, None, None]
    swap(maintenance, enabled=False, owner="operator:late", backend_set=None, listeners=("https",))
    assert routes(maintenance) == ["new", "mobile", "old"]


def test_i2_a_change_between_our_read_and_our_swap_is_kept(lab: RunningLab, maintenance: Maintenance) -> None:
    patch = {"listeners": {"https": {"routingPolicyName": "testers"}}}
    lab.add_fault("competing_write", operation="UpdateListener", patch=patch)
    assert not swap(maintenance)["failed"]
    swap(maintenance, enabled=False)
    assert routes(maintenance) == ["app", "testers", "old"]


def test_i2_owners_who_swap_at_once_all_hold_the_page(maintenance: Maintenance) -> None:
    owners = [f"operator:{number}" for number in range(4)]
    with ThreadPoolExecutor(len(owners)) as threads:
        results = list(threads.map(lambda owner: swap(maintenance, owner=owner), owners))
    assert [result["msg"] for result in results if result["failed"]] == []
    assert swap(maintenance, owner=owners[0])["held_by"] == owners
    for owner in owners:
        assert routes(maintenance)[0] == SORRY
        swap(maintenance, enabled=False, owner=owner)
    assert routes(maintenance) == ["app", "mobile", "old"]


@pytest.mark.parametrize("owner", ["operator", "alarm:backends"])
@pytest.mark.parametrize("enabled", [True, False])
def test_i3_check_mode_predicts_a_swap_and_writes_nothing(
    lab: RunningLab, maintenance: Maintenance, enabled: bool, owner: str
) -> None:
    if not enabled:
        swap(maintenance, owner=owner)
    start = len(lab.writes())
    predicted = swap(maintenance, enabled=enabled, owner=owner, check_mode=True)
    assert len(lab.writes()) == start
    done = swap(maintenance, enabled=enabled, owner=owner)
    assert {key: done[key] for key in ("changed", "before", "after", "msg")} == {
        key: predicted[key] for key in ("changed", "before", "after", "msg")
    }


@pytest.mark.parametrize("enabled", [True, False])
def test_i3_the_second_swap_writes_nothing(lab: RunningLab, maintenance: Maintenance, enabled: bool) -> None:
    swap(maintenance)
    swap(maintenance, enabled=enabled)
    start = len(lab.writes())
    assert not swap(maintenance, enabled=enabled)["changed"]
    assert len(lab.writes()) == start


@pytest.mark.parametrize("killed_after", range(CALLS_OF_A_RUN))
def test_i8_a_swap_that_was_killed_at_any_call_loses_nothing(maintenance: Maintenance, killed_after: int) -> None:
    before = maintenance.raw()
    with suppress(KilledError):
        swap(maintenance, killed_after=killed_after)
    assert not swap(maintenance)["failed"]
    assert routes(maintenance) == [SORRY, None, None]
    with suppress(KilledError):
        swap(maintenance, enabled=False, killed_after=killed_after)
    assert not swap(maintenance, enabled=False)["failed"]
    assert maintenance.raw() == before


@pytest.mark.parametrize("killed_after", range(CALLS_OF_A_RUN))
def test_i8_a_swap_that_was_killed_can_be_ended_at_once(maintenance: Maintenance, killed_after: int) -> None:
    before = maintenance.raw()
    with suppress(KilledError):
        swap(maintenance, killed_after=killed_after)
    assert not swap(maintenance, enabled=False)["failed"]
    assert maintenance.raw() == before


def no_page(raw: Json) -> None:
    del raw["backendSets"][SORRY]
    del raw["listeners"]["maintenance"]


def swapped_by_hand(raw: Json) -> None:
    raw["listeners"]["https"]["defaultBackendSetName"] = SORRY


def drained(raw: Json) -> None:
    for backend in raw["backendSets"][SORRY]["backends"]:
        backend["drain"] = True


def empty(raw: Json) -> None:
    raw["backendSets"][SORRY]["backends"] = []


def lets_everybody_through(raw: Json) -> None:
    raw["routingPolicies"]["testers"] = policy("testers", rule("all", "http.request.url.path sw '/'"))


def lets_all_but_some_through(raw: Json) -> None:
    condition = "http.request.headers[(i 'X-Tester')] neq 'yes'"
    raw["routingPolicies"]["testers"] = policy("testers", rule("others", condition))


def leads_to_the_page(raw: Json) -> None:
    condition = "http.request.headers[(i 'X-Tester')] eq 'yes'"
    raw["routingPolicies"]["testers"] = policy("testers", rule("circle", condition, SORRY))


def no_policy(raw: Json) -> None:
    del raw["routingPolicies"]["testers"]


def speaks_tcp(raw: Json) -> None:
    raw["listeners"]["https"]["protocol"] = "TCP"


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        (no_page, "has no backend set 'maintenance-page' that could serve the page. It has: app."),
        (swapped_by_hand, "is the default backend set of listener 'https' already"),
        (drained, "cannot answer users: 0 of 0 backends that take new users are OK; drained: "),
        (empty, "cannot answer users: 0 of 0 backends"),
        (lets_everybody_through, "The rule 'all' of routing policy 'testers' asks for no header and no cookie"),
        (lets_all_but_some_through, "The rule 'others' of routing policy 'testers' asks for no header"),
        (leads_to_the_page, "The rule 'circle' of routing policy 'testers' leads testers to 'maintenance-page'"),
        (no_policy, "has no routing policy 'testers'. It has: mobile."),
        (speaks_tcp, "Listener 'https' has the protocol TCP"),
    ],
)
def test_what_cannot_be_swapped_is_refused_before_anything_is_written(
    lab: RunningLab, maintenance: Maintenance, change: Callable[[Json], object], reported: str
) -> None:
    maintenance.change(change)
    result = swap(maintenance, listeners=("https",), testers="testers")
    assert (result["failed"], result["changed"], lab.writes()) == (True, False, [])
    assert reported in result["msg"]


def test_a_page_whose_backends_have_all_failed_is_not_put_in_place(lab: RunningLab, maintenance: Maintenance) -> None:
    lab.control("POST", "/oci/backends/maintenance-1", {"running": False})
    results = (swap(maintenance, check_mode=True) for _attempt in range(50))
    refused = next(result for result in results if result["failed"])
    assert "cannot answer users" in refused["msg"]
    assert lab.writes() == []


def test_a_swap_that_the_service_refuses_leaves_neither_hold_nor_record(
    lab: RunningLab, maintenance: Maintenance
) -> None:
    before = maintenance.raw()
    lab.add_fault("work_request_failed", operation="UpdateListener", code="BAD_INPUT", message="No.", times=None)
    result = swap(maintenance)
    assert (result["failed"], result["held_by"]) == (True, [])
    assert "Listener 'https' was not switched." in result["msg"]
    assert maintenance.raw() == before


def test_one_listener_has_one_page_in_place(maintenance: Maintenance) -> None:
    maintenance.change(lambda raw: raw["backendSets"].update(other={**raw["backendSets"][SORRY], "name": "other"}))
    swap(maintenance)
    result = maintenance.run(enabled=True, rule_set="<other", owner="operator:bob", listeners=("https",))
    assert "shows, or is to show, the page of backend set 'maintenance-page'" in result["msg"]


def test_a_listener_whose_backend_set_is_gone_stays_as_it_is_and_keeps_its_hold(maintenance: Maintenance) -> None:
    swap(maintenance, listeners=("https",), backend_set=None)

    def gone(raw: Json) -> None:
        del raw["routingPolicies"]["mobile"]

    maintenance.change(gone)
    ended = swap(maintenance, enabled=False, listeners=("https",), backend_set=None)
    assert (
        "cannot get back what it had, since that is not there any more: routingPolicyName was 'mobile'" in ended["msg"]
    )
    assert maintenance.holders() == [("https", "operator")]


def test_a_listener_that_was_swapped_by_hand_is_left_and_reported(lab: RunningLab, maintenance: Maintenance) -> None:
    maintenance.change(swapped_by_hand)
    ended = swap(maintenance, enabled=False, listeners=("https",))
    assert (ended["failed"], ended["changed"], lab.writes()) == (False, False, [])
    assert any("nothing is recorded that it replaced" in warning for warning in ended["warnings"])


def test_both_strategies_on_one_listener_do_not_disturb_each_other(maintenance: Maintenance) -> None:
    before = maintenance.raw()
    swap(maintenance, owner="operator:alice")
    maintenance.run(enabled=True, owner="operator:bob", listeners=("https",))
    assert maintenance.attached()["https"] == [SORRY]
    swap(maintenance, enabled=False, owner="operator:alice")
    assert routes(maintenance) == ["app", "mobile", "old"]
    maintenance.run(enabled=False, owner="operator:bob", listeners=("https",))
    assert maintenance.raw() == before


def test_no_owner_can_be_taken_for_a_record(maintenance: Maintenance) -> None:
    swap(maintenance)
    assert {hold["owner"] for hold in swap(maintenance)["after"]["holds"]} == {"operator"}
    assert swap(maintenance)["after"]["holds"][0]["maintenance_backend_set"] == SORRY
