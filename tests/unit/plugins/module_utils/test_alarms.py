# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What an alarm leads to, by the map of alarms and by its message."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main
from ansible_collections.tidegate.failover.plugins.module_utils._alarms import (
    alarm_entry,
    alarm_fronts,
    alarm_targets,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import (
    ALARM_ID,
    LOAD_BALANCER_ID,
    Json,
    eventbridge,
    oci,
)

PREFIX = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:"
APP = {"resourceId": LOAD_BALANCER_ID, "backendSetName": "app"}
OTHER_ID = LOAD_BALANCER_ID + "2"


def alarm_of(message: Json) -> Json:
    """What the filter makes of a message about one stream."""
    event = main({"payload": message})
    assert isinstance(event, dict)
    alarm: Json = event["alarm"]
    return alarm


def targets(entry: Json, message: Json | None = None, **more: Any) -> list[Json]:
    """The targets of an alarm with an entry in the map."""
    return alarm_targets({ALARM_ID: entry}, alarm_of(message or oci()), **more)


@pytest.mark.parametrize("name", ["checkout primary", "checkout [primary] > 5%", "Störung", "警报", "a" * 255])
def test_an_alarm_is_found_by_its_true_arn_whatever_its_name(name: str) -> None:
    arn = f"{PREFIX}{name}"
    alarms = {f"{arn}2": {"service": "search"}, arn: {"service": "checkout"}}
    assert alarm_entry(alarms, alarm_of(eventbridge(arn=arn))) == {"service": "checkout"}


def test_what_an_arn_is_shown_as_finds_nothing() -> None:
    alarm = alarm_of(eventbridge(arn=f"{PREFIX}checkout [primary]"))
    assert alarm_entry({alarm["id"]: {"service": "checkout"}}, alarm) == {}


def test_an_ocid_is_found_in_any_case() -> None:
    assert alarm_entry({ALARM_ID.upper(): {"service": "x"}}, alarm_of(oci())) == {"service": "x"}


def test_an_alarm_that_the_filter_did_not_make_is_found_by_its_id() -> None:
    assert alarm_entry({"mine": {"service": "x"}}, {"id": "mine"}) == {"service": "x"}
    assert alarm_entry({"None": {"service": "x"}}, {"id": None}) == alarm_entry({}, {}) == {}


@pytest.mark.parametrize(
    ("alarms", "said"),
    [
        ({ALARM_ID: {}, ALARM_ID.upper(): {}}, "2 times"),
        ({ALARM_ID: "checkout"}, "Expected a dictionary"),
        ({ALARM_ID: {"health_check": "x"}}, "health_check, which means nothing there"),
        ({ALARM_ID: {"listeners": ["a"], "backend_set": "b"}}, "both listeners and backend_set"),
    ],
)
def test_an_entry_that_cannot_be_understood_is_refused(alarms: Json, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        alarm_entry(alarms, alarm_of(oci()))


def test_a_message_says_what_it_is_about_where_the_map_does_not() -> None:
    reported = {"load_balancer_id": LOAD_BALANCER_ID, "backend_set": "app", "rule_set": "maintenance-page"}
    assert alarm_targets({}, alarm_of(oci())) == [reported]


def test_what_the_map_says_wins() -> None:
    entry = {"load_balancer_id": OTHER_ID, "backend_set": "search", "rule_set": "sorry"}
    assert targets(entry, rule_set="another", listeners=["http"]) == [entry]


@pytest.mark.parametrize("given", [["http", "https"], "http, https"])
def test_listeners_can_be_named_by_the_map_and_for_all_alarms(given: Any) -> None:
    (by_map,) = targets({"listeners": given})
    (for_all,) = targets({}, listeners=given)
    assert by_map == for_all
    assert (by_map["listeners"], by_map.get("backend_set")) == (["http", "https"], None)


def test_a_rule_set_for_all_alarms_counts_last() -> None:
    assert targets({}, rule_set="sorry")[0]["rule_set"] == "maintenance-page"
    assert targets({}, oci(body=None), rule_set="sorry")[0]["rule_set"] == "sorry"


def test_a_body_that_names_no_rule_set_does_not_matter_where_the_map_does() -> None:
    assert targets({"rule_set": "sorry"}, oci(body=f"{LOAD_BALANCER_ID},app,Backends down!"))[0]["rule_set"] == "sorry"


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (oci(dimensions=[]), "its load_balancer_id, backend_set or listeners"),
        (oci(body=None), "its rule_set"),
        (oci(body=f"{LOAD_BALANCER_ID},app,Down!"), "because the rule set in its body is _Down__"),
    ],
)
def test_what_is_missing_is_reported_with_the_reason(message: Json, said: str) -> None:
    with pytest.raises(RefusedError, match=said):
        alarm_targets({}, alarm_of(message))


def test_a_recovery_without_dimensions_is_about_what_the_map_says() -> None:
    entry = {"load_balancer_id": LOAD_BALANCER_ID, "backend_set": "app"}
    assert targets(entry, oci("FIRING_TO_OK", dimensions=[])) == [{**entry, "rule_set": "maintenance-page"}]


GROUPED: list[Json] = [
    {"load_balancer_id": LOAD_BALANCER_ID.upper(), "backend_set": "app"},
    {"load_balancer_id": LOAD_BALANCER_ID, "backend_set": "search", "rule_set": "sorry"},
    {"load_balancer_id": OTHER_ID, "listeners": ["http"]},
]


def test_a_stream_of_a_grouped_alarm_leads_to_its_own_target() -> None:
    assert targets({"targets": GROUPED}) == [{**GROUPED[0], "rule_set": "maintenance-page"}]


def test_a_recovery_of_a_grouped_alarm_without_dimensions_leads_to_all_targets() -> None:
    found = targets({"targets": GROUPED}, oci("FIRING_TO_OK", dimensions=[]))
    assert [target["rule_set"] for target in found] == ["maintenance-page", "sorry", "maintenance-page"]


def test_a_target_whose_page_is_put_in_place_gets_no_rule_set() -> None:
    target = {"load_balancer_id": LOAD_BALANCER_ID, "backend_set": "app"}
    target |= {"strategy": "backend_set", "maintenance_backend_set": "sorry"}
    assert targets({"targets": [target]}) == [target]


def test_i9_a_stream_that_the_targets_do_not_name_is_refused() -> None:
    with pytest.raises(RefusedError, match="none of the targets"):
        targets({"targets": GROUPED}, oci(dimensions=[{**APP, "backendSetName": "other"}]))


@pytest.mark.parametrize("given", [[], "app", [7], {"load_balancer_id": OTHER_ID}, [{"backendset": "app"}]])
def test_targets_that_cannot_be_understood_are_refused(given: Any) -> None:
    with pytest.raises(RefusedError, match="targets in the extra var alarms"):
        targets({"targets": given})


ROUTE: Json = {"cloud_foundry": {"url": "shop.apps.example.com", "responder_app": "maintenance"}}


def fronts(given: Any, message: Json | None = None) -> list[Json]:
    """The fronts of an alarm whose entry names these targets."""
    kinds = {"cloud_foundry": ["url", "responder_app"]}
    return alarm_fronts({ALARM_ID: {"targets": given}}, alarm_of(message or oci()), kinds)


def test_a_target_may_be_a_front_of_any_kind() -> None:
    assert fronts([ROUTE]) == [ROUTE]


def test_listeners_with_the_name_of_their_kind_are_what_they_are_without_it() -> None:
    assert fronts([{"oci_load_balancer": GROUPED[0]}]) == fronts(GROUPED)
    assert targets({"targets": [{"oci_load_balancer": GROUPED[0]}]}) == targets({"targets": GROUPED})


def test_a_stream_leads_to_the_load_balancer_that_it_names_and_to_all_fronts_that_no_message_names() -> None:
    assert fronts([GROUPED[1], ROUTE, GROUPED[0]]) == [ROUTE, *fronts([GROUPED[0]])]


def test_i9_a_stream_about_another_load_balancer_leads_to_no_front_of_another_kind() -> None:
    with pytest.raises(RefusedError, match="none of the targets"):
        fronts([ROUTE, GROUPED[2]])


def test_an_alarm_on_anything_else_leads_to_all_targets() -> None:
    assert len(fronts([ROUTE, GROUPED[2]], oci(dimensions=[], body=None))) == 2


@pytest.mark.parametrize("given", [{"edge_cache": {}}, ROUTE | GROUPED[0], ROUTE | {"oci_load_balancer": GROUPED[0]}])
def test_a_target_of_no_kind_or_of_several_is_refused(given: Json) -> None:
    with pytest.raises(RefusedError, match=r"Each target has one kind .* cloud_foundry, oci_load_balancer; or"):
        fronts([given])


def test_a_misspelt_option_of_a_front_is_refused() -> None:
    with pytest.raises(RefusedError, match="has responder, which means nothing there. Known are: responder_app, url"):
        fronts([{"cloud_foundry": {"responder": "maintenance"}}])


def test_what_can_switch_listeners_only_refuses_fronts_of_other_kinds() -> None:
    with pytest.raises(RefusedError, match="which is one of: oci_load_balancer"):
        targets({"targets": [ROUTE]})
