# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: limits for connections, so that strangers cannot keep senders out. No I/O."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

# -- shared --

# Connections that an address may open without authenticating: at once, and how many more each second.
STRANGER_BURST = 100
STRANGER_RATE = 20.0
# Addresses in memory. The address without a connection for the longest time is removed first. If it comes back, it has
# a full allowance.
MOST_ADDRESSES = 4096


class Guest(Protocol):
    """The part of a connection that this module needs."""

    address: str
    proven: bool

    def leave(self) -> None:
        """Close the connection at once."""


def _network(peer: str) -> str:
    """Return what counts as one address: the owner of an IPv6 address usually has all of its /64."""
    address = ipaddress.ip_address(peer.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class Allowances:
    """How many more connections each address may open without authenticating."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with the full allowance for every address."""
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Count a connection. Returns whether the allowance permits it."""
        left = self._now(address)
        self._put(address, left - 1 if left >= 1 else left)
        return left >= 1

    def give_back(self, address: str) -> None:
        """Undo the count of a connection that has authenticated."""
        self._put(address, min(self._now(address) + 1, STRANGER_BURST))

    def _now(self, address: str) -> float:
        left, at = self._left.get(address, (STRANGER_BURST, self._clock()))
        return min(left + (self._clock() - at) * STRANGER_RATE, STRANGER_BURST)

    def _put(self, address: str, left: float) -> None:
        self._left[address] = (left, self._clock())
        self._left.move_to_end(address)
        if len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)


class Seats:
    """The open connections, with a limit in all and a limit for each address.

    When no seat is free, the oldest connection that has not authenticated is closed. Connections that have
    authenticated are never closed for another one.
    """

    def __init__(self, most: int, most_each: int) -> None:
        """Start with all seats free."""
        self._most = most
        self._most_each = most_each
        # In the order of arrival.
        self._all: dict[Guest, None] = {}
        self._by_address: dict[str, dict[Guest, None]] = {}

    def admit(self, guest: Guest) -> bool:
        """Give a connection a seat. Returns whether a seat was free or could be freed."""
        own = self._by_address.get(guest.address, {})
        room = self._room(own, self._most_each) and self._room(self._all, self._most)
        if room:
            self._all[guest] = None
            self._by_address.setdefault(guest.address, {})[guest] = None
        return room

    def release(self, guest: Guest) -> None:
        """Free the seat of a connection, if it has one."""
        self._all.pop(guest, None)
        own = self._by_address.get(guest.address, {})
        own.pop(guest, None)
        if not own:
            self._by_address.pop(guest.address, None)

    def _room(self, guests: dict[Guest, None], most: int) -> bool:
        if len(guests) < most:
            return True
        longest = next((guest for guest in guests if not guest.proven), None)
        if longest is None:
            return False
        self.release(longest)
        longest.leave()
        return True
