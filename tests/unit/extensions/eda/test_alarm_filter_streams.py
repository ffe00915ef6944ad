# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Messages of OCI: what their body may spoil, and that each metric stream of a grouped one stands on its own."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import (
    ALARM_ID,
    LOAD_BALANCER_ID,
    Json,
    oci,
)
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.test_alarm_filter import one

APP: Json = {"resourceId": LOAD_BALANCER_ID, "backendSetName": "app"}
SEARCH: Json = {"resourceId": LOAD_BALANCER_ID, "backendSetName": "search"}


def streams(payload: Json) -> list[tuple[str, str | None]]:
    """State and backend set of each event that comes out."""
    events = main({"payload": payload})
    assert isinstance(events, list)
    return [(event["alarm"]["state"], event["alarm"]["backend_set"]) for event in events]


@pytest.mark.parametrize("third", ["Backends are down!", "{{ rule_set }}", "", "a" * 33])
def test_a_third_field_of_the_body_that_is_no_name_is_ignored_and_reported(third: str) -> None:
    alarm = one(oci(body=f"{LOAD_BALANCER_ID},app,{third}"))
    assert (alarm["state"], alarm["rule_set"], alarm["load_balancer_id"]) == ("firing", None, LOAD_BALANCER_ID)
    assert "rule set" in alarm["reason"]


@pytest.mark.parametrize(
    "first",
    ["{{dimensions.resourceId}}", "{{{dimensions.resourceId}}}", "{{ dimensions.resourceId }}", "{{{ dimensions.x }}}"],
)
@pytest.mark.parametrize("second", ["{{{dimensions.backendSetName}}}", "{{ dimensions.backendSetName }}", "app"])
def test_the_rule_set_is_found_behind_placeholders_however_they_are_written(first: str, second: str) -> None:
    alarm = one(oci(body=f"{first}, {second}, maintenance-page"))
    assert (alarm["rule_set"], alarm["reason"]) == ("maintenance-page", None)


@pytest.mark.parametrize(
    "odd",
    [
        {"resourceId": "{{dimensions.resourceId}}", "backendSetName": "app"},
        {"resourceId": "ocid1.loadbalancer.oc1.iad.{{x}}"},
        {"resourceId": 7},
        "app",
        None,
    ],
)
def test_one_odd_stream_keeps_the_others_of_its_message_from_nothing(odd: Any) -> None:
    found = streams(oci(dimensions=[APP, odd, SEARCH]))
    assert found == [("firing", "app"), ("refused", None), ("firing", "search")]


@pytest.mark.parametrize(
    "odd", ["none", None, {}, {"id": "not an ocid", "dimensions": [APP]}, {"id": ALARM_ID, "dimensions": 7}]
)
def test_nor_does_odd_metadata(odd: Any) -> None:
    good = {"id": ALARM_ID, "dimensions": [APP]}
    assert streams(oci(alarmMetaData=[odd, good])) == [("refused", None), ("firing", "app")]


def test_a_refused_stream_says_of_which_alarm_it_is() -> None:
    alarm = one(oci(dimensions=[{"resourceId": "checkout"}]))
    assert (alarm["state"], alarm["name"], alarm["origin"]) == ("refused", "checkout-backends", "oci_monitoring")


@pytest.mark.parametrize(
    "resource",
    [
        "ocid1.instance.oc1.iad.aaaa",
        "OCID1.AUTONOMOUSDATABASE.OC1.IAD.AAAA",
        "ocid1.httpmonitor.oc1.iad.aaaa",
        "ocid1.networkloadbalancer.oc1.iad.aaaa",
    ],
)
def test_an_alarm_on_another_resource_is_what_only_the_map_knows(resource: str) -> None:
    alarm = one(oci(dimensions=[{"resourceId": resource, "backendSetName": "app"}]))
    assert (alarm["state"], alarm["load_balancer_id"], alarm["backend_set"]) == ("firing", None, None)
    assert (alarm["object"], alarm["rule_set"]) == (ALARM_ID, "maintenance-page")
    assert "no load balancer" in alarm["reason"]


def test_an_alarm_on_another_resource_also_reports_what_its_body_lacks() -> None:
    body = "{{dimensions.resourceId}},x,not a name"
    alarm = one(oci(dimensions=[{"resourceId": "ocid1.instance.oc1.iad.aaaa"}], body=body))
    assert "rule set" in alarm["reason"]
    assert "no load balancer" in alarm["reason"]


def test_a_message_that_is_the_event_itself_is_not_taken_for_its_own_body() -> None:
    event = main(oci(body="Follow the runbook"))
    assert isinstance(event, dict)
    assert (event["alarm"]["state"], event["alarm"]["load_balancer_id"]) == ("firing", LOAD_BALANCER_ID)
