# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The PostgreSQL part of the lab."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import Any

from aiohttp import web

from lab.postgresql.control import postgresql_control_routes
from lab.postgresql.pair import Pair
from lab.postgresql.programs import find_programs
from lab.postgresql.settings import DATABASE


class PostgresqlPart:
    """Implements :class:`lab.part.Part`, :class:`lab.part.Resettable` and :class:`lab.part.HasOwnFolder`.

    The servers' files are in a separate folder below the system's folder for temporary files. Other users cannot read
    the lab's own folder, and the servers run as another user if the lab runs as root.
    """

    name = "postgresql"

    def __init__(self) -> None:
        self.own_folder: Path | None = None
        self._pair: Pair | None = None
        self._info: dict[str, Any] = {}

    @property
    def pair(self) -> Pair:
        """The servers. They exist once the part has started."""
        if self._pair is None:
            raise AssertionError("the part is started before it is used")
        return self._pair

    async def start(self, _unused: Path) -> dict[str, Any]:
        """See :class:`lab.part.Part`."""
        programs = find_programs()
        self.own_folder = Path(tempfile.mkdtemp(prefix="tidegate-lab-postgresql-"))
        if programs.user is not None:
            os.chown(self.own_folder, *programs.user)
        self._pair = Pair(self.own_folder, programs)
        await self._pair.create()
        self._info = {
            "directory": str(self.own_folder),
            "database": DATABASE,
            "servers": {site: server.connection() for site, server in self._pair.servers.items()},
        }
        return self._info

    async def stop(self) -> None:
        """See :class:`lab.part.Part`."""
        if self._pair is not None:
            await self._pair.stop()
        if self.own_folder is not None:
            shutil.rmtree(self.own_folder)
            self.own_folder = None

    async def reset(self) -> None:
        """See :class:`lab.part.Resettable`."""
        await self.pair.reset()

    def control_routes(self) -> list[web.RouteDef]:
        """See :class:`lab.part.Part`, and :mod:`lab.postgresql.control` for what they do."""
        return postgresql_control_routes(lambda: self.pair)

    def environment(self) -> dict[str, str]:
        """See :class:`lab.part.Part`."""
        return {f"LAB_POSTGRESQL_{site.upper()}_DSN": server["dsn"] for site, server in self._info["servers"].items()}

    def inventory_hosts(self) -> dict[str, dict[str, Any]]:
        """See :class:`lab.part.Part`. Only a service's own gates and hooks name its database."""
        return {}
