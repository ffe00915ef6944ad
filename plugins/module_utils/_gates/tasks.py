# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``tasks``: a file of the user's own tasks succeeds. A role evaluates it, not the module."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Values,
)


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    return f"a run of {options['file']} without a failure"


def observe(_options: Values, _probe: Probe) -> Observation:
    """Fail: a module cannot run tasks, so the result has to be given to it."""
    return Observation(
        False,
        "its tasks were not run",
        "Run them first, as the role failback does, and give their result in task_results.",
        final=True,
    )


def changes_something(_options: Values) -> bool:
    """Never read-only for the module: without a given result, check mode has not evaluated the gate."""
    return False


KIND = GateKind(
    name="tasks",
    description="""
        Passes if a file of your own tasks runs without a failure. The role C(failback) runs the file, and gives the
        result to the module in the option C(task_results). Without a result the gate fails. The role C(failover) cannot
        run such a gate, and refuses it.

        What else could make it pass:

        A file without tasks. The role fails such a gate, and also a gate whose file Ansible cannot load. Files that
        this file includes are loaded later: a misspelt module there ends the whole run.

        Tasks that are all skipped, such as with C(when: false) or for a host group that is empty. Ansible does not
        count these as failures, so the gate passes. End the file with an C(ansible.builtin.assert) on the registered
        results, which also requires C(is not skipped).

        Failures that the file ignores, with C(ignore_errors), C(failed_when: false) or C(rescue). The gate passes. Use
        none of these in the file of a gate.

        C(meta: end_host) or C(meta: end_play). The gate does not pass, but the whole run ends there: no gate has a
        result, and no traffic returns to the site.

        Tasks on the wrong host or site. They run on the host of the service, unless they delegate. The gate cannot
        check that.

        A result of another time or gate. The module refuses a result that belongs to no C(tasks) gate, a second result
        for a gate, and a result whose times are in the future or in the wrong order. V('false') and V('no') are
        failures. The evidence contains the times of the result, and M(tidegate.failover.r53_healthcheck_lock) refuses
        evidence that is too old. The module does not check results of callers other than the role any further.""",
    options={
        "file": {
            "description": """
                The file with the tasks, a list of at least one. A relative path starts in the folder of the
                inventory.""",
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
