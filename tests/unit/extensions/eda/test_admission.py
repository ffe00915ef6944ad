# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Who may connect while unauthenticated clients do, decided without a network."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tools.event_sources import admission
from tools.event_sources.admission import Allowances, Seats, _network


@dataclass(eq=False)
class Visitor:
    """A connection that remembers whether it had to leave."""

    address: str = "192.0.2.1"
    proven: bool = False
    left: bool = False

    def leave(self) -> None:
        """End it."""
        self.left = True


@dataclass
class Clock:
    """A clock that stands still until it is moved."""

    now: float = 0.0
    allowances: Allowances = field(init=False)

    def __post_init__(self) -> None:
        self.allowances = Allowances(lambda: self.now)

    def taken(self, address: str, tries: int) -> int:
        """How many of so many connections are within the allowance."""
        return sum(self.allowances.take(address) for _unused in range(tries))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    monkeypatch.setattr(admission, "STRANGER_BURST", 10)
    monkeypatch.setattr(admission, "STRANGER_RATE", 2.0)
    return Clock()


def test_an_address_that_proves_nothing_may_connect_so_often_and_then_so_often_each_second(clock: Clock) -> None:
    assert clock.taken("a", 100) == 10
    clock.now = 3.0
    assert clock.taken("a", 100) == 6


def test_an_address_does_not_use_up_the_allowance_of_another(clock: Clock) -> None:
    clock.taken("a", 100)
    assert clock.taken("b", 100) == 10


def test_a_sender_that_proves_who_it_is_never_runs_out(clock: Clock) -> None:
    for _unused in range(100):
        assert clock.allowances.take("a")
        clock.allowances.give_back("a")


def test_an_allowance_does_not_grow_beyond_the_whole(clock: Clock) -> None:
    clock.allowances.give_back("a")
    clock.now = 1e6
    assert clock.taken("a", 100) == 10


def test_no_number_of_addresses_fills_the_memory(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(admission, "MOST_ADDRESSES", 50)
    for number in range(1000):
        clock.allowances.take(str(number))
    assert len(clock.allowances._left) == 50


def test_the_longest_waiting_unauthenticated_connection_is_closed_for_the_next() -> None:
    seats, visitors = Seats(3, 3), [Visitor() for _unused in range(5)]
    assert all(seats.admit(visitor) for visitor in visitors)
    assert [visitor.left for visitor in visitors] == [True, True, False, False, False]


def test_an_authenticated_connection_is_never_closed_for_another() -> None:
    seats, senders = Seats(2, 2), [Visitor(proven=True) for _unused in range(2)]
    assert all(seats.admit(sender) for sender in senders)
    assert not seats.admit(Visitor())
    assert not any(sender.left for sender in senders)


def test_an_address_with_all_its_seats_makes_room_among_its_own() -> None:
    seats, other, own = Seats(10, 2), Visitor("192.0.2.2"), [Visitor() for _unused in range(3)]
    assert all(seats.admit(visitor) for visitor in (other, *own))
    assert [visitor.left for visitor in (other, *own)] == [False, True, False, False]


def test_a_seat_that_is_released_is_free() -> None:
    seats, first = Seats(1, 1), Visitor(proven=True)
    seats.admit(first)
    seats.release(first)
    seats.release(first)
    assert seats.admit(Visitor())


@pytest.mark.parametrize(
    ("peer", "counted_as"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_what_counts_as_one_address(peer: str, counted_as: str) -> None:
    assert _network(peer) == counted_as
