# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The form of a procedure: its steps, whether it may begin, and its messages at the end."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import LOCK_ID
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import Asking
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run

Order = Sequence[Sequence[str]]


@dataclass(frozen=True)
class Procedure:
    """A procedure.

    :ivar operation: its name, which is also the prefix of its variables.
    :ivar steps: the default steps.
    :ivar always: steps that come before the steps that the user chooses.
    :ivar order: pairs of names; the first has to come before the second.
    :ivar problems: problems of its variables, a sentence each.
    :ivar begin: checks whether it may begin. It may set the run to ``unchanged``.
    :ivar prove: the last checks before the first step, after the user's gates have run.
    :ivar completed: the message of a run that succeeded.
    :ivar completed_phase: the phase to write to the state then; empty if the steps have written it.
    :ivar forward: the next action if nothing is undone; takes the present state of the claim.
    :ivar gates: the gates that have to pass before the first step.
    :ivar before_promotion: measures what is promoted right before that begins. The run goes on in any case.
    """

    operation: str
    steps: Callable[[Options], list[t.Any]]
    always: tuple[str, ...]
    order: Callable[[Options], Order]
    problems: Callable[[Options], list[str]]
    begin: Callable[[Context], Asking[None]]
    prove: Callable[[Context], None]
    completed: Callable[[Run], str]
    completed_phase: str
    forward: Callable[[str], str]
    gates: Callable[[Options], list[Json]] = lambda _options: []
    before_promotion: Callable[[Context], None] = lambda _context: None


def refuse_if(problems: Sequence[str]) -> None:
    """:raises RefusedError: there are problems."""
    if problems:
        raise RefusedError("\n".join(problems), code="TG-VARIABLES")


def holds_secret(url: str) -> bool:
    """Whether an address that is printed has a user or a password in it."""
    return re.search("//[^/]*@", url) is not None


def name_run(run: Run, may: Json) -> None:
    """Name the run after the time of AWS if this machine's clock is wrong.

    A lock has the name of its run, and a hold-down counts from the time in that name.
    """
    if may["clock_problem"]:
        run.id = f"{re.sub('[-:]', '', may['time'])}-{run.id.partition('-')[2]}"


def keep_lock_time(run: Run, may: Json) -> None:
    """Name a run that takes over a lock after that lock's time. Hold-downs and the recovery time count from it."""
    lock = may["lock"]
    if not lock or not LOCK_ID.fullmatch(lock["id"]):
        return
    placed = lock["id"].partition("-")[0]
    run.id = f"{placed}-{run.id.partition('-')[2]}"
    # The time in a lock's name is by the clock of its machine or of AWS. Runs begin by the clock of this machine.
    age = datetime.fromisoformat(may["time"]) - datetime.fromisoformat(placed)
    if age > timedelta(0):
        run.locked_at = (datetime.fromisoformat(run.began) - age).isoformat().replace("+00:00", "Z")


def nothing_to_prove(_context: Context) -> None:
    """Check nothing: most procedures need no further checks."""


def may_begin(context: Context, **options: t.Any) -> Asking[Json]:
    """Ask whether the procedure may begin.

    :raises RefusedError: it may not.
    """
    may = yield from context.asking_state(
        operation=context.run.operation, service=context.host, inventory=list(context.inventory), **options
    )
    context.run.memory["may"] = may
    name_run(context.run, may)
    if not may["allowed"]:
        left = context.left_by((may["lock"] or {}).get("id", ""), may["state"])
        raise RefusedError(f"{may['msg']} {left}".strip(), code=str(may.get("refusal_code") or ""))
    if may["already"]:
        context.run.status, context.run.msg = "unchanged", may["msg"]
        context.run.lock_ids = [may["lock"]["id"]] if may["lock"] else []
    return may
