# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The procedure ``failback``: traffic returns to a site that is proven to be ready for it."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._databases.resources import ungated
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, TidegateError, defect
from ansible_collections.tidegate.failover.plugins.module_utils._failover.runner import reported_running
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import evidence, routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import Asking, Turn
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.gate_problems import gate_problems, names_of
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.page import is_left_over, no_page
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.procedure import (
    Order,
    Procedure,
    holds_secret,
    keep_lock_time,
    may_begin,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import given as resources_given
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import with_resources
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Run
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps import claim as claims

_STEPS = (
    *("quiesce", "data_gates", "move_writer", "rds", "unlock", "alb", "global_accelerator", "dns"),
    *("wait", "release", "verify", "soak", "autoscaling", "notify"),
)

_ONCE_UNLOCKED = ("alb", "global_accelerator", "dns", "wait", "release", "verify", "soak", "autoscaling")

#: The remaining steps if a failback was aborted after it released the lock. The user's own steps are added.
_AFTER_UNLOCK = (*_ONCE_UNLOCKED, "notify")

#: The remaining steps if only the page is left.
_AFTER_PAGE = ("release", "verify", "soak", "notify")


def _order(options: Options) -> Order:
    """Return traffic only after the data is proven and the writer has moved.

    The first step of each pair must exist, so steps that are skipped are not part of a pair.
    """
    order = [("claim", "unlock"), *(("unlock", later) for later in _ONCE_UNLOCKED)]
    if resources_given(options, "rds"):
        order += [("rds", "unlock")]
    if evidence.data_gates(options):
        order += [("data_gates", "unlock"), ("data_gates", "move_writer"), ("data_gates", "rds")]
        order += [("quiesce", "data_gates")] if options["quiesce_tasks"] else []
    return order + ([("move_writer", "unlock")] if options["move_writer_tasks"] else [])


def problems(options: Options) -> list[str]:
    """What is wrong with the variables, a sentence each."""
    names, found = names_of(options["gates"]), []
    if not options["health_check_ids"]:
        found.append(
            "failback_health_check_ids is empty, so there is no lock to release. Name the health check of the primary "
            "site. A service that has only a maintenance page is left out with --limit."
        )
    if not options["gates"]:
        found.append(
            "No gates are defined, so nothing can prove that the site is ready for traffic. Define failback_gates."
        )
    for variable, given in (("data_gates", options.get("data_gates")), ("override", evidence.overridden(options))):
        unknown = [name for name in given or [] if name not in names]
        if unknown:
            found.append(f"failback_{variable} names {', '.join(unknown)}, which no gate is called.")
    if holds_secret(options["verify_url"]):
        found.append("failback_verify_url holds a user or a password, which would be shown. Give an address without.")
    if options["override"] and not options["override"].get("reason"):
        found.append("failback_override needs a reason.")
    found += [
        f"failback_resources promotes the replica {name}, and no gate of kind rds_replica_lag has it as db_instance, "
        "so nothing would prove that it has caught up. Add that gate to failback_gates."
        for name in ungated(resources_given(options, "rds"), options["gates"])
    ]
    return found + gate_problems("failback_gates", options["gates"])


def begin(context: Context) -> Asking[None]:
    """Check whether the failback may begin, and claim the service: the gates are evaluated for the lock of this claim.

    :raises RefusedError: it may not begin.
    """
    options = context.options
    may = yield from may_begin(context, trigger=options["trigger"], automatic_allowed=options["automatic_allowed"])
    if may["already"]:
        _finish_what_is_left(context)
        return
    yield from context.observe()
    keep_lock_time(context.run, may)
    if context.options["override"]:
        context.outcome["overrides"] = [
            {
                "what": "failback gates",
                "names": evidence.overridden(options),
                "reason": options["override"]["reason"],
                "by": options["owner"],
            }
        ]
    try:
        yield from _claim(context)
    except TidegateError as problem:
        # A claim that no run explains would block every other run.
        raise RefusedError(f"{problem}{_release_claim(context)}") from problem
    except Exception as broken:
        raise RefusedError(f"{defect(broken)}{_release_claim(context)}", code="TG-DEFECT") from broken


def _finish_what_is_left(context: Context) -> None:
    """The lock is released. Finish a failback that was aborted after that: take its last steps, or remove the page.

    :raises RefusedError: that failback is still in progress.
    """
    options, run = context.options, context.run
    chosen = options["steps"] or default_steps(options)
    _refuse_other_locks(context)
    routing_controls.refuse_if_off(context)
    if _is_unfinished(context):
        _take_only(run, _left_to_do(chosen))
        run.memory["unfinished"] = True
        return
    if no_page(options, context.page) or not is_left_over(context):
        return
    if "release" not in chosen:
        owner = context.options["maintenance_owner"]
        remove = context.target.command("exit_maintenance", "-e", f"maintenance_owner={owner}")
        run.msg += " But the page of the failover is still up, and failback_steps has no release. "
        run.msg += f"To remove it: {remove}"
        return
    # Only the page is left. No failback is unfinished, so no gate permits anything that moves users.
    _take_only(run, [name for name in _left_to_do(chosen) if name in _AFTER_PAGE])


def _take_only(run: Run, names: list[str]) -> None:
    """Take only these steps, which another run has not taken. None of them is undone."""
    run.status, run.msg, run.memory["only"] = "failed", "", names
    run.point_of_no_return_at = None if run.check else run.began


def _refuse_other_locks(context: Context) -> None:
    """:raises RefusedError: the first health check is not locked, and another health check of the site is.

    A procedure releases the lock of the first health check last. So a person released it, and there is no evidence for
    the other locks.
    """
    others = context.options["health_check_ids"][1:]
    if not others:
        return
    seen = context.ask(
        "r53_healthcheck_info",
        health_check_ids=others,
        lock_path=context.options["lock_path"],
        include_observations=False,
    )
    locked = [
        f"{check['health_check_id']} by {check['lock']['id']}" for check in seen["health_checks"] if check["lock"]
    ]
    if locked:
        raise RefusedError(
            f"Health check {context.claim} is not locked, and others of the site are: {', '.join(locked)}. So the site "
            "serves only in part, and no gate proves anything for these locks. Fail over, which locks the whole site, "
            "and then fail back; or release these locks with r53_healthcheck_lock, state=unlocked and an override.",
            code="TG-PART-LOCKED",
        )


def _is_unfinished(context: Context) -> bool:
    """Whether a failback has released the lock and has not ended.

    :raises RefusedError: it is still in progress.
    """
    state = context.run.memory["may"]["state"] or {}
    if state.get("phase") != "releasing":
        return False
    by, began = str(state.get("by") or ""), state.get("began_at")
    if context.is_running(by, began):
        raise RefusedError(
            f"The lock is released, and its failback {state['run']} is still in progress. {reported_running(by, True)} "
            "Wait for it to end; if it hangs, end that process, and run this again.",
            code="TG-HELD-BY-ANOTHER",
        )
    return True


def _left_to_do(chosen: Sequence[t.Any]) -> list[str]:
    """The steps after the unlock."""
    names = [step["name"] if isinstance(step, dict) else step for step in chosen]
    after = names[names.index("unlock") + 1 :] if "unlock" in names else names
    own = {step["name"] for step in chosen if isinstance(step, dict)}
    return [name for name in after if name in _AFTER_UNLOCK or name in own]


def _claim(context: Context) -> Asking[None]:
    """Claim the service. Of two runs at the same time, only one succeeds: it replaces the lock that both have read."""
    options, run = context.options, context.run
    context.keep()
    restore = {} if options["restore_path"] is None else {"restore_path": options["restore_path"]}
    target = {
        "health_check_ids": [context.claim],
        "lock_id": run.id,
        "replaces": run.memory["may"]["replaces"],
        "owner": options["owner"],
        "reason": options["reason"] or "failback",
        **restore,
    }
    run.memory["claimed"] = yield from context.asking(
        Turn.LOCK, "r53_healthcheck_lock", state="locked", targets=[target], lock_path=options["lock_path"]
    )
    seen = yield from context.asking(
        Turn.WRITE,
        "r53_healthcheck_info",
        health_check_ids=options["health_check_ids"],
        lock_path=options["lock_path"],
        include_observations=False,
    )
    run.memory["locks"] = [
        {"health_check_id": check["health_check_id"], "lock": check["lock"]} for check in seen["health_checks"]
    ]
    locked = [check["lock"]["id"] for check in seen["health_checks"] if check["lock"]]
    run.lock_ids = list(dict.fromkeys(locked))
    if not run.check:
        yield from context.asking_state(run_id=run.id, operation="failback", phase="failing_back", by=context.by)


def prove(context: Context) -> None:
    """Evaluate all gates. Where an aborted failback is finished, wait for the checkers instead.

    :raises RefusedError: a gate does not pass, and the claim is released; or the checkers do not find the site healthy.
    """
    options, run = context.options, context.run
    if run.memory.get("only") is not None:
        if run.memory.get("unfinished") and not run.check:
            _await_checkers(context)
        return
    try:
        seen = evidence.evaluate(context, options["gates"])
        run.memory["first"] = {name: seen[name] for name in ("evidence", "required_gates", "msg")}
        if evidence.missing(seen, options):
            raise RefusedError(f"The site is not ready for traffic. {seen['msg']}", code="TG-GATES")
    except TidegateError as problem:
        raise RefusedError(f"{problem}{_release_claim(context)}") from problem
    except Exception as broken:
        raise RefusedError(f"{defect(broken)}{_release_claim(context)}", code="TG-DEFECT") from broken


def _await_checkers(context: Context) -> None:
    """Wait for the checkers before any remaining step. The step ``unlock`` does so, but an aborted run may not have
    finished that wait, and steps such as ``alb`` and ``dns`` move users.

    This call releases no lock: a lock that was placed meanwhile is refused, because there is no evidence for it.

    :raises RefusedError: the primary site is not healthy, or is locked again.
    """
    try:
        context.ask(
            "r53_healthcheck_lock",
            state="unlocked",
            health_check_ids=[context.claim],
            lock_path=context.options["lock_path"],
            wait_for="healthy",
            wait_timeout=int(context.options["wait_timeout"]),
        )
    except TidegateError as problem:
        context.run.point_of_no_return_at = None
        raise RefusedError(f"None of the remaining steps of the failback was taken. {problem}") from problem


def _release_claim(context: Context) -> str:
    """Release the claim on the service before anything was done. Returns why that failed, or an empty text."""
    if context.run.check:
        return ""
    try:
        if context.state(run_id=context.run.id)["holds_claim"]:
            claims.undo(context)
    except TidegateError as problem:
        return f" The claim on the service could not be released either: {problem}"
    return ""


def _completed(run: Run) -> str:
    if run.memory.get("unfinished"):
        return "The lock was already released. The remaining steps of the earlier failback are done."
    if run.memory.get("only") is not None:
        return "The lock was already released. The page of the failover is released too, and no users were moved."
    return "Failed back. The primary site takes traffic, and its lock is released."


def _forward(claim: str) -> str:
    if claim == "open":
        return (
            "The lock is released, and users are on their way to the primary site. Check that site and the failed step "
            "now. To finish what is left, run this again; to leave the site again, fail over."
        )
    return (
        "The lock stays, so users stay where they are. Find out which site has the data and who may write, and run the "
        "playbook tidegate.failover.acknowledge; then fail back again."
    )


def default_steps(options: Options) -> list[t.Any]:
    """The steps in their usual order."""
    return with_resources(options, _STEPS)


PROCEDURE = Procedure(
    operation="failback",
    steps=default_steps,
    always=("claim",),
    order=_order,
    problems=problems,
    begin=begin,
    prove=prove,
    completed=_completed,
    completed_phase="serving",
    forward=_forward,
    gates=lambda options: list(options["gates"]),
)
