# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Plans of a failover and a failback of many services, made from their variables and files only."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from importlib.util import find_spec
from pathlib import Path

from ansible.errors import AnsibleError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.readiness import Service, of_variables
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import plans, routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.engine import Engine
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Run
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import AllServices, Host
from ansible_collections.tidegate.failover.plugins.plugin_utils._role_variables import (
    as_specified,
    list_of,
    misspelt_variables,
    options_of,
    problems_of_values,
)
from ansible_collections.tidegate.failover.plugins.plugin_utils._tasks_files import problem_of_file
from ansible_collections.tidegate.failover.plugins.plugin_utils._telling import Notifier

if t.TYPE_CHECKING:
    from ansible_collections.tidegate.failover.plugins.plugin_utils._direct_execution import DirectExecution

Json = dict[str, t.Any]

_OPERATIONS = ("failover", "failback")
#: The tasks of a file with imports depend on the variables of the host.
_IMPORTS = "import_"


@dataclass(frozen=True)
class Usable:
    """A service whose variables can be used.

    :ivar auth: the options that sign in, under ``aws``, ``oci`` and the like.
    """

    host: str
    service: Service
    auth: Mapping[str, Json]


@dataclass(frozen=True)
class Planned:
    """One service, and the problems of its variables.

    :ivar host: its name in the inventory.
    :ivar name: its name in records.
    :ivar folder: the folder of relative paths; None if there is none.
    """

    host: str
    name: str
    folder: str | None
    problems: Sequence[Json]
    usable: Usable | None = None


@dataclass(frozen=True)
class _Values:
    """The values of a service's variables.

    :ivar receivers: the problems of the notification targets, by operation.
    """

    options: Mapping[str, Json]
    page: Json
    auth: Mapping[str, Json]
    receivers: Mapping[str, list[str]]


@dataclass(frozen=True)
class _Read:
    """The data of a service. Of its many variables, only these values are kept."""

    host: str
    folder: str | None
    values: _Values | None
    wrong: list[Json]


class Planner:
    """Plans both procedures for services, reading only variables and files."""

    def __init__(self, action: DirectExecution, hosts: AllServices, variables: Mapping[str, t.Any]) -> None:
        self._action, self._hosts, self._variables = action, hosts, variables
        self._loader = hosts.loader
        self._files: dict[str, str] = {}

    def planned(self) -> list[Planned]:
        """The services, in the order of their hosts."""
        read = [self._read(self._hosts.host(name)) for name in self._hosts.names]
        users = self._users({one.host: one.values for one in read})
        return [self._plan(one, users) for one in read]

    def problem_of_file(self, host: str, folder: str | None, path: str) -> str:
        """Why a file of tasks could not be run; empty if it can be run.

        :param folder: the folder of a relative path.
        """
        whole = str(Path(folder or "", path))
        if whole not in self._files:
            if not Path(whole).is_file():
                self._files[whole] = "there is no such file."
                return self._files[whole]
            problem = problem_of_file(self._loader, whole, self._hosts.host(host).variables)
            if _IMPORTS in Path(whole).read_text(encoding="utf-8", errors="replace"):
                return problem
            self._files[whole] = problem
        return self._files[whole]

    def _read(self, host: Host) -> _Read:
        """The values of the variables, unless their types are wrong, and the problems of the variables."""
        folder = host.variables.get("inventory_dir") or None
        try:
            wrong = self._wrong(host)
            values = None if wrong else self._values(host)
            wrong = wrong or of_variables(misspelt_variables(host.variables))
        except AnsibleError as problem:
            return _Read(host.name, folder, None, of_variables([f"They cannot be used: {problem}"]))
        return _Read(host.name, folder, values, wrong)

    def _values(self, host: Host) -> _Values:
        notifier = Notifier(self._action, host.variables, host.templar)
        return _Values(
            options={
                operation: as_specified(operation, host.value(f"__{operation}_options")) for operation in _OPERATIONS
            },
            page=dict(host.value("procedure_page")),
            auth=dict(host.value("__failover_auth")),
            receivers={operation: notifier.problems(f"{operation}_notify_to") for operation in _OPERATIONS},
        )

    def _wrong(self, host: Host) -> list[Json]:
        wrong = []
        for operation, stops in (("failover", ("failover", "failback")), ("failback", ("failback",))):
            values = host.values(options_of(operation))
            wrong += of_variables(problems_of_values(operation, values), *stops)
        return wrong

    def _users(self, read: Mapping[str, _Values | None]) -> dict[str, list[str]]:
        """The services of the whole inventory that are locked by each health check or routing control."""
        users: dict[str, list[str]] = {}
        for name in self._variables["groups"].get("services", []):
            values = read.get(name)
            used = self._checks_of(name) if values is None else _locked_by(values.options["failover"])
            for check in used:
                users.setdefault(str(check), []).append(name)
        return users

    def _checks_of(self, name: str) -> list[t.Any]:
        """The health checks and routing controls of a service that is not part of the run."""
        variables = self._variables["hostvars"].raw_get(name)
        try:
            found = Host(name, variables, self._loader).values(
                ["failover_health_check_ids", "failover_routing_controls"]
            )
            checks = list_of(found.get("failover_health_check_ids") or [])
            return [*checks, *routing_controls.site_of(found.get("failover_routing_controls"))]
        except (AnsibleError, TypeError):
            # Problems of another service's variables are reported for that service.
            return []

    def _plan(self, read: _Read, users: Mapping[str, list[str]]) -> Planned:
        values = read.values
        if values is None:
            return Planned(read.host, read.host, read.folder, read.wrong)
        checks = _locked_by(values.options["failover"])
        sharing = [f"{name} ({check})" for check in checks for name in users.get(check, ()) if name != read.host]
        would = {operation: self._would(read, operation, values, sharing) for operation in _OPERATIONS}
        service = Service(
            values.options["failover"], values.options["failback"], values.page, would["failover"], would["failback"]
        )
        name = str(values.options["failover"]["service"])
        return Planned(read.host, name, read.folder, read.wrong, Usable(read.host, service, values.auth))

    def _would(self, read: _Read, operation: str, values: _Values, sharing: list[str]) -> Json:
        options = values.options[operation] | {"operation": operation, "sharing": sharing}
        run = Run(operation=operation, id="", service="", began="", check=True)
        engine = Engine(
            Context(options, values.page, run, ask=_asks_nothing),
            now=str,
            folder=read.folder,
            check_file=partial(self.problem_of_file, read.host, read.folder),
            has_library=_has_library,
            check_receivers=lambda: values.receivers[operation],
        )
        return plans.planned(engine)


def _asks_nothing(module: str, /, **_options: t.Any) -> Json:
    raise AssertionError(f"a plan asked {module}")


@cache
def _has_library(module: str) -> bool:
    return find_spec(module) is not None


def _locked_by(options: Mapping[str, t.Any]) -> list[str]:
    """The health checks and routing controls that lock the primary site of a service."""
    return [*options["health_check_ids"], *routing_controls.site_of(options.get("routing_controls"))]
