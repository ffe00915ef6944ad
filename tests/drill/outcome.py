# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The outcome of a story, and the check of its history."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .clients import Traffic
from .history import Order, StaleRead, acknowledged, lost_in_the_crash, lost_writes, stale_reads
from .stage import Stage


@dataclass(frozen=True)
class Outcome:
    """The history of a story, checked.

    :ivar acknowledged: how many orders were taken.
    :ivar lost_in_the_crash: taken by the primary site in its last moments; no failover could save them.
    :ivar lost: taken, and missing in the end although they should be there.
    :ivar stale: reads after the failover that did not show what their client knew to be taken.
    """

    acknowledged: int
    lost_in_the_crash: frozenset[Order]
    lost: frozenset[Order]
    stale: tuple[StaleRead, ...]


class Watch:
    """Remembers what the check needs, as it happens."""

    def __init__(self, stage: Stage, traffic: Traffic) -> None:
        self._stage = stage
        self._traffic = traffic
        self._killed_at = 0.0
        self._promoted_at = 0.0
        self._replicated: set[Order] = set()
        self._survivors: set[Order] = set()

    def replicate(self) -> None:
        """Wait until the backup site has all orders of up to now. No crash may lose these.

        :raises StoryError: it never had them.
        """
        self._replicated = acknowledged(list(self._traffic.writes))
        self._stage.until(lambda: self._replicated <= self._stage.orders("backup"), "orders are replicated")

    def killed(self) -> None:
        """The primary site is down, as of now."""
        self._killed_at = time.monotonic()

    def promoted(self) -> None:
        """The backup site has the writer. What its database holds now is all that a crash may leave."""
        self._survivors = self._stage.orders("backup")
        self._promoted_at = time.monotonic()

    def outcome(self) -> Outcome:
        """Check the history against the database that users reach now. No client may be ordering any more."""
        traffic = self._traffic
        survivors = self._survivors | self._replicated
        forgiven = lost_in_the_crash(traffic.writes, site="primary", killed_at=self._killed_at, survivors=survivors)
        kept = self._stage.orders(self._stage.serving())
        stale = stale_reads(traffic.reads, traffic.writes, since=self._promoted_at, forgiven=forgiven)
        lost = lost_writes(traffic.writes, kept=kept, forgiven=forgiven)
        return Outcome(len(acknowledged(traffic.writes)), frozenset(forgiven), frozenset(lost), tuple(stale))
