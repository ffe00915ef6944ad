# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Options that cannot mean anything are refused before any load balancer is read."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import (
    Selection,
    check_owner,
    check_page_given,
    check_text,
    selection_from,
)

from .balancers import LOAD_BALANCER_ID

GOOD: dict[str, t.Any] = {"load_balancer_id": LOAD_BALANCER_ID, "listeners": ["http"], "rule_set": "page"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"load_balancer_id": "ocid1.networkloadbalancer.oc1.iad.aaaa"}, "network load balancer"),
        ({"load_balancer_id": "ocid1.instance.oc1.iad.aaaa"}, "not the OCID of a load balancer"),
        ({"load_balancer_id": ""}, "not the OCID"),
        ({"listeners": []}, "listeners is empty"),
        ({"listeners": ["a/b"]}, "must not hold a '/'"),
        ({"listeners": ["  "]}, "must not be empty"),
        ({"rule_set": "a/b"}, "rule_set is 'a/b'"),
        ({"listeners": None, "backend_set": "a/b"}, "backend_set is 'a/b'"),
    ],
)
def test_a_selection_that_cannot_mean_anything_is_refused(given: dict[str, t.Any], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        selection_from(GOOD | given)


def test_listeners_named_twice_are_meant_once() -> None:
    assert selection_from(GOOD | {"listeners": ["b", "a", "b"]}) == Selection(
        LOAD_BALANCER_ID, ("b", "a"), None, "page"
    )


def test_an_ocid_is_known_in_any_case() -> None:
    given = LOAD_BALANCER_ID.upper()
    assert selection_from(GOOD | {"load_balancer_id": given}).load_balancer_id == given


@pytest.mark.parametrize("owner", ["", " operator", "o" * 65, "two\nlines", "\u200boperator"])
def test_an_owner_that_could_not_be_distinguished_is_refused(owner: str) -> None:
    with pytest.raises(RefusedError, match="owner"):
        check_owner(owner)


@pytest.mark.parametrize("reason", ["r" * 101, "two\nlines", "two\u2028lines", "\x1b[31mred", "\x9b31mred"])
def test_a_reason_that_would_not_fit_a_tag_is_refused(reason: str) -> None:
    with pytest.raises(RefusedError, match="reason"):
        check_text("reason", reason, 100)


def test_a_reason_as_long_as_a_tag_may_be_is_fine() -> None:
    check_text("reason", "r" * 100, 100)


def test_a_selection_that_names_no_page_is_refused_where_one_is_needed() -> None:
    with pytest.raises(RefusedError, match="rule_set is not given"):
        check_page_given(selection_from(GOOD | {"rule_set": None}))


def test_a_selection_that_names_its_page_is_fine() -> None:
    check_page_given(selection_from(GOOD))
