# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is missing on a route, by what it leads to and who holds it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.decision import (
    Learned,
    ReleaseHolds,
    ReplaceDestinations,
    Step,
    TakeHolds,
    after_step,
    improved,
    missing_steps,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import (
    Destination,
    check_can_be_set_again,
    destinations_of,
    page,
)
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.request import Request, address_from
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

SINCE = "2026-11-21T03:04:05Z"
ENTER = Request(enabled=True, owner="operator", since=SINCE, responder="page")
EXIT = replace(ENTER, enabled=False)
SHOP = Destination("shop", "web", 8080, None, "http1")


def route(*to: Destination) -> dict[str, Any]:
    return {"guid": "route", "destinations": [one.shown() for one in to], "metadata": {"annotations": {"team": "web"}}}


def steps(found: dict[str, Any], request: Request, *written: Step, learned: Learned | None = None) -> list[Step]:
    return missing_steps(found, request, written, learned or Learned())


def after(found: dict[str, Any], request: Request) -> dict[str, Any]:
    for step in steps(found, request):
        found = after_step(found, step)
    return found


def kinds(found: list[Step]) -> list[type]:
    return [type(step) for step in found]


def test_what_was_before_is_recorded_before_the_page_goes_up() -> None:
    take, put_up = steps(route(SHOP), ENTER)
    assert isinstance(take, TakeHolds)
    assert take.holds[0].before == (SHOP,)
    assert put_up == ReplaceDestinations(page("page"), to_page=True)


def test_the_last_one_brings_back_what_was_before_and_then_releases() -> None:
    back, release = steps(after(route(SHOP), ENTER), EXIT)
    assert back == ReplaceDestinations((SHOP,), to_page=False)
    assert release == ReleaseHolds(("operator",))


def test_nothing_is_missing_once_it_is_done() -> None:
    entered = after(route(SHOP), ENTER)
    assert (steps(entered, ENTER), steps(after(entered, EXIT), EXIT)) == ([], [])


def test_who_comes_second_takes_over_what_the_first_one_recorded() -> None:
    entered = after(after(route(SHOP), ENTER), replace(ENTER, owner="change:1"))
    left = after(entered, EXIT)
    assert destinations_of(left)[0].app == "page"
    assert destinations_of(after(left, replace(EXIT, owner="change:1"))) == (SHOP,)


def test_who_leaves_says_so_before_going_while_others_stay() -> None:
    entered = after(after(route(SHOP), ENTER), replace(ENTER, owner="change:1"))
    assert kinds(steps(entered, EXIT)) == [TakeHolds, ReleaseHolds]


def test_who_says_last_that_they_leave_takes_the_page_away() -> None:
    entered = after(after(route(SHOP), ENTER), replace(ENTER, owner="change:1"))
    both = entered
    for owner in ("operator", "change:1"):
        both = after_step(both, steps(entered, replace(EXIT, owner=owner))[0])
    back, release = steps(both, EXIT)
    assert back == ReplaceDestinations((SHOP,), to_page=False)
    assert release == ReleaseHolds(("change:1", "operator"))


def test_the_page_goes_up_again_for_who_came_while_it_was_taken_away() -> None:
    entered = after(after(route(SHOP), ENTER), replace(ENTER, owner="change:1"))
    taken = after_step(entered, ReplaceDestinations((SHOP,), to_page=False))
    first = steps(taken, EXIT, ReplaceDestinations((SHOP,), to_page=False))[0]
    assert first == ReplaceDestinations(page("page"), to_page=True)


def test_a_deployment_that_took_the_route_is_recorded_again() -> None:
    entered = after(route(SHOP), ENTER)
    green = replace(SHOP, app="green")
    deployed = after_step(entered, ReplaceDestinations((green,), to_page=False))
    take = steps(deployed, ENTER)[0]
    assert isinstance(take, TakeHolds)
    assert take.holds[0].before == (green,)


@pytest.mark.parametrize("request_", [ENTER, EXIT])
def test_i2_a_mixture_is_refused(request_: Request) -> None:
    mixed = after_step(after(route(SHOP), ENTER), ReplaceDestinations((*page("page"), SHOP), to_page=False))
    with pytest.raises(RefusedError, match="somebody else"):
        steps(mixed, request_)


def test_another_responder_is_refused_while_somebody_holds_the_page() -> None:
    with pytest.raises(RefusedError, match="another responder"):
        steps(after(route(SHOP), ENTER), replace(ENTER, owner="change:1", responder="other"))


def test_force_releases_everybody() -> None:
    entered = after(after(route(SHOP), ENTER), replace(ENTER, owner="change:1"))
    release = steps(entered, replace(EXIT, owner="operator:bob", force=True))[-1]
    assert release == ReleaseHolds(("change:1", "operator"))


def damaged() -> dict[str, Any]:
    entered = after(route(SHOP), ENTER)
    annotations = entered["metadata"]["annotations"]
    spoilt = {key: value + "x" if key != "team" else value for key, value in annotations.items()}
    return {**entered, "metadata": {"annotations": spoilt}}


@pytest.mark.parametrize(
    ("request_", "reported"),
    [(ENTER, "cannot be read"), (EXIT, "cannot be read"), (replace(EXIT, force=True), "not known")],
)
def test_i7_damaged_holds_are_never_taken_for_none(request_: Request, reported: str) -> None:
    with pytest.raises(RefusedError, match=reported):
        steps(damaged(), request_)


def test_force_clears_damaged_holds_where_the_page_is_not_up() -> None:
    found = after_step(damaged(), ReplaceDestinations((SHOP,), to_page=False))
    (release,) = steps(found, replace(EXIT, force=True))
    assert isinstance(release, ReleaseHolds)
    assert len(release.damaged) == 1


def test_what_is_learned_is_added_to_what_was_before() -> None:
    new = Destination("new", "web", 8080)
    assert improved((SHOP,), Learned((SHOP,), (new, SHOP))) == (new, replace(SHOP, is_default_port=True))


@pytest.mark.parametrize(
    "many",
    [
        [Destination("shop", "web", port) for port in range(2000, 2011)],
        [Destination("shop", f"p{number}") for number in range(101)],
        [Destination("shop", weight=50)],
    ],
)
def test_i1_what_could_not_be_set_again_is_refused(many: list[Destination]) -> None:
    with pytest.raises(RefusedError, match="way back"):
        check_can_be_set_again(many)


@pytest.mark.parametrize(
    "url", ["localhost", "tcp://a.example.com", "a.example.com:1024", "u@a.example.com", "a.example.com/?q", ""]
)
def test_what_is_no_address_of_a_route_is_refused(url: str) -> None:
    with pytest.raises(RefusedError):
        address_from(url)


def test_an_address_may_have_a_scheme_and_a_path() -> None:
    address = address_from("https://Shop.Apps.example.com/cart/")
    assert (address.name, address.path) == ("shop.apps.example.com", "/cart")
