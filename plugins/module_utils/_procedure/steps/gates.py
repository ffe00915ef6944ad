# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``gates`` of a planned failover: the gates that must pass before anything is locked."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context


def take(context: Context) -> None:
    """:raises RefusedError: a gate does not pass."""
    context.outcome["changed"] = False
    seen = context.gate(context.options["gates"], requester=context.options["owner"])
    if seen["failed_gates"]:
        raise RefusedError(seen["msg"], code="TG-GATES")


STEP = BuiltIn(
    "gates",
    procedures=("failover",),
    take=take,
    read_only=True,
    skip=lambda options, _page: "" if options["gates"] else "failover_gates is empty.",
)
