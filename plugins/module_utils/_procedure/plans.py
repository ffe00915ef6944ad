# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a procedure would do, and what stands in its way, as far as its variables and files tell. Preflight shows it."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import failover
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.engine import Engine
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json

#: Without a failover there is nothing to fail back.
_STOPS = {"failover": ["failover", "failback"], "failback": ["failback"], "acknowledge": ["acknowledge"]}


def planned(engine: Engine) -> Json:
    """The findings, and what the procedure would do.

    :returns: ``findings`` as preflight reports them, ``would`` for people, ``promotes``: whether
        tasks of the user's do, which have no way back of their own; and ``shares``: whether another service of the
        inventory has the same health check.
    """
    operation, options = engine.run.operation, engine.context.options
    findings = [_error("variables", _STOPS[operation], problem) for problem in engine.problems()]
    promotes = operation == "failover" and failover.promotes(options)
    by_tasks = operation == "failover" and failover.users_promote(options)
    would = ""
    try:
        steps = [step["name"] for step in engine.plan() if not step.get("skip")]
        would = _reported(operation, steps, promotes=promotes) if not findings else ""
    except TidegateError as problem:
        findings.append(_error("steps", [operation], str(problem)))
    except (AttributeError, KeyError, TypeError):
        # Gates that are none, which is reported already: no steps can be planned.
        if not findings:
            raise
    return {"findings": findings, "would": would, "promotes": by_tasks, "shares": bool(options.get("sharing"))}


def _reported(operation: str, steps: Sequence[str], *, promotes: bool) -> str:
    said = f"A {operation} takes these steps: {', '.join(steps)}."
    return said if operation != "failover" or promotes else f"{said} It promotes nothing."


def _error(check: str, stops: Sequence[str], msg: str) -> dict[str, t.Any]:
    return {"check": check, "level": "error", "stops": list(stops), "msg": msg}
