# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The responder of the role ``maintenance_page``, run by its Procfile, and the answers that clients get."""

from __future__ import annotations

import http.client
import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from typing import Any

#: Ends a test whose responder does not begin; none takes nearly as long.
SECONDS = 30


@dataclass(frozen=True)
class Got:
    """What a client got."""

    status: int
    headers: Message
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class RunningResponder:
    """A responder that listens on loopback."""

    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/"

    def visit(self, path: str = "/", method: str = "GET", body: bytes | None = None, **headers: str) -> Got:
        """One request, on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, named)
            response = connection.getresponse()
            return Got(response.status, response.headers, response.read())
        finally:
            connection.close()


@contextmanager
def responder(folder: Path, **environment: str) -> Iterator[RunningResponder]:
    """Run the responder of a folder as a platform does, at a free port."""
    process = (folder / "Procfile").read_text().removeprefix("web: python ")
    with subprocess.Popen(
        [sys.executable, *shlex.split(process)],
        cwd=folder,
        env=os.environ | {"PORT": "0", **environment},
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        try:
            yield RunningResponder(_port(running))
        finally:
            running.send_signal(signal.SIGTERM)
            running.wait(SECONDS)


def _port(running: subprocess.Popen[str]) -> int:
    assert running.stderr is not None
    said = ""
    for line in running.stderr:
        said += line
        if found := re.search(r"Serving on http://127\.0\.0\.1:(\d+)", line):
            return int(found[1])
    raise AssertionError(f"The responder ended:\n{said}")
