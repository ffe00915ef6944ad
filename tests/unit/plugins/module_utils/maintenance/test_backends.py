# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What stops an event: backends in another state than it reports, and a hold that counts from a later time."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.backends import (
    checked_backend_sets,
    held_back,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request, event_time_from
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.maintenance.balancers import (
    balancer,
    hold,
    listener,
    request,
)

from .backend_sets import backend_set, health

NOW = datetime(2026, 11, 21, 3, 4, 5, 678_000, UTC)
EARLIER, LATER = "2026-11-21T03:04:00Z", "2026-11-21T03:10:00Z"


#: A load balancer with two sets of two backends each.
TWICE_TWO = balancer(backendSets=dict.fromkeys(("app", "search", "page"), backend_set("serving", "serving")))
BOTH_DOWN, ONE_DOWN = health(2, "CRITICAL", critical=[1, 2]), health(2, "WARNING", critical=[1])


@pytest.mark.parametrize(("wanted", "seen"), [("down", BOTH_DOWN), ("serving", ONE_DOWN)])
def test_backends_in_the_requested_state_hold_nothing_back(wanted: str, seen: dict[str, t.Any]) -> None:
    asked = request(enabled=wanted == "down", only_if_backends=wanted)
    assert held_back(TWICE_TWO, asked, {"app": seen}) == ""


@pytest.mark.parametrize(("wanted", "seen"), [("down", ONE_DOWN), ("serving", BOTH_DOWN)])
def test_i9_other_backends_hold_it_back_and_are_counted(wanted: str, seen: dict[str, t.Any]) -> None:
    reported = held_back(TWICE_TWO, request(only_if_backends=wanted), {"app": seen})
    assert "of 2 backends that take new users are OK; critical: 10.0.0.1:80" in reported
    assert reported.endswith(f"only if it is {wanted}.")


@pytest.mark.parametrize("wanted", ["down", "serving"])
def test_i9_backends_that_changed_between_the_answers_hold_everything_back(wanted: str) -> None:
    assert "is unknown (" in held_back(TWICE_TWO, request(only_if_backends=wanted), {"app": health(3)})


@pytest.mark.parametrize("kinds", [("drained", "drained"), ("serving", "backup")])
def test_i9_a_page_comes_up_where_nobody_else_serves_new_users(kinds: tuple[str, str]) -> None:
    served = balancer(backendSets={"app": backend_set(*kinds)})
    assert held_back(served, request(only_if_backends="down"), {"app": health(2, "WARNING", critical=[1])}) == ""


def test_every_backend_set_must_be_in_the_requested_state() -> None:
    healths = {"app": BOTH_DOWN, "search": health(2)}
    assert "backend set 'search' is serving" in held_back(TWICE_TWO, request(only_if_backends="down"), healths)


def test_i9_a_release_that_is_older_than_the_hold_is_held_back() -> None:
    held = balancer(holds=[hold("alarm:a", since=LATER), hold("operator", since=EARLIER)])
    asked = request(enabled=False, owner="alarm:a", event_time=EARLIER)
    assert f"held the page since {LATER}" in held_back(held, asked, {})


@pytest.mark.parametrize("since", [EARLIER, LATER])
def test_a_release_that_is_not_older_than_the_hold_is_not(since: str) -> None:
    held = balancer(holds=[hold("alarm:a", since=since), hold("alarm:b", since="2026-11-22T00:00:00Z")])
    assert held_back(held, request(enabled=False, owner="alarm:a", event_time=LATER), {}) == ""


@pytest.mark.parametrize("asked", [request(enabled=True), request(enabled=False, force=True)])
def test_holds_that_cannot_be_read_hold_nothing_back_where_no_event_asks(asked: Request) -> None:
    assert held_back(balancer(freeformTags={"tidegate-holds-1": "?"}), asked, {}) == ""


def test_a_named_backend_set_is_checked() -> None:
    assert checked_backend_sets(balancer(), request(backend_set="app")) == ["app"]


def test_listeners_are_checked_by_their_default_backend_sets() -> None:
    served = balancer(listener("http"), listener("api", defaultBackendSetName="search"), listener("https"))
    assert checked_backend_sets(served, request(listeners=["http", "https", "api"])) == ["app", "search"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("2026-11-21T03:04:00.900Z", "2026-11-21T03:04:00Z"),
        ("2026-11-21T04:04:00+01:00", "2026-11-21T03:04:00Z"),
        ("2026-11-22T00:00:00Z", "2026-11-21T03:04:05Z"),
    ],
)
def test_i9_event_times_are_kept_in_utc_and_never_in_the_future(text: str, kept: str) -> None:
    assert event_time_from(text, NOW) == kept


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-21T03:04:05", "0001-01-01T00:00:00+14:00"])
def test_event_times_need_a_zone(text: str) -> None:
    with pytest.raises(RefusedError, match="Give a time with a zone"):
        event_time_from(text, NOW)


def behind_an_ingress(**sets: tuple[str, ...]) -> dict[str, t.Any]:
    """A load balancer as an ingress controller keeps it: the listener's default backend set is empty."""
    rules = [{"actions": [{"backendSetName": name}]} for name in sets]
    routed = listener("https", defaultBackendSetName="default_ingress", routingPolicyName="route")
    known = {name: backend_set(*kinds) for name, kinds in sets.items()}
    return balancer(
        routed,
        backendSets={"default_ingress": backend_set(), "page": backend_set("serving"), **known},
        routingPolicies={"route": {"rules": rules}},
    )


@pytest.mark.parametrize("enabled", [True, False])
def test_i9_what_an_empty_backend_set_is_the_default_for_is_judged_by_where_its_requests_go(enabled: bool) -> None:
    found = behind_an_ingress(shop=("serving",), search=("serving",), unused=())
    assert checked_backend_sets(found, request(enabled=enabled, listeners=["https"])) == ["search", "shop"]


def test_a_backend_set_with_backends_is_judged_alone_whatever_is_routed_elsewhere() -> None:
    found = behind_an_ingress(shop=("serving",))
    found["backendSets"]["default_ingress"] = backend_set("offline")
    assert checked_backend_sets(found, request(listeners=["https"])) == ["default_ingress"]


@pytest.mark.parametrize("sets", [{}, {"shop": ()}])
def test_an_empty_backend_set_counts_where_requests_go_nowhere_else(sets: dict[str, tuple[str, ...]]) -> None:
    assert checked_backend_sets(behind_an_ingress(**sets), request(listeners=["https"])) == ["default_ingress"]
