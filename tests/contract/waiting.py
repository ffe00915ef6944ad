# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Waits for what the lab does by itself."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

DEADLINE_SECONDS = 20


def eventually(condition: Callable[[], Any], seconds: float = DEADLINE_SECONDS) -> Any:
    """Wait until a condition holds; returns what it returned."""
    deadline = time.monotonic() + seconds
    while not (result := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s; the last result was {result!r}"
        time.sleep(0.05)
    return result
