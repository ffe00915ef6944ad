# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Switches all fronts of a service, of all kinds, for the role ``maintenance``."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, code_of_first, failure
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import (
    Part,
    check_backends_known,
    has_front,
    no_front,
    parts_of,
    switched,
)
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._registry import KINDS
from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution, coded
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import misspelt_variables

Json = dict[str, t.Any]


class ActionModule(DirectExecution):
    """Runs the module of each kind of front, one after the other."""

    _requires_connection = False
    _also_runs = tuple(kind.module for kind in KINDS.values())

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> Json:
        """Switch the fronts. If one front fails, the others are still switched."""
        self._variables: Json = task_vars or {}
        if self._task.args.get("check_only"):
            return self._checked()
        page, auth = self._templated("__maintenance_page"), self._templated("__maintenance_auth")
        try:
            parts = _parts(page)
            if self._task.args.get("only_if_backends") is not None:
                check_backends_known(parts)
        except RefusedError as problem:
            return coded({"changed": False, "failed": True, **failure(problem), "fronts": []})
        answers = [(part.kind, self._switch(part, auth.get(part.kind.auth) or {})) for part in parts]
        return self._result(answers)

    def _checked(self) -> Json:
        # A misspelt variable would be ignored silently: wrong listeners are switched, or users' answers not verified.
        if problems := misspelt_variables(self._variables, "maintenance"):
            msg = "\n".join(["Nothing was changed.", *problems])
            return coded({"changed": False, "failed": True, "msg": msg}, "TG-VARIABLES")
        return {"changed": False, "fronts": []}

    def _switch(self, part: Part, auth: Json) -> Json:
        # Credentials are not options of this task, because callbacks would show them.
        given = {name: value for name, value in self._task.args.items() if name != "check_only"}
        options = {name: value for name, value in given.items() if value is not None}
        return self.ask(part.kind.module, {**auth, **options, **part.options}, self._variables)

    def _result(self, answers: list[tuple[t.Any, Json]]) -> Json:
        found = switched(answers)
        result: Json = {"changed": found.changed, "msg": found.msg, "fronts": list(found.fronts)}
        result |= {"outcome": found.outcome, "meets": found.meets, "released": list(found.released)}
        result["held_back"] = found.held_back
        if found.problems:
            result |= {"failed": True, **code_of_first([answer for _kind, answer in answers])}
        diffs = [diff for _kind, answer in answers for diff in _listed(answer.get("diff"))]
        warnings = [warning for _kind, answer in answers for warning in answer.get("warnings") or []]
        result |= ({"diff": diffs} if diffs else {}) | ({"warnings": warnings} if warnings else {})
        return coded(result)

    def _templated(self, name: str) -> Json:
        value: Json = self._templar.template(self._variables[name])
        return value


def _parts(page: Json) -> list[Part]:
    """:raises RefusedError: no front is described, or a description is invalid."""
    if not has_front(page):
        raise RefusedError(f"Nothing was done. {no_front()} Describe what stands in front of it.")
    return parts_of(page)


def _listed(diff: t.Any) -> list[Json]:
    return diff if isinstance(diff, list) else [diff] if diff else []
