# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One health checker's memory of one endpoint. No I/O and no clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Observation:
    """What a probe saw.

    :ivar text: in Route 53's words, as GetHealthCheckStatus reports it.
    """

    success: bool
    text: str
    time: datetime


@dataclass
class Checker:
    """One of the checkers of a health check.

    :ivar healthy: its opinion. A new check counts as healthy until there is data that says otherwise.
    :ivar streak: how many observations in a row contradicted the opinion.
    """

    region: str
    address: str
    healthy: bool = True
    streak: int = 0
    last: Observation | None = None
    last_failure: Observation | None = None

    def observe(self, observation: Observation, threshold: int) -> None:
        """Take an observation in; ``threshold`` contradicting ones in a row change the opinion, in both directions."""
        self.last = observation
        if not observation.success:
            self.last_failure = observation
        if observation.success == self.healthy:
            self.streak = 0
            return
        self.streak += 1
        if self.streak >= threshold:
            self.healthy = observation.success
            self.streak = 0
