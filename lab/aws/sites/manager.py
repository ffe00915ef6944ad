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
    """The address and ports of a site. Like real sites behind one DNS name, sites share ports and differ in address."""

    name: str
    host_name: str
    address: str
    port: int
    tls_port: int

    def describe(self) -> dict[str, Any]:
        """The address for lab.json."""
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
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the process, if it does not run. It has the same behaviour as before.

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
            # The database comes last: a site in maintenance must not take an order before it shows its page.
            await self._send(self.behaviour)
            await self._send(f"{DATABASE} {self._database}")

    async def behave(self, behaviour: str) -> None:
        """Change the site's answers, at once or at its next start.

        :raises SiteError: no such behaviour, or the process did not confirm it.
        """
        if behaviour not in BEHAVIOURS:
            raise SiteError(f"the behaviour of a site is one of {', '.join(BEHAVIOURS)}; got {behaviour!r}")
        async with self._lock:
            self.behaviour = behaviour
            if self.running:
                await self._send(behaviour)

    async def use_database(self, dsn: str) -> None:
        """Let the site store orders in a database, at once and after each start; an empty DSN means no orders.

        :raises SiteError: the process did not confirm it.
        """
        async with self._lock:
            self._database = dsn
            if self.running:
                await self._send(f"{DATABASE} {dsn}")

    async def stop(self) -> None:
        """Kill the process: connections break, and new connections are refused. Safe to call at any time."""
        async with self._lock:
            if self._process is not None and self.running:
                self._process.kill()
                await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
            self._process = None

    async def _send(self, behaviour: str) -> None:
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
            raise SiteError(f"the site {self.address.name} ended at once; see the lab's log for the reason")

    def describe(self) -> dict[str, Any]:
        """The address and the state of the site."""
        return self.address.describe() | {"running": self.running, "behaviour": self.behaviour}


def shared_port(addresses: list[str]) -> int:
    """A port that is free on all of these addresses.

    :raises OSError: no port was found, or an address does not exist (only Linux has all of 127.0.0.0/8).
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
