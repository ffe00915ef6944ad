# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module ``failback_gate``, and shows meanwhile what it waits for, which a module cannot do."""

from __future__ import annotations

import tempfile
import threading
import typing as t
from collections.abc import Callable
from functools import partial
from pathlib import Path

from ansible.utils.display import Display
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution

#: Seconds between two looks into the file where the module tells what it waits for.
_PAUSE = 0.2


class ActionModule(DirectExecution):
    """The usual action, with an eye on the module's ``progress_path``."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the module; returns its result."""
        run: Callable[[], dict[str, t.Any]] = partial(super().run, tmp, task_vars)
        if not self._can_follow():
            return run()
        host, arguments = (task_vars or {}).get("inventory_hostname", ""), self._task.args
        with tempfile.NamedTemporaryFile(prefix="failback_gate-") as file:
            try:
                self._task.args = {**arguments, "progress_path": file.name}
                with _Follower(Path(file.name), lambda line: Display().display(f"waiting: [{host}] {line}")):
                    return run()
            finally:
                # The same task may be run again, with `until`, and then gets a file of its own.
                self._task.args = arguments

    def _can_follow(self) -> bool:
        """Whether the module writes to the files of this machine, as this user, and may be watched."""
        return not (
            self._connection.transport != "local"
            or self._connection.become
            or self._task.async_val
            or self._task.no_log
            or self._task.args.get("progress_path")
        )


class _Follower:
    """Shows the lines of a file as they come, until the end of the context."""

    def __init__(self, path: Path, show: Callable[[str], None]) -> None:
        self._path, self._show = path, show
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_problem: object) -> None:
        self._end.set()
        self._thread.join()

    def _follow(self) -> None:
        with self._path.open(encoding="utf-8") as lines:
            ended = False
            while not ended:
                ended = self._end.wait(_PAUSE)
                for line in lines:
                    self._show(line.rstrip("\n"))
