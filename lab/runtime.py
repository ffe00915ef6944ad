# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A whole lab: its parts, its control API and the files that tell clients how to reach them."""

from __future__ import annotations

import asyncio
import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from lab.control import control_app
from lab.directory import LabDirectory
from lab.faults import Faults
from lab.part import HasOwnFolder, Part, Resettable
from lab.requests_log import RequestsLog
from lab.servers import LOOPBACK, Server


class Lab:
    """Starts and stops all parts together. Use it with ``async with``, or through ``python -m lab``."""

    def __init__(self, directory: Path, parts: Sequence[Part], log: RequestsLog, faults: Faults) -> None:
        """Prepare a lab; nothing is started or written yet.

        :param log: the log of the parts; ``faults``: the faults of the parts.
        """
        self.info: dict[str, Any] = {}
        self._directory = LabDirectory(directory)
        self._parts = list(parts)
        self._log = log
        self._faults = faults
        self._control = Server(control_app(self._directory.path, log, faults, self._parts, self.reset))

    async def start(self) -> dict[str, Any]:
        """Start everything. If the start fails, stop the parts that were started.

        :returns: the content of ``lab.json``.
        :raises LabDirectoryError: the folder cannot be used.
        :raises OSError: a part could not start.
        """
        self._directory.open()
        try:
            self.info = {
                "pid": os.getpid(),
                "directory": str(self._directory.path),
                "control": f"http://{LOOPBACK}:{await self._control.start()}",
            }
            for part in self._parts:
                self.info[part.name] = await part.start(self._directory.part_folder(part.name))
            self._directory.write("inventory.yml", self._inventory())
            self._directory.write("env.sh", self._environment())
            outside = [part.own_folder for part in self._parts if isinstance(part, HasOwnFolder) and part.own_folder]
            self._directory.write_ready_file(self.info, outside)
        except BaseException:
            await self.stop()
            raise
        return self.info

    async def stop(self) -> None:
        """Stop everything and delete the lab's files. If a part fails to stop, the others are still stopped."""
        outcomes: list[object] = []
        for stop in [self._control.stop, *(part.stop for part in reversed(self._parts))]:
            outcomes += await asyncio.gather(stop(), return_exceptions=True)
        self._directory.close()
        failures = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
        if failures:
            raise ExceptionGroup("The lab did not stop cleanly", failures)

    async def reset(self) -> None:
        """Reset every part to its first state; remove the logged requests and the faults."""
        self._faults.clear()
        for part in self._parts:
            if isinstance(part, Resettable):
                await part.reset()
        self._log.clear()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.stop()

    def _inventory(self) -> str:
        hosts: dict[str, dict[str, Any]] = {}
        for part in self._parts:
            for service, variables in part.inventory_hosts().items():
                hosts.setdefault(service, {}).update(variables)
        text: str = yaml.safe_dump({"services": {"hosts": hosts}}, sort_keys=False)
        return text

    def _environment(self) -> str:
        variables = {"LAB_CONTROL_URL": self.info["control"]}
        for part in self._parts:
            variables.update(part.environment())
        lines = (f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())
        return "# Source this file: then your own clients use the lab.\n" + "".join(lines)
