# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Rehearses the set-up of the role ``maintenance_setup`` on a spare listener."""

from __future__ import annotations

import typing as t
from functools import partial
from urllib.parse import urljoin

from ansible.utils.display import Display
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    TidegateError,
    UnreachableError,
    with_code,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._http import Request, fetch
from ansible_collections.tidegate.failover.plugins.module_utils._setup import rehearsal
from ansible_collections.tidegate.failover.plugins.module_utils._setup.rehearsal import Json, Seen
from ansible_collections.tidegate.failover.plugins.module_utils._setup.rehearsal_run import Rehearsal
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import Host
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution, coded
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import (
    as_specified,
    misspelt_variables,
    options_of,
    problems_of_values,
)

_ROLE = "maintenance_setup"
#: A variable of the role that contains the needed variables of other roles.
_OTHER_ROLES_VARIABLES = "__maintenance_setup_of_others"
_LONGEST_ANSWER_SECONDS = 10.0


class ActionModule(DirectExecution):
    """Checks the variables, removes leftovers of an aborted rehearsal, or rehearses."""

    _requires_connection = False
    _also_runs = (
        "lb_maintenance_mode",
        "lb_maintenance_mode_info",
        "oci_maintenance_alarm",
        "oci_maintenance_page",
    )

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Json:
        """Run the action of the option ``do``."""
        self._variables: Json = task_vars or {}
        self._host = Host(self._variables["inventory_hostname"], self._variables, self._loader, self._templar)
        given = self._host.values(options_of(_ROLE))
        if wrong := [*problems_of_values(_ROLE, given), *misspelt_variables(self._variables)]:
            return _refused(wrong)
        self._values: Json = {
            **as_specified(_ROLE, {name.removeprefix(f"{_ROLE}_"): value for name, value in given.items()}),
            **self._host.value(_OTHER_ROLES_VARIABLES),
        }
        if wrong := rehearsal.problems(self._values):
            return _refused(wrong)
        steps: dict[str, t.Callable[[], Json]] = {"check": dict, "clean": self._clean, "rehearse": self._rehearse}
        return {"changed": False} | steps[self._task.args["do"]]()

    def _clean(self) -> Json:
        if self._task.check_mode:
            return {}
        left = self._rehearsal("").remove()
        return coded({"failed": True, "msg": " ".join(left)}, "TG-REHEARSAL") if left else {}

    def _rehearse(self) -> Json:
        topic_id = str(self._task.args.get("topic_id") or "")
        if self._task.check_mode:
            return {"problem": "", "proven": [], "summary": [rehearsal.rehearses(self._values)]}
        run, problem = self._rehearsal(topic_id), ""
        try:
            run.run()
        except TidegateError as caught:
            problem = with_code(str(caught), caught.code)
        reported = {
            "state": self._values["state"],
            "rehearsed": rehearsal.level_of(self._values),
            "proven": run.proven,
            "problem": problem,
        }
        stats = {"tidegate_setups": {self._host.name: reported}}
        steps = self._task.args.get("steps") or []
        # The next task fails with the problem, because Ansible drops the stats of a failed task.
        return {
            "problem": problem,
            "proven": run.proven,
            "summary": rehearsal.summary(self._values, steps, run.proven, topic_id, problem),
            "ansible_stats": {"data": stats, "per_host": False, "aggregate": True},
        }

    def _rehearsal(self, topic_id: str) -> Rehearsal:
        return Rehearsal(self._values, topic_id, ask=self._ask, look=self._probe, show=self._show)

    def _ask(self, module: str, options: Json) -> Json:
        # Credentials are not options of this task, because callbacks would show them.
        return self.ask(module, {**(self._values["oci_auth"] or {}), **options}, self._variables)

    def _probe(self) -> Seen:
        """Make a request as a user does, and follow its redirect with a second request."""
        values = self._values
        request = partial(
            Request, validate_certs=bool(values["validate_certs"]), ca_path=str(values["ca_path"] or "") or None
        )
        status, location = 0, ""
        try:
            answer = fetch(request(rehearsal.url(values)), _LONGEST_ANSWER_SECONDS)
            status, location = answer.status, urljoin(rehearsal.url(values), answer.location or "")
            if not answer.location:
                return Seen(status)
            return Seen(status, location, fetch(request(location), _LONGEST_ANSWER_SECONDS).status)
        except UnreachableError as problem:
            return Seen(status, location, problem=str(problem))

    def _show(self, line: str) -> None:
        # Shown at once, because Ansible shows the result of a task only at its end, and this task takes minutes.
        Display().display(f"[{self._host.name}] {line}")


def _refused(wrong: list[str]) -> Json:
    return coded({"changed": False, "failed": True, "msg": f"Nothing was changed. {' '.join(wrong)}"}, "TG-VARIABLES")
