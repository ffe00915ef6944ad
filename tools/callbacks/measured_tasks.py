# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Measures the coverage of this collection's tasks, in the worker of a task and in the fork of its module.

Lines that run during an import are not measured, because all files are loaded before the workers start. The unit tests
import the files.
"""

from __future__ import annotations

import os
from typing import Any

import coverage
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: measured_tasks
type: notification
short_description: Measures the coverage of this collection's tasks
description: Measures the coverage of this collection's tasks.
options:
  data:
    description: File for the measurements; each process adds a suffix to its name.
    type: str
    required: true
    ini:
      - {section: measured_tasks, key: data}
"""

_COLLECTION = "tidegate.failover."
_SOURCE = "*/ansible_collections/tidegate/failover/plugins/*"


class CallbackModule(CallbackBase):
    """Ansible calls this plugin for each task before it forks the worker. Ansible's own code is not measured."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "notification"
    CALLBACK_NAME = "measured_tasks"

    def __init__(self) -> None:
        super().__init__()
        self._is_ours = False
        os.register_at_fork(after_in_child=self._begin)

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        """Remember whether the next workers run a task of this collection."""
        self._is_ours = task.resolved_action.startswith(_COLLECTION)

    def _begin(self) -> None:
        # The fork of a module continues the measurement of its worker, and writes its own file.
        if self._is_ours and coverage.Coverage.current() is None:
            measured = coverage.Coverage(
                data_file=self.get_option("data"), data_suffix=True, branch=True, include=[_SOURCE], config_file=False
            )
            # Workers and the forks of modules end with os._exit.
            measured.set_option("run:patch", ["_exit"])
            measured.start()
