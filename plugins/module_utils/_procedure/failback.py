# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The procedure ``failback``: traffic goes back to a site that has proven that it may serve."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import evidence
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
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Run
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.steps import claim as claims

_STEPS = ("quiesce", "data_gates", "move_writer", "unlock", "wait", "release", "verify", "soak", "notify")

#: What is left to do where a failback died after it had opened the lock.
_AFTER_UNLOCK = ("release", "verify", "soak", "notify")


def _order(options: Options) -> Order:
    """Nothing lets users in before the data is proven and the writer has moved.

    Of two steps the first has to be there, so those that are skipped take no part.
    """
    order = [("claim", "unlock"), *(("unlock", later) for later in ("wait", "release", "verify", "soak"))]
    if evidence.data_gates(options):
        order += [("data_gates", "unlock"), ("data_gates", "move_writer")]
        order += [("quiesce", "data_gates")] if options["quiesce_tasks"] else []
    return order + ([("move_writer", "unlock")] if options["move_writer_tasks"] else [])


def problems(options: Options) -> list[str]:
    """What is wrong with the variables, a sentence each."""
    names, found = names_of(options["gates"]), []
    if not options["health_check_ids"]:
        found.append(
            "failback_health_check_ids is empty, so there is no lock to open. Name the health check of the primary "
            "site."
        )
    if not options["gates"]:
        found.append(
            "No gates are defined, so nothing could prove that the site may serve again. Define failback_gates."
        )
    for variable, given in (("data_gates", options.get("data_gates")), ("override", evidence.overridden(options))):
        unknown = [name for name in given or [] if name not in names]
        if unknown:
            found.append(f"failback_{variable} names {', '.join(unknown)}, which no gate is called.")
    if holds_secret(options["verify_url"]):
        found.append("failback_verify_url holds a user or a password, which would be shown. Give an address without.")
    if options["override"] and not options["override"].get("reason"):
        found.append("failback_override needs a reason.")
    return found + gate_problems("failback_gates", options["gates"])


def begin(context: Context) -> None:
    """See whether it may begin, and claim the service: the gates are evaluated for that very lock.

    :raises RefusedError: it may not begin.
    """
    options = context.options
    may = may_begin(context, trigger=options["trigger"], automatic_allowed=options["automatic_allowed"])
    if may["already"]:
        _finish_what_is_left(context)
        return
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
        _claim(context)
    except TidegateError as problem:
        # A claim that nothing explains would keep every other run out.
        raise RefusedError(f"{problem}{_let_go(context)}") from problem


def _finish_what_is_left(context: Context) -> None:
    """The lock is open. A failback that died after that has left the page of the failover in front of users."""
    if no_page(context.options, context.page) or not is_left_over(context):
        return
    run = context.run
    if "release" not in (context.options["steps"] or _STEPS):
        owner = context.options["maintenance_owner"]
        run.msg += (
            " But the page of the failover is still up, and failback_steps has no release. To remove it: "
            f"ansible-playbook tidegate.failover.exit_maintenance -e maintenance_owner={owner}"
        )
        return
    run.status, run.msg, run.memory["only"] = "failed", "", list(_AFTER_UNLOCK)


def _claim(context: Context) -> None:
    """Of two runs that claim at once only one succeeds: the lock that both have seen is gone for the other one."""
    options, run = context.options, context.run
    context.keep()
    restore = {} if options["restore_path"] is None else {"restore_path": options["restore_path"]}
    run.memory["claimed"] = context.ask(
        "r53_healthcheck_lock",
        state="locked",
        health_check_ids=[context.claim],
        lock_id=run.id,
        replaces=run.memory["may"]["replaces"],
        lock_path=options["lock_path"],
        owner=options["owner"],
        reason=options["reason"] or "failback",
        **restore,
    )
    run.memory["claimed"].pop("diff", None)
    seen = context.ask(
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
        context.state(run_id=run.id, operation="failback", phase="failing_back", by=context.by)


def prove(context: Context) -> None:
    """Evaluate all gates.

    :raises RefusedError: a gate does not pass. The service is let go then.
    """
    options, run = context.options, context.run
    if run.memory.get("only"):
        return
    try:
        seen = evidence.evaluate(context, options["gates"])
        run.memory["first"] = {name: seen[name] for name in ("evidence", "required_gates", "msg")}
        if evidence.missing(seen, options):
            raise RefusedError(f"The site may not serve yet. {seen['msg']}")
    except TidegateError as problem:
        raise RefusedError(f"{problem}{_let_go(context)}") from problem


def _let_go(context: Context) -> str:
    """Let go of the service before anything was done; what went wrong with that, if anything did."""
    if context.run.check:
        return ""
    try:
        if context.state(run_id=context.run.id)["holds_claim"]:
            claims.undo(context)
    except TidegateError as problem:
        return f" The service could not be let go either: {problem}"
    return ""


def _completed(run: Run) -> str:
    if run.memory.get("only"):
        return "The lock was open already. What an earlier failback had left to do is done."
    return "Failed back. The primary site serves again, and its lock is open."


def _forward(claim: str) -> str:
    if claim == "open":
        return (
            "The lock is open, and users are on their way to the primary site. Look there, and at what failed, now: to "
            "leave it again, fail over."
        )
    return (
        "The lock stays, so users stay where they are. Find out which site has the data and who may write, and run the "
        "playbook tidegate.failover.acknowledge; then fail back again."
    )


def default_steps(_options: Options) -> list[t.Any]:
    """The steps in their usual order."""
    return list(_STEPS)


PROCEDURE = Procedure(
    operation="failback",
    steps=default_steps,
    always=("claim",),
    order=_order,
    problems=problems,
    begin=begin,
    prove=prove,
    completed=_completed,
    completed_phase="",
    forward=_forward,
    gates=lambda options: list(options["gates"]),
)
