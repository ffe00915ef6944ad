# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``claim`` of a failback. The claim is placed before the gates are evaluated: their evidence is for it."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context


def take(context: Context) -> None:
    """Report the claim."""
    claimed = context.run.memory["claimed"]
    context.outcome.update(changed=claimed["changed"], msg=claimed["msg"])


def undo(context: Context) -> str:
    """Release the claim on the service. The lock stays, with its new name. The state gets its earlier phase again."""
    before = context.run.memory["may"]["state"] or {}
    phase = "interrupted" if before.get("phase") == "interrupted" else "failed_over"
    context.state(run_id=context.run.id, operation="failback", phase=phase)
    return "The site stays locked out."


STEP = BuiltIn("claim", procedures=("failback",), take=take, undo=undo)
