# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a run reports about a page in place."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import report, swaps
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.decision import (
    ChangeHolds,
    Step,
    Switch,
    load_balancer_body,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.selection import Fronts, LeftOutListener

from .balancers import balancer, listener, redirect, request
from .test_swaps import SORRY, in_place, run, served

Json = dict[str, t.Any]
BOTH_OWNERS = ("operator", "alarm:b")


def view(load_balancer: Json) -> Json:
    return swaps.view(load_balancer)


def up(*owners: str) -> Json:
    """The page is in place, held by these."""
    found = served()
    for owner in owners or ("operator",):
        found = run(found, in_place(owner=owner))
    return view(found)


DOWN = view(served())
OF_ALARM = in_place(enabled=False, owner="alarm:b")


def test_a_picture_shows_where_a_swapped_listener_really_sends_requests() -> None:
    shown = report.picture(up(), ["http"], SORRY)["listeners"]["http"]
    assert shown == {
        "rule_set_names": [],
        "default_backend_set_name": "sorry",
        "routing_policy_name": None,
        "path_route_set_name": None,
    }


def test_a_picture_names_routing_policy_and_path_route_set() -> None:
    found = served(listener("http", routingPolicyName="mobile", pathRouteSetName="old"))
    shown = report.picture(view(found), ["http"], SORRY)["listeners"]["http"]
    assert (shown["routing_policy_name"], shown["path_route_set_name"]) == ("mobile", "old")


def test_a_picture_of_a_page_by_redirect_shows_no_routes() -> None:
    assert report.picture(DOWN, ["http"], "maintenance-page")["listeners"] == {"http": {"rule_set_names": []}}


def test_a_hold_on_a_page_in_place_names_its_backend_set() -> None:
    (held,) = report.picture(up(), ["http"], SORRY)["holds"]
    assert (held["rule_set"], held["maintenance_backend_set"]) == (None, "sorry")


def test_a_hold_on_a_page_by_redirect_names_its_rule_set_only() -> None:
    by_redirect = request().rule_set
    (held,) = report.picture(run(served(), request()), ["http"], by_redirect)["holds"]
    assert (held["rule_set"], "maintenance_backend_set" in held) == (by_redirect, False)


def test_holds_that_cannot_be_read_are_shown_as_none() -> None:
    assert report.readable_holds(balancer(freeformTags={"tidegate-holds-1": "somebody was here"})) == ()


def test_a_listener_that_is_left_out_is_reported_with_where_its_users_go() -> None:
    (reported,) = report.left_out([LeftOutListener("plain", "It redirects.", ("https",))])
    assert (reported["listener"], reported["leads_to"]) == ("plain", ["https"])


@pytest.mark.parametrize(
    ("before", "after", "asked", "words"),
    [
        (DOWN, up(), in_place(), "In maintenance: backend set 'sorry' answers on http, held by operator."),
        (up(), DOWN, in_place(enabled=False), "Maintenance ended: backend set 'sorry' is not in place on http."),
        (
            up(*BOTH_OWNERS),
            up(),
            OF_ALARM,
            "The hold was released, but backend set 'sorry' stays in place on http: it is held by operator.",
        ),
    ],
)
def test_the_message_says_what_is_in_place(before: Json, after: Json, asked: Request, words: str) -> None:
    steps = [ChangeHolds(release=(("http", SORRY, asked.owner),))]
    assert report.message(before, after, asked, ["http"], steps) == words


def test_a_request_that_means_no_listener_says_so() -> None:
    assert "is not in place on any selected listener." in report.message(DOWN, DOWN, in_place(enabled=False), [], [])


def test_steps_of_a_swap_are_reported_in_words() -> None:
    record = swaps.records_of(run(served(), in_place(), 1))
    steps: list[Step] = [
        ChangeHolds(remember=record),
        Switch("http", attach=True),
        Switch("http", attach=False),
        ChangeHolds(),
        ChangeHolds(clear=True),
    ]
    assert report.taken(steps, SORRY) == [
        "what the listeners serve recorded",
        "backend set 'sorry' put in place on http",
        "backend set 'sorry' removed from http",
        "what the listeners serve forgotten",
        "the hold of everybody released",
    ]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"routingPolicyName": "mobile"}, "serves by routing policy 'mobile'."),
        ({"pathRouteSetName": "old"}, "serves by path route set 'old'."),
        ({"routingPolicyName": "a", "pathRouteSetName": "b"}, "routing policy 'a' and path route set 'b'."),
    ],
)
def test_what_the_page_covers_besides_the_backend_set_is_reported(fields: Json, words: str) -> None:
    found = view(served(listener("http", **fields), listener("more", port=81)))
    warnings = report.page_warnings(found, Fronts(("http",)), SORRY)
    assert len(warnings) == 1
    assert words in warnings[0]


def test_a_plain_listener_whose_backend_set_another_one_serves_needs_no_warning() -> None:
    found = view(served(listener("http"), listener("more", port=81)))
    assert report.page_warnings(found, Fronts(("http",)), SORRY) == []


def test_a_backend_set_that_no_listener_uses_meanwhile_cannot_show_its_recovery() -> None:
    found = view(run(served(listener("http")), in_place()))
    (warning,) = report.page_warnings(found, Fronts(("http",)), SORRY)
    assert "No listener sends requests to app while the page is up" in warning


def test_a_backend_set_that_a_listener_only_routed_to_cannot_show_its_recovery_either() -> None:
    policies = {"route": {"rules": [{"actions": [{"backendSetName": "shop"}]}]}}
    found = run(served(listener("http", routingPolicyName="route")), in_place(listeners=["http"]))
    found |= {"routingPolicies": policies, "backendSets": {"app": {}, "sorry": {}, "shop": {"backends": [{}]}}}
    assert "No listener sends requests to shop while" in report.page_warnings(view(found), Fronts(("http",)), SORRY)[-1]


def test_users_who_do_not_get_the_page_and_requests_that_pass_it_by_are_reported() -> None:
    mine = {"items": [redirect(redirectUri={"port": 81})]}
    http = listener("http", ruleSetNames=["mine"])
    found = view(
        balancer(http, listener("more", port=81), backendSets={"app": {}, "sorry": {}}, ruleSets={"mine": mine})
    )
    mail = LeftOutListener("mail", "It has the protocol TCP.")
    first, second = report.page_warnings(found, Fronts(("http",), (mail,)), SORRY)
    assert first == "The users of listener 'mail' do not get the page. It has the protocol TCP."
    assert "redirected to listener 'more' and still reach the application there, such as /" in second


def test_a_listener_swapped_by_hand_is_left_as_it_is() -> None:
    by_hand = view(served(listener("http", defaultBackendSetName="sorry"), listener("other", port=81)))
    asked = in_place(enabled=False, listeners=["http", "other", "gone"])
    reported = [
        text for text in report.warnings(by_hand, by_hand, asked, ["http", "other", "gone"]) if "by hand" in text
    ]
    assert [text.partition(" has ")[0] for text in reported] == ["http"]


def test_no_listener_counts_as_swapped_by_hand_where_the_page_is_a_redirect() -> None:
    asked = request(enabled=False, listeners=["http"])
    assert report.warnings(DOWN, DOWN, asked, ["http"]) == []


def without_hold(load_balancer: Json) -> Json:
    kept = swaps.records_of(load_balancer)
    return load_balancer | {
        "freeformTags": load_balancer_body(
            load_balancer,
            ChangeHolds(release=tuple(hold.key for hold in report.readable_holds(load_balancer)), remember=kept),
        )["freeformTags"]
    }


def test_an_alarm_names_the_backend_set_of_a_page_that_it_leaves() -> None:
    bare = view(without_hold(run(served(), in_place())))
    asked = in_place(owner="alarm:b")
    assert "On http the page 'sorry' was up before" in report.nothing_of_ours(bare, asked, ["http"])
    assert report.nothing_of_ours(bare, asked, ["http", "other"]) == ""
