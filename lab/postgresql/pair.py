# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The servers of the two sites: creation, replication, promotion, rebuild. Further servers can join them."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

from lab.control_error import ControlError
from lab.ports import free_port
from lab.postgresql.further import Further, follow, subscribe
from lab.postgresql.programs import Programs
from lab.postgresql.server import Server
from lab.postgresql.settings import ADMINISTRATOR, CONFIGURATION, REPLICATION, USERS
from lab.servers import LOOPBACK

#: The sites, with the names of the shop's sites. In the first state the first site is the writer.
SITES = ("primary", "backup")

#: Only transactions that write get a number.
_NEXT_TRANSACTION = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint"


class Pair:
    """Two servers with all their files in one folder, and the further servers.

    :param folder: an empty folder that belongs to the user of the programs.
    """

    def __init__(self, folder: Path, programs: Programs) -> None:
        self._folder = folder
        self._programs = programs
        self._next_transaction = 0
        self.servers: dict[str, Server] = {}

    async def create(self) -> None:
        """Create and start both servers. :raises OSError: that failed."""
        password = self._folder / "password"
        password.write_text(ADMINISTRATOR.password, encoding="ascii")
        password.chmod(0o644)
        await self._programs.run(
            "initdb",
            *("--pgdata", self._pristine, "--username", ADMINISTRATOR.user, "--pwfile", password),
            *("--auth", "scram-sha-256", "--encoding", "UTF8", "--no-locale", "--no-sync", "--wal-segsize", "1"),
        )
        with (self._pristine / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(CONFIGURATION)
        # No server listens yet: a server in single-user mode reads the statements from its standard input.
        await self._programs.run("postgres", "--single", "-F", "-D", self._pristine, "postgres", sql=USERS)
        self.servers = {site: Server(site, free_port(), self._folder, self._programs) for site in SITES}
        await self._fill()

    async def reset(self) -> None:
        """Reset to the first state: all stored data and all further servers are removed."""
        if await self._is_untouched():
            return
        for server in self.servers.values():
            await server.stop()
            shutil.rmtree(server.data)
        self.servers = {site: self.servers[site] for site in SITES}
        await self._fill()

    async def join(self, further: Further) -> Server:
        """Start one more server, which follows or subscribes to a running server. It may still have to catch up.

        :raises ControlError: a server of this name exists, or its source does not exist.
        """
        if further.site in self.servers:
            raise ControlError(f"there is a server of {further.site} already")
        if further.source not in self.servers:
            raise ControlError(f"there is no server of {further.source!r}; there are {', '.join(self.servers)}")
        source = self._running(further.source)
        server = Server(further.site, free_port(), self._folder, self._programs, further.application_name)
        self.servers[further.site] = server
        if further.subscribes:
            await self._programs.run("cp", "-a", self._pristine, server.data)
            await server.start()
            await subscribe(server, source, further)
        else:
            await self._copy(source, server)
            await follow(server, source, further)
            await server.start()
        return server

    async def stop(self) -> None:
        """Stop all servers. Safe to call at any time."""
        for server in self.servers.values():
            await server.stop()

    async def promote(self, site: str) -> None:
        """Make a standby the writer. The other server is not changed: if it also runs as writer, both accept writes.

        :raises ControlError: the server is no standby.
        """
        server = self._running(site)
        if not await server.value("SELECT pg_is_in_recovery()"):
            raise ControlError(f"the server of {site} is the writer already")
        await server.value("SELECT pg_wal_replay_resume()")
        await server.value("SELECT pg_promote(wait => true)")

    async def rebuild(self, site: str) -> None:
        """Rebuild a site's server as standby of the other server. Its data is lost; it need not run.

        :raises ControlError: the other server is not running as writer.
        """
        if site not in SITES:
            raise ControlError(f"only the servers of {' and '.join(SITES)} are rebuilt; let {site} join again")
        source = self._running(next(other for other in SITES if other != site))
        if await source.value("SELECT pg_is_in_recovery()"):
            raise ControlError(f"the server of {source.site} is a standby itself; promote it first")
        server = self.servers[site]
        await server.stop()
        if server.data.exists():
            shutil.rmtree(server.data)
        await self._copy(source, server)
        await server.start()
        await self._until_following(source)

    async def replay(self, site: str, *, on: bool) -> None:
        """Let a standby replay the received changes, or only store them: then it lags, although it replicates.

        :raises ControlError: the server is no standby.
        """
        server = self._running(site)
        if not await server.value("SELECT pg_is_in_recovery()"):
            raise ControlError(f"the server of {site} is the writer, which replays nothing")
        if on:
            await server.value("SELECT pg_wal_replay_resume()")
        else:
            await server.value("SELECT pg_wal_replay_pause()")
            await server.until("SELECT pg_get_wal_replay_pause_state() = 'paused'")

    def _running(self, site: str) -> Server:
        server = self.servers[site]
        if not server.is_running:
            raise ControlError(f"the server of {site} is not running")
        return server

    async def _copy(self, source: Server, server: Server) -> None:
        await self._programs.run(
            "pg_basebackup",
            *("--pgdata", server.data, "--host", LOOPBACK, "--port", str(source.port), "--username", REPLICATION.user),
            *("--write-recovery-conf", "--checkpoint", "fast", "--wal-method", "stream", "--no-sync"),
            password=REPLICATION.password,
        )

    async def _fill(self) -> None:
        writer, standby = (self.servers[site] for site in SITES)
        # The copy of a server that was shut down in good order can follow it as well as a backup of it.
        await asyncio.gather(
            *(self._programs.run("cp", "-a", self._pristine, server.data) for server in (writer, standby))
        )
        with (standby.data / "postgresql.auto.conf").open("a", encoding="utf-8") as file:
            file.write(f"primary_conninfo = '{writer.dsn(REPLICATION)}'\n")
        (standby.data / "standby.signal").touch()
        await asyncio.gather(writer.start(), standby.start())
        await self._until_following(writer)
        self._next_transaction = await writer.value(_NEXT_TRANSACTION)

    async def _is_untouched(self) -> bool:
        """Whether nothing has changed since the start, because a rebuild takes a second."""
        if len(self.servers) > len(SITES):
            return False
        writer, standby = [await server.describe() for server in self.servers.values()]
        as_at_first = writer["role"] == "writer" and standby["role"] == "standby" and standby["replaying"]
        return bool(as_at_first) and self._next_transaction == await self.servers[SITES[0]].value(_NEXT_TRANSACTION)

    async def _until_following(self, source: Server) -> None:
        # A standby does not report its position until something is written.
        await source.value("SELECT pg_create_restore_point('following')")
        await source.until("SELECT bool_and(state = 'streaming' AND replay_lsn IS NOT NULL) FROM pg_stat_replication")

    @property
    def _pristine(self) -> Path:
        return self._folder / "pristine"
