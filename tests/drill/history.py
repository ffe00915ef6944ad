# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The writes and reads of clients, and the violations among them. Pure functions on plain data.

Times are seconds of one monotonic clock, the clients' own: an order is acknowledged once its client has the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

_TAKEN = 201


@dataclass(frozen=True, order=True)
class Order:
    """A numbered order of a client. No number is used twice, whatever the outcome."""

    client: str
    number: int


@dataclass(frozen=True)
class Write:
    """A client's attempt to order.

    :ivar site: where DNS, or what the client remembers of it, led to.
    :ivar status: of the answer over HTTP, 0 without any.
    """

    order: Order
    site: str
    began: float
    ended: float
    status: int

    @property
    def acknowledged(self) -> bool:
        """Whether the client got the confirmation that the order is taken."""
        return self.status == _TAKEN


@dataclass(frozen=True)
class Read:
    """What a client was shown of its own orders."""

    client: str
    site: str
    began: float
    numbers: frozenset[int]


@dataclass(frozen=True)
class StaleRead:
    """A read that did not show orders which its client knew to be taken."""

    read: Read
    missing: frozenset[int]


def acknowledged(writes: Iterable[Write]) -> set[Order]:
    """The orders that were confirmed to clients."""
    return {write.order for write in writes if write.acknowledged}


def lost_in_the_crash(
    writes: Iterable[Write], *, site: str, killed_at: float, survivors: Collection[Order]
) -> set[Order]:
    """Orders that a site took before it was killed, and that had not reached the other one by then.

    No failover can bring them back: replication that is asynchronous may lose the last moments, and nothing else.

    :param survivors: what the other site's database held when it was promoted, or later.
    """
    before = [write for write in writes if write.site == site and write.began < killed_at]
    return acknowledged(before) - set(survivors)


def lost_writes(writes: Iterable[Write], *, kept: Collection[Order], forgiven: Collection[Order]) -> set[Order]:
    """Acknowledged orders that are missing in the end, but for those that are forgiven.

    :param kept: what the database holds in the end that users reach.
    """
    return acknowledged(writes) - set(kept) - set(forgiven)


def stale_reads(
    reads: Iterable[Read], writes: Iterable[Write], *, since: float, forgiven: Collection[Order]
) -> list[StaleRead]:
    """Reads after a moment that are older than the writes that were confirmed to their client before they began."""
    reported = [write for write in writes if write.acknowledged and write.order not in set(forgiven)]
    found = []
    for read in reads:
        if read.began < since:
            continue
        known = {w.order.number for w in reported if w.order.client == read.client and w.ended <= read.began}
        if missing := frozenset(known - read.numbers):
            found.append(StaleRead(read, missing))
    return found
