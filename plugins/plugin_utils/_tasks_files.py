# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Checks whether Ansible can load a file of tasks. A file that fails to load during a run would abort the run."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from pathlib import Path

from ansible.errors import AnsibleError, AnsibleFileNotFound, AnsibleParserError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.helpers import load_list_of_blocks
from ansible.playbook.play import Play
from ansible.vars.manager import VariableManager

_PLAIN = (str, int, float, list, tuple, dict, type(None))


def problem_of_file(loader: DataLoader, path: str, variables: Mapping[str, t.Any]) -> str:
    """Why a file cannot be run; empty if it can be run, as far as this is known before its tasks run.

    Files that its tasks include are not checked.

    :param variables: the variables that may name imported files.
    """
    try:
        tasks = loader.load_from_file(path)
        if not isinstance(tasks, list) or not tasks:
            return "it holds no tasks. Give a file with a list of at least one task."
        _load(loader, path, tasks, variables)
    except (AnsibleParserError, AnsibleFileNotFound) as problem:
        return f"it cannot be run: {problem}"
    except AnsibleError:
        # Other problems do not abort the run, and the run reports them better.
        return ""
    return ""


def _load(loader: DataLoader, path: str, tasks: list[t.Any], variables: Mapping[str, t.Any]) -> None:
    """Load tasks with the files that they import, from the folder of their file or of the playbook.

    :raises AnsibleError: they cannot be loaded. From ansible-core 2.21 on, the import of a missing file ends the whole
        run, not only its task.
    """
    play = Play()
    # Modules without a collection name are found in these, as in all files that a role of this collection includes.
    play.collections = ["tidegate.failover", "ansible.builtin"]
    # Among the variables of a task, ansible-core 2.21 keeps an object of its own that a play cannot take.
    play.vars = {name: value for name, value in variables.items() if isinstance(value, _PLAIN)}
    beside_playbook = loader.get_basedir()
    for folder in (beside_playbook, str(Path(loader.path_dwim(path)).parent)):
        loader.set_basedir(folder)
        try:
            load_list_of_blocks(tasks, play=play, loader=loader, variable_manager=VariableManager(loader=loader))
        except AnsibleFileNotFound:
            if folder != beside_playbook:
                raise
        else:
            return
        finally:
            loader.set_basedir(beside_playbook)
