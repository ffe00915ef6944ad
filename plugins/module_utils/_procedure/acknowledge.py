# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The procedure ``acknowledge``: a person has checked the state that a run left, and takes over the service."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import Asking
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.procedure import (
    Order,
    Procedure,
    keep_lock_time,
    may_begin,
    nothing_to_prove,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Run


def problems(options: Options) -> list[str]:
    """What is wrong with the variables, a sentence each."""
    found = []
    if not options["health_check_ids"]:
        found.append("acknowledge_health_check_ids is empty. Name the health check of the primary site.")
    # Messages print the command with dots in place of the reason.
    if not str(options["reason"] or "").strip(" ."):
        found.append("A reason is needed: who has checked, and what. Give acknowledge_reason.")
    return found


def begin(context: Context) -> Asking[None]:
    """:raises RefusedError: it may not begin."""
    may = yield from may_begin(context)
    keep_lock_time(context.run, may)


def _steps(_options: Options) -> list[t.Any]:
    return ["acknowledge", "notify"]


def _order(_options: Options) -> Order:
    return [("acknowledge", "notify")]


def _completed(run: Run) -> str:
    if run.memory["may"]["lock"]:
        return f"Acknowledged. The site stays locked out, by {run.id}; no run holds the service."
    return "Acknowledged. The site is not locked."


def _forward(_claim: str) -> str:
    return "Check the state of the service, and run this again."


PROCEDURE = Procedure(
    operation="acknowledge",
    steps=_steps,
    always=(),
    order=_order,
    problems=problems,
    begin=begin,
    prove=nothing_to_prove,
    completed=_completed,
    completed_phase="",
    forward=_forward,
)
