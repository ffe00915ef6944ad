# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Filters that plan the changes of the role awx_setup, and turn the answers of its surveys into variables."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from ansible.errors import AnsibleFilterError
from ansible_collections.tidegate.failover.plugins.module_utils._awx import plan, project_files, surveys
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, with_code

_PLAYBOOKS = Path(__file__).parents[2] / "playbooks"
#: Playbooks that serve AWX itself and are not jobs.
_NO_JOBS = frozenset({"awx_setup", "survey_answers"})


def awx_setup_plan(options: Mapping[str, t.Any], found: Mapping[str, t.Any], check: bool = False) -> dict[str, t.Any]:
    """See ``awx_setup_plan.yml`` beside this file."""
    try:
        return plan.plan({**options, "available": _available()}, {**found}, check=check)
    except RefusedError as problem:
        raise AnsibleFilterError(with_code(str(problem), problem.code)) from problem


def awx_project_files(requirements: Sequence[str], playbooks: Sequence[str] = ()) -> list[dict[str, str]]:
    """See ``awx_project_files.yml`` beside this file."""
    available = _available()
    chosen = [playbook for playbook in playbooks or available if playbook in available]
    return [{"path": path, "content": text} for path, text in project_files.files(chosen, requirements).items()]


def survey_answers(given: Mapping[str, t.Any]) -> list[dict[str, t.Any]]:
    """See ``survey_answers.yml`` beside this file."""
    try:
        return surveys.answers(given)
    except RefusedError as problem:
        raise AnsibleFilterError(with_code(str(problem), problem.code)) from problem


def _available() -> list[str]:
    """The playbooks of the collection that are jobs."""
    names = (path.stem for path in _PLAYBOOKS.glob("[!_]*.yml"))
    return sorted(name for name in names if name not in _NO_JOBS)


class FilterModule:
    """The filters of this file, by name."""

    def filters(self) -> dict[str, Callable[..., t.Any]]:
        """Return the filters, which Ansible requests from a filter plugin."""
        return {
            "awx_setup_plan": awx_setup_plan,
            "awx_project_files": awx_project_files,
            "survey_answers": survey_answers,
        }
