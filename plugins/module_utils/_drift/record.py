# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The findings of a drift watch in the form of a run record, from which notifications are made."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding
from ansible_collections.tidegate.failover.plugins.module_utils._drift.notifying import Due, Known
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import recorded

Json = dict[str, t.Any]


def record_of(service: str, due: Due, run: str, began: str, ended: str) -> Json:
    """The record: a step for each finding that people are notified of, and for each that is gone.

    :param run: the id of the watch.
    """
    findings = [*due.findings, *due.lasting]
    left = [finding for finding in findings if not finding.repaired]
    status = "failed" if left else "completed" if findings else "unchanged"
    return {
        "service": service,
        "operation": "drift",
        "status": status,
        "id": run,
        "trigger": "automatic",
        "began": began,
        "ended": ended,
        "msg": _counts(due, len(findings), len(findings) - len(left)),
        "owner": "drift watch",
        "steps": [*(_step(finding) for finding in due.findings), *(_gone(known) for known in due.gone)],
    }


def _counts(due: Due, found: int, repaired: int) -> str:
    parts = [f"{found} found, {repaired} put back." if found else "No drift."]
    parts += [f"{len(due.lasting)} of them were notified of before, and last."] if due.lasting else []
    parts += [f"{len(due.gone)} found before, gone now."] if due.gone else []
    return " ".join(parts)


def _step(finding: Finding) -> Json:
    status = "put back" if finding.repaired else "found"
    return {"name": finding.kind, "status": status, "msg": finding.reported()}


def _gone(known: Known) -> Json:
    msg = f"{known.kind} {known.object}: It is not found any more. It was first found at {recorded(known.since)}."
    return {"name": known.kind, "status": "gone", "msg": msg}
