# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The time by the service's clock, from the Date header of each response."""

from __future__ import annotations

import time
import typing as t
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment

#: The header has whole seconds.
_SECOND = timedelta(seconds=1)


def date_of(answer: Mapping[str, t.Any]) -> datetime | None:
    """The Date of a response in botocore's form, also of an error; None if there is no valid one."""
    text = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        date = parsedate_to_datetime(text) if text else None
    except ValueError:
        return None
    return date if date is None or date.tzinfo else date.replace(tzinfo=UTC)


class ServiceClock:
    """Continues from the last response by a monotonic clock. Threads may share it.

    :param utc: this machine's clock, which may be set.
    :param steady: the seconds of a monotonic clock, which is never set.
    """

    def __init__(
        self,
        utc: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._utc, self._steady = utc, steady
        #: The service's time when the steady clock was at zero, at the earliest and at the latest.
        self._zero: tuple[datetime, datetime] | None = None

    def begin(self) -> float:
        """Note that a call is about to be sent. Returns the value for :meth:`answered`."""
        return self._steady()

    def answered(self, begun: float, answer: Mapping[str, t.Any]) -> None:
        """Note a response. The service dated it between begin and end of the call."""
        date, ended = date_of(answer), self._steady()
        if date is not None:
            self._zero = (date - timedelta(seconds=ended), date + _SECOND - timedelta(seconds=begun))

    def moment(self) -> Moment:
        """The time now, by both clocks."""
        local, zero = self._utc(), self._zero
        if zero is None:
            return Moment(local)
        since = timedelta(seconds=self._steady())
        return Moment(local, zero[0] + since, zero[1] + since)
