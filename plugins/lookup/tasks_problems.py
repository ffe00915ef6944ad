# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
"""Finds out whether Ansible can load files of tasks, which otherwise ends a run in the middle."""

from __future__ import annotations

DOCUMENTATION = """
name: tasks_problems
short_description: Why files of tasks cannot be run
version_added: 0.1.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Tells of each file why Ansible cannot load tasks from it. The role P(tidegate.failover.failback#role) asks before it
    runs the file of a gate, since a misspelt module in it would end the whole run, and a file without tasks would pass.
  - Files that the tasks include are not looked at. Names of modules without a collection are those of this collection
    and of C(ansible.builtin), as for all files that a role of this collection includes.
options:
  _terms:
    description: The paths of the files, on the machine that runs Ansible.
    type: list
    elements: path
    required: true
"""

EXAMPLES = """
- name: See whether the tasks can be run
  ansible.builtin.debug:
    msg: "{{ query('tidegate.failover.tasks_problems', inventory_dir ~ '/count.yml') }}"
"""

RETURN = """
_raw:
  description: One text for each file that cannot be run, in the order of the files. Empty if all can.
  type: list
  elements: str
  sample:
    - "/etc/ansible/count.yml cannot be run: no module/action detected in task."
"""

import typing as t
from collections.abc import Mapping, Sequence

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.helpers import load_list_of_blocks
from ansible.playbook.play import Play
from ansible.plugins.lookup import LookupBase
from ansible.vars.manager import VariableManager


class LookupModule(LookupBase):
    """The lookup ``tasks_problems``."""

    def run(self, terms: Sequence[str], variables: Mapping[str, t.Any] | None = None, **_options: t.Any) -> list[str]:
        """One text for each file that cannot be run."""
        loader = self._loader or DataLoader()
        problems = [(path, _problem(loader, path, variables or {})) for path in terms]
        return [f"{path} {problem}" for path, problem in problems if problem]


def _problem(loader: DataLoader, path: str, variables: Mapping[str, t.Any]) -> str:
    """Why a file cannot be run; empty if it can, as far as this can be told before its tasks are run."""
    play = Play()
    play.collections = ["tidegate.failover", "ansible.builtin"]
    play.vars = dict(variables)  # Files that are imported may be named by them.
    try:
        tasks = loader.load_from_file(path)
        if not isinstance(tasks, list) or not tasks:
            return "holds no tasks. Give a file with a list of at least one task."
        load_list_of_blocks(tasks, play=play, loader=loader, variable_manager=VariableManager(loader=loader))
    except AnsibleParserError as problem:
        return f"cannot be run: {problem}"
    except AnsibleError:
        return ""  # What does not end the run fails the gate when it is run, and is told better there.
    return ""
