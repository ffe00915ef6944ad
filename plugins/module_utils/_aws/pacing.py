# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Paces requests: as fast as the account's limit allows, adapted after each throttling.

The limits of Route 53 are not documented as reliable numbers, differ between accounts, and are shared with all other
users of the account. So no request is delayed until the service first throttles. From then on requests are sent evenly:
first at a share of the rate that succeeded before, which doubles every second, because a small burst proves little.
Each further throttling lowers the rate a little. Then the rate rises again, slowly near the rate that was too fast and
faster beyond it, so that it soon uses a limit that was raised (the curve of RFC 9438, CUBIC).
"""

from __future__ import annotations

import math
import threading
from collections import deque

from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock

#: The rate before the first throttling is measured over this many seconds. A burst counts as one of a second.
_WINDOW = 1.0
#: The rate falls to this share of the rate that was too fast, and reaches it again after this many seconds.
_DECREASE = 0.85
_BACK_AFTER = 6.0
#: Requests per second.
_SLOWEST = 0.5
#: The most doublings of the first rate, after which the delay is negligible.
_DOUBLINGS = 20


class Pacer:
    """Paces requests to one account. All threads share it."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._turnstile, self._lock = threading.Lock(), threading.Lock()
        self._too_fast: float | None = None
        self._found = False
        self._lowered = self._next = 0.0
        self._passed: deque[float] = deque()

    def wait_turn(self) -> float:
        """Wait until a request may be sent; returns the time of sending, for :meth:`throttled`."""
        with self._turnstile:
            # Only one thread waits for its turn, so a rate that is lowered meanwhile applies to all others at once.
            while (wait := self._next - self._clock.now()) > 0:
                self._clock.sleep(wait)
            with self._lock:
                now = self._clock.now()
                if self._too_fast is not None:
                    self._next = max(now, self._next) + 1 / self._rate_at(now, self._too_fast)
                return now

    def passed(self) -> None:
        """Note that the service accepted a request."""
        with self._lock:
            self._passed.append(self._clock.now())
            self._forget()

    def throttled(self, sent: float) -> None:
        """Note that the service throttled a request that was sent at ``sent``."""
        with self._lock:
            if self._too_fast is not None and sent < self._lowered:
                return  # The request was sent before the rate was lowered, so it shows nothing about the new rate.
            now = self._clock.now()
            self._forget()
            through = len(self._passed) / _WINDOW
            rate = through if self._too_fast is None else self._rate_at(now, self._too_fast)
            self._found = self._too_fast is not None
            self._too_fast, self._lowered = max(_SLOWEST, rate), now
            self._next = max(self._next, now + 1 / self._rate_at(now, self._too_fast))

    def _rate_at(self, time: float, too_fast: float) -> float:
        if not self._found:
            return too_fast * _DECREASE * math.exp2(min(time - self._lowered, _DOUBLINGS))
        to_go = 1 - (time - self._lowered) / _BACK_AFTER
        return too_fast * (1 - (1 - _DECREASE) * math.pow(to_go, 3))

    def _forget(self) -> None:
        now = self._clock.now()
        while self._passed and self._passed[0] < now - _WINDOW:
            self._passed.popleft()
