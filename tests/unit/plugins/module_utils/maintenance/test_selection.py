# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which listeners a backend set means: those that can show the page, and no other keeps it from them."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.decision import (
    Switch,
    after_step,
    missing_steps,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.leaving import fronts
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.selection import (
    Fronts,
    LeftOutListener,
)

from .balancers import PAGE, balancer, listener, redirect, request

TLS = {"certificateName": "checkout"}
TO_HTTPS = {"protocol": "HTTPS", "port": 443, "host": "{host}", "path": "{path}", "query": "{query}"}
PLAIN_PAGE = {"protocol": "HTTP", "port": 8081}
OURS = {"items": [redirect(redirectUri=PLAIN_PAGE)]}

HTTPS = listener("https", port=443, sslConfiguration=TLS)
HTTP = listener("http", ruleSetNames=["to-https"])
TCP = listener("mail", port=2525, protocol="TCP")
SORRY = listener("sorry", port=8082)
SUITE = listener(
    "old", port=8443, sslConfiguration=TLS | {"cipherSuiteName": "oci-customized-ssl-cipher-suite"}, ruleSetNames=[]
)


def usual(*listeners: dict[str, t.Any], **rule_sets: t.Any) -> dict[str, t.Any]:
    """A load balancer whose HTTP listener sends everybody to HTTPS, and shares the backend set with it."""
    to_https = {"items": [redirect(responseCode=301, redirectUri=TO_HTTPS)]}
    return balancer(*(listeners or (HTTP, HTTPS)), ruleSets={PAGE: OURS, "to-https": to_https, **rule_sets})


def switched(found: dict[str, t.Any], **asked: t.Any) -> list[str]:
    """The listeners that a request changes."""
    return [step.listener for step in missing_steps(found, request(**asked), ()) if isinstance(step, Switch)]


def left_out(found: dict[str, t.Any], **asked: t.Any) -> dict[str, LeftOutListener]:
    return {item.listener: item for item in fronts(found, request(**asked)).left_out}


def taken(found: dict[str, t.Any], asked: Request) -> dict[str, t.Any]:
    """The load balancer after all steps."""
    for step in missing_steps(found, asked, ()):
        found = after_step(found, step, PAGE)
    return found


def entered(found: dict[str, t.Any]) -> dict[str, t.Any]:
    """The load balancer after the page came up, with its holds."""
    return taken(found, request())


def test_a_listener_that_redirects_to_one_with_the_page_is_left_as_it_is() -> None:
    assert switched(usual()) == ["https"]
    assert left_out(usual())["http"].leads_to == ("https",)


@pytest.mark.parametrize("code", [301, 302, 308])
def test_it_does_not_matter_for_how_long_browsers_remember_that_redirect(code: int) -> None:
    found = usual(**{"to-https": {"items": [redirect(responseCode=code, redirectUri=TO_HTTPS)]}})
    assert switched(found) == ["https"]


@pytest.mark.parametrize("other", [TCP, SORRY, SUITE], ids=lambda item: item["name"])
def test_a_listener_that_cannot_show_the_page_keeps_it_from_nobody(other: dict[str, t.Any]) -> None:
    ours = {"items": [redirect(redirectUri={"protocol": "HTTP", "port": 8082 if other is SORRY else 8081})]}
    found = usual(HTTP, HTTPS, other, **{PAGE: ours})
    assert switched(found) == ["https"]
    assert left_out(found)[other["name"]].leads_to == ()


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (TCP, "It has the protocol TCP"),
        (SUITE, "'oci-customized-ssl-cipher-suite', which OCI does not accept in an update"),
        (listener("odd", ruleSetNames=["away"]), "redirects / on listener 'odd', and so does rule set 'away'"),
    ],
    ids=lambda item: item["name"] if isinstance(item, dict) else "",
)
def test_why_a_listener_cannot_show_the_page_is_reported(other: dict[str, t.Any], reason: str) -> None:
    away = {"items": [redirect(redirectUri={"host": "www.example.com"})]}
    assert reason in left_out(usual(HTTPS, other, away=away))[other["name"]].reason


def test_the_pages_own_listener_is_left_out_as_a_circle() -> None:
    found = usual(HTTPS, SORRY, **{PAGE: {"items": [redirect(redirectUri={"protocol": "HTTP", "port": 8082})]}})
    assert "redirect in a circle: sorry:8082/ -> sorry:8082/" in left_out(found)["sorry"].reason


def test_a_listener_that_redirects_only_some_requests_gets_the_page_as_well() -> None:
    partly = {"items": [redirect("/login", redirectUri=TO_HTTPS)]}
    assert switched(usual(listener("http", ruleSetNames=["partly"]), HTTPS, partly=partly)) == ["http", "https"]


SHOP_ONLY = {PAGE: {"items": [redirect("/shop", redirectUri=PLAIN_PAGE)]}}


def test_a_listener_that_redirects_everything_is_left_as_it_is_where_the_page_covers_other_paths() -> None:
    assert switched(usual(**SHOP_ONLY)) == ["https"]


def test_a_listener_that_has_the_page_and_can_keep_it_is_not_left_out_for_its_own_redirect() -> None:
    up = entered(usual(HTTPS, listener("http"), **SHOP_ONLY))
    up["listeners"]["http"]["ruleSetNames"].append("to-https")
    assert fronts(up, request()) == Fronts(("http", "https"))


def test_a_listener_that_has_the_page_first_is_not_written_so_its_cipher_suite_does_not_matter() -> None:
    found = usual(HTTPS, SUITE | {"ruleSetNames": [PAGE, "partly"]}, partly={"items": [redirect("/login")]})
    assert fronts(found, request()) == Fronts(("https", "old"))


def test_of_two_listeners_whose_pages_would_make_a_circle_the_first_gets_it() -> None:
    there = redirect("/x", redirectUri={"port": 81, "path": "/y"})
    back = redirect("/y", redirectUri={"port": 80, "path": "/x"})
    found = usual(listener("a"), listener("b", port=81), **{PAGE: {"items": [there, back]}})
    assert switched(found) == ["a"]
    assert "b:81/y -> a:80/x -> b:81/y" in left_out(found)["b"].reason


def test_a_redirect_to_a_listener_that_cannot_show_the_page_is_no_excuse() -> None:
    unwritable = SUITE | {"name": "https", "port": 443}
    with pytest.raises(RefusedError, match=r"None of the listeners of backend set 'app' can show the page.*http: .*"):
        switched(usual(HTTP, unwritable))


def test_two_listeners_that_redirect_to_each_other_are_not_taken_for_each_others_page() -> None:
    back = {"items": [redirect(redirectUri={"protocol": "HTTP", "port": 80})]}
    with pytest.raises(RefusedError, match="can show the page"):
        switched(usual(HTTP, HTTPS | {"ruleSetNames": ["back"]}, back=back))


def test_a_chain_of_redirects_that_ends_at_the_page_is_left_as_it_is() -> None:
    chain = {"items": [redirect(redirectUri={"protocol": "HTTP", "port": 80})]}
    found = usual(HTTP, HTTPS, listener("legacy", port=8000, ruleSetNames=["chain"]), chain=chain)
    assert switched(found) == ["https"]
    assert left_out(found)["legacy"].leads_to == ("https",)


@pytest.mark.parametrize(
    ("only", "words"),
    [(TCP, "protocol TCP"), (SUITE, "Choose a predefined suite"), (HTTP, "so does rule set 'to-https'")],
    ids=lambda item: item["name"] if isinstance(item, dict) else "",
)
def test_a_single_listener_that_cannot_show_the_page_is_an_error_with_its_remedy(
    only: dict[str, t.Any], words: str
) -> None:
    with pytest.raises(RefusedError, match=words):
        switched(usual(only))


def test_several_listeners_that_cannot_show_the_page_are_an_error_that_says_why_of_each() -> None:
    with pytest.raises(RefusedError, match="mail: It has the protocol TCP.*old: Its cipher suite"):
        switched(usual(TCP, SUITE))


@pytest.mark.parametrize("other", [HTTP, TCP, SUITE], ids=lambda item: item["name"])
def test_named_listeners_get_the_page_all_or_none(other: dict[str, t.Any]) -> None:
    with pytest.raises(RefusedError):
        switched(usual(HTTPS, other), listeners=["https", other["name"]])


def test_named_listeners_leave_none_out() -> None:
    assert fronts(usual(), request(listeners=["http", "https"])) == Fronts(("http", "https"))


def test_the_way_out_frees_what_the_way_in_has_switched() -> None:
    assert switched(entered(usual()), enabled=False) == ["https"]
    assert switched(entered(usual(HTTP, HTTPS, TCP, SUITE)), enabled=False) == ["https"]


def test_a_listener_that_got_its_own_redirect_while_the_page_was_up_is_freed() -> None:
    up = entered(usual(HTTPS, listener("http")))
    up["listeners"]["http"]["ruleSetNames"].append("to-https")
    assert switched(up, enabled=False) == ["http", "https"]


@pytest.mark.parametrize("named", [(), ("https", "mail")])
def test_a_listener_that_speaks_tcp_by_now_and_is_still_held_is_released(named: tuple[str, ...]) -> None:
    up = entered(usual(HTTPS, listener("mail", port=2525)))
    up["listeners"]["mail"] = TCP
    after = taken(up, request(enabled=False, listeners=named))
    assert "tidegate" not in str(after["freeformTags"])


def test_a_listener_with_the_page_stays_among_the_switched_where_it_would_be_left_out_by_now() -> None:
    up = entered(usual(HTTPS, listener("http")))
    up["listeners"]["http"]["ruleSetNames"].append("to-https")
    assert fronts(up, request(enabled=False)).names == ("http", "https")
