# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Starting and stopping backend processes, together or one by one."""

from __future__ import annotations

import asyncio
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path

_START_SECONDS = 20
_CLONE = Path(__file__).parent.parent.parent


@dataclass
class Backend:
    """A backend server.

    :ivar kind: one of :data:`lab.backends.program.KINDS`.
    :ivar port: 0 until its first start; it keeps its port over stops and starts.
    """

    name: str
    kind: str
    port: int = 0
    _process: asyncio.subprocess.Process | None = field(default=None, repr=False)

    @property
    def is_running(self) -> bool:
        """Whether its process runs."""
        return self._process is not None and self._process.returncode is None

    async def start(self) -> None:
        """Start the backend and wait until it listens. :raises OSError: it does not listen in time."""
        if self.is_running:
            return
        environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(_CLONE), os.environ.get("PYTHONPATH", "")])}
        arguments = ("-m", "lab.backends.program", self.kind, self.name, str(self.port))
        self._process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment,
            # Ctrl-C goes to the lab only, which then stops its backends in order.
            start_new_session=True,
        )
        if self._process.stdout is None:
            raise AssertionError("standard output is a pipe")
        try:
            async with asyncio.timeout(_START_SECONDS):
                line = await self._process.stdout.readline()
        except TimeoutError as error:
            raise OSError(f"the backend {self.name} did not listen within {_START_SECONDS} s") from error
        if not line.strip().isdigit():
            raise OSError(f"the backend {self.name} did not start; see its message above")
        self.port = int(line)

    async def stop(self) -> None:
        """Kill the process, as in an outage."""
        if self._process is None or self._process.returncode is not None:
            return
        self._process.kill()
        await self._process.wait()

    def describe(self) -> dict[str, object]:
        """The backend in the control API."""
        return {"name": self.name, "kind": self.kind, "port": self.port, "running": self.is_running}


async def start_all(backends: list[Backend]) -> None:
    """Start backends in parallel. :raises OSError: one did not start."""
    await asyncio.gather(*(backend.start() for backend in backends))


async def stop_all(backends: list[Backend]) -> None:
    """Stop backends in parallel."""
    await asyncio.gather(*(backend.stop() for backend in backends))
