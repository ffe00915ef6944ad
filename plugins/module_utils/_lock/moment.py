# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""A moment by this machine's clock beside the service's, and whether the two are near enough to judge times by.

Evidence and hold-down times are judged by clocks of machines that run Ansible. One that has leapt back makes old
evidence fresh, and one that is slow lets a lock seem older than it is. The service gives its time in each response.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

#: A clock that is further off than this is wrong. One that NTP keeps is off by less than a second.
MOST_APART = timedelta(seconds=60)

_REMEDY = "Set the clock right, as by NTP ('timedatectl set-ntp true'; 'chronyc makestep')"


@dataclass(frozen=True)
class Moment:
    """Now.

    :ivar local: by this machine's clock.
    :ivar earliest: by the service's clock it is not before this; None if the service has not reported its time.
    :ivar latest: nor after this. The two differ by what a call took, as the service may have answered any time in it.
    """

    local: datetime
    earliest: datetime | None = None
    latest: datetime | None = None

    @property
    def service(self) -> datetime:
        """By the service's clock; by this machine's where the service has not reported it."""
        return self.latest or self.local

    @property
    def ahead(self) -> timedelta | None:
        """By how much this machine's clock is ahead for sure, negative if it is behind; None if that is not known."""
        if self.earliest is None or self.latest is None:
            return None
        return max(self.local - self.latest, timedelta(0)) + min(self.local - self.earliest, timedelta(0))


def clock_problem(moment: Moment) -> str:
    """What is wrong with this machine's clock, and what to do; empty if times can be judged by it."""
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
