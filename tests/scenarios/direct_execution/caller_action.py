# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""An action that runs another module of its collection, and one of another collection."""

from __future__ import annotations

from typing import Any

from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution


class ActionModule(DirectExecution):
    """The action of a module that has no code."""

    _also_runs = ("probe",)

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Run both; returns what each gave."""
        called = {"module_args": dict(self._task.args), "task_vars": task_vars}
        return {
            "probe": self._execute_module(module_name="example.direct.probe", **called),
            "ping": self._execute_module(module_name="ansible.builtin.ping", module_args={}, task_vars=task_vars),
        }
