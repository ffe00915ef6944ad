# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""All services of a play in one task.

Ansible starts a process for each host of a task, and templates that read all hosts take time with the square of their
number. So one task, of one host, reads the variables of all hosts, each with the values that its own task would get.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import typing as t
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from ansible import constants
from ansible.errors import AnsibleError, AnsibleValueOmittedError
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.task import Task
from ansible.template import Templar, is_trusted_as_template
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import with_defaults_for_empty
from ansible_collections.tidegate.failover.plugins.plugin_utils._simple_templates import UNDEFINED, simple
from jinja2 import Environment

Json = dict[str, t.Any]
Variables = Mapping[str, t.Any]

_WHOLE = "whole"
ROLES = Path(__file__).parents[2] / "roles"

#: Strategies that ignore ``run_once`` and run a task for every host, and the strategies of Mitogen that extend them.
_EACH_FOR_ITSELF = frozenset({"free", "host_pinned", "mitogen_free", "mitogen_host_pinned"})


_OMITTED: t.Any = object()
_PLAIN = (bool, int, float, type(None))


class Host:
    """One service: its variables, and their values."""

    def __init__(self, name: str, variables: Variables, loader: DataLoader, templar: t.Any = None) -> None:
        """Keep the variables of a service, without evaluating any.

        :param variables: may be templates.
        :param templar: an existing templar with these variables.
        """
        self.name, self.variables = name, with_defaults_for_empty(variables)
        self.templar = templar or Templar(loader=loader, variables=dict(self.variables))
        self._values: dict[str, t.Any] = {}
        self._evaluating: set[str] = set()

    def value(self, name: str) -> t.Any:
        """The value of a variable, evaluated once, because most variables of a role refer to the same few others.

        :raises AnsibleError: it cannot be evaluated, for instance because it refers to an undefined variable.
        """
        if name in self._evaluating:
            raise AnsibleError(f"{name} refers to itself")
        if name not in self._values:
            self._evaluating.add(name)
            try:
                self._values[name] = self._value_of(self.variables[name])
            finally:
                self._evaluating.discard(name)
        return self._values[name]

    def values(self, names: Iterable[str]) -> Json:
        """The values of those variables that are defined."""
        return {name: self.value(name) for name in names if name in self.variables}

    def _value_of(self, given: t.Any) -> t.Any:
        """The value as Ansible evaluates it. Ansible's templar is used only for templates, because it is slow."""
        if isinstance(given, _PLAIN):
            return given
        if isinstance(given, Mapping):
            found = {str(key): self._value_in_container(item) for key, item in given.items()}
            return {key: value for key, value in found.items() if value is not _OMITTED}
        if isinstance(given, list | tuple):
            return [value for item in given if (value := self._value_in_container(item)) is not _OMITTED]
        if isinstance(given, str) and "{" not in given:
            return str(given)
        evaluate = simple(given) if isinstance(given, str) and is_trusted_as_template(given) else None
        if evaluate is not None:
            # If a variable further down is undefined or cannot be evaluated, Ansible itself evaluates the template.
            with suppress(AnsibleError):
                value = evaluate(self._value_or_undefined)
                if value is not UNDEFINED:
                    return value
        return plain(self.templar.template(given))

    def _value_in_container(self, given: t.Any) -> t.Any:
        """The value of an item. As in Ansible, an item that becomes ``omit`` is left out of its container."""
        try:
            return self._value_of(given)
        except AnsibleValueOmittedError:
            return _OMITTED

    def _value_or_undefined(self, name: str) -> t.Any:
        return self.value(name) if name in self.variables else UNDEFINED


def plain(value: t.Any) -> t.Any:
    """Plain data, without Ansible's metadata such as the origin, and with decrypted texts."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value if isinstance(value, _PLAIN) else str(value)


class AllServices:
    """The hosts of a play that have neither failed nor been unreachable; with ``serial``, those of the batch.

    :ivar names: the names in the inventory.
    :ivar loader: reads files, as Ansible does.
    """

    def __init__(self, task: Task, loader: DataLoader, variables: Variables, roles: Iterable[str] = ()) -> None:
        """Keep the hosts.

        :param task: the task whose variables count too, such as the defaults of its role.
        :param variables: the variables of the task for its own host.
        :param roles: further roles of this collection whose defaults and own variables count.
        """
        self.names: list[str] = list(variables["ansible_play_batch"])
        self._task, self.loader = task, loader
        self._defaults: Json = {}
        self._own: Json = {}
        for role in roles:
            self._defaults |= _variables_of_role(loader, role, "defaults")
            self._own |= _variables_of_role(loader, role, "vars")
        # Actions have no other access to the variables of other hosts. In hostvars alone, the variables of the play, of
        # roles and of tasks would be missing.
        self._manager, self._inventory = variables["hostvars"]._variable_manager, variables["hostvars"]._inventory
        self._all_names: list[str] = list(variables["ansible_play_hosts_all"])

    def host(self, name: str) -> Host:
        """One of the hosts."""
        variables = self._manager.get_vars(
            play=play_of(self._task),
            host=self._inventory.get_host(name),
            task=self._task,
            # Without these, Ansible would match the pattern of the play against the inventory for every host.
            _hosts=self.names,
            _hosts_all=self._all_names,
        )
        return Host(name, self._defaults | variables | self._own, self.loader)


@contextmanager
def compiled_once() -> Iterator[None]:
    """Compile each template once for all services, until the end of the context.

    The defaults of a role are the same templates for every service. Ansible compiles a template whenever it is used,
    which takes longer than the other work of evaluating a variable.
    """
    compile_again: t.Any = Environment.compile
    known: dict[tuple[type, str], t.Any] = {}

    def compile_once(self: Environment, source: t.Any, *args: t.Any, **more: t.Any) -> t.Any:
        # How Ansible treats backslashes depends on the place of a template, and an overlay has its own syntax.
        if args or more or not isinstance(source, str) or "\\" in source or self.overlayed:
            return compile_again(self, source, *args, **more)
        key = (type(self), str(source))
        if key not in known:
            known[key] = compile_again(self, source)
        return known[key]

    setattr(Environment, "compile", compile_once)  # noqa: B010 - type checkers refuse to assign a method
    try:
        yield
    finally:
        setattr(Environment, "compile", compile_again)  # noqa: B010


def _variables_of_role(loader: DataLoader, role: str, kind: str) -> Json:
    path = ROLES / role / kind / "main.yml"
    if not path.exists():
        return {}
    found: Json | None = loader.load_from_file(str(path), trusted_as_template=True)
    return found or {}


def play_of(task: Task) -> t.Any:
    """The play that a task is part of."""
    parent: t.Any = task._parent
    return parent._play


@dataclass(frozen=True)
class SharedState:
    """The state of all services, kept in files.

    With ``run_once``, Ansible gives the result of a task to every host. With strategies that ignore ``run_once``, the
    result of the last host would win. And the state of all services would go through templates for each of them.

    :ivar place: the folder.
    """

    place: Path

    def part(self, host: str) -> Json:
        """The state of one host."""
        found: Json = json.loads((self.place / _file_name(host)).read_text(encoding="utf-8"))
        return found

    def whole(self, host: str) -> t.Any:
        """The state of all hosts, for the host that has read it; None for any other host."""
        kept = json.loads((self.place / _WHOLE).read_text(encoding="utf-8"))
        return kept["whole"] if kept["host"] == host else None

    def keep(self, host: str, parts: Mapping[str, Json], whole: t.Any) -> None:
        """Keep the states that a host has read."""
        for name, part in parts.items():
            # Values that are not plain data become text: the state is kept after locks, and no value may prevent that.
            (self.place / _file_name(name)).write_text(json.dumps(part, default=str), encoding="utf-8")
            self._mark(name).unlink(missing_ok=True)
        (self.place / _WHOLE).write_text(json.dumps({"host": host, "whole": whole}), encoding="utf-8")

    def take(self, host: str) -> bool:
        """Whether a host takes its state for the first time. If it comes a second time, a new read is needed."""
        if not (self.place / _file_name(host)).exists() or self._mark(host).exists():
            return False
        self._mark(host).touch()
        return True

    def _mark(self, host: str) -> Path:
        return self.place / f"{_file_name(host)}.taken"


def read_once(
    task: Task, me: str, read: Callable[[], tuple[dict[str, Json], t.Any]], *, each_comes: bool = False
) -> tuple[SharedState, dict[str, Json]]:
    """Read the state of all services once, with any strategy.

    With most strategies a task with ``run_once`` runs for one host only. With some it runs for every host. Then the
    first host reads the state, and the others use the kept state.

    :param read: reads the state of each host, and of all of them together.
    :param each_comes: whether the task has no ``run_once``, so that it runs for every host with any strategy.
    :returns: the kept state; and, for the host that has read it, the state of each host.
    """
    # This folder belongs to one run, and Ansible removes it at the end. The configuration would create another folder.
    place = Path(t.cast("t.Any", constants).DEFAULT_LOCAL_TMP) / f"tidegate-{_outermost(task)}"
    place.mkdir(mode=0o700, exist_ok=True)
    found = SharedState(place)
    with (place / "looking").open("w", encoding="utf-8") as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        comes_for_all = not each_comes and str(play_of(task).strategy).rpartition(".")[2] not in _EACH_FOR_ITSELF
        if not comes_for_all and found.take(me):
            return found, {}
        parts, whole = read()
        found.keep(me, parts, whole)
        found.take(me)
    return found, parts


def _outermost(task: Task) -> str:
    """The id of the play's task, which all hosts share. Each host includes the tasks of a role for itself."""
    found, parent = task, task._parent
    while parent is not None:
        # Ansible copies blocks together with their parents, so only tasks count.
        found = parent if isinstance(parent, Task) else found
        parent = parent._parent
    return str(found._uuid)


def _file_name(host: str) -> str:
    return hashlib.sha256(host.encode()).hexdigest()
