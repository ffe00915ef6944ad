# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Combines the questions of several services into few module calls: one call for equal questions to one module.

Each of these modules takes a list and returns a list. So the lists of the services are joined, and the answer is split.
"""

from __future__ import annotations

import json
import typing as t
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._errors import code_of_first
from ansible_collections.tidegate.failover.plugins.module_utils._gates._report import reported_summary
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import (
    CHECK_MODE,
    Answer,
    ModuleFailedError,
    Question,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json

#: The option of each module that takes the list, unless it is ``targets``.
_LISTS: Mapping[str, str] = {
    "failover_preflight": "services",
    "failback_gate": "gates",
    "r53_healthcheck_info": "health_check_ids",
}
#: These modules fail for all services if something is wrong with one. A second call does no harm, so they are called
#: again for each service alone.
_CALLED_ONE_BY_ONE = frozenset({"failover_preflight", "failback_gate", "r53_healthcheck_info"})
#: The longest list of one call. Each gate has its own thread.
_AT_ONCE: Mapping[str, int] = {"failback_gate": 200}
_ANY_NUMBER = 1000
_TARGETS = "targets"
#: Seconds after which these modules end by default, which is enough for one service. With many services, the limit is
#: one second for each: Route 53 may answer only five requests a second of an account.
_ENDS_AFTER: Mapping[str, int] = dict.fromkeys(("failover_state", "failover_preflight", "r53_healthcheck_info"), 60)


class Ask(t.Protocol):
    """Runs a module of this collection, in check mode where the run is."""

    def __call__(self, module: str, /, **options: t.Any) -> Json:
        """:raises ModuleFailedError: it failed."""


@dataclass
class _Call:
    """One call of a module.

    :ivar common: its options, without the list.
    :ivar parts: the part of the list of each service, by the position of the service.
    """

    module: str
    common: Json
    parts: dict[int, Sequence[t.Any]] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """The length of the whole list."""
        return sum(len(part) for part in self.parts.values())

    @property
    def patience(self) -> Json:
        """A longer time limit, if the default is too short for the list."""
        return {"wait_timeout": self.size} if self.size > _ENDS_AFTER.get(self.module, self.size) else {}


def answers(ask: Ask, questions: Mapping[int, Question]) -> dict[int, Answer]:
    """Answer the questions of several services of one account, with as few module calls as possible."""
    found: dict[int, Answer] = {}
    for call in _calls(questions):
        found |= _answered(ask, call)
    return found


def _calls(questions: Mapping[int, Question]) -> list[_Call]:
    calls: list[_Call] = []
    open_: dict[str, _Call] = {}
    for place, question in questions.items():
        name = _LISTS.get(question.module, _TARGETS)
        part = question.options[name]
        common = {key: value for key, value in question.options.items() if key != name}
        key = json.dumps([question.module, common], sort_keys=True, default=str)
        call = open_.get(key)
        if call is None or call.size + len(part) > _AT_ONCE.get(question.module, _ANY_NUMBER):
            call = open_[key] = _Call(question.module, common)
            calls.append(call)
        call.parts[place] = part
    return calls


def _answered(ask: Ask, call: _Call) -> dict[int, Answer]:
    name = _LISTS.get(call.module, _TARGETS)
    several = len(call.parts) > 1
    if several and call.module == "failback_gate":
        parts: Mapping[int, Sequence[t.Any]] = {place: _named(place, part) for place, part in call.parts.items()}
    else:
        parts = call.parts
    try:
        answer = ask(
            call.module, **call.patience, **call.common, **{name: [item for part in parts.values() for item in part]}
        )
    except ModuleFailedError as problem:
        answer = problem.result
        if not several and name != _TARGETS:
            return dict.fromkeys(parts, problem)
    return _shared_out(ask, call, answer, several=several)


def _shared_out(ask: Ask, call: _Call, answer: Json, *, several: bool) -> dict[int, Answer]:
    """Split an answer into the parts of the services."""
    reported = _reported(call.module, answer)
    if len(reported) != call.size:
        if several and (call.module in _CALLED_ONE_BY_ONE or call.common.get(CHECK_MODE)):
            alone = [_Call(call.module, call.common, {place: part}) for place, part in call.parts.items()]
            return {place: found for one in alone for place, found in _answered(ask, one).items()}
        return dict.fromkeys(call.parts, ModuleFailedError(answer))
    if not several and _LISTS.get(call.module, _TARGETS) not in (_TARGETS, "services"):
        return dict.fromkeys(call.parts, answer)
    found: dict[int, Answer] = {}
    for place, part in call.parts.items():
        mine, reported = reported[: len(part)], reported[len(part) :]
        found[place] = _SHARES.get(call.module, _resources)(answer, mine, part)
    return found


def _reported(module: str, answer: Json) -> list[Json]:
    """The results in an answer, one for each item of the list."""
    if module == "failback_gate":
        return list((answer.get("evidence") or {}).get("gates") or [])
    name = "health_checks" if module == "r53_healthcheck_info" else _LISTS.get(module, _TARGETS)
    return list(answer.get(name) or [])


def _one(_answer: Json, reported: list[Json], _asked: Sequence[t.Any]) -> Answer:
    (mine,) = reported
    return ModuleFailedError(mine) if mine.get("failed") else mine


def _health_checks(_answer: Json, reported: list[Json], _asked: Sequence[t.Any]) -> Answer:
    problems = [f"{check['health_check_id']}: {check['msg']}" for check in reported if check.get("failed")]
    mine = {"health_checks": reported}
    return ModuleFailedError({**mine, "msg": " | ".join(problems), **code_of_first(reported)}) if problems else mine


def _resources(_answer: Json, reported: list[Json], _asked: Sequence[t.Any]) -> Answer:
    """The answer for the resources of one service."""
    problems = [f"{one.get('name')}: {one.get('msg')}" for one in reported if one.get("failed")]
    mine = {"changed": any(one.get("changed") for one in reported), "targets": reported}
    return ModuleFailedError({**mine, "msg": " | ".join(problems), **code_of_first(reported)}) if problems else mine


def _named(place: int, gates: Sequence[Json]) -> list[Json]:
    """Gates with unique names: two services may have gates of the same name."""
    return [{**gate, "name": f"{gate['name']} ({place})"} for gate in gates]


def _gates(answer: Json, reported: list[Json], asked: Sequence[Json]) -> Answer:
    """The evidence of one service, with the original names of its gates."""
    mine = [{**result, "name": gate["name"]} for result, gate in zip(reported, asked, strict=True)]
    return {
        "changed": False,
        "msg": reported_summary(mine),
        "passed": all(result["passed"] for result in mine),
        "failed_gates": [result["name"] for result in mine if result["evaluated"] and not result["passed"]],
        "evidence": {**answer["evidence"], "gates": mine},
    }


_SHARES: Mapping[str, Callable[[Json, list[Json], Sequence[t.Any]], Answer]] = {
    "failover_state": _one,
    "r53_healthcheck_lock": _one,
    "failover_preflight": _one,
    "failback_gate": _gates,
    "r53_healthcheck_info": _health_checks,
}
