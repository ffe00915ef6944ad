# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a run reports to a person."""

from __future__ import annotations

import re
import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance import report
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.decision import ChangeHolds, Step, Switch
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.refused_fields import LeftOut
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.selection import (
    Fronts,
    LeftOutListener,
)

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


def test_a_page_that_an_alarm_left_unchanged_is_reported() -> None:
    warnings = report.warnings(BARE, BARE, request(enabled=False, owner="alarm"), ["http"])
    assert "held by nobody, so this alarm left it unchanged" in warnings[0]


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


def test_a_hold_of_somebody_else_without_its_page_is_reported_when_the_page_goes_up() -> None:
    before = balancer(holds=[hold("change:CHG-1")])
    assert (
        "change:CHG-1 held the page on http, where it was not up"
        in report.warnings(before, before, request(), ["http"])[0]
    )


def test_reasons_that_found_no_room_are_reported() -> None:
    before = balancer(listener("http", ruleSetNames=[PAGE]), holds=[hold("alarm", reason="down")])
    after = balancer(listener("http", ruleSetNames=[PAGE]), holds=[hold("alarm"), hold()])
    assert "no room for the reasons" in report.warnings(before, after, request(), ["http"])[0]


def reported_of_page(*rules: dict[str, t.Any], left_out: tuple[LeftOutListener, ...] = (), **more: t.Any) -> list[str]:
    """Warnings once the page with these rules is up on ``http``."""
    mail = listener("mail", port=2525, protocol="TCP")
    up = balancer(listener("http", ruleSetNames=[PAGE]), mail, ruleSets={PAGE: {"items": list(rules)}}, **more)
    return report.page_warnings(up, Fronts(("http",), left_out), PAGE)


def test_a_page_that_all_requests_lead_to_needs_no_words() -> None:
    assert reported_of_page(redirect("/")) == []


def test_paths_that_still_reach_the_application_are_named() -> None:
    (warning,) = reported_of_page(redirect("/shop"), redirect("/cart"))
    assert "listener 'http' serves paths such as /any" in warning


def test_a_rule_that_covers_only_the_start_page_is_warned_of() -> None:
    only = {"attributeName": "PATH", "attributeValue": "/", "operator": "EXACT_MATCH"}
    assert "Some requests still reach the application" in reported_of_page(redirect(conditions=[only]))[0]


@pytest.mark.parametrize(
    "uri", [{"port": 9999}, {"protocol": "HTTPS", "port": 8081}, {"port": 80, "protocol": "HTTPS"}]
)
def test_a_redirect_to_where_nothing_listens_is_warned_of(uri: dict[str, t.Any]) -> None:
    (warning,) = reported_of_page(redirect(redirectUri=uri))
    assert f"redirects to {uri.get('protocol', 'HTTP')}, port {uri['port']}, where this load balancer has no" in warning


def test_a_page_on_another_host_is_not_doubted() -> None:
    assert (
        reported_of_page(redirect(redirectUri={"host": "status.example.com", "protocol": "HTTPS", "port": 443})) == []
    )


def test_whose_users_do_not_get_the_page_is_reported() -> None:
    (warning,) = reported_of_page(redirect(), left_out=(LeftOutListener("mail", "It has the protocol TCP."),))
    assert warning == "The users of listener 'mail' do not get the page. It has the protocol TCP."


def test_users_who_get_the_page_at_another_listener_need_no_warning() -> None:
    mine = {"items": [redirect(responseCode=301, redirectUri={"port": 80})]}
    entrance = listener("entrance", port=8000, ruleSetNames=["mine"])
    up = balancer(
        listener("http", ruleSetNames=[PAGE]), entrance, ruleSets={PAGE: {"items": [redirect()]}, "mine": mine}
    )
    assert report.page_warnings(up, Fronts(("http",), (LeftOutListener("entrance", "", ("http",)),)), PAGE) == []


def test_steps_are_reported_in_words() -> None:
    steps: list[Step] = [Switch("http", attach=True), ChangeHolds(take=(hold(),)), ChangeHolds(clear=True)]
    assert report.taken(steps, PAGE) == [
        "'maintenance-page' attached to http",
        "the hold of operator recorded",
        "the hold of everybody released",
    ]


def test_an_alarm_says_which_page_it_did_not_take_over() -> None:
    mixed = balancer(
        listener("http", ruleSetNames=[PAGE]),
        listener("https", port=443, ruleSetNames=[PAGE]),
        holds=[hold("alarm", "https")],
    )
    reported = report.message(mixed, mixed, request(owner="alarm"), ["http", "https"], [])
    assert reported.startswith(
        "Already in maintenance: 'maintenance-page' is attached to https, held by alarm. On http the"
    )
    assert "records no hold there, and its recovery will not remove it" in reported
    assert reported.split(". ", 1)[1] in report.warnings(mixed, mixed, request(owner="alarm"), ["http", "https"])


def test_an_alarm_that_finds_nothing_of_its_own_to_do_says_why() -> None:
    assert "On http the page" in report.nothing_of_ours(BARE, request(owner="alarm"), ["http"])
    assert report.nothing_of_ours(BARE, request(), ["http"]) == ""
    assert report.nothing_of_ours(UP, request(owner="alarm"), ["http"]) == ""


@pytest.mark.parametrize(
    ("after", "asked", "reported"),
    [
        (BARE, request(), ["no hold is recorded for it"]),
        (UP, request(), []),
        (DOWN, request(owner="alarm"), ["This run put no page up"]),
        (BARE, request(enabled=False), []),
    ],
)
def test_a_failure_says_how_the_page_stands(after: t.Any, asked: Request, reported: list[str]) -> None:
    said = report.after_failure(after, asked, ["http"], changed=False)
    assert len(said) == len(reported)
    assert all(words in sentence for words, sentence in zip(reported, said, strict=True))


def test_an_alarm_that_changed_something_does_not_say_that_it_put_no_page_up() -> None:
    assert report.after_failure(DOWN, request(owner="alarm"), ["http"], changed=True) == []


def test_it_is_reported_beforehand_that_an_alarm_would_find_no_room() -> None:
    full = balancer(freeformTags={f"tag{number}": "" for number in range(10)})
    assert "Remove 1 of them" in report.no_room_for_alarms(full, request(), ["http"])
    assert report.no_room_for_alarms(DOWN, request(), ["http"]) == ""


def test_what_is_gone_is_reported_when_maintenance_ends() -> None:
    before = balancer(holds=[hold()], ruleSets={})
    found = report.warnings(before, DOWN, request(enabled=False), ["http"])
    assert len(found) == 1
    assert re.fullmatch(
        r"The load balancer has no rule set 'maintenance-page'\..* Selected listeners: http\.", found[0]
    )


def test_a_page_that_an_alarm_still_holds_elsewhere_is_reported() -> None:
    moved = balancer(
        listener("http"), listener("moved", port=81, defaultBackendSetName="new"), holds=[hold("alarm", "moved")]
    )
    found = report.warnings(moved, moved, request(enabled=False, owner="alarm"), ["http"])
    assert "'alarm' still holds a page on moved" in found[0]
    assert report.warnings(BOTH, BOTH, request(enabled=False, owner="alarm"), ["http"]) == []


def test_tags_that_were_reset_are_to_be_restored() -> None:
    left_out = LeftOut(of_load_balancer=1)
    before, step = balancer(definedTags={"Operations": {"CostCenter": "42"}}), ChangeHolds(take=(hold(),))
    (lost,) = report.lost_tags(before, balancer(), step, left_out)
    assert lost.endswith('Restore it: {"Operations": {"CostCenter": "42"}}.')
    assert report.lost_tags(before, before, step, left_out) == []
    assert "nothing of that has changed" in report.reported_of_left_out(before, before, step, left_out)[0]


def test_a_field_that_did_not_survive_being_left_out_is_reported_with_its_value() -> None:
    left_out = LeftOut(of_listeners=[("sslConfiguration", "x")])
    before, step = balancer(listener("http", sslConfiguration={"x": [1]})), Switch("http", attach=True)
    (reported,) = report.reported_of_left_out(before, balancer(), step, left_out)
    assert "OCI shows sslConfiguration.x of listener 'http'" in reported
    assert "sslConfiguration.x was [1]" in reported


@pytest.mark.parametrize(
    ("left_out", "words"), [([], "Changing tags"), (["a", "b"], "without a and b was refused too. Changing tags")]
)
def test_a_refusal_to_change_tags_says_what_was_tried(left_out: list[str], words: str) -> None:
    assert words in report.tags_refused(left_out)
    assert ("refused too" in report.tags_refused(left_out)) is bool(left_out)


def test_values_to_restore_are_reported_in_order_and_in_the_letters_that_they_have() -> None:
    before = balancer(definedTags={"b": {"owner": "Jürgen"}, "a": {}})
    (lost,) = report.lost_tags(before, balancer(), ChangeHolds(take=(hold(),)), LeftOut(of_load_balancer=1))
    assert lost.endswith('{"a": {}, "b": {"owner": "Jürgen"}}.')


def test_a_listener_that_kept_a_field_which_was_left_out_is_reported_as_such() -> None:
    left_out = LeftOut(of_listeners=[("sslConfiguration", "x")])
    before, step = balancer(listener("http", sslConfiguration={"x": [1]})), Switch("http", attach=True)
    assert "nothing of that has changed" in report.reported_of_left_out(before, before, step, left_out)[0]


def test_a_hold_without_a_reason_lost_none() -> None:
    asked = request(owner="alarm", reason="down")
    other = balancer(listener("http", ruleSetNames=[PAGE]), holds=[hold()])
    assert report.warnings(DOWN, other, asked, ["http"]) == []
