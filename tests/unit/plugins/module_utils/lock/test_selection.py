# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which health checks are meant; an empty or ambiguous selection is an error."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.selection import (
    Selection,
    chosen_by_tags,
    selection_from,
)

from . import health_checks as of

NOTHING: dict[str, t.Any] = {"health_check_ids": None, "health_check_names": None, "health_check_tags": None}
TAGS = {
    "id-c": {"Name": "checkout", "site": "frankfurt"},
    "id-b": {"Name": "basket", "site": "frankfurt", "tier": "1"},
    "id-a": {"Name": "twin"},
    "id-d": {"Name": "twin", "site": ""},
    "id-e": {},
}


@pytest.mark.parametrize(
    ("given", "selection", "by_tags"),
    [
        ({}, Selection(), False),
        ({"health_check_ids": ["b", "a", "b"]}, Selection(ids=("b", "a")), False),
        ({"health_check_names": ["b", "a", "b"]}, Selection(names=("b", "a")), True),
        ({"health_check_tags": {"tier": 1}}, Selection(tags={"tier": "1"}), True),
    ],
)
def test_options_become_the_selection_that_they_describe(
    given: dict[str, t.Any], selection: Selection, by_tags: bool
) -> None:
    assert selection_from(NOTHING | given) == selection
    assert selection.by_tags is by_tags


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"health_check_ids": []}, "health_check_ids is empty"),
        ({"health_check_names": []}, "health_check_names is empty"),
        ({"health_check_tags": {}}, "health_check_tags is empty"),
        ({"health_check_ids": [""]}, "health_check_ids has ''"),
        ({"health_check_ids": [of.CHECK_ID, "a/b"]}, "has 'a/b', which is no id"),
        ({"health_check_ids": ["a" * 65]}, "no id of a health check"),
    ],
)
def test_i4_a_selection_that_cannot_mean_anything_is_refused(given: dict[str, t.Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        selection_from(NOTHING | given)


def test_names_are_found_in_the_order_given() -> None:
    assert chosen_by_tags(Selection(names=("checkout", "basket")), TAGS) == ["id-c", "id-b"]


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        ({"site": "frankfurt"}, ["id-b", "id-c"]),
        ({"site": "frankfurt", "tier": "1"}, ["id-b"]),
        ({"site": ""}, ["id-d"]),
    ],
)
def test_all_that_have_every_tag_are_found(wanted: dict[str, str], ids: list[str]) -> None:
    assert chosen_by_tags(Selection(tags=wanted), TAGS) == ids


@pytest.mark.parametrize(
    ("selection", "words"),
    [
        (
            Selection(names=("nobody",)),
            "None of the account's 5 health checks.*'nobody'. There are: basket, checkout, twin",
        ),
        (Selection(names=("checkout", "twin")), "2 health checks are named 'twin': id-a, id-d. Give health_check_ids"),
        (Selection(tags={"site": "paris"}), "None of the account's 5 health checks has the tags site=paris"),
        (Selection(tags={"site": "frankfurt", "tier": "2"}), "site=frankfurt, tier=2"),
    ],
)
def test_i4_a_name_or_tags_that_nothing_has_are_an_error(selection: Selection, words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        chosen_by_tags(selection, TAGS)


def test_of_many_names_some_are_reported_and_of_none_that_there_are_none() -> None:
    many = {f"id-{number}": {"Name": f"check {number:02}"} for number in range(25)}
    with pytest.raises(RefusedError, match="check 00, .*check 19 and 5 more"):
        chosen_by_tags(Selection(names=("x",)), many)
    with pytest.raises(RefusedError, match="check 18, check 19\\.$"):
        chosen_by_tags(Selection(names=("x",)), dict(list(many.items())[:20]))
    with pytest.raises(RefusedError, match="There are: no names"):
        chosen_by_tags(Selection(names=("x",)), {})
