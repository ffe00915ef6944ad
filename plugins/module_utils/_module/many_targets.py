# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Ends a task that has read or switched many targets, each with its own result."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence
from dataclasses import dataclass

from ansible.module_utils.basic import AnsibleModule
from ansible_collections.tidegate.failover.plugins.module_utils._errors import code_of_first

if t.TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Result = dict[str, t.Any]


@dataclass(frozen=True)
class Ending:
    """The words of one module.

    :ivar key: the field of a result that names its target.
    :ivar listed: under which name the task returns the results.
    :ivar noun: the word for the targets, in the plural.
    :ivar unchanged: the words for targets that were not changed.
    :ivar rest: the words about the other targets where some failed.
    """

    key: str
    listed: str
    noun: str
    unchanged: str
    rest: str

    def switched(self, module: AnsibleModule | AnsibleAWSModule, results: Sequence[Result]) -> None:
        """End a task that has switched targets. It fails if one of the targets failed."""
        for result in results:
            for warning in result["warnings"]:
                module.warn(f"{result[self.key]}: {warning}" if len(results) > 1 else warning)
        diff = [
            {
                "before_header": result[self.key],
                "after_header": result[self.key],
                "before": result["before"] or {},
                "after": result["after"] or {},
            }
            for result in results
        ]
        outcome: Result = {"changed": any(result["changed"] for result in results), self.listed: results, "diff": diff}
        if any(result["failed"] for result in results):
            module.fail_json(msg=self.failure(results), **outcome, **code_of_first(results))
        module.exit_json(msg=self._summary(results), **outcome)

    def _summary(self, results: Sequence[Result]) -> str:
        if len(results) == 1:
            return str(results[0]["msg"])
        changed = sum(result["changed"] for result in results)
        return f"{len(results)} {self.noun}: {changed} changed, {len(results) - changed} {self.unchanged}."

    def failure(self, results: Sequence[Result]) -> str:
        """Which targets failed, why, and which were changed nevertheless."""
        failed = [result for result in results if result["failed"]]
        if len(results) == 1:
            return str(failed[0]["msg"])
        # Several targets may have the same name, such as one load balancer.
        changed = dict.fromkeys(str(result[self.key]) for result in results if result["changed"])
        problems = " | ".join(f"{result[self.key]}: {result['msg']}" for result in failed)
        return (
            f"{len(failed)} of {len(results)} {self.noun} failed; {self.rest}. Changed by this run: "
            f"{', '.join(changed) or 'none'}. {problems}"
        )


def read(module: AnsibleModule, results: Sequence[Result], *, key: str, listed: str, noun: str) -> None:
    """End a task that has only read targets. It fails if one could not be read, and still returns the others.

    :param key: the field of a result that names its target.
    :param listed: under which name the task returns the results.
    """
    outcome: Result = {listed: results}
    failed = [result for result in results if result["failed"]]
    if failed:
        problems = " | ".join(f"{result[key]}: {result['msg']}" for result in failed)
        module.fail_json(msg=f"{len(failed)} of {len(results)} {noun}: {problems}", **outcome, **code_of_first(results))
    module.exit_json(changed=False, **outcome)
