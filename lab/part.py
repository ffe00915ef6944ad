# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The interface of each cloud of the lab, so that one program can start, describe, control and stop all of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from aiohttp import web


class Part(Protocol):
    """One cloud of the lab."""

    #: The key of this part in ``lab.json``, and the path of its control routes below ``/lab/``.
    name: str

    async def start(self, directory: Path) -> dict[str, Any]:
        """Start serving on loopback. The part's files are below ``directory``.

        :returns: the data for clients (endpoints, ids, credential files), as plain JSON data for ``lab.json``.
        """

    async def stop(self) -> None:
        """Stop everything that :meth:`start` started. Safe to call after a start that failed half-way."""

    def control_routes(self) -> list[web.RouteDef]:
        """Routes for tests and drills to control this part. Their paths begin with ``/lab/<name>/``."""

    def environment(self) -> dict[str, str]:
        """Environment variables for ``env.sh``, so that a person's own clients use the lab."""

    def inventory_hosts(self) -> dict[str, dict[str, Any]]:
        """Variables for ``inventory.yml`` by service (host) name. Several parts may add variables to one service."""


@runtime_checkable
class HasOwnFolder(Protocol):
    """A part that keeps files outside the lab's folder, in a folder of its own."""

    #: The folder, once the part has started. The part deletes it when it stops. If the lab is killed,
    #: ``python -m lab down`` or the next lab in the same folder deletes it.
    own_folder: Path | None


@runtime_checkable
class Resettable(Protocol):
    """A part that can return to its first state without a stop, for ``POST /lab/reset``."""

    async def reset(self) -> None:
        """Undo everything that clients did since the start. Addresses, ids and credentials stay the same."""
