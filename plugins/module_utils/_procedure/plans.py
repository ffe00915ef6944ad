# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a procedure would do, and its blockers, as far as its variables and files show. Preflight reports both."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import failover
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.engine import Engine
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json

#: What a problem of each procedure stops. Without a failover there is nothing to fail back.
_STOPS = {"failover": ["failover", "failback"], "failback": ["failback"], "acknowledge": ["acknowledge"]}


def planned(engine: Engine) -> Json:
    """The findings, and what the procedure would do.

    :returns: ``findings`` as preflight reports them; ``would``, what it would do, for people; ``promotes``, whether
        tasks of the user's promote something; and ``shares``, whether another service of the inventory has the same
        health check.
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
        # A value is not a gate, so no steps can be planned. That is reported already.
        if not findings:
            raise
    return {"findings": findings, "would": would, "promotes": by_tasks, "shares": bool(options.get("sharing"))}


def _reported(operation: str, steps: Sequence[str], *, promotes: bool) -> str:
    plan = f"A {operation} takes these steps: {', '.join(steps)}."
    return plan if operation != "failover" or promotes else f"{plan} It promotes nothing."


def _error(check: str, stops: Sequence[str], msg: str) -> dict[str, t.Any]:
    return {"check": check, "level": "error", "stops": list(stops), "msg": msg}
