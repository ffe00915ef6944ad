# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Rule sets that would show no page, outlast maintenance, collide or go in circles are refused."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.redirects import (
    check_no_circle,
    check_no_collision,
    check_page_is_served,
    check_shows_page,
    uncovered,
    with_page,
)

from .balancers import PAGE, balancer, listener, redirect

HEADER = {"action": "ADD_HTTP_RESPONSE_HEADER", "header": "X-A", "value": "b"}


def with_redirect(*listeners: dict[str, t.Any], rules: list[dict[str, t.Any]], **more: t.Any) -> dict[str, t.Any]:
    return balancer(*listeners, **{"ruleSets": {PAGE: {"items": rules}, **more.pop("others", {})}, **more})


def check_http(found: dict[str, t.Any]) -> None:
    """Attach the page to the listener ``http`` on paper."""
    check_no_circle("http", PAGE, with_page(found, PAGE, ["http"]))


@pytest.mark.parametrize("items", [[], None, [HEADER]])
def test_a_rule_set_without_a_redirect_is_refused(items: list[dict[str, t.Any]] | None) -> None:
    with pytest.raises(RefusedError, match="no REDIRECT rule"):
        check_shows_page(PAGE, {"items": items})


@pytest.mark.parametrize("code", [301, 308])
def test_a_redirect_that_browsers_remember_is_refused(code: int) -> None:
    with pytest.raises(RefusedError, match=f"redirects with {code}"):
        check_shows_page(PAGE, {"items": [HEADER, redirect(responseCode=code)]})


@pytest.mark.parametrize("code", [302, 303, 307, None])
def test_a_redirect_that_ends_with_maintenance_is_fine(code: int | None) -> None:
    check_shows_page(PAGE, {"items": [redirect(responseCode=code)]})


def test_a_redirect_for_a_path_that_is_redirected_already_is_refused() -> None:
    found = with_redirect(
        listener("http", ruleSetNames=["to-https"]),
        rules=[redirect("/")],
        others={"to-https": {"items": [redirect("/")]}},
    )
    with pytest.raises(RefusedError, match="redirects / on listener 'http', and so does rule set 'to-https'"):
        check_no_collision("http", PAGE, found)


def test_a_redirect_to_a_start_page_leaves_its_target_for_the_page() -> None:
    start = redirect(redirectUri={"path": "/ords/"})
    start["conditions"][0]["operator"] = "EXACT_MATCH"
    found = with_redirect(
        listener("http", ruleSetNames=["start"]), rules=[redirect("/")], others={"start": {"items": [start]}}
    )
    with pytest.raises(RefusedError, match="leads to /ords/ on the same listener, so let the rule set of the page red"):
        check_no_collision("http", PAGE, found)


def test_redirects_for_different_paths_do_not_collide() -> None:
    others = {"old-shop": {"items": [redirect("/old")]}}
    check_no_collision(
        "http", PAGE, with_redirect(listener("http", ruleSetNames=["old-shop"]), rules=[redirect()], others=others)
    )


def test_a_rule_set_does_not_collide_with_itself() -> None:
    check_no_collision("http", PAGE, with_redirect(listener("http", ruleSetNames=[PAGE]), rules=[redirect()]))


@pytest.mark.parametrize(
    "uri",
    [
        {},
        {"port": 80},
        {"host": "{host}", "path": "/sorry"},
        {"protocol": "{protocol}", "path": "/a/{path}"},
        {"host": "192.0.2.7"},
        {"host": "[2001:db8::7]"},
        {"host": "[2001:DB8:0:0::7]"},
        {"host": "shop.example.com", "path": ""},
        {"path": "{path}/again"},
        {"path": r"/\{odd\}"},
    ],
)
def test_a_redirect_back_to_its_own_listener_is_refused(uri: dict[str, t.Any]) -> None:
    found = with_redirect(
        rules=[redirect(redirectUri=uri)],
        ipAddresses=[{"ipAddress": "192.0.2.7"}, {"ipAddress": "2001:0db8:0:0:0:0:0:7"}],
        hostnames={"shop": {"hostname": "shop.example.com"}},
    )
    with pytest.raises(RefusedError, match="in a circle: http:80/ -> http:80/"):
        check_http(found)


@pytest.mark.parametrize(
    ("path", "operator", "target"),
    [
        ("/", "PREFIX_MATCH", {"port": 8081}),
        ("/", "PREFIX_MATCH", {"host": "status.example.com"}),
        ("/", "PREFIX_MATCH", {"protocol": "HTTPS", "port": 9443}),
        ("/", "EXACT_MATCH", {"path": "/sorry"}),
        ("/shop", "FORCE_LONGEST_PREFIX_MATCH", {"path": "/sorry"}),
        (".html", "SUFFIX_MATCH", {"path": "/sorry"}),
    ],
)
def test_a_redirect_that_leads_away_is_fine(path: str, operator: str, target: dict[str, t.Any]) -> None:
    condition = {"attributeName": "PATH", "attributeValue": path, "operator": operator}
    check_http(with_redirect(rules=[redirect(conditions=[condition], redirectUri=target)]))


def test_a_circle_over_another_listener_is_refused() -> None:
    back = {"back": {"items": [redirect(redirectUri={"port": 80})]}}
    found = with_redirect(rules=[redirect()], others=back)
    found["listeners"]["maintenance"]["ruleSetNames"] = ["back"]
    with pytest.raises(RefusedError, match="http:80/ -> maintenance:8081/ -> http:80/"):
        check_http(found)


def test_a_redirect_to_the_same_port_by_another_protocol_does_not_reach_this_listener() -> None:
    check_http(with_redirect(rules=[redirect(redirectUri={"protocol": "HTTPS"})]))


def test_one_looping_rule_among_good_ones_is_found() -> None:
    rules = [redirect("/shop"), redirect("/api", redirectUri={"path": "/api/sorry"})]
    with pytest.raises(RefusedError, match="http:80/api -> http:80/api/sorry"):
        check_http(with_redirect(rules=rules))


@pytest.mark.parametrize(
    ("uri", "words"),
    [
        ({"host": "192.0.2.7", "port": 9999}, "none on port 9999"),
        ({"host": "[2001:db8::7]", "port": 9999}, r"to http://\[2001:db8::7\]:9999/.* none on port 9999"),
        ({"host": "192.0.2.7", "port": 8081, "protocol": "HTTPS"}, "'maintenance' of port 8081 does not speak HTTPS"),
    ],
)
def test_a_redirect_to_an_address_of_the_load_balancer_where_nothing_answers_is_refused(
    uri: dict[str, t.Any], words: str
) -> None:
    addresses = [{"ipAddress": "192.0.2.7"}, {"ipAddress": "2001:db8:0:0:0:0:0:7"}]
    found = with_redirect(rules=[redirect(redirectUri=uri)], ipAddresses=addresses)
    with pytest.raises(RefusedError, match=words):
        check_page_is_served("http", PAGE, with_page(found, PAGE, ["http"]))


def test_something_in_front_of_the_load_balancer_may_answer_at_a_name() -> None:
    found = with_redirect(rules=[redirect(redirectUri={"port": 9999})])
    check_page_is_served("http", PAGE, with_page(found, PAGE, ["http"]))


def test_a_page_at_the_address_by_which_a_user_came_may_be_answered_by_something_in_front() -> None:
    found = with_redirect(rules=[redirect(redirectUri={"port": 9999})], ipAddresses=[{"ipAddress": "192.0.2.7"}])
    check_page_is_served("http", PAGE, with_page(found, PAGE, ["http"]))


@pytest.mark.parametrize("before", [["to-https"], [PAGE, "to-https"], ["to-https", PAGE]])
def test_the_page_is_the_first_rule_set_and_the_others_stay(before: list[str]) -> None:
    found = with_page(balancer(listener("http", ruleSetNames=before)), PAGE, ["http"])
    assert found["listeners"]["http"]["ruleSetNames"] == [PAGE, "to-https"]


TO_HTTPS = {"to-https": {"items": [redirect("/", redirectUri={"protocol": "HTTPS", "port": 443})]}}
HTTPS = listener("https", port=443, sslConfiguration={"certificateName": "shop"})


def test_a_page_that_is_up_beside_a_redirect_of_its_paths_collides_with_that() -> None:
    found = with_redirect(listener("http", ruleSetNames=[PAGE, "to-https"]), rules=[redirect("/")], others=TO_HTTPS)
    with pytest.raises(RefusedError, match="and so does rule set 'to-https'"):
        check_no_collision("http", PAGE, found)


def test_a_redirect_that_leads_to_another_listener_leaves_that_one_for_the_page() -> None:
    http = listener("http", ruleSetNames=["to-https"])
    found = with_redirect(http, HTTPS, rules=[redirect("/")], others=TO_HTTPS)
    with pytest.raises(RefusedError, match="Leave this listener out"):
        check_no_collision("http", PAGE, found)


def test_a_path_that_reaches_the_application_over_another_listener_is_not_covered_there() -> None:
    http = listener("http", ruleSetNames=["to-https"])
    found = with_redirect(http, HTTPS, rules=[redirect("/")], others=TO_HTTPS)
    assert list(uncovered(found, ["http"], PAGE, ["app"])) == ["https"]
