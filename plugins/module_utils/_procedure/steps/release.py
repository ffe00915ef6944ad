# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``release`` of a failback: the page of the failover is removed."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.page import no_page, take_away


def take(context: Context) -> None:
    """Remove the page, unless somebody else holds it."""
    if not no_page(context.options, context.page):
        take_away(context)


def _skip(options: Options, page: Options) -> str:
    if options["release_tasks"] or not no_page(options, page):
        return ""
    return "The service has no page, and failback_release_tasks is not given."


# No run holds the service any more once its lock is released, but the page of this failover has to be removed.
STEP = BuiltIn("release", procedures=("failback",), take=take, unguarded=True, skip=_skip, tasks="release_tasks")
