# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One server: its process, and what it says about itself."""

from __future__ import annotations

import asyncio
import signal
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, LiteralString

import psycopg
from psycopg.sql import Composed

from lab.postgresql.programs import ProgramError, Programs
from lab.postgresql.settings import ADMINISTRATOR, APPLICATION, MONITOR, Login
from lab.servers import LOOPBACK

_PATIENCE_SECONDS = 30
_POLL_SECONDS = 0.02


@dataclass
class Server:
    """The server of a site, or a further one. It keeps its port and its folder over stops and starts.

    :ivar folder: where its log is, and its data in the folder :attr:`data`.
    :ivar application_name: what a standby calls itself when it connects; if not given, its site.
    """

    site: str
    port: int
    folder: Path
    programs: Programs
    application_name: str | None = None
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        """The folder of its data."""
        return self.folder / self.site

    @property
    def is_running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.returncode is None

    def dsn(self, login: Login) -> str:
        """How a client connects."""
        return f"postgresql://{login.user}:{login.password}@{LOOPBACK}:{self.port}/{login.database}"

    def connection(self) -> dict[str, object]:
        """How clients reach it, for ``lab.json``."""
        return {
            "host": LOOPBACK,
            "port": self.port,
            "dsn": self.dsn(APPLICATION),
            "monitor_dsn": self.dsn(MONITOR),
            "administrator_dsn": self.dsn(ADMINISTRATOR),
        }

    async def start(self) -> None:
        """Start it and wait until it answers. :raises ProgramError: it does not."""
        if self.is_running:
            return
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                # A standby shows the name of its cluster to the writer as its application_name.
                *self.programs.command(
                    *("postgres", "-D", self.data, "-p", str(self.port)),
                    f"--cluster-name={self.application_name or self.site}",
                ),
                cwd="/",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C is for the lab, which then stops its servers in good order.
                start_new_session=True,
            )
        await self.until("SELECT 1")

    async def stop(self) -> None:
        """End it at once, as a crash would: no checkpoint, and clients are cut off. Safe to call at any time."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGQUIT)
            await self._process.wait()

    async def value(self, query: LiteralString | Composed, login: Login = ADMINISTRATOR) -> Any:
        """The one value that a statement gives, if it gives any. :raises psycopg.Error: it failed."""
        connection = await psycopg.AsyncConnection.connect(self.dsn(login), autocommit=True, connect_timeout=5)
        async with connection:
            cursor = await connection.execute(query)
            row = await cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    async def until(self, query: LiteralString) -> None:
        """Wait until a query gives something true. :raises ProgramError: the server ended, or it took too long."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        problem = "it said nothing else"
        while True:
            try:
                if await self.value(query):
                    return
            except psycopg.Error as error:
                problem = str(error)
            if not self.is_running:
                raise ProgramError(f"the server of {self.site} ended: {self._last_words()}")
            if time.monotonic() > deadline:
                raise ProgramError(f"the server of {self.site} did not get ready: {query}: {problem}")
            await asyncio.sleep(_POLL_SECONDS)

    async def describe(self) -> dict[str, object]:
        """What the control API shows: ``role`` is ``writer`` or ``standby``, or null while it does not run."""
        standby = await self.value("SELECT pg_is_in_recovery()") if self.is_running else None
        paused = await self.value("SELECT pg_is_wal_replay_paused()") if standby else None
        return {
            "site": self.site,
            "port": self.port,
            "running": self.is_running,
            "role": None if standby is None else "standby" if standby else "writer",
            "replaying": None if paused is None else not paused,
        }

    @property
    def _log(self) -> Path:
        return self.folder / f"{self.site}.log"

    def _last_words(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace").strip()[-2000:]
