# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``lock``: the failed site is locked out. Its first health check carries the claim of the run."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json


def take(context: Context) -> None:
    """Claim the service, and lock the site's other health checks too.

    Of two runs that lock the first one at once only one succeeds, so what comes after that is for one run alone.

    :raises RefusedError: another run was faster, or not all of them could be locked.
    """
    _claim(context)
    context.state(run_id=context.run.id, operation="failover", phase="running", by=context.by)
    _lock_others(context)


def _claim(context: Context) -> None:
    replaces = context.run.memory["may"]["replaces"]
    claimed = _lock(context, context.claim, replaces, restore_path=context.options["restore_path"])
    lock_id = claimed["health_checks"][0]["lock"]["id"]
    if lock_id != context.run.id:
        raise RefusedError(
            f"Another run was faster and has the service now: {claimed['msg']} Nothing was done. Leave it alone."
        )
    context.outcome.update(changed=claimed["changed"], msg=claimed["msg"], lock_ids=[lock_id])


def _lock_others(context: Context) -> None:
    others = context.options["health_check_ids"][1:]
    if not others:
        return
    seen = context.ask(
        "r53_healthcheck_info",
        health_check_ids=others,
        lock_path=context.options["lock_path"],
        include_observations=False,
    )
    problems = [problem for check in seen["health_checks"] if (problem := _problem_of_locking(context, check))]
    if problems:
        raise RefusedError(" ".join(problems))


def _problem_of_locking(context: Context, check: Json) -> str:
    """Lock one more. One that cannot be locked does not keep the others open."""
    # Where a run has died that is taken over from, it has left its locks.
    died = context.run.memory["may"]["replaces"]
    replaces = died if check["lock"] and check["lock"]["id"] == died else None
    try:
        locked = _lock(context, check["health_check_id"], replaces)
    except TidegateError as problem:
        return str(problem)
    outcome = context.outcome
    outcome["changed"] = outcome["changed"] or locked["changed"]
    outcome["msg"] = f"{outcome['msg']} {locked['msg']}"
    outcome["lock_ids"] += [check["lock"]["id"] for check in locked["health_checks"] if check["lock"]]
    return ""


def _lock(context: Context, check: str, replaces: str | None, *, restore_path: str | None = None) -> Json:
    options = context.options
    given = {"replaces": replaces, "restore_path": restore_path}
    return context.ask(
        "r53_healthcheck_lock",
        state="locked",
        health_check_ids=[check],
        lock_id=context.run.id,
        method=options["lock_method"],
        lock_path=options["lock_path"],
        owner=options["owner"],
        reason=options["reason"],
        **{name: value for name, value in given.items() if value is not None},
    )


def undo(context: Context) -> str:
    """Open the locks that this run placed. One that it took over is not its to open: another run had reason for it."""
    replaced = context.run.memory["may"]["replaces"]
    if replaced:
        context.state(run_id=context.run.id, operation="none", phase="interrupted")
        return f"The lock stays, because lock {replaced} was there before this run took it over."
    own = _own_locks(context)
    if context.claim in own:
        context.state(run_id=context.run.id, operation="failover", phase="undone")
    # The claim goes last.
    for check, lock_id in reversed(own.items()):
        context.ask(
            "r53_healthcheck_lock",
            state="unlocked",
            health_check_ids=[check],
            lock_id=lock_id,
            lock_path=context.options["lock_path"],
            override={"reason": f"The failover {context.run.id} is undone"},
        )
    return f"Opened the locks of {', '.join(own) or 'no health check'}."


def _own_locks(context: Context) -> dict[str, str]:
    """The locks that this run placed, by health check. Those of types without a path have ids of their own."""
    seen = context.ask(
        "r53_healthcheck_info",
        health_check_ids=context.options["health_check_ids"],
        lock_path=context.options["lock_path"],
        include_observations=False,
    )
    placed = {context.run.id, *context.run.lock_ids}
    locked = {check["health_check_id"]: check["lock"]["id"] for check in seen["health_checks"] if check["lock"]}
    return {check: lock_id for check, lock_id in locked.items() if lock_id in placed}


STEP = BuiltIn("lock", procedures=("failover",), take=take, undo=undo)
