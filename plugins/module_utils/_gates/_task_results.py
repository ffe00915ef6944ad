# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Converts the results of ``tasks`` gates, which a role evaluates, to the form of all other gates."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._definition import Definition
from ansible_collections.tidegate.failover.plugins.module_utils._gates._evaluation import Outcome
from ansible_collections.tidegate.failover.plugins.module_utils._gates._times import read_time

_KIND = "tasks"


def task_results_spec() -> dict[str, t.Any]:
    """The argument spec of the option ``task_results``."""
    return {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "name": {"type": "str", "required": True},
            "passed": {"type": "bool", "required": True},
            "observed": {"type": "str", "required": True},
            "remedy": {"type": "str", "default": ""},
            "from": {"type": "str", "required": True},
            "to": {"type": "str", "required": True},
        },
    }


def outcomes_from(
    results: Sequence[Mapping[str, t.Any]], definitions: Sequence[Definition], now: datetime
) -> dict[str, Outcome]:
    """The outcomes by the names of their gates.

    :raises RefusedError: a result belongs to no ``tasks`` gate, a gate has two results, or times are impossible.
    """
    tasks = {definition.name: definition for definition in definitions if definition.kind.name == _KIND}
    outcomes: dict[str, Outcome] = {}
    for result in results:
        name = result["name"]
        if name not in tasks:
            listed = ", ".join(repr(known) for known in tasks) or "none"
            raise RefusedError(
                f"task_results has a result of {name!r}, which is no gate of kind tasks. Those are: {listed}."
            )
        if name in outcomes:
            raise RefusedError(f"task_results has two results of {name!r}. Give one.")
        outcomes[name] = _outcome(tasks[name], result, now)
    return outcomes


def _outcome(definition: Definition, result: Mapping[str, t.Any], now: datetime) -> Outcome:
    began = read_time(f"from, of {definition.name!r} in task_results,", result["from"])
    ended = read_time(f"to, of {definition.name!r} in task_results,", result["to"])
    if not began <= ended <= now:
        raise RefusedError(
            f"task_results says that {definition.name!r} ran from {result['from']} to {result['to']}, and now it is "
            f"{now:%Y-%m-%dT%H:%M:%SZ}. Give the times when it began and ended."
        )
    remedy = result["remedy"] or ("" if result["passed"] else "Check its tasks, and evaluate the gates again.")
    return Outcome(definition, result["passed"], result["observed"], remedy, began, ended)
