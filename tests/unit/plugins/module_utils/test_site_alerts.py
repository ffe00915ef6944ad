# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which site stays by which alert, and what of the map or of an alert cannot mean anything."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main
from ansible_collections.tidegate.failover.plugins.filter.alarms import site_alert as by_filter
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._site_alerts import outdated, site_alert
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import (
    ACCELERATOR,
    Json,
    alert,
    alertmanager,
)

GROUP = "arn:aws:globalaccelerator::123456789012:accelerator/a/listener/l/endpoint-group/"
INFINISPAN = {"url": "https://infinispan.example.com", "url_username": "admin", "url_password_file": "/run/secrets/x"}
OPPOSITE = {"site": "site-a", "reporter": "site-b"}


def site(name: str, **more: object) -> Json:
    return {"site": name, "endpoint_group_arn": f"{GROUP}{name}", **more}


def entry(**more: object) -> Json:
    return {"primary": site("site-a"), "secondary": site("site-b"), **more}


def alarm(**labels: Any) -> Json:
    """What the event filter makes of an alert."""
    event = main({"payload": alertmanager(alert(**labels))})
    assert isinstance(event, dict)
    found: Json = event["alarm"]
    return found


def test_the_site_that_reports_stays() -> None:
    asked = site_alert({ACCELERATOR: entry(name="sso")}, alarm())
    assert (asked["to"], asked["offline"], asked["held_back"]) == ("primary", "site-b", "")
    places = {
        place: {"endpoint_group_arn": f"{GROUP}{name}"}
        for place, name in (("primary", "site-a"), ("secondary", "site-b"))
    }
    assert asked["target"] == {"name": "sso", "passive": True, "bring_in": "never", **places}


def test_the_opposite_alert_keeps_the_other_site() -> None:
    asked = site_alert({ACCELERATOR: entry()}, alarm(**OPPOSITE), "if_none")
    assert (asked["to"], asked["offline"]) == ("secondary", "site-a")
    assert (asked["target"]["name"], asked["target"]["bring_in"]) == (ACCELERATOR, "if_none")


def test_the_cluster_is_that_of_the_site_that_stays() -> None:
    accelerators = {ACCELERATOR: entry(secondary=site("site-b", infinispan=INFINISPAN))}
    assert site_alert(accelerators, alarm(**OPPOSITE))["infinispan"] == INFINISPAN
    assert site_alert(accelerators, alarm())["infinispan"] == {}


def test_endpoints_are_handed_on_as_they_are() -> None:
    endpoints = [{"endpoint_id": "x", "weight": 5}]
    asked = site_alert({ACCELERATOR: entry(primary=site("site-a", endpoints=endpoints))}, alarm())
    assert asked["target"]["primary"]["endpoints"] == endpoints


def test_the_map_is_asked_in_any_case() -> None:
    assert site_alert({ACCELERATOR.upper(): entry()}, alarm())["to"] == "primary"


@pytest.mark.parametrize(
    ("accelerators", "labels", "reported"),
    [
        ({}, {}, "in accelerators 0 times. Known are: none"),
        ({"b.example.com": entry()}, {}, "Known are: b.example.com"),
        ({ACCELERATOR: entry(), ACCELERATOR.upper(): entry()}, {}, "in accelerators 2 times"),
        ({ACCELERATOR: entry()}, {"site": None}, "has no site. Give it these labels"),
        ({ACCELERATOR: entry()}, {"accelerator": None, "reporter": None}, "has no accelerator, reporter"),
        ({ACCELERATOR: entry()}, {"site": "{{ x }}"}, "because site is"),
        ({ACCELERATOR: entry()}, {"site": "site-c"}, "about the site site-c. Expected are the two sites"),
        ({ACCELERATOR: entry()}, {"site": "site-a"}, "of the site site-a about the site site-a"),
        ({ACCELERATOR: entry(tertiary={})}, {}, "has tertiary, which means nothing there"),
        ({ACCELERATOR: {"primary": site("site-a")}}, {}, "has no secondary"),
        ({ACCELERATOR: "sso"}, {}, "is a str. Expected a dictionary"),
        ({ACCELERATOR: entry(secondary=site("site-a"))}, {}, "both sites are called site-a"),
        ({ACCELERATOR: entry(secondary={"site": "site-b"})}, {}, "secondary, has no endpoint_group_arn"),
        ({ACCELERATOR: entry(primary=site("site-a", infinispan={"url": "x"}))}, {}, "infinispan, has no url_username"),
        ({ACCELERATOR: entry(primary=site("site-a", weight=5))}, {}, "has weight, which means nothing"),
    ],
)
def test_what_cannot_be_meant_is_refused(accelerators: Json, labels: Json, reported: str) -> None:
    with pytest.raises(RefusedError, match=reported.replace("(", r"\(")):
        site_alert(accelerators, alarm(**labels))


@pytest.mark.parametrize(("ago", "is_held_back"), [(-60, False), (5, False), (3500, False), (3700, True)])
def test_i9_an_alert_that_arrived_long_ago_is_held_back(ago: int, is_held_back: bool) -> None:
    received = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat()
    assert bool(by_filter({ACCELERATOR: entry()}, alarm(), received_at=received)["held_back"]) == is_held_back


def test_an_alert_without_a_time_of_arrival_is_one_of_now() -> None:
    assert by_filter({ACCELERATOR: entry()}, alarm(), max_age=0)["held_back"] == ""


@pytest.mark.parametrize("received", ["soon", "2026-11-21T03:04:05"])
def test_a_time_that_is_none_is_an_error(received: str) -> None:
    with pytest.raises(AnsibleFilterError):
        by_filter({ACCELERATOR: entry()}, alarm(), received_at=received)


@pytest.mark.parametrize(
    ("age", "said"), [(0, ""), (-59, ""), (3600, ""), (3601, "only 3600 s are allowed"), (-7200, "clock")]
)
def test_i9_an_alert_whose_age_cannot_be_reported_is_held_back(age: float, said: str) -> None:
    reported = outdated(age, 3600)
    assert bool(reported) == bool(said)
    assert said in reported
