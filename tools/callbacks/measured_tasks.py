# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Measures what the tasks of this collection cover, in the worker of such a task and in the fork of its module.

What runs while a file is imported is not in it, because the workers find all files loaded. The unit tests import them.
"""

from __future__ import annotations

import os
from typing import Any

import coverage
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: measured_tasks
type: notification
short_description: What the tasks of this collection cover
description: What the tasks of this collection cover.
options:
  data:
    description: Where to write what was measured; each process adds to the name of the file.
    type: str
    required: true
    ini:
      - {section: measured_tasks, key: data}
"""

_COLLECTION = "tidegate.failover."
_SOURCE = "*/ansible_collections/tidegate/failover/plugins/*"


class CallbackModule(CallbackBase):
    """Ansible calls it for each task before it forks the worker. Ansible itself, which takes longest, is excluded."""

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
        # The fork of a module goes on with what its worker began, and writes a file of its own.
        if self._is_ours and coverage.Coverage.current() is None:
            measured = coverage.Coverage(
                data_file=self.get_option("data"), data_suffix=True, branch=True, include=[_SOURCE], config_file=False
            )
            # Neither a worker nor the fork of a module ends as Python does otherwise.
            measured.set_option("run:patch", ["_exit"])
            measured.start()
