# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a person is told about a run."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import report
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.decision import ChangeHolds, Step, Switch
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request

from .balancers import PAGE, balancer, hold, listener, request

DOWN = balancer()
UP = balancer(listener("http", ruleSetNames=[PAGE]), holds=[hold()])
BOTH = balancer(listener("http", ruleSetNames=[PAGE]), holds=[hold(), hold("alarm")])
BARE = balancer(listener("http", ruleSetNames=[PAGE]))


@pytest.mark.parametrize(
    ("before", "after", "asked", "words"),
    [
        (DOWN, UP, request(), "In maintenance: 'maintenance-page' is attached to http, held by operator."),
        (UP, UP, request(), "Already in maintenance"),
        (UP, DOWN, request(enabled=False), "Maintenance ended"),
        (DOWN, DOWN, request(enabled=False), "Not in maintenance"),
        (BOTH, UP, request(enabled=False, owner="alarm"), "The hold was released, but .* held by operator."),
        (UP, UP, request(enabled=False, owner="alarm"), "'alarm' holds nothing here, but .* held by operator."),
        (BARE, BARE, request(enabled=False, owner="alarm"), "held by nobody"),
    ],
)
def test_the_message_says_what_is_so_now(before: t.Any, after: t.Any, asked: Request, words: str) -> None:
    changed = [ChangeHolds(release=(hold(asked.owner).key,))] if before != after else []
    message = report.message(before, after, asked, ["http"], changed)
    assert re.search(words, message)


def test_a_page_that_nobody_holds_is_reported() -> None:
    assert report.unexplained(BARE, ["http"], PAGE) == ["http"]
    assert report.unexplained(UP, ["http"], PAGE) == []


def test_released_holds_say_whose_they_were() -> None:
    steps = [ChangeHolds(release=(hold("alarm").key, hold("somebody else").key))]
    assert [item["owner"] for item in report.released(BOTH, steps)] == ["alarm"]


def test_an_alarm_is_told_that_it_left_a_page_alone() -> None:
    warnings = report.warnings(BARE, BARE, request(enabled=False, owner="alarm"), ["http"])
    assert "held by nobody, so this alarm left it alone" in warnings[0]


def test_listeners_that_serve_the_backend_set_only_partly_are_named() -> None:
    policies = {"split": {"rules": [{"actions": [{"name": "FORWARD_TO_BACKENDSET", "backendSetName": "app"}]}]}}
    routes = {"old": {"pathRoutes": [{"backendSetName": "app"}]}}
    found = balancer(
        listener("http"),
        listener("api", defaultBackendSetName="page", routingPolicyName="split"),
        listener("legacy", defaultBackendSetName="page", pathRouteSetName="old"),
        routingPolicies=policies,
        pathRouteSets=routes,
    )
    assert "api, legacy also sends some requests" in report.warnings(found, found, request(), ["http"])[0]


def test_a_hold_of_somebody_else_without_its_page_is_told_when_the_page_goes_up() -> None:
    before = balancer(holds=[hold("change:CHG-1")])
    assert (
        "change:CHG-1 held the page on http, where it was not up"
        in report.warnings(before, before, request(), ["http"])[0]
    )


def test_reasons_that_found_no_room_are_told() -> None:
    before = balancer(listener("http", ruleSetNames=[PAGE]), holds=[hold("alarm", reason="down")])
    after = balancer(listener("http", ruleSetNames=[PAGE]), holds=[hold("alarm"), hold()])
    assert "no room for the reasons" in report.warnings(before, after, request(), ["http"])[0]


def test_steps_are_told_in_words() -> None:
    steps: list[Step] = [Switch("http", attach=True), ChangeHolds(take=(hold(),)), ChangeHolds(clear=True)]
    assert report.taken(steps, PAGE) == [
        "'maintenance-page' attached to http",
        "the hold of operator recorded",
        "the hold of everybody released",
    ]
