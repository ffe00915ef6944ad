# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: which connections may stay, so that strangers leave room for senders. No I/O."""

from __future__ import annotations

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Protocol

# -- shared --

# Connections that an address may open without proving who sends: so many at once, and so many more each second.
STRANGER_BURST = 100
STRANGER_RATE = 20.0
# Addresses that are remembered. The one that was seen longest ago is forgotten first, and starts with a full allowance.
MOST_ADDRESSES = 4096


class Guest(Protocol):
    """A connection, as far as it matters here."""

    address: str
    proven: bool

    def leave(self) -> None:
        """End it at once."""


def _network(peer: str) -> str:
    """Return what counts as one address: who has one IPv6 address usually has all of its /64."""
    address = ipaddress.ip_address(peer.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class Allowances:
    """How many more connections each address may open without proving who sends."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with the whole allowance for everybody."""
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Count a connection. Returns whether it is within the allowance."""
        left = self._now(address)
        self._put(address, left - 1 if left >= 1 else left)
        return left >= 1

    def give_back(self, address: str) -> None:
        """Take back the count of a connection that has proven who sends, or that came to nothing."""
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
    """The connections that are open: so many in all, and so many for each address.

    Where no seat is free the connection that has waited longest without proving who sends makes room. Those that have
    proven it are never ended for another one.
    """

    def __init__(self, most: int, most_each: int) -> None:
        """Begin with all seats free."""
        self._most = most
        self._most_each = most_each
        # In the order in which they came.
        self._all: dict[Guest, None] = {}
        self._by_address: dict[str, dict[Guest, None]] = {}

    def admit(self, guest: Guest) -> bool:
        """Give a connection a seat. Returns whether there was one."""
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
