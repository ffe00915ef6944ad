# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Tells everybody of a record; see the module ``notify`` for its documentation."""

from __future__ import annotations

import typing as t

from ansible.errors import AnsibleActionFail
from ansible_collections.tidegate.failover.plugins.module_utils._notify.receivers import receivers_from
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution
from ansible_collections.tidegate.failover.plugins.plugin_utils._telling import Manner, Teller

Json = dict[str, t.Any]


class ActionModule(DirectExecution):
    """Reads the variables of the role itself, because what is an argument of a task may be shown."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Json:
        """Tell everybody; returns who was told."""
        variables = task_vars or {}

        def value(name: str) -> t.Any:
            return self._templar.template(variables[f"notify_{name}"])

        receivers, problems = receivers_from(value("to"))
        if problems:
            raise AnsibleActionFail("Nobody was told. " + " ".join(problems))
        manner = Manner(
            timeout=int(value("timeout")),
            retries=int(value("retries")),
            delay=float(value("delay")),
            title=str(value("title") or ""),
            text=str(value("text") or ""),
        )
        teller = Teller(
            lambda module, options: self.ask(module, options, variables),
            {"aws": value("aws_auth"), "oci": value("oci_auth")},
            manner,
        )
        sent = teller.tell(value("record"), receivers, check=bool(self._task.check_mode))
        warnings = [f"{told['to']} was not told: {told['msg']}" for told in sent if told["status"] == "failed"]
        return {"changed": any(told["status"] == "sent" for told in sent), "sent": sent, "warnings": warnings}
