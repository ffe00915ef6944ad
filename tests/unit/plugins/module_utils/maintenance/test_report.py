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
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.selection import Fronts, LeftOut

from .balancers import PAGE, balancer, hold, listener, redirect, request

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


def told_of_page(*rules: dict[str, t.Any], left_out: tuple[LeftOut, ...] = (), **more: t.Any) -> list[str]:
    """Warnings once the page with these rules is up on ``http``."""
    mail = listener("mail", port=2525, protocol="TCP")
    up = balancer(listener("http", ruleSetNames=[PAGE]), mail, ruleSets={PAGE: {"items": list(rules)}}, **more)
    return report.page_warnings(up, Fronts(("http",), left_out), PAGE)


def test_a_page_that_all_requests_lead_to_needs_no_words() -> None:
    assert told_of_page(redirect("/")) == []


def test_paths_that_still_reach_the_application_are_named() -> None:
    (warning,) = told_of_page(redirect("/shop"), redirect("/cart"))
    assert "listener 'http' serves paths such as /any" in warning


def test_a_rule_that_covers_only_the_start_page_is_warned_of() -> None:
    only = {"attributeName": "PATH", "attributeValue": "/", "operator": "EXACT_MATCH"}
    assert "Some requests still reach the application" in told_of_page(redirect(conditions=[only]))[0]


@pytest.mark.parametrize(
    "uri", [{"port": 9999}, {"protocol": "HTTPS", "port": 8081}, {"port": 80, "protocol": "HTTPS"}]
)
def test_a_redirect_to_where_nothing_listens_is_warned_of(uri: dict[str, t.Any]) -> None:
    (warning,) = told_of_page(redirect(redirectUri=uri))
    assert f"redirects to {uri.get('protocol', 'HTTP')}, port {uri['port']}, where this load balancer has no" in warning


def test_a_page_on_another_host_is_not_doubted() -> None:
    assert told_of_page(redirect(redirectUri={"host": "status.example.com", "protocol": "HTTPS", "port": 443})) == []


def test_whose_users_do_not_get_the_page_is_told() -> None:
    (warning,) = told_of_page(redirect(), left_out=(LeftOut("mail", "It has the protocol TCP."),))
    assert warning == "The users of listener 'mail' do not get the page. It has the protocol TCP."


def test_users_who_get_the_page_at_another_listener_need_no_warning() -> None:
    mine = {"items": [redirect(responseCode=301, redirectUri={"port": 80})]}
    entrance = listener("entrance", port=8000, ruleSetNames=["mine"])
    up = balancer(
        listener("http", ruleSetNames=[PAGE]), entrance, ruleSets={PAGE: {"items": [redirect()]}, "mine": mine}
    )
    assert report.page_warnings(up, Fronts(("http",), (LeftOut("entrance", "", ("http",)),)), PAGE) == []


def test_steps_are_told_in_words() -> None:
    steps: list[Step] = [Switch("http", attach=True), ChangeHolds(take=(hold(),)), ChangeHolds(clear=True)]
    assert report.taken(steps, PAGE) == [
        "'maintenance-page' attached to http",
        "the hold of operator recorded",
        "the hold of everybody released",
    ]
