# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs the real ``ansible-rulebook``, and waits for its effects."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import CLONE

DEADLINE_SECONDS = 120

#: Where Java cannot be had (see .ci/run), the rest is tested without it; the summary counts what was left out.
needs_java = pytest.mark.skipif(
    shutil.which("java") is None, reason="ansible-rulebook needs Java 17: apt-get install openjdk-17-jre-headless"
)

Answer = TypeVar("Answer")


def eventually(condition: Callable[[], Answer], seconds: float = DEADLINE_SECONDS) -> Answer:
    """Wait until a condition holds; returns what it returned."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline, f"not within {seconds} s; the last answer was {answer!r}"
        time.sleep(0.1)
    return answer


@dataclass(frozen=True)
class RunningRulebook:
    """A rulebook that takes events."""

    process: subprocess.Popen[bytes]
    log: Path

    def reported(self) -> str:
        """Everything that it and the playbooks it ran have printed so far."""
        return self.log.read_text(encoding="utf-8", errors="replace")

    def is_up(self) -> bool:
        """Whether it still runs."""
        return self.process.poll() is None

    def wait_for_playbooks(self) -> None:
        """Return once every playbook that was begun has ended; a lab that is reset under one keeps it waiting."""
        eventually(lambda: self.reported().count("\nPLAY [") == self.reported().count("\nPLAY RECAP "))

    def kill(self) -> None:
        """End it at once, as a crash of its machine would."""
        self.process.kill()
        self.process.wait()

    def wait_until_it_takes_events(self) -> None:
        """Return once its engine waits for events."""
        eventually(lambda: not self.is_up() or "Waiting for events" in self.reported())
        assert self.is_up(), self.reported()


@contextmanager
def running_rulebook(
    name: str,
    home: Path,
    variables: Json,
    inventory: str,
    *arguments: str,
    environment: dict[str, str] | None = None,
) -> Iterator[RunningRulebook]:
    """Run a rulebook of the collection while the block runs; in ``home``, and with nothing of the user's.

    :param environment: what else it finds in its environment.
    """
    home.mkdir(parents=True, exist_ok=True)
    vars_file, log = home / "vars.json", home / "rulebook.log"
    vars_file.write_text(json.dumps(variables), encoding="utf-8")
    program = Path(sys.executable).parent / "ansible-rulebook"
    # A path is one of another rulebook.
    rulebook_name = name if "/" in name else f"tidegate.failover.{name}"
    command = [str(program), "-r", rulebook_name, "-i", inventory, "--vars", str(vars_file), "-v", *arguments]
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            cwd=home,
            env=_environment(home) | (environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    rulebook = RunningRulebook(process, log)
    try:
        rulebook.wait_until_it_takes_events()
        yield rulebook
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            rulebook.kill()


def _environment(home: Path) -> dict[str, str]:
    foreign = ("OCI_", "TF_VAR_", "ANSIBLE_", "AWS_", "EDA_")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    paths = {name: os.environ[name] for name in ("ANSIBLE_COLLECTIONS_PATH",) if name in os.environ}
    return own | {
        "ANSIBLE_CONFIG": str(CLONE / "tests" / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "HOME": str(home),
        # Seconds between two polls of a job in AWX.
        "EDA_JOB_TEMPLATE_REFRESH_DELAY": "0.5",
        # ansible-rulebook and ansible-runner search their programs there.
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        **paths,
    }
