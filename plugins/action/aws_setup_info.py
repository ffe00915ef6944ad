# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Runs the module ``aws_setup_info``, unless a variable of the role aws_setup is misspelt.

The role reads with it before it changes anything. A misspelt variable would be left out without a word, and what is
made without it, such as the type of a health check, cannot always be corrected later.
"""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution, coded
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import misspelt_variables


class ActionModule(DirectExecution):
    """The action of the module with this name."""

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Read, or refuse the names of variables."""
        of_role = [name for name in task_vars or {} if name.startswith("aws_setup_")]
        if wrong := misspelt_variables(of_role):
            msg = "\n".join(["Nothing was done.", *wrong])
            return coded({"changed": False, "failed": True, "msg": msg}, "TG-VARIABLES")
        return super().run(tmp, task_vars)
