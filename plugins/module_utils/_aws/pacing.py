# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""How fast to send: as fast as the account's limit lets through, learnt from the throttling that is met.

The limits of Route 53 are not documented as numbers that one could rely on, differ between accounts, and are shared
with everybody else who works in the account. So nothing is held back until the service first throttles. From then on
requests leave evenly: first at the rate that went through until then, doubling every second, since a small burst says
little. Each further throttling lowers the rate a little; then it climbs back, slowly around the rate that was too fast
and faster beyond it, so that a limit which was lifted is not feared for long (the curve of RFC 9438, CUBIC).
"""

from __future__ import annotations

import math
import threading
from collections import deque

from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock

#: Seconds over which it is measured what goes through before the first throttling; a burst counts as one of a second.
_WINDOW = 1.0
#: The rate falls to this share of the one that was too fast, and is back at it after so many seconds.
_DECREASE = 0.85
_BACK_AFTER = 6.0
#: Requests per second.
_SLOWEST = 0.5
#: Doublings of the first rate, after which nothing is held back for all that anybody could notice.
_DOUBLINGS = 20


class Pacer:
    """Shared by all threads that talk to one account."""

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
            # Only one thread knows its turn, so that a rate which is lowered meanwhile counts for all others at once.
            while (wait := self._next - self._clock.now()) > 0:
                self._clock.sleep(wait)
            with self._lock:
                now = self._clock.now()
                if self._too_fast is not None:
                    self._next = max(now, self._next) + 1 / self._rate_at(now, self._too_fast)
                return now

    def passed(self) -> None:
        """The service took a request."""
        with self._lock:
            self._passed.append(self._clock.now())
            self._forget()

    def throttled(self, sent: float) -> None:
        """The service refused a request that was sent at ``sent`` for being one too many."""
        with self._lock:
            if self._too_fast is not None and sent < self._lowered:
                return  # It was under way when the rate was lowered, and shows nothing about the new one.
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
