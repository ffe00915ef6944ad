# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Starts and stops the sites."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.aws.key_pair import KeyPair
from lab.aws.sites.server import BEHAVIOURS, CHECK_PATH, DATABASE

_START_SECONDS = 20
_STOP_SECONDS = 5
_PORT_ATTEMPTS = 50
_ROOT = Path(__file__).parents[3]


class SiteError(Exception):
    """A site did not carry out a request; the message names it."""


@dataclass(frozen=True)
class SiteAddress:
    """Where a site listens. Sites share their ports and differ in address, as real sites behind one DNS name do."""

    name: str
    host_name: str
    address: str
    port: int
    tls_port: int

    def describe(self) -> dict[str, Any]:
        """For lab.json."""
        url = f"http://{self.address}:{self.port}"
        return {
            "url": f"{url}/",
            "check_url": f"{url}{CHECK_PATH}",
            "tls_url": f"https://{self.address}:{self.tls_port}/",
            "host_name": self.host_name,
            "address": self.address,
            "port": self.port,
            "tls_port": self.tls_port,
        }


class SiteProcess:
    """One site's process, which can be stopped and started again at the same address."""

    def __init__(self, address: SiteAddress, pair: KeyPair) -> None:
        self.address = address
        self.behaviour = "healthy"
        self._database = ""
        self._pair = pair
        self._process: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the process, if it is not there; it behaves as it last did.

        :raises SiteError: it did not listen in time.
        """
        async with self._lock:
            if self.running:
                return
            where = self.address
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "lab.aws.sites.server",
                *(where.name, where.address, str(where.port), str(where.tls_port)),
                *(str(self._pair.certificate), str(self._pair.key)),
                cwd=_ROOT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
            )
            await self._expect("listening")
            # The database last: a site that is to show its page must not take a single order before it does.
            await self._tell(self.behaviour)
            await self._tell(f"{DATABASE} {self._database}")

    async def behave(self, behaviour: str) -> None:
        """Change how the site answers, now or when it is started next.

        :raises SiteError: no such behaviour, or the process did not obey.
        """
        if behaviour not in BEHAVIOURS:
            raise SiteError(f"the behaviour of a site is one of {', '.join(BEHAVIOURS)}; got {behaviour!r}")
        async with self._lock:
            self.behaviour = behaviour
            if self.running:
                await self._tell(behaviour)

    async def use_database(self, dsn: str) -> None:
        """Let the site take orders into a database, now and whenever it is started; none, if empty.

        :raises SiteError: the process did not obey.
        """
        async with self._lock:
            self._database = dsn
            if self.running:
                await self._tell(f"{DATABASE} {dsn}")

    async def stop(self) -> None:
        """Kill the process: connections break off and new ones are refused. Safe to call at any time."""
        async with self._lock:
            if self._process is not None and self.running:
                self._process.kill()
                await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
            self._process = None

    async def _tell(self, behaviour: str) -> None:
        if self._process is None or self._process.stdin is None:
            raise SiteError(f"the site {self.address.name} is not running")
        self._process.stdin.write(f"{behaviour}\n".encode())
        await self._process.stdin.drain()
        await self._expect("ok")

    async def _expect(self, word: str) -> None:
        if self._process is None or self._process.stdout is None:
            raise SiteError(f"the site {self.address.name} is not running")
        line = await asyncio.wait_for(self._process.stdout.readline(), _START_SECONDS)
        if line.decode().strip() != word:
            raise SiteError(f"the site {self.address.name} ended at once; the lab's log says why")

    def describe(self) -> dict[str, Any]:
        """Its address and its state."""
        return self.address.describe() | {"running": self.running, "behaviour": self.behaviour}


def shared_port(addresses: list[str]) -> int:
    """A port that is free on all of these addresses.

    :raises OSError: none was found, or an address is not there (only Linux has all of 127.0.0.0/8).
    """
    for attempt in range(_PORT_ATTEMPTS):
        with contextlib.ExitStack() as sockets:
            first = sockets.enter_context(socket.create_server((addresses[0], 0)))
            port: int = first.getsockname()[1]
            try:
                for address in addresses[1:]:
                    sockets.enter_context(socket.create_server((address, port)))
            except OSError:
                if attempt == _PORT_ATTEMPTS - 1:
                    raise
                continue
            return port
    raise AssertionError("the last attempt returns or raises")
