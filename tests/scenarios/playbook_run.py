# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The real ``ansible-playbook``, in an environment without settings of the user."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.tidegate.failover.tests.scenarios.prepared_python import PreparedPython

from lab.process import CLONE

#: Ends a run that hangs. None takes nearly as long, not even where many share the machine.
RUN_SECONDS = 300

PS = shutil.which("ps") or "ps"

Json = dict[str, Any]


@dataclass(frozen=True)
class Outcome:
    """What a run left behind.

    :ivar output: what a person saw, standard output first.
    """

    returncode: int
    output: str

    def reported(self) -> dict[str, str]:
        """The sentence at the end, by host, of those that got that far."""
        found = re.findall(
            r'^ok: \[(.+?)\] => \{\n(?:    "changed": false,\n)?    "msg": (".*")\n\}$', self.output, re.MULTILINE
        )
        return {host: json.loads(text) for host, text in found}

    def failures(self) -> dict[str, str]:
        """The message of the last failure, by host."""
        found = re.findall(r"^fatal: \[(.+?)\]: FAILED! => (\{.*\})$", self.output, re.MULTILINE)
        return {host: json.loads(result).get("msg", "") for host, result in found}


@dataclass(frozen=True)
class UnderWay:
    """A run that has not ended yet."""

    process: subprocess.Popen[bytes]

    def kill(self) -> None:
        """End it at once, and everything that it has started, as the end of its machine would."""
        for process in [self.process.pid, *_descendants(self.process.pid)]:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        self.process.wait()


def _descendants(process: int) -> list[int]:
    found = subprocess.run([PS, "-o", "pid=", "--ppid", str(process)], capture_output=True, text=True, check=False)
    children = [int(pid) for pid in found.stdout.split()]
    return children + [below for child in children for below in _descendants(child)]


class Playbooks:
    """Runs playbooks with a home folder of their own."""

    def __init__(self, home: Path, prepared: PreparedPython | None = None) -> None:
        """Prepare runs.

        :param home: files that they need go below it.
        :param prepared: runs what needs no environment of its own. Without it each run starts a Python.
        """
        self.home, self._prepared = home, prepared
        self._files = 0

    def inventory(self, services: dict[str, Json], **groups: Json) -> str:
        """Write an inventory.

        :param services: variables of the services, by name. Without any there is no such group.
        :param groups: more groups, as YAML inventories have them.
        :returns: its path.
        """
        content = groups | ({"services": {"hosts": services}} if services else {})
        return self.file(content)

    def file(self, content: Json | list[Json]) -> str:
        """Write a file of variables or an inventory; JSON is YAML too. Returns its path."""
        self._files += 1
        path = self.home / f"{self._files}.json"
        path.write_text(json.dumps(content), encoding="utf-8")
        return str(path)

    def run(self, name: str, *arguments: str, inventory: str | None = None, extra: Json | None = None) -> Outcome:
        """Run a playbook of the collection to its end."""
        words = list(arguments)
        if inventory is not None:
            words += ["-i", inventory]
        if extra is not None:
            words += ["-e", json.dumps(extra)]
        return self.run_file(f"tidegate.failover.{name}", *words)

    @contextmanager
    def running(self, name: str, inventory: str) -> Iterator[UnderWay]:
        """Run a playbook of the collection while the block runs."""
        words = [sys.executable, "-m", "ansible", "playbook", f"tidegate.failover.{name}", "-i", inventory]
        with (self.home / "under-way.log").open("wb") as output:
            process = subprocess.Popen(
                words,
                cwd=self.home,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
            run = UnderWay(process)
            try:
                yield run
            finally:
                if process.poll() is None:
                    run.kill()

    def run_file(self, path: str, *arguments: str, environment: dict[str, str] | None = None) -> Outcome:
        """Run a playbook to its end.

        :param environment: what is set besides the usual.
        """
        return self.run_command(["ansible", "playbook", path, *arguments], environment)

    def run_command(self, words: list[str], environment: dict[str, str] | None = None) -> Outcome:
        """Run a module of Python, such as ``ansible``, to its end, as a playbook would be."""
        env = self._environment()
        # What a Python does with its environment when it starts has been done in the one that is prepared.
        if self._prepared and not environment:
            done = self._prepared.run(words, cwd=self.home, env=env, timeout=RUN_SECONDS)
        else:
            done = subprocess.run(
                [sys.executable, "-m", *words],
                cwd=self.home,
                env=env | (environment or {}),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=RUN_SECONDS,
                check=False,
            )
        return Outcome(done.returncode, done.stdout + done.stderr)

    def _environment(self) -> dict[str, str]:
        return usual_environment(self.home)


def usual_environment(home: Path) -> dict[str, str]:
    """The default environment of a run."""
    foreign = ("OCI_", "TF_VAR_", "ANSIBLE_")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    # Where the collections are found is the one thing that the user who runs the tests may decide.
    paths = {name: os.environ[name] for name in ("ANSIBLE_COLLECTIONS_PATH",) if name in os.environ}
    return own | {
        "ANSIBLE_CONFIG": str(CLONE / "tests" / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_SHOW_CUSTOM_STATS": "1",
        "HOME": str(home),
        **paths,
    }
