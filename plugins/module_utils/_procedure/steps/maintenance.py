# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``maintenance``: the page in front of the failed site."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.page import no_page, put_up, take_away


def undo(context: Context) -> str:
    """Remove the page again."""
    take_away(context)
    return str(context.outcome["msg"])


STEP = BuiltIn(
    "maintenance",
    procedures=("failover",),
    take=put_up,
    undo=undo,
    # The step reads the locks anyway.
    unguarded=True,
    # If the site has failed, its load balancer may have failed too, and users must not wait for it.
    required=lambda options: options["type"] == "planned",
    skip=no_page,
)
