# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Time that passes by waiting alone, which takes none."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._converge import Clock


class FakeClock(Clock):
    """A clock on which sleeping is free.

    :ivar seconds: how late it is.
    """

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def sleep(self, seconds: float) -> None:
        self.seconds += seconds
