# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Calls the lab's control API from the controller. ansible.builtin.uri would start a Python for each call."""

from __future__ import annotations

import json
from typing import Any

from ansible.module_utils.urls import open_url
from ansible.plugins.action import ActionBase

_SECONDS = 30


class ActionModule(ActionBase):
    """Its ``calls`` are lists of a method, a path below ``/lab``, and for some a body.

    ``json`` in the result is the answer to the last one. A call that the lab refuses raises, so the task fails.
    """

    _supports_check_mode = False

    def run(self, tmp: Any = None, task_vars: Any = None) -> dict[str, Any]:
        """Make the calls, one after the other."""
        super().run(tmp, task_vars)
        control = self._templar.template(task_vars["lab"])["control"]
        answers = [self._call(control, *call) for call in self._task.args["calls"]]
        return {"changed": False, "json": answers[-1]}

    def _call(self, control: str, method: str, path: str, body: Any = None) -> Any:
        data = None if body is None else json.dumps(body)
        headers = {"Content-Type": "application/json"}
        with open_url(
            f"{control}/lab/{path}", method=method, data=data, headers=headers, timeout=_SECONDS, use_proxy=False
        ) as answer:
            content = answer.read()
        return json.loads(content) if content else None
