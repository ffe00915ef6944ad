# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Delivery of messages to HTTPS endpoints and functions, with the retries of the Notifications service.

Source: "Managing Topics and Subscriptions" of Oracle's documentation: attempts at once, then after 1, 2, 4, 8, 16 and
32 minutes, until two hours have passed. As in OCI, later messages may arrive before a message that is tried again.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import aiohttp
from yarl import URL

_RETRY_MINUTES = (0, 1, 2, 4, 8, 16, 32)
_ANSWER_SECONDS = 30
_KEPT = 1000
HTTPS = "CUSTOM_HTTPS"
FUNCTION = "ORACLE_FUNCTIONS"


@dataclass(frozen=True)
class Delivery:
    """One message for one endpoint."""

    endpoint: str
    body: str
    headers: dict[str, str]
    protocol: str = HTTPS


@dataclass
class Attempted:
    """The outcome of a delivery: ``delivered``, ``discarded``, or ``trying``; and the last answer."""

    type: str
    message_id: str
    attempts: int = 0
    outcome: str = "trying"
    last_answer: str = ""


class Deliveries:
    """Delivers in the background.

    :param minute_seconds: returns the present length of the service's minute in seconds.
    :param invoke: calls a function by its OCID with a message; returns the HTTP status of the answer, and its text.
    """

    def __init__(self, minute_seconds: Callable[[], float], invoke: Callable[[str, str], Awaitable[str]]) -> None:
        self._minute_seconds = minute_seconds
        self._invoke = invoke
        self._session: aiohttp.ClientSession | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._history: deque[Attempted] = deque(maxlen=_KEPT)

    async def start(self, ca_file: Path) -> None:
        """Start. Endpoints must have a certificate of the authority in ``ca_file``."""
        connector = aiohttp.TCPConnector(ssl=ssl.create_default_context(cafile=str(ca_file)), force_close=True)
        self._session = aiohttp.ClientSession(
            connector=connector,
            timeout=aiohttp.ClientTimeout(total=_ANSWER_SECONDS),
            cookie_jar=aiohttp.DummyCookieJar(),
        )

    async def stop(self) -> None:
        """Stop all deliveries. Safe to call at any time."""
        await self.clear()
        if self._session is not None:
            await self._session.close()

    async def clear(self) -> None:
        """Stop all deliveries, and remove the history."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._history.clear()

    def history(self) -> list[dict[str, Any]]:
        """The deliveries and their outcomes, oldest first, as plain JSON data."""
        return [asdict(attempted) for attempted in self._history]

    def send(self, delivery: Delivery) -> None:
        """Deliver in the background."""
        headers = delivery.headers
        attempted = Attempted(headers["X-OCI-NS-MessageType"], headers["X-OCI-NS-MessageId"])
        self._history.append(attempted)
        task = asyncio.create_task(self._deliver(delivery, attempted))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, delivery: Delivery, attempted: Attempted) -> None:
        for minutes in _RETRY_MINUTES:
            await asyncio.sleep(minutes * self._minute_seconds())
            attempted.attempts += 1
            attempted.last_answer = await self._attempt(delivery)
            if attempted.last_answer.startswith("2"):
                attempted.outcome = "delivered"
                return
        attempted.outcome = "discarded"

    async def _attempt(self, delivery: Delivery) -> str:
        if delivery.protocol == FUNCTION:
            return await self._invoke(delivery.endpoint, delivery.body)
        return await self._post(delivery)

    async def _post(self, delivery: Delivery) -> str:
        """The HTTP status of the answer, or why there is none."""
        if self._session is None:
            raise AssertionError("the delivery is started before it is used")
        try:
            # User and password of the endpoint's address become a Basic Authorization header.
            post = self._session.post(
                delivery.endpoint, data=delivery.body.encode(), headers=delivery.headers, allow_redirects=False
            )
            async with post as answer:
                return str(answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return f"{type(error).__name__}: {error}"


def endpoint_problem(endpoint: str) -> str:
    """Why the service or the lab refuses an endpoint; empty if the endpoint is valid and on this machine."""
    url = URL(endpoint)
    if url.scheme != "https":
        return "the endpoint must begin with https://"
    if url.query_string:
        return "the endpoint must have no query parameters"
    if len(endpoint) > 512:
        return "the endpoint must have at most 512 characters"
    if url.host != "localhost" and not _is_loopback(url.host or ""):
        return "the lab delivers to loopback addresses only"
    return ""


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
