# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``notify``: people are told. Who is told of a success is told before the run ends, as if it had ended."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context


def take(context: Context) -> None:
    """Tell them. One who cannot be told is noted, and fails nothing."""
    sent = context.tell()
    context.run.notifications = sent
    context.outcome.update(changed=False, msg=told_to(sent))
    context.outcome["status"] = "skipped" if not sent else "planned" if context.check else "done"


def told_to(sent: list[dict[str, str]]) -> str:
    """Who was told, in words."""
    return ", ".join(f"{one['to']}: {one['status']}" for one in sent) or "Nobody is to be told."


STEP = BuiltIn("notify", procedures=("failover", "failback", "acknowledge"), take=take, observes=True)
