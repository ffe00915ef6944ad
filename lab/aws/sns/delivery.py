# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Delivery of messages over HTTP and HTTPS, with the retries of SNS."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections import deque
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

#: After the first attempt; seconds between attempts, compressed (the default delivery policy of SNS).
_RETRIES = 3
_RETRY_SECONDS = 20
#: Real seconds in which an endpoint must answer.
_ANSWER_SECONDS = 15
_KEPT = 1000


@dataclass(frozen=True)
class Delivery:
    """One message for one endpoint."""

    endpoint: str
    body: str
    headers: dict[str, str]


@dataclass
class Attempted:
    """The outcome of a delivery: ``delivered``, ``failed``, or ``trying``; and the last answer."""

    endpoint: str
    type: str
    message_id: str
    attempts: int = 0
    outcome: str = "trying"
    last_answer: str = ""


class HttpDelivery:
    """Delivers in the background; messages may be handed over from any thread."""

    def __init__(self, time_factor: float, ca_file: Path) -> None:
        self._retry_seconds = _RETRY_SECONDS / time_factor
        self._ca_file = ca_file
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._history: deque[Attempted] = deque(maxlen=_KEPT)

    async def start(self) -> None:
        """Get ready to deliver."""
        self._loop = asyncio.get_running_loop()
        # As strict as SNS: an endpoint needs a valid certificate, here of the lab's own authority.
        context = ssl.create_default_context(cafile=str(self._ca_file))
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=context, force_close=True),
            timeout=aiohttp.ClientTimeout(total=_ANSWER_SECONDS),
        )

    async def stop(self) -> None:
        """Stop all deliveries. Safe to call at any time."""
        self.clear()
        if self._session is not None:
            await self._session.close()

    def clear(self) -> None:
        """Stop all deliveries, and remove the history."""
        for task in self._tasks:
            task.cancel()
        self._history.clear()

    def history(self) -> list[dict[str, Any]]:
        """The deliveries and their outcomes, oldest first, as plain JSON data."""
        return [asdict(attempted) for attempted in self._history]

    def send(self, delivery: Delivery) -> None:
        """Deliver in the background."""
        if self._loop is None:
            raise RuntimeError("The delivery was not started.")
        self._loop.call_soon_threadsafe(self._begin, delivery)

    def _begin(self, delivery: Delivery) -> None:
        headers = delivery.headers
        attempted = Attempted(delivery.endpoint, headers["x-amz-sns-message-type"], headers["x-amz-sns-message-id"])
        self._history.append(attempted)
        task = asyncio.create_task(self._deliver(delivery, attempted))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery, attempted: Attempted) -> None:
        for attempt in range(1 + _RETRIES):
            if attempt:
                await asyncio.sleep(self._retry_seconds)
            attempted.attempts = attempt + 1
            attempted.last_answer = await self._post(delivery)
            if attempted.last_answer.startswith("2"):
                attempted.outcome = "delivered"
                return
        attempted.outcome = "failed"

    async def _post(self, delivery: Delivery) -> str:
        """The HTTP status of the answer, or why there is none."""
        if self._session is None:
            raise RuntimeError("The delivery was not started.")
        url = URL(delivery.endpoint)
        if not _is_loopback(url.host):
            return "the lab delivers to loopback addresses only"
        try:
            post = self._session.post(url, data=delivery.body.encode(), headers=delivery.headers, allow_redirects=False)
            async with post as answer:
                return str(answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return f"{type(error).__name__}: {error}"


def _is_loopback(host: str | None) -> bool:
    if host is None or host == "localhost":
        return host is not None
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
