# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The drill's check of its history finds all violations, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import pytest
from ansible_collections.tidegate.failover.tests.drill.history import (
    Order,
    Read,
    Write,
    lost_in_the_crash,
    lost_writes,
    stale_reads,
)


def write(number: int, at: float, *, site: str = "backup", status: int = 201, took: float = 0.5) -> Write:
    return Write(Order("ann", number), site, at, at + took, status)


def read(at: float, numbers: Iterable[int], client: str = "ann") -> Read:
    return Read(client, "primary", at, frozenset(numbers))


def orders(*numbers: int) -> set[Order]:
    return {Order("ann", number) for number in numbers}


def test_an_acknowledged_order_that_is_not_kept_is_lost() -> None:
    assert lost_writes([write(1, 1), write(2, 2)], kept=orders(1), forgiven=()) == orders(2)


@pytest.mark.parametrize("status", [0, 200, 500, 503])
def test_an_unacknowledged_order_may_be_kept_or_not(status: int) -> None:
    unknown = [write(1, 1, status=status)]
    assert lost_writes(unknown, kept=(), forgiven=()) == lost_writes(unknown, kept=orders(1), forgiven=()) == set()


def test_what_the_crash_took_is_not_lost_again() -> None:
    assert lost_writes([write(1, 1)], kept=(), forgiven=orders(1)) == set()


def test_an_order_that_the_killed_site_took_and_did_not_replicate_is_lost_in_the_crash() -> None:
    writes = [write(1, 1, site="primary"), write(2, 2, site="primary")]
    assert lost_in_the_crash(writes, site="primary", killed_at=3, survivors=orders(1)) == orders(2)


@pytest.mark.parametrize("later", [write(1, 3, site="primary"), write(1, 2, site="backup")])
def test_only_orders_of_the_killed_site_from_before_are_lost_in_the_crash(later: Write) -> None:
    assert lost_in_the_crash([later], site="primary", killed_at=3, survivors=()) == set()


def test_a_read_without_an_order_that_was_acknowledged_before_is_stale() -> None:
    found = stale_reads([read(5, [1])], [write(1, 1), write(2, 2)], since=4, forgiven=())
    assert [stale.missing for stale in found] == [frozenset([2])]


@pytest.mark.parametrize(
    ("looked", "reported"),
    [
        (read(5, [1, 2]), write(2, 2)),
        (read(5, [1]), write(2, 4.8)),
        (read(5, [1]), write(2, 2, status=0)),
        (read(5, [1], client="bob"), write(2, 2)),
        (read(3, [1]), write(2, 2)),
    ],
    ids=["it is shown", "not yet acknowledged", "never acknowledged", "of another client", "read too early to count"],
)
def test_a_read_is_not_stale(looked: Read, reported: Write) -> None:
    assert stale_reads([looked], [reported], since=4, forgiven=()) == []


def test_a_read_need_not_show_what_the_crash_took() -> None:
    assert stale_reads([read(5, [])], [write(1, 1)], since=4, forgiven=orders(1)) == []
