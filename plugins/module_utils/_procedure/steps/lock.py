# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``lock``: the failed site is locked out. Its first health check carries the claim of the run."""

from __future__ import annotations

from collections.abc import Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import Asking, ModuleFailedError, Turn
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import NO_CLAIM, Json


def take(context: Context) -> Asking[None]:
    """Claim the service, and lock the site's other health checks too.

    If two runs lock the first health check at the same time, only one succeeds. So only one run goes on.

    :raises RefusedError: another run acquired the lock first, or not all health checks could be locked.
    """
    if NO_CLAIM in context.run.memory:
        yield from _lock_without_claim(context)
        return
    yield from _claim(context)
    found = context.run.memory["may"].get("found")
    running = {"run_id": context.run.id, "operation": "failover", "phase": "running", "by": context.by}
    yield from context.asking_state(**running, found=found)
    yield from _lock_others(context)
    yield from routing_controls.turn_off(context)


def _lock_without_claim(context: Context) -> Asking[None]:
    """Route 53 does not answer, so only the routing controls lock the site. They are not undone, because it is unknown
    whether another run has claimed the service meanwhile."""
    yield from routing_controls.turn_off(context)
    context.outcome["msg"] += " NO CLAIM: Route 53 did not answer, so no health check is locked."
    if not context.check:
        context.run.point_of_no_return_at = context.run.current.get("began", context.run.began)


def _claim(context: Context) -> Asking[None]:
    try:
        claimed = yield from _lock(context, [context.claim], restore_path=context.options["restore_path"])
    except ModuleFailedError as problem:
        raise _reported(problem, context) from problem
    context.outcome.update(changed=claimed["changed"], msg=claimed["msg"], lock_ids=_lock_ids(claimed))


def _reported(problem: ModuleFailedError, context: Context) -> TidegateError:
    """Why the service could not be claimed."""
    (check,) = problem.result.get("health_checks") or [{}]
    if (check.get("lock") or {}).get("id", context.run.id) == context.run.id:
        return problem
    return RefusedError(
        f"Another run acquired the lock first and holds the service. {problem}", code="TG-HELD-BY-ANOTHER"
    )


def _lock_others(context: Context) -> Asking[None]:
    """Lock the other health checks. If one cannot be locked, the others are locked all the same."""
    checks = context.options["health_check_ids"]
    if not checks[1:]:
        return
    outcome = context.outcome
    try:
        locked = yield from _lock(context, checks)
    except ModuleFailedError as problem:
        outcome["lock_ids"] += _lock_ids(problem.result)[1:]
        raise RefusedError(str(problem)) from problem
    outcome["changed"] = outcome["changed"] or locked["changed"]
    outcome["msg"] = locked["msg"]
    outcome["lock_ids"] += _lock_ids(locked)[1:]


def _lock(context: Context, checks: Sequence[str], *, restore_path: str | None = None) -> Asking[Json]:
    """Lock health checks. The first one carries the claim. Locks of an aborted run are taken over."""
    options = context.options
    given = {"replaces": context.run.memory["may"]["replaces"], "restore_path": restore_path}
    target = {
        "health_check_ids": list(checks),
        "lock_id": context.run.id,
        "method": _method(context),
        "owner": options["owner"],
        "reason": options["reason"],
        **{name: value for name, value in given.items() if value is not None},
    }
    return (
        yield from context.asking(
            Turn.LOCK, "r53_healthcheck_lock", state="locked", targets=[target], lock_path=options["lock_path"]
        )
    )


def _method(context: Context) -> str:
    """The method of the lock. A page answers every path, so with a page the lock must not depend on a pinned path."""
    method = str(context.options["lock_method"])
    has_page = any(step["name"] == "maintenance" for step in context.run.to_take)
    return "invert" if has_page and method == "auto" else method


def _lock_ids(reported: Json) -> list[str]:
    """The locks that are in force, of the health checks that could be read."""
    return [
        check["lock"]["id"] for check in reported.get("health_checks") or [] if check["lock"] and not check["failed"]
    ]


def undo(context: Context) -> str:
    """Release the locks that this run placed. A lock that it took over stays, because an earlier run placed it."""
    replaced = context.run.memory["may"]["replaces"]
    if replaced:
        context.state(run_id=context.run.id, operation="none", phase="interrupted")
        return f"The lock stays, because lock {replaced} was there before this run took it over."
    own = _own_locks(context)
    controls = routing_controls.undo(context)
    if context.claim in own:
        context.state(run_id=context.run.id, operation="failover", phase="undone")
    # The claim is released last.
    for check, lock_id in reversed(own.items()):
        context.ask(
            "r53_healthcheck_lock",
            state="unlocked",
            health_check_ids=[check],
            lock_id=lock_id,
            lock_path=context.options["lock_path"],
            override={"reason": f"The failover {context.run.id} is undone"},
        )
    return f"Released the locks of {', '.join(own) or 'no health check'}. {controls}".strip()


def _own_locks(context: Context) -> dict[str, str]:
    """The locks that this run placed, by health check. Health checks without a path have other lock ids."""
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
