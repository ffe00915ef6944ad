# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What each cloud of the lab must offer, so that one program can start, describe, steer and stop them all."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from aiohttp import web


class Part(Protocol):
    """One cloud of the lab."""

    #: The key of this part in ``lab.json``, and the folder below ``/lab/`` where its control routes live.
    name: str

    async def start(self, directory: Path) -> dict[str, Any]:
        """Start serving on loopback; files it needs go below ``directory``.

        :returns: what a client needs to know (endpoints, ids, credential files), as plain JSON data for ``lab.json``.
        """

    async def stop(self) -> None:
        """Stop everything that :meth:`start` started. Safe to call after a start that failed half-way."""

    def control_routes(self) -> list[web.RouteDef]:
        """Routes that tests and drills use to steer this part; their paths begin with ``/lab/<name>/``."""

    def environment(self) -> dict[str, str]:
        """Environment variables for ``env.sh``, so that a person's own clients talk to the lab."""

    def inventory_hosts(self) -> dict[str, dict[str, Any]]:
        """Variables for ``inventory.yml`` by service (host) name; parts add to each other's services."""


@runtime_checkable
class HasOwnFolder(Protocol):
    """A part that keeps files outside of the lab's folder, in one that is nobody else's."""

    #: The folder, once the part has started. The part deletes it when it stops; of a lab that was killed,
    #: ``python -m lab down`` deletes it, and so does the next lab in the same folder.
    own_folder: Path | None


@runtime_checkable
class Resettable(Protocol):
    """A part that can go back to how it started without being stopped: what ``POST /lab/reset`` asks for."""

    async def reset(self) -> None:
        """Undo everything that clients did since the start; addresses, ids and credentials stay what they were."""
