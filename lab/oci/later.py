# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Delayed actions of the services, after they have answered."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any


class Later:
    """Runs actions in the background."""

    def __init__(self) -> None:
        self._handles: list[asyncio.TimerHandle] = []
        self._tasks: set[asyncio.Task[None]] = set()

    def do(self, seconds: float, action: Callable[[], object]) -> None:
        """Run an action after a delay in seconds."""
        self._handles.append(asyncio.get_running_loop().call_later(seconds, action))

    def work(self, seconds: float, action: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Start an asynchronous action after a delay in seconds."""

        def begin() -> None:
            task = asyncio.get_running_loop().create_task(action())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self.do(seconds, begin)

    def forget_all(self) -> None:
        """Cancel all actions. Safe to call at any time."""
        for handle in self._handles:
            handle.cancel()
        self._handles = []
