# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One server: its process, and its description."""

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
    """The server of a site, or a further server. It keeps its port and its folder after a stop and a start.

    :ivar folder: the folder of its log; its data is in the folder :attr:`data`.
    :ivar application_name: the application name of a standby's connection; by default its site.
    """

    site: str
    port: int
    folder: Path
    programs: Programs
    application_name: str | None = None
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def data(self) -> Path:
        """The folder of the data."""
        return self.folder / self.site

    @property
    def is_running(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    def dsn(self, login: Login) -> str:
        """The connection string for a client."""
        return f"postgresql://{login.user}:{login.password}@{LOOPBACK}:{self.port}/{login.database}"

    def connection(self) -> dict[str, object]:
        """The data for clients to connect, for ``lab.json``."""
        return {
            "host": LOOPBACK,
            "port": self.port,
            "dsn": self.dsn(APPLICATION),
            "monitor_dsn": self.dsn(MONITOR),
            "administrator_dsn": self.dsn(ADMINISTRATOR),
        }

    async def start(self) -> None:
        """Start the server and wait until it answers. :raises ProgramError: it does not answer in time."""
        if self.is_running:
            return
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                # A standby uses the name of its cluster as its application_name at the writer.
                *self.programs.command(
                    *("postgres", "-D", self.data, "-p", str(self.port)),
                    f"--cluster-name={self.application_name or self.site}",
                ),
                cwd="/",
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                # Ctrl-C goes to the lab only, which then stops its servers in order.
                start_new_session=True,
            )
        await self.until("SELECT 1")

    async def stop(self) -> None:
        """Kill the server, as in a crash: no checkpoint, and clients are cut off. Safe to call at any time."""
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGQUIT)
            await self._process.wait()

    async def value(self, query: LiteralString | Composed, login: Login = ADMINISTRATOR) -> Any:
        """The first value of a statement's result, if there is one. :raises psycopg.Error: the statement failed."""
        connection = await psycopg.AsyncConnection.connect(self.dsn(login), autocommit=True, connect_timeout=5)
        async with connection:
            cursor = await connection.execute(query)
            row = await cursor.fetchone() if cursor.description else None
            return row[0] if row else None

    async def until(self, query: LiteralString) -> None:
        """Wait until the result of a query is true. :raises ProgramError: the server ended, or it took too long."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        problem = "no further message"
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
        """The server in the control API: ``role`` is ``writer`` or ``standby``, or null while it does not run."""
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
