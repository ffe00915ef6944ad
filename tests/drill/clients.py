# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Clients that order all the time, each at the site that DNS leads to, and record the answers."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import dns.asyncresolver
from dns.exception import DNSException

from .history import Order, Read, Write

#: Ask DNS each time. Real clients ask again after a TTL; that would only make the story longer.
FOLLOWING = ("ann", "bob", "cem")
#: Asked DNS once, and goes on using that address, as programs with a cache of their own do.
STALE = "stale"
_PAUSE_SECONDS = 0.5
_ANSWER_SECONDS = 5
#: They end after this time, whatever happens to the process that started them.
_MOST_SECONDS = 900

Json = dict[str, Any]


@dataclass
class Traffic:
    """What all clients have seen so far."""

    writes: list[Write] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)

    def taken(self, client: str, site: str, since: float = 0.0) -> int:
        """How many orders of a client a site has taken that were begun after a moment."""
        return self._count(client, site, since, lambda write: write.acknowledged)

    def refused(self, client: str, site: str, since: float = 0.0) -> int:
        """How many it has answered otherwise."""
        return self._count(client, site, since, lambda write: write.status != 0 and not write.acknowledged)

    def _count(self, client: str, site: str, since: float, wanted: Callable[[Write], bool]) -> int:
        mine = [w for w in list(self.writes) if w.order.client == client and w.site == site and w.began >= since]
        return sum(map(wanted, mine))


@contextmanager
def clients(aws: Json) -> Iterator[Traffic]:
    """Let them order while the block runs.

    :param aws: the data of the AWS part in ``lab.json``.
    """
    traffic, stop = Traffic(), threading.Event()
    with ThreadPoolExecutor(1) as executor:
        running = executor.submit(lambda: asyncio.run(_order_all(aws, traffic, stop)))
        try:
            yield traffic
        finally:
            stop.set()
        # What broke a client is an error of the drill, not of the site.
        running.result()


async def _order_all(aws: Json, traffic: Traffic, stop: threading.Event) -> None:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = [aws["dns"]["host"]], aws["dns"]["port"]
    timeout = aiohttp.ClientTimeout(total=_ANSWER_SECONDS)
    # A kept connection would lead to the old site, whatever DNS answers.
    connector = aiohttp.TCPConnector(force_close=True)
    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        everybody = [_Client(name, aws, resolver, session, traffic) for name in (*FOLLOWING, STALE)]
        await asyncio.gather(*(client.run(stop) for client in everybody))


class _Client:
    def __init__(
        self,
        name: str,
        aws: Json,
        resolver: dns.asyncresolver.Resolver,
        session: aiohttp.ClientSession,
        traffic: Traffic,
    ) -> None:
        self._name = name
        self._record: str = aws["record"]["name"]
        self._sites = {site["address"]: (name, site["url"]) for name, site in aws["sites"].items()}
        self._resolver = resolver
        self._session = session
        self._traffic = traffic
        self._address = ""
        self._number = 0

    async def run(self, stop: threading.Event) -> None:
        deadline = time.monotonic() + _MOST_SECONDS
        while not stop.is_set() and time.monotonic() < deadline:
            if await self._find_site():
                await self._order()
                await self._look()
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _find_site(self) -> bool:
        if self._name == STALE and self._address:
            return True
        try:
            answer = await self._resolver.resolve(self._record, "A", lifetime=_ANSWER_SECONDS)
        except DNSException:
            # Without an answer there is no site to order from. The next turn queries DNS again.
            return False
        self._address = answer[0].to_text()
        return True

    async def _order(self) -> None:
        site, url = self._sites[self._address]
        self._number += 1
        order = Order(self._name, self._number)
        began, status = time.monotonic(), 0
        try:
            body = {"client": order.client, "number": order.number}
            async with self._session.post(f"{url}orders", json=body) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError):
            # No answer is what the story is about; the order may have been taken or not.
            pass
        self._traffic.writes.append(Write(order, site, began, time.monotonic(), status))

    async def _look(self) -> None:
        site, url = self._sites[self._address]
        began = time.monotonic()
        try:
            async with self._session.get(f"{url}orders", params={"client": self._name}) as answer:
                if not answer.ok:
                    return
                numbers = frozenset((await answer.json())["numbers"])
        except (aiohttp.ClientError, TimeoutError):
            # Nothing was shown, so nothing stale was.
            return
        self._traffic.reads.append(Read(self._name, site, began, numbers))
