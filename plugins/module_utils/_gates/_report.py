# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The results of ``failback_gate``: the evidence, in the form that ``r53_healthcheck_lock`` reads, and a summary."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._gates._definition import Definition
from ansible_collections.tidegate.failover.plugins.module_utils._gates._evaluation import Outcome
from ansible_collections.tidegate.failover.plugins.module_utils._gates._times import reported

Result = dict[str, t.Any]
#: Removes from a text what Ansible must not log.
Mask = Callable[[str], str]


def required_gates(definitions: Sequence[Definition]) -> list[Result]:
    """Names and digests, in the form of the option of ``r53_healthcheck_lock``."""
    return [{"name": definition.name, "digest": definition.digest} for definition in definitions]


def evidence(outcomes: Sequence[Outcome], lock_ids: Sequence[str], date: datetime, mask: Mask) -> Result:
    """The evidence: the locks that it is for, its date, and the result of every gate."""
    return {
        "lock_ids": list(lock_ids),
        "date": reported(date),
        "gates": [_result(outcome, mask) for outcome in outcomes],
    }


def summary(outcomes: Sequence[Outcome], mask: Mask) -> str:
    """The results for a person. Failed gates come first, with what was expected and what to do."""
    return reported_summary([_result(outcome, mask) for outcome in outcomes])


def reported_summary(results: Sequence[Mapping[str, t.Any]]) -> str:
    """The same summary, from the results in the evidence."""
    passed = [result for result in results if result["passed"]]
    skipped = [result for result in results if not result["evaluated"]]
    failed = [result for result in results if result["evaluated"] and not result["passed"]]
    parts = [f"{len(passed)} of {len(results)} gates passed."]
    parts += [_about(result) for result in failed]
    if skipped:
        parts.append(f"Not evaluated in check mode: {', '.join(repr(result['name']) for result in skipped)}.")
    return " ".join(parts)


def _about(result: Mapping[str, t.Any]) -> str:
    reported = f"{result['name']!r} failed: observed {result['observed']}; expected {result['expected']}."
    return f"{reported} {result['remedy']}".rstrip()


def _result(outcome: Outcome, mask: Mask) -> Result:
    return {
        "name": outcome.definition.name,
        "kind": outcome.definition.kind.name,
        "digest": outcome.definition.digest,
        "evaluated": outcome.evaluated,
        "passed": outcome.passed,
        "observed": mask(outcome.observed),
        "expected": mask(outcome.definition.expected),
        "remedy": mask(outcome.remedy),
        "from": reported(outcome.began),
        "to": reported(outcome.ended),
        "measured": {name: outcome.measured.get(name) for name in outcome.definition.kind.measures},
    }
