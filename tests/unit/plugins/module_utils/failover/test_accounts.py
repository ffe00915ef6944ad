# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Services are read account by account: what is to be read in each, and where the answers belong."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._failover.accounts import (
    Account,
    account_of_each,
    accounts,
    apart,
    together,
)

SERVICES = [
    {"auth": {"profile": "a", "region": "x"}, "ids": ["1", "2"]},
    {"auth": {"profile": "b"}, "ids": ["3"]},
    {"auth": {"region": "x", "profile": "a"}, "ids": ["4"]},
    {"auth": {"profile": "a", "region": "x"}, "ids": []},
]


def test_services_that_sign_in_alike_are_in_one_account_whatever_the_order_of_options() -> None:
    assert [account.services for account in accounts(SERVICES, auth="auth", of="ids")] == [(0, 2), (1,)]


def test_a_service_with_nothing_to_read_is_in_no_account() -> None:
    assert account_of_each(4, accounts(SERVICES, auth="auth", of="ids")) == [0, 1, 0, None]


def test_what_an_account_is_asked_for_is_that_of_all_its_services() -> None:
    assert together(SERVICES, Account(SERVICES[0]["auth"], (0, 2)), "ids") == ["1", "2", "4"]  # type: ignore[arg-type]


def test_each_service_gets_the_answers_to_what_it_asked() -> None:
    assert apart(["a", "b", "c", "d"], [2, 0, 1, 1]) == [["a", "b"], [], ["c"], ["d"]]


def test_where_answers_are_missing_the_last_services_have_fewer() -> None:
    assert apart(["a"], [1, 1]) == [["a"], []]
