# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The steps that run a file of the user's at a fixed place of a procedure, with a fixed meaning."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import UsersStep

STEPS = (
    UsersStep("quiesce", ("failover", "failback"), tasks="quiesce_tasks", undo_tasks="quiesce_undo_tasks"),
    UsersStep("promote", ("failover",), tasks="promote_tasks", point_of_no_return=True),
    UsersStep("scale", ("failover",), tasks="scale_tasks", undo_tasks="scale_undo_tasks"),
    UsersStep("move_writer", ("failback",), tasks="move_writer_tasks", point_of_no_return=True),
)
