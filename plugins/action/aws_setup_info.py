# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module ``aws_setup_info``, unless a variable of the role aws_setup is misspelt.

The role runs this module before it changes anything. Otherwise a misspelt variable would be ignored silently. The role
would then create objects without it, and some settings, such as the type of a health check, cannot be changed later.
"""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution, coded
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import misspelt_variables


class ActionModule(DirectExecution):
    """The action of the module with this name."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Run the module, or refuse misspelt variables."""
        if problems := misspelt_variables(task_vars or {}, "aws_setup"):
            msg = "\n".join(["Nothing was done.", *problems])
            return coded({"changed": False, "failed": True, "msg": msg}, "TG-VARIABLES")
        return super().run(tmp, task_vars)
