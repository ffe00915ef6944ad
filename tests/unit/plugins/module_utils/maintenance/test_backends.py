# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What holds an event back: backends that are not as it says, and a hold that counts from a later time."""

from __future__ import annotations

import typing as t
from datetime import UTC, datetime

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.backends import (
    held_back,
    looked_at,
    state_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import Request, event_time_from
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.maintenance.balancers import (
    balancer,
    hold,
    listener,
    request,
)

NOW = datetime(2026, 11, 21, 3, 4, 5, 678_000, UTC)
EARLIER, LATER = "2026-11-21T03:04:00Z", "2026-11-21T03:10:00Z"


def health(*, critical: int = 0, unknown: int = 0, warning: int = 0, total: int = 2, **more: t.Any) -> dict[str, t.Any]:
    """What GetBackendSetHealth answers."""
    names = {"critical": critical, "unknown": unknown, "warning": warning}
    return {f"{state}StateBackendNames": ["backend"] * count for state, count in names.items()} | {
        "totalBackendCount": total,
        **more,
    }


@pytest.mark.parametrize(
    ("seen", "state"),
    [
        (health(critical=2), "down"),
        (health(critical=1), "serving"),
        (health(critical=2, total=3, status="CRITICAL"), "serving"),
        (health(critical=1, warning=1), "serving"),
        (health(), "serving"),
        (health(critical=1, unknown=1), "unknown"),
        (health(unknown=2), "unknown"),
        (health(total=0, status="UNKNOWN"), "unknown"),
        ({}, "unknown"),
    ],
)
def test_i9_backends_are_down_only_if_all_of_them_are(seen: dict[str, t.Any], state: str) -> None:
    assert state_of(seen) == state


@pytest.mark.parametrize(("wanted", "critical"), [("down", 2), ("serving", 1)])
def test_backends_that_are_as_asked_hold_nothing_back(wanted: str, critical: int) -> None:
    asked = request(enabled=wanted == "down", only_if_backends=wanted)
    assert held_back(balancer(), asked, {"app": health(critical=critical)}) == ""


@pytest.mark.parametrize(("wanted", "critical"), [("down", 1), ("serving", 2)])
def test_i9_other_backends_hold_it_back_and_are_counted(wanted: str, critical: int) -> None:
    told = held_back(balancer(), request(only_if_backends=wanted), {"app": health(critical=critical)})
    assert f"({critical} critical and 0 unknown of 2 backends)" in told
    assert told.endswith(f"only if it is {wanted}.")


def test_every_backend_set_must_be_as_asked() -> None:
    healths = {"app": health(critical=2), "search": health()}
    assert "backend set 'search' is serving" in held_back(balancer(), request(only_if_backends="down"), healths)


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


def test_a_named_backend_set_is_looked_at() -> None:
    assert looked_at(balancer(), request(backend_set="app")) == ["app"]


def test_listeners_are_looked_at_by_their_default_backend_sets() -> None:
    served = balancer(listener("http"), listener("api", defaultBackendSetName="search"), listener("https"))
    assert looked_at(served, request(listeners=["http", "https", "api"])) == ["app", "search"]


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


@pytest.mark.parametrize("text", ["", "yesterday", "2026-11-21T03:04:05"])
def test_event_times_need_a_zone(text: str) -> None:
    with pytest.raises(RefusedError, match="Give a time with a zone"):
        event_time_from(text, NOW)
