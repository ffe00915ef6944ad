# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What ``failback_gate`` returns: the evidence, in the form that ``r53_healthcheck_lock`` reads, and its summary."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Sequence
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._gates._definition import Definition
from ansible_collections.tidegate.failover.plugins.module_utils._gates._evaluation import Outcome
from ansible_collections.tidegate.failover.plugins.module_utils._gates._times import told

Result = dict[str, t.Any]
#: Takes what Ansible was told not to log out of a text.
Mask = Callable[[str], str]


def required_gates(definitions: Sequence[Definition]) -> list[Result]:
    """Names and digests, as ``r53_healthcheck_lock`` takes them."""
    return [{"name": definition.name, "digest": definition.digest} for definition in definitions]


def evidence(outcomes: Sequence[Outcome], lock_ids: Sequence[str], date: datetime, mask: Mask) -> Result:
    """The evidence: for which locks, from when, and the result of every gate."""
    return {"lock_ids": list(lock_ids), "date": told(date), "gates": [_result(outcome, mask) for outcome in outcomes]}


def summary(outcomes: Sequence[Outcome], mask: Mask) -> str:
    """What came out, for a person: what failed first, with what was expected and what to do."""
    passed = [outcome for outcome in outcomes if outcome.passed]
    skipped = [outcome for outcome in outcomes if not outcome.evaluated]
    failed = [outcome for outcome in outcomes if outcome.evaluated and not outcome.passed]
    parts = [f"{len(passed)} of {len(outcomes)} gates passed."]
    parts += [_about(outcome, mask) for outcome in failed]
    if skipped:
        names = ", ".join(repr(outcome.definition.name) for outcome in skipped)
        parts.append(f"Not evaluated in check mode: {names}.")
    return " ".join(parts)


def _about(outcome: Outcome, mask: Mask) -> str:
    definition = outcome.definition
    told = f"{definition.name!r} failed: observed {outcome.observed}; expected {definition.expected}."
    return mask(f"{told} {outcome.remedy}".rstrip())


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
        "from": told(outcome.began),
        "to": told(outcome.ended),
        "measured": {name: outcome.measured.get(name) for name in outcome.definition.kind.measures},
    }
