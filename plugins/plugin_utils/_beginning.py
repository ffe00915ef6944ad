# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Procedures of many services that begin together. Their questions about one AWS account go into common calls."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from ansible.errors import AnsibleError
from ansible_collections.tidegate.failover.plugins.module_utils._errors import CODE_KEY, defect
from ansible_collections.tidegate.failover.plugins.module_utils._failover.accounts import accounts
from ansible_collections.tidegate.failover.plugins.module_utils._failover.preflight import LOCK_IF
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import (
    Answer,
    Asking,
    ModuleFailedError,
    Question,
    ask_together,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.bulk import answers
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.engine import Engine
from ansible_collections.tidegate.failover.plugins.plugin_utils._all_services import Host

Json = dict[str, t.Any]


@dataclass(eq=False)
class Beginning:
    """One service whose procedure begins.

    :ivar auth: how to sign in, under ``aws``, ``oci`` and the like.
    :ivar diffs: the differences that modules have reported for it.
    :ivar warnings: the warnings that modules have reported for it.
    """

    host: Host
    engine: Engine
    auth: Mapping[str, t.Any]
    diffs: list[Json] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def checks(self) -> list[str]:
        """Its health checks."""
        return [str(check) for check in self.engine.context.options["health_check_ids"]]

    @property
    def locks_first(self) -> bool:
        """Whether its first step is the lock, without a user's file before it."""
        engine = self.engine
        taken = engine.run.to_take
        return engine.run.goes_on and not engine.users_gates(None) and bool(taken) and taken[0]["name"] == "lock"


class Ask(t.Protocol):
    """Runs a module for services with the same credentials."""

    def __call__(self, services: Sequence[Beginning], module: str, /, **options: t.Any) -> Json:
        """:raises ModuleFailedError: it failed."""


class Together:
    """Services that begin together. A problem of one service is kept in its run.

    :ivar _taken: the services that are going to be locked, by their health checks. Each later call gets them, also for
        another account or for a second attempt.
    """

    def __init__(self, services: Sequence[Beginning], ask: Ask, taken: Mapping[str, str] | None = None) -> None:
        """
        :param taken: the services that others take out before these, by their health checks.
        """
        self._services, self._ask = services, ask
        self._taken: dict[str, str] = dict(taken or {})

    def begin(self) -> None:
        """Check which services may begin, and lock those whose first step is the lock."""
        ended = ask_together([self._beginning(service) for service in self._services], self._answers)
        for service, problem in zip(self._services, ended, strict=True):
            if isinstance(problem, Exception):
                _break_off(service, problem)

    def _beginning(self, service: Beginning) -> Asking[None]:
        engine = service.engine
        yield from engine.beginning()
        if engine.run.operation == "failover" and engine.run.goes_on:
            self._taken |= dict.fromkeys(service.checks, service.host.name)
        if service.locks_first:
            engine.prove()
            yield from engine.taking(0)

    def _answers(self, questions: Mapping[int, Question]) -> dict[int, Answer]:
        """Answer the questions, with common calls for each account."""
        places = list(questions)
        asked = [{"auth": self._services[place].auth.get("aws"), "of": True} for place in places]
        found: dict[int, Answer] = {}
        for account in accounts(asked, auth="auth", of="of"):
            mine = [places[position] for position in account.services]
            asked_here = {place: questions[place] for place in mine}
            found |= self._of_account([self._services[place] for place in mine], asked_here)
        return found

    def _ask_module(self, services: Sequence[Beginning], module: str, /, **options: t.Any) -> Json:
        """Preflight of other sites gets the sites that this run already takes out, because it takes several calls."""
        if module != "failover_preflight":
            return self._ask(services, module, **options)
        taken = {"locked_before": dict(self._taken)} if self._taken else {}
        answer = self._ask(services, module, **options, **taken)
        for service, seen in zip(options["services"], answer.get("services") or [], strict=False):
            if seen["other_site"]["health"] in LOCK_IF[service["lock_if"]]:
                self._taken |= dict.fromkeys(map(str, service["health_check_ids"]), str(service["name"]))
        return answer

    def _of_account(self, services: Sequence[Beginning], questions: Mapping[int, Question]) -> Mapping[int, Answer]:
        try:
            return answers(partial(self._ask_module, services), questions)
        # An unforeseen exception in one account must not stop the services of other accounts.
        except Exception as problem:  # noqa: BLE001
            return dict.fromkeys(questions, ModuleFailedError({"msg": _reported(problem), CODE_KEY: _code(problem)}))


def _break_off(service: Beginning, problem: Exception) -> None:
    """End the run of a service after an unforeseen exception."""
    run = service.engine.run
    if run.current:
        service.engine.break_off(_reported(problem), _code(problem))
    else:
        run.problem, run.code, run.status = _reported(problem), _code(problem), "refused"


def share_out(result: Json, services: Sequence[Beginning]) -> None:
    """Keep the warnings and differences of a module's result with the services that they are about."""
    for warning in map(_text_of, result.pop("warnings", [])):
        for service in _concerned(services, str(warning).partition(": ")[0]):
            service.warnings.append(warning)
    diffs = result.pop("diff", None) or []
    for diff in diffs if isinstance(diffs, list) else [diffs]:
        for service in _concerned(services, str(diff.get("before_header") or "")):
            service.diffs.append(diff)
    for target in result.get("targets") or []:
        if diff := target.pop("diff", None):
            for service in _concerned(services, str(target.get("health_check_id") or "")):
                service.diffs.append(diff)


def _text_of(warning: t.Any) -> str:
    """A warning as text. ansible-core may return an object that also contains its origin."""
    return str(warning if isinstance(warning, str) else warning.event.msg)


def _concerned(services: Sequence[Beginning], check: str) -> Sequence[Beginning]:
    """The services with that health check; all services if none has it."""
    return [service for service in services if check in service.checks] or services


def _reported(problem: Exception) -> str:
    return str(problem) if isinstance(problem, AnsibleError) else str(defect(problem))


def _code(problem: Exception) -> str:
    return "TG-VARIABLES" if isinstance(problem, AnsibleError) else "TG-DEFECT"
