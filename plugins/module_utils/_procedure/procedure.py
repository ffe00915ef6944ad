# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a procedure is: which steps it takes, whether it may begin, and what it says when it has ended."""

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

    :ivar operation: its name, which its variables begin with.
    :ivar steps: the steps that are taken where the user names none.
    :ivar always: steps that come before those that the user chooses.
    :ivar order: pairs of names; the first has to come before the second.
    :ivar problems: what is wrong with its variables, a sentence each.
    :ivar begin: sees whether it may begin. It may leave the run ``unchanged``.
    :ivar prove: what is left to be seen before the first step, once the user's gates have run.
    :ivar completed: what it says when all went well.
    :ivar completed_phase: what the state says then; empty if the steps have said it.
    :ivar forward: what it says where nothing is undone, by what the claim is now.
    :ivar gates: the gates that have to pass before the first step.
    :ivar before_promotion: observes what is promoted right before that begins. Whatever it finds, the run goes on.
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
    """Name the run after the time of AWS where this machine's clock is wrong.

    A lock is called like its run, and from the time in that name a hold-down is counted.
    """
    if may["clock_problem"]:
        run.id = f"{re.sub('[-:]', '', may['time'])}-{run.id.partition('-')[2]}"


def keep_lock_time(run: Run, may: Json) -> None:
    """Name a run that takes a lock over after that lock's time, by which hold-downs and the time to recovery count."""
    lock = may["lock"]
    if not lock or not LOCK_ID.fullmatch(lock["id"]):
        return
    placed = lock["id"].partition("-")[0]
    run.id = f"{placed}-{run.id.partition('-')[2]}"
    # Locks are named by the clock of whichever machine placed them, or by that of AWS; runs begin by that of this one.
    age = datetime.fromisoformat(may["time"]) - datetime.fromisoformat(placed)
    if age > timedelta(0):
        run.locked_at = (datetime.fromisoformat(run.began) - age).isoformat().replace("+00:00", "Z")


def nothing_to_prove(_context: Context) -> None:
    """Most procedures may begin when they may begin."""


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
