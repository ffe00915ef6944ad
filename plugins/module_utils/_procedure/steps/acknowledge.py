# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``acknowledge``: a person has checked the service. The lock stays, and no run holds the service any more."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context


def take(context: Context) -> None:
    """Take over the lock from the run that holds it, and record that a person has checked."""
    options, may = context.options, context.run.memory["may"]
    # Read this before the takeover, so that the record of this run contains how far the other run has come.
    left = context.left_by(may["replaces"], may["state"]) if may["replaces"] else ""
    reported = _take_over(context, may["replaces"]) if may["replaces"] else ""
    suppress = {} if options["suppress"] is None else {"suppress": int(options["suppress"])}
    written = context.state(run_id=context.run.id, operation="acknowledge", phase=may["next_phase"], **suppress)
    context.outcome.update(changed=True, msg=" ".join(filter(None, [reported, written["msg"], left])))
    context.outcome["lock_ids"] = [context.run.id] if may["lock"] else []


def _take_over(context: Context, replaces: str) -> str:
    options = context.options
    claimed = context.ask(
        "r53_healthcheck_lock",
        state="locked",
        health_check_ids=[context.claim],
        lock_id=context.run.id,
        replaces=replaces,
        lock_path=options["lock_path"],
        owner=options["owner"],
        reason=options["reason"],
    )
    return str(claimed["msg"])


STEP = BuiltIn("acknowledge", procedures=("acknowledge",), take=take)
