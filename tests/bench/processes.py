# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Measured processes, each in an environment without settings of the user."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from .measuring import BenchError

BENCH = Path(__file__).resolve().parent
CLONE = BENCH.parent.parent
#: Nothing that is measured takes half of it.
RUN_SECONDS = 600
_FOREIGN = ("ANSIBLE_", "OCI_", "AWS_", "PYTHON")


@dataclass(frozen=True)
class Took:
    """What a process took.

    :ivar seconds: wall time from its start to its end.
    :ivar cpu_seconds: processor time of it and of the processes that it waited for.
    :ivar peak_bytes: the most memory (resident set) that it held at a time, or one that it waited for.
    :ivar output: what it printed.
    :ivar began: when it started, in seconds of the clock.
    :ivar processes: how many processes it and its children started, as far as they are Python.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    output: str
    began: float
    processes: int


def environment(home: Path, **more: str) -> dict[str, str]:
    """The environment without what a user has set for clouds, ansible and Python, and with a home folder of our own.

    Python may then write byte code, as it does for users; without, each run would compile the SDK again.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(_FOREIGN)}
    return kept | {"HOME": str(home), "ANSIBLE_CONFIG": str(CLONE / "ansible.cfg"), "ANSIBLE_NOCOLOR": "1", **more}


def run(command: Sequence[str], home: Path, **more: str) -> Took:
    """Run a command to its end and measure it.

    :param more: more environment variables.
    :raises BenchError: it failed; the message holds its output.
    """
    report, starts = home / "took.json", home / "starts"
    starts.write_bytes(b"")
    path = os.pathsep.join(filter(None, [str(BENCH / "counting"), more.pop("PYTHONPATH", "")]))
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(BENCH / "launcher.py"), str(report), *command],
        cwd=home,
        env=environment(home, PYTHONPATH=path, BENCH_STARTS=str(starts), **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return Took(
        **json.loads(report.read_text(encoding="ascii")), output=done.stdout, processes=len(starts.read_bytes())
    )
