# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``notify``: people are notified of a success, right before the run ends."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._notify.texts import summary
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context


def take(context: Context) -> None:
    """Notify all targets. A notification that fails is recorded, and does not fail the step."""
    sent = context.tell()
    context.run.notifications = sent
    context.outcome.update(changed=False, msg=summary(sent))
    context.outcome["status"] = "skipped" if not sent else "planned" if context.check else "done"


STEP = BuiltIn("notify", procedures=("failover", "failback", "acknowledge"), take=take, observes=True)
