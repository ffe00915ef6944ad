# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The OCI Function, packed as a user packs it, and called by the harness of the FDK in an environment of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

ROOT = Path(__file__).resolve().parents[2]
FUNCTION = ROOT / "extensions" / "functions" / "oci_maintenance"
# Made of nothing but the requirements of the function.
PYTHON = ROOT / ".cache" / "function" / "bin" / "python"

_HARNESS = """
import asyncio, datetime, io, json, sys
import func
from fdk import fixtures

ends = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=float(sys.argv[1]))

async def call():
    content = io.BytesIO(sys.stdin.buffer.read())
    return await (await fixtures.setup_fn_call(func.handler, content=content, deadline=ends.isoformat()))

body, status, _headers = asyncio.run(call())
print(json.dumps({"status": status, "body": body if isinstance(body, str) else body.decode()}))
"""


@dataclass(frozen=True)
class Answer:
    """What one call ended in.

    :ivar status: 200, or 502 where the function failed.
    :ivar log: what OCI would keep of it.
    """

    status: int
    body: str
    log: str

    @property
    def alarms(self) -> list[Json]:
        """The outcome of each alarm of the message."""
        reported: list[Json] = json.loads(self.body)["alarms"]
        return reported


@dataclass(frozen=True)
class PackedFunction:
    """A folder that ``fn deploy`` would take, and the configuration of the function."""

    folder: Path
    configuration: dict[str, str]

    def call(self, message: bytes | Json, *, seconds: float = 60, **configuration: str) -> Answer:
        """Deliver a message, as Notifications does."""
        given = message if isinstance(message, bytes) else json.dumps(message).encode()
        done = subprocess.run(
            [str(PYTHON), "-c", _HARNESS, str(seconds)],
            cwd=self.folder,
            env={"PYTHONPATH": str(self.folder), **self.configuration, **configuration},
            input=given,
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode()
        answer = json.loads(done.stdout.decode().splitlines()[-1])
        return Answer(answer["status"], answer["body"], done.stderr.decode())


def pack(folder: Path) -> subprocess.CompletedProcess[str]:
    """Pack the function by its own program."""
    command = [sys.executable, str(FUNCTION.parent / "pack.py"), FUNCTION.name, str(folder)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
