# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Notifies people of a run. This is an action and no module, because Ansible shows and keeps arguments of modules."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.tidegate.failover.plugins.module_utils._errors import with_code
from ansible_collections.tidegate.failover.plugins.module_utils._notify.texts import summary
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution
from ansible_collections.tidegate.failover.plugins.plugin_utils._telling import MODULES, Notifier, warnings_of


class ActionModule(DirectExecution):
    """The action of the role ``notify``."""

    _also_runs = MODULES
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        """Notify everybody; returns who was notified."""
        # The method of ActionBase, because the method of the parent class would run a module.
        result: dict[str, t.Any] = ActionBase.run(self, tmp, task_vars)
        variables = task_vars or {}
        if self._task.args:
            raise AnsibleActionFail(
                with_code("notify takes no options. It reads the variables of the role notify.", "TG-OPTION")
            )
        notifier = Notifier(self, variables)
        problems = notifier.problems()
        if problems:
            raise AnsibleActionFail(with_code("\n".join(["Nobody was notified.", *problems]), "TG-NOTIFY"))
        reported = self._notify(notifier)
        sent = any(one["status"] == "sent" for one in reported)
        return {
            **result,
            "changed": sent,
            "reported": reported,
            "msg": summary(reported),
            "warnings": warnings_of(reported),
        }

    def _notify(self, notifier: Notifier) -> list[dict[str, str]]:
        receivers = notifier.receivers()
        if not receivers:
            return []
        record = notifier.record()
        if not isinstance(record, Mapping):
            raise AnsibleActionFail(
                with_code("Nobody was notified, because notify_record is no record of a run.", "TG-NOTIFY")
            )
        return notifier.notify(record, receivers, notifier.options(record))
