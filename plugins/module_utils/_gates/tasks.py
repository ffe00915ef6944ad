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
        "its tasks were not run",
        "Run them first, as the role failback does, and give their result in task_results.",
        final=True,
    )


def changes_something(_options: Values) -> bool:
    """To the module it never is read-only: without a result, check mode has not evaluated it."""
    return False


KIND = GateKind(
    name="tasks",
    description="""
        Passes if a file of your own tasks runs through without a failure. The role C(failback) runs it and hands the
        result on as the module's option C(task_results). Without a result the gate fails. The role C(failover) runs no
        such gate, and refuses it.

        What else could make it pass:

        A file without tasks. The role fails such a gate, and also one whose file Ansible cannot load. What such a file
        includes is loaded later: a misspelt module there ends the whole run.

        Tasks that are all skipped, such as with C(when: false) or for a host group that is empty. Ansible does not
        count these as failures, so the gate passes. End the file with an C(ansible.builtin.assert) on the registered
        results, which also requires C(is not skipped).

        Failures that the file permits, with C(ignore_errors), C(failed_when: false) or C(rescue). The gate passes. Use
        none of these in the file of a gate.

        C(meta: end_host) or C(meta: end_play). The gate does not pass, but the whole run ends there: no gate has a
        result, and no traffic returns to the site.

        Tasks on another host or site than the one that is meant. They run on the host of the service, unless they
        delegate. The gate cannot check that.

        A result that was not taken now or here. The module refuses a result for no gate or for two, and one whose times
        are in the future or in the wrong order. V('false') and V('no') are failures. Evidence carries the times of the
        result, and M(tidegate.failover.r53_healthcheck_lock) refuses it if it is too old. Results from other callers
        than the role are taken as they are.""",
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
