# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``unlock`` of a failback: the locks are released, each only if the evidence is for that lock."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure import evidence, routing_controls
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json


def take(context: Context) -> None:
    """Release the locks. The claim is last, so that until then this run alone holds the service."""
    if context.check:
        controls = routing_controls.given(context.options).get("site") or []
        reported = ", ".join([*context.run.lock_ids, *controls])
        context.outcome.update(changed=True, status="planned", msg=f"To release: {reported}.")
        return
    # Write the state first: no run may write it once the claim is released.
    context.state(run_id=context.run.id, operation="failback", phase="releasing")
    locked = [check for check in context.run.memory["locks"] if check["lock"]]
    controls = routing_controls.turn_on(context)
    context.outcome["changed"] = True
    released = [_release(context, check) for check in reversed(locked)]
    context.outcome.update(
        changed=True, msg=" ".join([*filter(None, [controls]), *(str(one["msg"]) for one in released)])
    )


def _release(context: Context, check: Json) -> Json:
    options, memory = context.options, context.run.memory
    more: Json = {}
    if check["health_check_id"] == context.claim:
        more["wait_for"] = "healthy"
    if options["override"]:
        more["override"] = {"gates": evidence.overridden(options), "reason": options["override"]["reason"]}
    if options["restore_path"] is not None:
        more["restore_path"] = options["restore_path"]
    released = context.ask(
        "r53_healthcheck_lock",
        state="unlocked",
        health_check_ids=[check["health_check_id"]],
        lock_id=check["lock"]["id"],
        lock_path=options["lock_path"],
        required_gates=memory["first"]["required_gates"],
        evidence=evidence.latest(memory),
        max_evidence_age=evidence.most_age(context.run, options),
        wait_timeout=int(options["wait_timeout"]),
        **more,
    )
    context.outcome["changed"] = True
    return released


STEP = BuiltIn("unlock", procedures=("failback",), take=take, point_of_no_return=True)
