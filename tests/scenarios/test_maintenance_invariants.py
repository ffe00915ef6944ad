# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What maintenance mode promises whatever happens, on the lab over HTTP, without ansible around it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.maintenance_run import KilledError, Maintenance
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import RunningLab

CALLS_OF_A_RUN = 12


@pytest.fixture
def maintenance(lab: RunningLab, load_balancer: Json, oci_auth: Json) -> Maintenance:
    """The lab's load balancer, freshly reset, with settings that the service has and no SDK has."""
    lab.control("PATCH", "/oci/settings", {"unknown_fields": "keep"})
    switched = Maintenance(lab, load_balancer, oci_auth)
    document = switched.raw()
    document["listeners"]["http"] |= {"ruleSetNames": [], "fieldOfTomorrow": {"kept": [1, None]}}
    document["listeners"]["https"] |= {
        "connectionConfiguration": {"idleTimeout": 77, "backendTcpProxyProtocolVersion": None}
    }
    document["definedTags"] = {"Operations": {"CostCenter": "42"}}
    document["freeformTags"] = {"team": "web"}
    switched.put_raw(document)
    return switched


def test_i1_in_and_out_of_maintenance_leaves_the_load_balancer_as_it_was(maintenance: Maintenance) -> None:
    before = maintenance.raw()
    maintenance.run(enabled=True)
    maintenance.run(enabled=False)
    assert without_empty_rule_sets(maintenance.raw()) == without_empty_rule_sets(before)


def without_empty_rule_sets(document: Json) -> Json:
    listeners = {
        name: {key: value for key, value in listener.items() if key != "ruleSetNames" or value}
        for name, listener in document["listeners"].items()
    }
    return document | {"listeners": listeners}


def test_i2_a_change_between_our_read_and_our_write_is_kept(lab: RunningLab, maintenance: Maintenance) -> None:
    patch = {"listeners": {"http": {"connectionConfiguration": {"idleTimeout": 1200}}}}
    lab.add_fault("competing_write", operation="UpdateListener", patch=patch)
    assert not maintenance.run(enabled=True)["failed"]
    http = maintenance.raw()["listeners"]["http"]
    assert (http["connectionConfiguration"]["idleTimeout"], http["ruleSetNames"]) == (1200, ["maintenance-page"])


def test_i2_owners_who_come_at_once_all_hold_the_page(maintenance: Maintenance) -> None:
    owners = [f"operator:{number}" for number in range(4)]
    with ThreadPoolExecutor(len(owners)) as threads:
        results = list(threads.map(lambda owner: maintenance.run(enabled=True, owner=owner), owners))
    assert [result["msg"] for result in results if result["failed"]] == []
    assert maintenance.run(enabled=True, owner=owners[0])["held_by"] == owners


def test_i2_the_page_stays_for_who_comes_while_the_last_holder_leaves(maintenance: Maintenance) -> None:
    maintenance.run(enabled=True, owner="operator:early")
    with ThreadPoolExecutor(2) as threads:
        leaving = threads.submit(maintenance.run, enabled=False, owner="operator:early")
        coming = threads.submit(maintenance.run, enabled=True, owner="operator:late")
    assert not leaving.result()["failed"]
    assert not coming.result()["failed"]
    now = maintenance.run(enabled=True, owner="operator:late")
    assert (now["changed"], now["held_by"], now["unexplained"]) == (False, ["operator:late"], [])


@pytest.mark.parametrize("enabled", [True, False])
def test_i3_check_mode_predicts_the_run_and_writes_nothing(
    lab: RunningLab, maintenance: Maintenance, enabled: bool
) -> None:
    if not enabled:
        maintenance.run(enabled=True)
    start = len(lab.writes())
    predicted = maintenance.run(enabled=enabled, check_mode=True)
    assert len(lab.writes()) == start
    done = maintenance.run(enabled=enabled)
    assert {key: done[key] for key in ("changed", "before", "after")} == {
        key: predicted[key] for key in ("changed", "before", "after")
    }


@pytest.mark.parametrize("enabled", [True, False])
def test_i3_the_second_run_writes_nothing(lab: RunningLab, maintenance: Maintenance, enabled: bool) -> None:
    maintenance.run(enabled=enabled)
    start = len(lab.writes())
    assert not maintenance.run(enabled=enabled)["changed"]
    assert len(lab.writes()) == start


def test_i4_a_missing_rule_set_is_not_created(lab: RunningLab, maintenance: Maintenance) -> None:
    result = maintenance.run(enabled=True, rule_set="nowhere")
    assert (result["failed"], result["changed"], lab.writes()) == (True, False, [])


def test_i7_a_work_request_that_fails_fails_the_run(lab: RunningLab, maintenance: Maintenance) -> None:
    lab.add_fault("work_request_failed", operation="UpdateListener", code="BAD_INPUT", message="No.", times=None)
    result = maintenance.run(enabled=True)
    assert (result["failed"], result["changed"]) == (True, False)


def test_a_listener_that_cannot_be_switched_keeps_neither_the_page_nor_the_hold_from_the_others(
    lab: RunningLab, maintenance: Maintenance
) -> None:
    lab.add_fault("work_request_failed", operation="UpdateListener", code="BAD_INPUT", message="No.")
    entered = maintenance.run(enabled=True, owner="alarm:backends")
    assert (entered["failed"], entered["changed"]) == (True, True)
    assert "Listener 'http' was not switched." in entered["msg"]
    assert entered["held_by"] == ["alarm:backends"]
    ended = maintenance.run(enabled=False, owner="alarm:backends")
    assert (ended["failed"], ended["unexplained"], ended["held_by"]) == (False, [], [])


def test_a_listener_where_the_page_cannot_be_taken_away_keeps_its_hold(
    lab: RunningLab, maintenance: Maintenance
) -> None:
    maintenance.run(enabled=True, owner="alarm:backends")
    lab.add_fault("status", operation="UpdateListener", status=400, code="InvalidParameter", message="No.")
    ended = maintenance.run(enabled=False, owner="alarm:backends")
    assert (ended["failed"], [hold["listener"] for hold in ended["after"]["holds"]]) == (True, ["http"])
    assert not maintenance.run(enabled=False, owner="alarm:backends")["failed"]
    assert maintenance.raw()["freeformTags"] == {"team": "web"}


@pytest.mark.parametrize("check_mode", [True, False])
def test_i7_a_page_that_is_still_on_its_way_does_not_escape_who_ends_maintenance(
    lab: RunningLab, maintenance: Maintenance, check_mode: bool
) -> None:
    lab.add_fault("work_request_seconds", operation="UpdateListener", seconds=1)
    with suppress(KilledError):
        maintenance.run(enabled=True, killed_after=2)  # One call to read, one to write, and none to wait for it.
    ended = maintenance.run(enabled=False, check_mode=check_mode)
    assert (ended["failed"], ended["changed"]) == (False, True)
    assert ended["after"]["listeners"]["http"]["rule_set_names"] == []


@pytest.mark.parametrize("check_mode", [True, False])
def test_i7_a_page_that_comes_up_between_two_reads_is_found_at_the_end_of_maintenance(
    lab: RunningLab, maintenance: Maintenance, check_mode: bool
) -> None:
    lab.add_fault("work_request_seconds", operation="UpdateListener", seconds=1)
    with suppress(KilledError):
        maintenance.run(enabled=True, killed_after=2)
    ended = maintenance.run(
        enabled=False,
        check_mode=check_mode,
        before_call=lambda calls: maintenance.wait_for_page() if calls == 1 else None,  # Between read and list.
    )
    assert (ended["failed"], ended["changed"]) == (False, True)
    assert ended["after"]["listeners"]["http"]["rule_set_names"] == []


def test_i7_an_answer_of_something_else_on_the_way_is_a_failure_in_words(
    lab: RunningLab, maintenance: Maintenance
) -> None:
    lab.add_fault("status", operation="GetWorkRequest", status=200, body="<html>", content_type="text/html")
    result = maintenance.run(enabled=True)
    assert (result["failed"], result["changed"]) == (True, True)
    assert "is not the Load Balancing service" in result["msg"]


@pytest.mark.parametrize("operation", ["UpdateListener", "UpdateLoadBalancer"])
def test_i7_an_answer_without_a_work_request_is_not_taken_for_a_success(
    lab: RunningLab, maintenance: Maintenance, operation: str
) -> None:
    lab.add_fault("status", operation=operation, status=200, body="{}")
    assert not maintenance.run(enabled=True)["failed"]
    assert maintenance.run(enabled=True)["changed"] is False


@pytest.mark.parametrize("owner", ["operator", "alarm:backends"])
@pytest.mark.parametrize("enabled", [True, False])
@pytest.mark.parametrize("calls", range(CALLS_OF_A_RUN))
def test_i8_a_run_that_is_killed_at_any_call_is_put_right_by_running_it_again(
    maintenance: Maintenance, calls: int, enabled: bool, owner: str
) -> None:
    if not enabled:
        maintenance.run(enabled=True, owner=owner)
    with suppress(KilledError):
        maintenance.run(enabled=enabled, owner=owner, killed_after=calls)
    assert not maintenance.run(enabled=enabled, owner=owner)["failed"]
    assert list(maintenance.attached().values()) == [["maintenance-page"] if enabled else []] * 2
    assert set(maintenance.raw()["freeformTags"]) == ({"team", "tidegate-holds-1"} if enabled else {"team"})


@pytest.mark.parametrize("calls", range(CALLS_OF_A_RUN))
def test_i8_whatever_an_alarm_leaves_behind_when_it_is_killed_its_recovery_takes_away(
    maintenance: Maintenance, calls: int
) -> None:
    with suppress(KilledError):
        maintenance.run(enabled=True, owner="alarm:backends", killed_after=calls)
    assert not maintenance.run(enabled=False, owner="alarm:backends")["failed"]
    assert maintenance.attached() == {"http": [], "https": []}
    assert set(maintenance.raw()["freeformTags"]) == {"team"}
