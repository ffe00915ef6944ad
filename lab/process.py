# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs a lab in a separate process, for programs that are not asynchronous: tests, benchmarks, the demo."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from lab.directory import read_ready_file

CLONE = Path(__file__).parent.parent


class LabProcessError(Exception):
    """The lab did not start, or it refused a control request; the message holds its output."""


class RunningLab:
    """A handle on a running lab.

    :ivar directory: the lab's folder.
    :ivar info: the content of its ``lab.json``.
    """

    def __init__(self, directory: Path) -> None:
        """:raises LabProcessError: no lab is ready in the folder."""
        info = read_ready_file(directory)
        if info is None:
            raise LabProcessError(f"no lab is ready in {directory}")
        self.directory = directory
        self.info = info

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API; ``path`` begins below ``/lab``.

        :raises LabProcessError: the lab refused it.
        """
        answer = requests.request(method, f"{self.info['control']}/lab{path}", json=body, timeout=30)
        if not answer.ok:
            raise LabProcessError(f"{method} /lab{path}: {answer.status_code} {answer.text}")
        return json.loads(answer.content) if answer.content else None

    def requests(self, since: int = 0) -> list[dict[str, Any]]:
        """API requests that the lab received after the request ``since``."""
        received: list[dict[str, Any]] = self.control("GET", f"/requests?since={since}")
        return received

    def writes(self, since: int = 0) -> list[dict[str, Any]]:
        """API requests after the request ``since`` that may have changed something."""
        return [request for request in self.requests(since) if request["is_write"]]

    def add_fault(self, kind: str, **fields: Any) -> None:
        """Inject a fault; see :mod:`lab.faults`."""
        self.control("POST", "/faults", {"kind": kind, **fields})

    def reset(self) -> None:
        """Reset the lab to its first state."""
        self.control("POST", "/reset")


@contextmanager
def running_lab(directory: Path, *arguments: str) -> Iterator[RunningLab]:
    """Run a lab while the block runs.

    :param arguments: more arguments for ``python -m lab up``.
    :raises LabProcessError: it did not start, or did not stop cleanly.
    """
    _command("up", "--detach", "--directory", str(directory), *arguments)
    try:
        yield RunningLab(directory)
    finally:
        _command("down", "--directory", str(directory))


def _command(*arguments: str) -> None:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(CLONE), os.environ.get("PYTHONPATH", "")])}
    outcome = subprocess.run(
        [sys.executable, "-m", "lab", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if outcome.returncode != 0:
        raise LabProcessError(f"lab {arguments[0]} failed: {outcome.stdout}{outcome.stderr}")
