# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What maintenance of a Cloud Foundry route promises whatever happens, on the lab, without ansible around it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.route_run import KilledError, RouteMaintenance, Users

from lab.process import RunningLab, running_lab

CALLS_OF_A_RUN = 20


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    with running_lab(tmp_path_factory.mktemp("scenario-cloudfoundry"), "--parts", "cloudfoundry") as lab:
        yield lab


@pytest.fixture
def maintenance(platform: RunningLab) -> RouteMaintenance:
    platform.reset()
    switched = RouteMaintenance(platform)
    switched.put(annotations={"team": "web"}, labels={"env": "production"})
    return switched


def writes(maintenance: RouteMaintenance) -> int:
    return len(maintenance.lab.writes())


def test_no_user_gets_anything_but_the_application_or_the_page_during_either_swap(
    maintenance: RouteMaintenance,
) -> None:
    with Users(maintenance) as users:
        users.wait_for("application")
        assert not maintenance.run(enabled=True)["failed"]
        users.wait_for("page")
        assert not maintenance.run(enabled=False)["failed"]
        users.wait_for("application")
    assert set(users.answers) == {"application", "page"}


def test_i1_ports_protocols_and_process_types_come_back_exactly(maintenance: RouteMaintenance) -> None:
    before = maintenance.destinations()
    maintenance.run(enabled=True)
    assert maintenance.destinations() == maintenance.page()
    maintenance.run(enabled=False)
    assert maintenance.destinations() == before
    assert maintenance.raw()["metadata"] == {"labels": {"env": "production"}, "annotations": {"team": "web"}}


def test_i1_weights_come_back_exactly(maintenance: RouteMaintenance) -> None:
    admin = maintenance.to("shop") | {"port": 9090, "weight": 30}
    maintenance.put(destinations=[maintenance.to("shop", weight=70), admin])
    before = maintenance.destinations()
    maintenance.run(enabled=True)
    maintenance.run(enabled=False)
    assert maintenance.destinations() == before


def test_i1_the_default_port_of_an_image_comes_back_as_a_default(maintenance: RouteMaintenance) -> None:
    route = {"route_guid": maintenance.guids["route image"]}
    maintenance.run(enabled=True, route=route)
    ended = maintenance.run(enabled=False, route=route)
    assert ended["after"]["destinations"][0]["port"] == 5000
    known = {"destinations": [maintenance.to("image")]}
    guids = [one["guid"] for one in maintenance.raw(route["route_guid"])["destinations"]]
    maintenance.put(route["route_guid"], **known)  # The same without a port, so nothing is mapped again.
    assert [one["guid"] for one in maintenance.raw(route["route_guid"])["destinations"]] == guids


def test_i1_a_hundred_destinations_come_back(maintenance: RouteMaintenance) -> None:
    many = [
        maintenance.to("shop")
        | {"app": {"guid": maintenance.guids["app shop"], "process": {"type": f"p{kind}"}}, "port": port}
        for kind in range(10)
        for port in range(2000, 2010)
    ]
    maintenance.put(destinations=many)
    before = maintenance.destinations()
    assert maintenance.run(enabled=True)["failed"] is False
    assert len(maintenance.annotations()) == 3
    assert maintenance.run(enabled=False)["failed"] is False
    assert maintenance.destinations() == before


def test_i2_a_destination_that_somebody_adds_before_our_replace_is_remembered(maintenance: RouteMaintenance) -> None:
    before = maintenance.destinations()
    new = maintenance.to("stopped")
    patch = [maintenance.to("shop"), new]
    maintenance.lab.add_fault("competing_write", operation="UpdateRoute", patch={"destinations": patch})
    maintenance.run(enabled=True)
    assert maintenance.destinations() == maintenance.page()
    maintenance.run(enabled=False)
    assert [one[0] for one in maintenance.destinations()] == sorted([maintenance.guids["app shop"], new["app"]["guid"]])
    assert maintenance.destinations() != before


@pytest.mark.parametrize("moment", range(9, 16))
def test_i2_a_destination_that_somebody_adds_at_any_moment_is_never_lost(
    maintenance: RouteMaintenance, moment: int
) -> None:
    def add(calls: int) -> None:
        if calls == moment:
            maintenance.add(maintenance.to("stopped"))

    maintenance.run(enabled=True, before_call=add)
    maintenance.run(enabled=False)  # Refused where the route leads to the page and to more.
    assert maintenance.guids["app stopped"] in {one[0] for one in maintenance.destinations()}


@pytest.mark.parametrize("enabled", [True, False])
def test_i2_a_destination_that_somebody_adds_in_the_very_moment_of_our_replace_is_not_lost(
    maintenance: RouteMaintenance, enabled: bool
) -> None:
    if not enabled:
        maintenance.run(enabled=True)
    kept = (
        [maintenance.to("shop"), maintenance.to("stopped")]
        if enabled
        else [maintenance.to("maintenance"), maintenance.to("stopped")]
    )
    maintenance.lab.add_fault("competing_write", operation="ReplaceDestinations", patch={"destinations": kept})
    result = maintenance.run(enabled=enabled)
    assert "Somebody mapped the route to stopped" in " ".join(result["warnings"])
    if enabled:
        maintenance.run(enabled=False)
    assert maintenance.guids["app stopped"] in {one[0] for one in maintenance.destinations()}
    assert maintenance.guids["app shop"] in {one[0] for one in maintenance.destinations()}


@pytest.mark.parametrize("enabled", [True, False])
def test_i2_a_route_that_leads_to_the_page_and_to_more_is_not_overwritten(
    maintenance: RouteMaintenance, enabled: bool
) -> None:
    maintenance.run(enabled=True)
    maintenance.add(maintenance.to("stopped"))
    changed, count = maintenance.raw(), writes(maintenance)
    result = maintenance.run(enabled=enabled)
    assert result["failed"]
    assert "somebody else" in result["msg"]
    assert (maintenance.raw(), writes(maintenance)) == (changed, count)


def test_i2_what_somebody_mapped_in_place_of_the_page_stays(maintenance: RouteMaintenance) -> None:
    maintenance.run(enabled=True)
    maintenance.put(destinations=[maintenance.to("stopped")])
    ended = maintenance.run(enabled=False)
    assert (ended["failed"], ended["held_by"]) == (False, [])
    assert "changed the route by hand" in " ".join(ended["warnings"])
    assert [one[0] for one in maintenance.destinations()] == [maintenance.guids["app stopped"]]


def test_i2_owners_who_come_at_once_all_hold_the_page(maintenance: RouteMaintenance) -> None:
    before = maintenance.destinations()
    owners = [f"operator:{number}" for number in range(4)]
    with ThreadPoolExecutor(len(owners)) as threads:
        results = list(threads.map(lambda owner: maintenance.run(enabled=True, owner=owner), owners))
    assert [result["msg"] for result in results if result["failed"]] == []
    assert maintenance.run(enabled=True, owner=owners[0])["held_by"] == owners
    with ThreadPoolExecutor(len(owners)) as threads:
        results = list(threads.map(lambda owner: maintenance.run(enabled=False, owner=owner), owners))
    assert [result["msg"] for result in results if result["failed"]] == []
    assert (maintenance.destinations(), maintenance.annotations()) == (before, {"team": "web"})


@pytest.mark.parametrize("moment", range(CALLS_OF_A_RUN))
def test_i2_the_page_stays_for_who_comes_at_any_moment_while_the_last_holder_leaves(
    maintenance: RouteMaintenance, moment: int
) -> None:
    before = maintenance.destinations()
    maintenance.run(enabled=True, owner="operator:early")

    def come(calls: int) -> None:
        if calls == moment:
            maintenance.run(enabled=True, owner="operator:late")

    maintenance.run(enabled=False, owner="operator:early", before_call=come)
    maintenance.run(enabled=True, owner="operator:late")
    now = maintenance.run(enabled=True, owner="operator:late")
    assert (now["changed"], now["held_by"], maintenance.destinations()) == (
        False,
        ["operator:late"],
        maintenance.page(),
    )
    maintenance.run(enabled=False, owner="operator:late")
    assert maintenance.destinations() == before


@pytest.mark.parametrize("moment", range(CALLS_OF_A_RUN))
def test_i2_two_who_leave_at_the_same_moment_do_not_leave_the_page_behind(
    maintenance: RouteMaintenance, moment: int
) -> None:
    before = maintenance.destinations()
    for owner in ("operator:one", "operator:two"):
        maintenance.run(enabled=True, owner=owner)

    def leave(calls: int) -> None:
        if calls == moment:
            maintenance.run(enabled=False, owner="operator:two")

    assert not maintenance.run(enabled=False, owner="operator:one", before_call=leave)["failed"]
    assert not maintenance.run(enabled=False, owner="operator:two")["failed"]
    assert (maintenance.destinations(), maintenance.annotations()) == (before, {"team": "web"})


@pytest.mark.parametrize("calls", range(CALLS_OF_A_RUN))
def test_i8_one_of_two_who_is_killed_while_leaving_loses_nothing(maintenance: RouteMaintenance, calls: int) -> None:
    before = maintenance.destinations()
    for owner in ("operator:one", "operator:two"):
        maintenance.run(enabled=True, owner=owner)
    with suppress(KilledError):
        maintenance.run(enabled=False, owner="operator:one", killed_after=calls)
    assert maintenance.destinations() == maintenance.page()
    for owner in ("operator:two", "operator:one"):
        assert not maintenance.run(enabled=False, owner=owner)["failed"]
    assert (maintenance.destinations(), maintenance.annotations()) == (before, {"team": "web"})


@pytest.mark.parametrize("enabled", [True, False])
def test_i3_check_mode_predicts_the_run_and_writes_nothing(maintenance: RouteMaintenance, enabled: bool) -> None:
    if not enabled:
        maintenance.run(enabled=True)
    count = writes(maintenance)
    predicted = maintenance.run(enabled=enabled, check_mode=True)
    assert writes(maintenance) == count
    done = maintenance.run(enabled=enabled)
    keys = ("changed", "before", "after", "held_by", "msg")
    assert {key: done[key] for key in keys} == {key: predicted[key] for key in keys}


@pytest.mark.parametrize("enabled", [True, False])
def test_i3_the_second_run_writes_nothing(maintenance: RouteMaintenance, enabled: bool) -> None:
    maintenance.run(enabled=enabled)
    count = writes(maintenance)
    assert not maintenance.run(enabled=enabled)["changed"]
    assert writes(maintenance) == count


@pytest.mark.parametrize(
    ("more", "reported"),
    [
        ({"responder": "nowhere"}, "There is no app 'nowhere'"),
        ({"responder": "stopped"}, "no running instance"),
        ({"responder": "elsewhere"}, "There is no app 'elsewhere'"),
        ({"user": "auditor"}, "SpaceDeveloper, or SpaceSupporter"),
        ({"user": "reader"}, "SpaceDeveloper or SpaceSupporter"),
        ({"user": "stranger"}, "may not see it"),
        ({"route": {"url": "nothing.apps.example.com"}}, "There is no route"),
        ({"route": {"url": "shop.apps.example.com", "space": "other"}}, "The route is in the space 'shop'"),
    ],
)
def test_i4_what_cannot_work_is_refused_before_anything_is_written(
    maintenance: RouteMaintenance, more: dict[str, Any], reported: str
) -> None:
    result = maintenance.run(enabled=True, **more)
    assert (result["failed"], result["changed"], writes(maintenance)) == (True, False, 0)
    assert reported in result["msg"]


@pytest.mark.parametrize(("route", "reported"), [("tcp", "a route of TCP"), ("internal", "is internal")])
def test_i4_routes_that_can_show_no_page_are_refused(maintenance: RouteMaintenance, route: str, reported: str) -> None:
    result = maintenance.run(enabled=True, route={"route_guid": maintenance.guids[f"route {route}"]})
    assert (result["failed"], writes(maintenance)) == (True, 0)
    assert reported in result["msg"]


def test_i4_an_app_that_could_not_be_mapped_again_is_refused(maintenance: RouteMaintenance) -> None:
    shared = maintenance.guids["route shared"]
    maintenance.put(shared, destinations=[maintenance.to("elsewhere")])
    result = maintenance.run(enabled=True, route={"route_guid": shared}, user="supporter")
    assert (result["failed"], writes(maintenance)) == (True, 0)
    assert "cannot read" in result["msg"]


def test_a_shared_route_that_leads_to_both_spaces_comes_back(maintenance: RouteMaintenance) -> None:
    shared = maintenance.guids["route shared"]
    maintenance.put(shared, destinations=[maintenance.to("elsewhere"), maintenance.to("shop")])
    before = maintenance.destinations(shared)
    route = {"route_guid": shared}
    assert not maintenance.run(enabled=True, route=route, user="developer")["failed"]
    assert not maintenance.run(enabled=False, route=route, user="developer")["failed"]
    assert maintenance.destinations(shared) == before


def test_i7_an_answer_of_something_else_on_the_way_is_a_failure_in_words(maintenance: RouteMaintenance) -> None:
    maintenance.lab.add_fault("status", operation="GetRoute", status=200, body="<html>", content_type="text/html")
    result = maintenance.run(enabled=True)
    assert (result["failed"], result["changed"]) == (True, False)
    assert "is not Cloud Foundry" in result["msg"]


@pytest.mark.parametrize("kind", ["drop_before", "drop_after"])
@pytest.mark.parametrize("operation", ["UpdateRoute", "ReplaceDestinations"])
@pytest.mark.parametrize("enabled", [True, False])
def test_a_response_that_is_lost_changes_nothing_about_the_outcome(
    maintenance: RouteMaintenance, kind: str, operation: str, enabled: bool
) -> None:
    if not enabled:
        maintenance.run(enabled=True)
    maintenance.lab.add_fault(kind, operation=operation)
    result = maintenance.run(enabled=enabled)
    assert (result["failed"], result["changed"], result["in_maintenance"]) == (False, True, enabled)


@pytest.mark.parametrize("owner", ["operator", "alarm:backends"])
@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("calls", range(CALLS_OF_A_RUN))
def test_i8_a_run_that_is_killed_at_any_call_is_put_right_by_running_it_again(
    maintenance: RouteMaintenance, calls: int, enabled: bool, owner: str
) -> None:
    before = maintenance.destinations()
    if not enabled:
        maintenance.run(enabled=True, owner=owner)
    with suppress(KilledError):
        maintenance.run(enabled=enabled, owner=owner, killed_after=calls)
    assert not maintenance.run(enabled=enabled, owner=owner)["failed"]
    assert maintenance.destinations() == (maintenance.page() if enabled else before)
    maintenance.run(enabled=False, owner=owner)
    assert (maintenance.destinations(), maintenance.annotations()) == (before, {"team": "web"})


def test_an_alarm_leaves_a_page_unchanged_that_nobody_holds(maintenance: RouteMaintenance) -> None:
    maintenance.put(destinations=[maintenance.to("maintenance")])
    entered = maintenance.run(enabled=True, owner="alarm:backends")
    ended = maintenance.run(enabled=False, owner="alarm:backends")
    assert (entered["failed"], ended["failed"], writes(maintenance)) == (False, False, 0)
    assert "nobody holds it" in entered["held_back"]
    assert maintenance.destinations() == maintenance.page()


def test_a_page_that_nobody_holds_cannot_be_taken_away_without_knowing_what_was_before(
    maintenance: RouteMaintenance,
) -> None:
    maintenance.put(destinations=[maintenance.to("maintenance")])
    result = maintenance.run(enabled=False)
    assert (result["failed"], result["unexplained"], writes(maintenance)) == (True, True, 0)
    assert "cf map-route" in result["msg"]


@pytest.mark.parametrize(("running", "wanted", "changed"), [(True, "down", False), (False, "down", True)])
def test_i9_live_state_decides_about_what_an_alarm_says(
    maintenance: RouteMaintenance, running: bool, wanted: str, changed: bool
) -> None:
    maintenance.lab.control("PUT", "/cloudfoundry/apps/shop", {"running": running})
    result = maintenance.run(enabled=True, owner="alarm:backends", only_if_backends=wanted)
    assert (result["failed"], result["changed"], bool(result["held_back"])) == (False, changed, not changed)


def test_i9_a_recovery_of_an_earlier_outage_releases_nothing(maintenance: RouteMaintenance) -> None:
    maintenance.run(enabled=True, owner="alarm:backends")
    late = maintenance.run(enabled=False, owner="alarm:backends", event_time="2026-11-21T03:00:00Z")
    assert (late["changed"], late["held_by"]) == (False, ["alarm:backends"])


def test_a_port_that_was_closed_by_a_restart_during_maintenance_is_reported(maintenance: RouteMaintenance) -> None:
    maintenance.run(enabled=True)
    maintenance.lab.control("PUT", "/cloudfoundry/apps/shop", {"running": False})
    maintenance.lab.control("PUT", "/cloudfoundry/apps/shop", {"running": True})
    ended = maintenance.run(enabled=False)
    assert "shop/admin:9090 was started while the route did not lead to it" in " ".join(ended["warnings"])


def test_a_token_that_expires_on_the_way_is_renewed(maintenance: RouteMaintenance) -> None:
    def expire(calls: int) -> None:
        if calls == 8:
            maintenance.lab.control("POST", "/cloudfoundry/tokens/expire")

    assert not maintenance.run(enabled=True, before_call=expire, user="developer")["failed"]


def test_being_asked_to_wait_is_waited_out(maintenance: RouteMaintenance) -> None:
    maintenance.lab.add_fault(
        "status", operation="UpdateRoute", status=429, code="RateLimitExceeded", headers={"Retry-After": "1"}
    )
    assert not maintenance.run(enabled=True)["failed"]
