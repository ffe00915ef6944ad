# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``tasks``: a file of the user's own tasks runs through. A role evaluates it, not the module."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Look,
    Observation,
    Values,
)


def expected(options: Values) -> str:
    """What the gate wants to see."""
    return f"a run of {options['file']} without a failure"


def observe(_options: Values, _look: Look) -> Observation:
    """No module can run tasks, so without a result that was given the gate has failed."""
    return Observation(
        False,
        "nobody has run its tasks",
        "Run them before, as the role failback does, and give their result in task_results.",
        final=True,
    )


def changes_something(_options: Values) -> bool:
    """To the module it never is read-only: without a result, check mode has not evaluated it."""
    return False


KIND = GateKind(
    name="tasks",
    description="""
        Passes if a file of your own tasks runs through without a failure. The role C(failback) runs it and hands the
        result on as the module's option C(task_results). Without a result the gate fails.

        What else could make it pass: tasks that are skipped, that ignore their errors, or that never fail
        (C(failed_when)) look like tasks that went through, and nothing can tell them apart. End the file with an
        C(ansible.builtin.assert) about what the tasks found. A file without any tasks fails. Do not end the host in it
        (C(meta: end_host)), which would end the failback too.""",
    options={
        "file": {
            "description": "The file with the tasks. A relative path starts in the folder of the inventory.",
            "type": "path",
            "required": True,
        },
        "read_only": {
            "description": "Whether the tasks change nothing, so that they may run in check mode too.",
            "type": "bool",
            "default": False,
        },
    },
    expected=expected,
    observe=observe,
    timing=None,
    read_only=changes_something,
)
