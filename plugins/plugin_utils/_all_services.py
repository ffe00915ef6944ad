# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""All services of a play in one task.

What Ansible does for each host costs a process each, and templates that look through all hosts cost the square of their
number. So one task, of one host, sees the variables of all hosts, each with what the task itself would see for it.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import typing as t
from collections.abc import Callable, Mapping
from pathlib import Path

from ansible import constants
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar

Json = dict[str, t.Any]
Variables = Mapping[str, t.Any]

#: Strategies that run a task with ``run_once`` for every host all the same.
_EACH_FOR_ITSELF = frozenset({"free", "host_pinned"})


class Host:
    """One service: its variables, and their values."""

    def __init__(self, name: str, variables: Json, loader: DataLoader) -> None:
        """:param variables: may be templates."""
        self.name, self.variables = name, variables
        self._templar = Templar(loader=loader, variables=variables)

    def value(self, name: str) -> t.Any:
        """The value of a variable.

        :raises AnsibleError: it cannot be had, for instance because it refers to one that is not defined.
        """
        return self._templar.template(self.variables[name])


class AllServices:
    """The hosts of a play that have neither failed nor been unreachable; with ``serial``, those of the batch."""

    def __init__(self, task: Task, loader: DataLoader, variables: Variables, defaults: Variables | None = None) -> None:
        """Know the hosts.

        :param task: whose variables they are looked at with, such as the defaults of its role.
        :param variables: what the task sees for its own host.
        :param defaults: what counts where none of a host's variables has the name.
        """
        self.names: list[str] = list(variables["ansible_play_batch"])
        self._task, self._loader, self._defaults = task, loader, dict(defaults or {})
        # Ansible hands actions no other way to what it knows of other hosts. Just by hostvars, variables of the play,
        # of roles and of tasks would be missing.
        self._manager, self._inventory = variables["hostvars"]._variable_manager, variables["hostvars"]._inventory
        self._all_names: list[str] = list(variables["ansible_play_hosts_all"])

    def host(self, name: str) -> Host:
        """One of the hosts."""
        variables = self._manager.get_vars(
            play=play_of(self._task),
            host=self._inventory.get_host(name),
            task=self._task,
            # Without these the pattern of the play would be held against the inventory for every host.
            _hosts=self.names,
            _hosts_all=self._all_names,
        )
        return Host(name, self._defaults | variables, self._loader)


def play_of(task: Task) -> t.Any:
    """The play that a task is part of."""
    parent: t.Any = task._parent
    return parent._play


def once_for_all(task: Task, me: str, look: Callable[[], dict[str, Json]]) -> tuple[dict[str, Json], bool]:
    """Look at all services once, whatever the strategy.

    With most strategies a task with ``run_once`` runs for one host alone. With some it runs for every host; there the
    first one looks, and leaves for each of the others what it found.

    :param look: what is found, by host.
    :returns: what was found, and whether this is the host that looked. For that one it is of all hosts, else of ``me``.
    """
    if str(play_of(task).strategy).rpartition(".")[2] not in _EACH_FOR_ITSELF:
        return look(), True
    # This folder is one run's own, and Ansible removes it in the end.
    # Asked of the configuration, it would be a new folder each time.
    local_tmp: str = t.cast(t.Any, constants).DEFAULT_LOCAL_TMP
    folder = Path(local_tmp) / f"tidegate-{_outermost(task)}"
    folder.mkdir(mode=0o700, exist_ok=True)
    with (folder / "looking").open("w", encoding="utf-8") as looking:
        fcntl.flock(looking, fcntl.LOCK_EX)
        mine = folder / _file_name(me)
        if mine.exists():
            found = json.loads(mine.read_text(encoding="utf-8"))
            # What is asked again, in a loop for instance, is looked at again.
            mine.unlink()
            return {me: found}, False
        found_of_all = look()
        for name, found in found_of_all.items():
            if name != me:
                (folder / _file_name(name)).write_text(json.dumps(found), encoding="utf-8")
    return found_of_all, True


def _outermost(task: Task) -> str:
    """What all hosts have in common: each includes a role's tasks for itself, but from the same task of the play."""
    found, parent = task, task._parent
    while parent is not None:
        # Blocks are copied with what they are in.
        found = parent if isinstance(parent, Task) else found
        parent = parent._parent
    return str(found._uuid)


def _file_name(host: str) -> str:
    return hashlib.sha256(host.encode()).hexdigest()
