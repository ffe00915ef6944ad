# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs an action that checks all services like Ansible, with real hosts and variables, and modules in memory."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence
from pathlib import Path

import yaml
from ansible.inventory.manager import InventoryManager
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.block import Block
from ansible.playbook.play import Play
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.template import Templar
from ansible.vars.hostvars import HostVars
from ansible.vars.manager import VariableManager

Json = dict[str, t.Any]
Answer = Callable[[str, Json], Json]

ROLES = Path(__file__).parents[4] / "roles"


class LookingTask:
    """A play whose hosts are services, and the modules that its action runs.

    :ivar asked: the modules that were run, with their options.
    :ivar check_mode: whether the task runs in check mode.
    """

    def __init__(
        self,
        folder: Path,
        services: dict[str, Json],
        role: str,
        answer: Answer,
        extra_vars: Json | None = None,
    ) -> None:
        """Set up the services.

        :param role: the one whose tasks use the action. Its defaults and own variables count.
        :param answer: what a module answers.
        :param extra_vars: those of the command line.
        """
        inventory_file = folder / "inventory.yml"
        inventory_file.write_text(yaml.safe_dump({"services": {"hosts": services}}), encoding="utf-8")
        self._loader = DataLoader()
        inventory = InventoryManager(loader=self._loader, sources=[str(inventory_file)])
        self._manager = VariableManager(loader=self._loader, inventory=inventory)
        HostVars(inventory, self._manager, self._loader)
        self._manager._extra_vars = dict(extra_vars or {})
        # Defaults win over nothing, and a role's own variables over the inventory.
        for name, value in self._variables_of(role, "defaults").items():
            inventory.groups["all"].set_variable(name, value)
        play_of_role = {"hosts": "services", "gather_facts": False, "vars": self._variables_of(role, "vars")}
        self._play = Play().load(play_of_role, variable_manager=self._manager, loader=self._loader)
        self._hosts = inventory.get_hosts("services")
        self._answer = answer
        self.asked: list[tuple[str, Json]] = []
        self.check_mode = False

    def _variables_of(self, role: str, kind: str) -> Json:
        path = ROLES / role / kind / "main.yml"
        loader = t.cast(t.Any, self._loader)
        found: Json = loader.load_from_file(str(path), trusted_as_template=True) if path.exists() else {}
        return found or {}

    def know(self, host: str, **facts: t.Any) -> None:
        """What earlier tasks have registered for a host."""
        self._manager.set_nonpersistent_facts(host, facts)

    def run(
        self,
        action: type[ActionBase],
        host: int = 0,
        limit: Sequence[str] | None = None,
        found: str = "",
        **options: t.Any,
    ) -> Json:
        """Run the action for one of the hosts.

        :param limit: what ``--limit`` leaves of the services.
        :param found: where an earlier task has left what it found, as it is registered.
        """
        task = Task()
        task.args = {**options, "found_in": "looked"} if found else dict(options)
        task.check_mode = self.check_mode
        task._parent = Block(play=self._play)
        variables = self._manager.get_vars(play=self._play, host=self._hosts[host], task=task)
        if limit is not None:
            variables["ansible_play_batch"] = list(limit)
        variables |= {"looked": {"changed": False, "found": found}}
        templar = Templar(loader=self._loader, variables=variables)
        made: t.Any = t.cast(t.Any, action)(task, None, None, self._loader, templar, None)
        made.ask = self._ask
        result: Json = made.run(task_vars=variables)
        return result

    def _ask(self, module: str, options: Json, _variables: Json) -> Json:
        self.asked.append((module, options))
        return self._answer(module, options)
