# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What a module waits for is shown by a thread, which must not take signals from the one that waits for the module."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

from ansible_collections.tidegate.failover.plugins.plugin_utils._progress import shown_progress


def blocked_by(thread: int) -> int:
    """The signals that a thread does not take, as bits."""
    status = Path(f"/proc/self/task/{thread}/status").read_text(encoding="utf-8").splitlines()
    return int(next(line.split()[1] for line in status if line.startswith("SigBlk")), 16)


def test_ctrl_c_reaches_the_thread_that_waits() -> None:
    before = set(threading.enumerate())
    with shown_progress("checkout"):
        (shows,) = set(threading.enumerate()) - before
        while not blocked_by(shows.native_id or 0) >> (signal.SIGINT - 1) & 1:
            assert shows.is_alive()
    assert not signal.pthread_sigmask(signal.SIG_BLOCK, []) & {signal.SIGINT, signal.SIGTERM}
