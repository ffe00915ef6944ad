# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: wait until ansible-rulebook has an event."""

from __future__ import annotations

import asyncio
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

# -- shared --


class Receipts:
    """Hands events to ansible-rulebook, and waits until it has them.

    With persistence, ansible-rulebook returns each event that it has stored. Only then does the sender get its answer.
    A filter may split an event; C(meta.parts) of each part is the number of parts.
    """

    def __init__(
        self, queue: asyncio.Queue[Any], feedback: asyncio.Queue[dict[str, Any]] | None, seconds: float
    ) -> None:
        """Use the queues of ansible-rulebook. Without persistence there is no C(feedback)."""
        self._queue = queue
        self._feedback = feedback
        self._seconds = seconds
        self._returned: Counter[str] = Counter()
        self._complete: dict[str, asyncio.Event] = {}

    async def hand_over(self, event: dict[str, Any]) -> None:
        """Return once ansible-rulebook has the event.

        :raises TimeoutError: no receipt came in time. ansible-rulebook may have the event. Have the event sent again.
        """
        receipt = uuid.uuid4().hex
        event["meta"]["receipt"] = receipt
        complete = self._complete[receipt] = asyncio.Event()
        try:
            async with asyncio.timeout(self._seconds):
                await self._queue.put(event)
                if self._feedback is not None:
                    await complete.wait()
        finally:
            del self._complete[receipt]
            self._returned.pop(receipt, None)

    @asynccontextmanager
    async def collected(self) -> AsyncIterator[None]:
        """Read the returned events while the block runs. ansible-rulebook waits until they are read."""
        collecting = asyncio.create_task(self._collect())
        try:
            yield
        finally:
            collecting.cancel()

    async def _collect(self) -> None:
        while self._feedback is not None:
            meta = (await self._feedback.get())["meta"]
            receipt = meta.get("receipt")
            if receipt in self._complete:
                self._returned[receipt] += 1
                if self._returned[receipt] >= meta.get("parts", 1):
                    self._complete[receipt].set()
