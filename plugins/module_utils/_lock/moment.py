# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The time of this machine's clock and of the service's clock, and whether the two are close enough.

The age of evidence and hold-down times are measured by clocks of machines that run Ansible. With a clock that was set
back, old evidence seems fresh; with a slow clock, a lock seems older than it is. Each response has the service's time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: A clock that is off by more than this is wrong. With NTP, a clock is off by less than a second.
MOST_APART = timedelta(seconds=60)

_REMEDY = "Set the clock right, as by NTP ('timedatectl set-ntp true'; 'chronyc makestep')"


@dataclass(frozen=True)
class Moment:
    """The time now.

    :ivar local: the time by this machine's clock.
    :ivar earliest: the earliest possible time by the service's clock; None if the service has not reported its time.
    :ivar latest: the latest possible time. The two differ by the duration of a call: the service answered within it.
    """

    local: datetime
    earliest: datetime | None = None
    latest: datetime | None = None

    @property
    def service(self) -> datetime:
        """The time by the service's clock, or by this machine's if the service has not reported its time."""
        return self.latest or self.local

    @property
    def ahead(self) -> timedelta | None:
        """How far this machine's clock is certainly ahead, negative if it is behind; None if that is unknown."""
        if self.earliest is None or self.latest is None:
            return None
        return max(self.local - self.latest, timedelta(0)) + min(self.local - self.earliest, timedelta(0))


def clock_problem(moment: Moment) -> str:
    """What is wrong with this machine's clock, and what to do; empty if the clock is right."""
    ahead = moment.ahead
    if ahead is None:
        return (
            "The responses of AWS have no Date header, so it is not known whether this machine's clock is right. "
            "Check whether a proxy on the way removes that header."
        )
    if abs(ahead) <= MOST_APART:
        return ""
    how = "ahead of" if ahead > timedelta(0) else "behind"
    return (
        f"This machine's clock is {abs(ahead).total_seconds():.0f} s {how} that of AWS: {_reported(moment.local)} "
        f"here, {_reported(moment.service)} there. {_REMEDY}."
    )


def _reported(time: datetime) -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%SZ")
