# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module ``failback_gate``, and shows what it is waiting for. A module cannot show that while it runs."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from functools import partial

from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution
from ansible_collections.tidegate.failover.plugins.plugin_utils._progress import shown_progress


class ActionModule(DirectExecution):
    """The usual action, which also follows the module's ``progress_path``."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the module; returns its result."""
        run: Callable[[], dict[str, t.Any]] = partial(super().run, tmp, task_vars)
        if not self._can_follow():
            return run()
        arguments = self._task.args
        with shown_progress((task_vars or {}).get("inventory_hostname", "")) as path:
            try:
                self._task.args = {**arguments, "progress_path": path}
                return run()
            finally:
                # With `until` the same task runs again, and then gets another file.
                self._task.args = arguments

    def _can_follow(self) -> bool:
        """Whether the module writes its file on this machine and as this user, and its output may be shown."""
        return not (
            self._connection.transport != "local"
            or self._connection.become
            or self._task.async_val
            or self._task.no_log
            or self._task.args.get("progress_path")
        )
