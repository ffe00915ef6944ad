# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One Ansible task, run by ``ansible-playbook`` as users do, and as the bare process of its module."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .measuring import BenchError
from .processes import BENCH, Took, run


class AnsibleTask:
    """A play of one task on localhost, without facts."""

    def __init__(
        self, name: str, module: str, options: dict[str, Any], home: Path, loop: Sequence[str] | None = None
    ) -> None:
        """Write the playbook.

        :param name: names the files, which go below ``home``.
        :param loop: what to run the task for one after the other, as ``item`` of its options.
        """
        self._home = home
        self._program = home / f"{name}.module.py"
        self._playbook = home / f"{name}.yml"
        task = {"name": name, module: options} | ({"loop": list(loop)} if loop else {})
        play = {"hosts": "localhost", "gather_facts": False, "tasks": [task]}
        self._playbook.write_text(json.dumps([play]), encoding="utf-8")

    def prepare(self) -> None:
        """Run the task once, and keep the program that ansible makes of the module and its arguments.

        Ansible packs a module, its utilities and its arguments into one file and runs that with Python. The file that
        it made is then what :meth:`run_module` runs, so that process is the real one. The task takes effect.

        :raises BenchError: the task failed.
        """
        folder = self._home / "kept"
        self._run_playbook(ANSIBLE_KEEP_REMOTE_FILES="1", ANSIBLE_REMOTE_TEMP=str(folder))
        programs = list(folder.glob("*/AnsiballZ_*.py"))
        if len(programs) != 1:
            raise BenchError(f"ansible kept {len(programs)} programs of the task in {self._playbook}; one was expected")
        programs[0].rename(self._program)
        shutil.rmtree(folder)

    def run_playbook(self) -> Took:
        """Run the task as users do. :raises BenchError: it failed."""
        return self._run_playbook()

    def run_module(self) -> Took:
        """Run the module's process alone. :raises BenchError: it failed."""
        return run([sys.executable, str(self._program)], self._home)

    def _run_playbook(self, **more: str) -> Took:
        command = [sys.executable, "-m", "ansible", "playbook", "-i", "localhost,", "-c", "local", str(self._playbook)]
        interpreter = ["-e", f"ansible_python_interpreter={sys.executable}"]
        return run([*command, *interpreter], self._home, ANSIBLE_LIBRARY=str(BENCH / "library"), **more)
