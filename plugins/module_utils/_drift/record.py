# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a drift watch has found, in the form of the run record that notifications are made of."""

from __future__ import annotations

import typing as t
from collections.abc import Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding

Json = dict[str, t.Any]


def record_of(service: str, findings: Sequence[Finding], run: str, began: str, ended: str) -> Json:
    """The record: a step for each finding.

    :param run: its id.
    """
    left = [finding for finding in findings if not finding.repaired]
    status = "failed" if left else "completed" if findings else "unchanged"
    counts = f"{len(findings)} found, {len(findings) - len(left)} put back." if findings else "No drift."
    return {
        "service": service,
        "operation": "drift",
        "status": status,
        "id": run,
        "trigger": "automatic",
        "began": began,
        "ended": ended,
        "msg": counts,
        "owner": "drift watch",
        "steps": [
            {"name": finding.kind, "status": "put back" if finding.repaired else "found", "msg": finding.told()}
            for finding in findings
        ],
    }
