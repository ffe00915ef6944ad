# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Event sources that run as the engine runs them, and the engine's end of their queues."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

DEADLINE_SECONDS = 20

Main = Callable[[Any, dict[str, Any]], Awaitable[None]]


async def listening(port: int) -> None:
    """Wait until a program listens on a port."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while True:
            try:
                _reader, writer = await asyncio.open_connection("127.0.0.1", port)
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
            else:
                writer.close()
                await writer.wait_closed()
                return


@asynccontextmanager
async def running(main: Main, queue: Any, args: dict[str, Any]) -> AsyncIterator[asyncio.Task[None]]:
    """Run a source while the block runs."""
    task = asyncio.ensure_future(main(queue, args))
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(condition: Callable[[], Any]) -> None:
    """Wait until a condition holds."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not condition():
            await asyncio.sleep(0.01)
