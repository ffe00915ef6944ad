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
    """Release the claim on the service. The lock stays, with its new name.

    Only a service that a failover has moved counts as failed over again. A lock that something else has placed, such as
    a Lambda, has moved neither the data nor the resources. So the next failover must not find that nothing is to do.
    """
    may = context.run.memory["may"]
    is_moved = may["claim"] == "settled" and may["state"]["phase"] == "failed_over"
    phase = "failed_over" if is_moved else "interrupted"
    context.state(run_id=context.run.id, operation="failback", phase=phase)
    return "The site stays locked out."


STEP = BuiltIn("claim", procedures=("failback",), take=take, undo=undo)
