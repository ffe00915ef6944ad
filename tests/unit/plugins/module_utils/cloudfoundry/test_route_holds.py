# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Holds in annotations: lossless, checked, and within the limits of Cloud Foundry."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import Destination
from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.route_holds import (
    ANNOTATION_LENGTH,
    RouteHold,
    annotations_to_release,
    annotations_to_take,
    read_route_holds,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from hypothesis import given
from hypothesis import strategies as st

SINCE = "2026-11-21T03:04:05Z"
HOLD = RouteHold("operator", SINCE, "page", (Destination("shop", "web", 8080, None, "http1"),), "Upgrade \u20ac")

destinations = st.builds(
    Destination,
    app=st.text(min_size=1, max_size=36),
    process=st.text(min_size=1, max_size=20),
    port=st.none() | st.integers(1024, 65535),
    weight=st.none() | st.integers(1, 100),
    protocol=st.sampled_from([None, "http1", "http2"]),
    is_default_port=st.booleans(),
)


def written(*holds: RouteHold) -> dict[str, str]:
    return {key: value for key, value in annotations_to_take(holds, {}).items() if value is not None}


@given(owner=st.text(min_size=1, max_size=64), before=st.none() | st.lists(destinations, unique=True, max_size=100))
def test_i1_a_hold_reads_as_it_was_written(owner: str, before: list[Destination] | None) -> None:
    hold = RouteHold(owner, SINCE, "page", None if before is None else tuple(before))
    (found,) = read_route_holds(written(hold)).holds
    assert (found.owner, found.since, found.responder) == (owner, SINCE, "page")
    assert (found.before is None) is (before is None)
    assert set(found.before or ()) == set(before or ())


def test_a_long_hold_is_cut_into_annotations_that_fit() -> None:
    many = tuple(Destination("a" * 36, f"process-{number:03}", 8080) for number in range(100))
    pieces = written(RouteHold("operator", SINCE, "page", many))
    assert len(pieces) == 2
    assert max(map(len, pieces.values())) <= ANNOTATION_LENGTH


def test_what_is_not_needed_any_more_of_a_hold_is_removed() -> None:
    many = tuple(Destination("a" * 36, f"process-{number:03}", 8080) for number in range(100))
    changes = annotations_to_take([HOLD], written(RouteHold("operator", SINCE, "page", many)))
    assert sorted(value is None for value in changes.values()) == [False, True]


@pytest.mark.parametrize(
    "edit",
    [lambda text: text[:-1], lambda text: text.replace("8080", "8081"), lambda text: "", lambda text: f"9{text[1:]}"],
)
def test_an_edited_hold_is_damaged_and_never_an_absence(edit: object) -> None:
    ((key, text),) = written(HOLD).items()
    found = read_route_holds({key: edit(text)})  # type: ignore[operator]
    assert (found.holds, found.damaged) == ((), (key,))


def test_a_hold_that_was_copied_to_another_key_is_damaged() -> None:
    ((key, text),) = written(HOLD).items()
    other = key[:-4] + ("aa.1" if not key.endswith("aa.1") else "bb.1")
    assert read_route_holds({other: text}).damaged == (other,)


def test_owners_share_no_annotation() -> None:
    other = RouteHold("alarm:backends", SINCE, "page", HOLD.before)
    assert not written(HOLD).keys() & written(other).keys()
    both = written(HOLD) | written(other)
    assert annotations_to_release(["operator"], read_route_holds(both)) == dict.fromkeys(written(HOLD))


def test_a_hold_that_does_not_fit_is_refused() -> None:
    with pytest.raises(RefusedError, match="The route has 200 others"):
        annotations_to_take([HOLD], {f"key-{number}": "" for number in range(200)})
