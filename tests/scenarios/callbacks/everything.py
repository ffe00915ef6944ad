# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Shows as JSON all that callbacks get: tasks with their arguments, and results."""

from __future__ import annotations

import json
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: everything
type: stdout
short_description: Everything that callbacks get, as JSON
description: Everything that callbacks get, as JSON.
"""


class CallbackModule(CallbackBase):
    """As the callbacks of other collections that write JSON, and with no choice of what matters."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "everything"

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Show the arguments of a task."""
        self._display.display(json.dumps(task.args, default=str))

    def v2_runner_on_ok(self, result: Any) -> None:
        """Show a result, and the task that it came from."""
        self._display.display(json.dumps([result._task_fields, result._result], default=str))

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        """Show a failure."""
        self.v2_runner_on_ok(result)

    def v2_runner_item_on_ok(self, result: Any) -> None:
        """Show one item of a loop."""
        self.v2_runner_on_ok(result)

    def v2_runner_item_on_failed(self, result: Any) -> None:
        """Show one item of a loop that failed."""
        self.v2_runner_on_ok(result)
