# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What gates may reuse from an earlier evaluation in the same run, where only a longer observation is proof."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._gates._definition import Definition
from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import read_evidence

#: Seconds after which nothing is reused: what was observed then may have ended unnoticed.
LONGEST = 900

_PASSED = "passed in an earlier evaluation"


def memories_from(
    given: Mapping[str, t.Any] | None, definitions: Sequence[Definition], lock_ids: Sequence[str], now: datetime
) -> dict[str, dict[str, t.Any]]:
    """The memory that the first probe of each gate starts with, by the gate's name.

    A gate counts only if it has exactly the same definition, and passed for exactly the same locks a short time ago.

    :raises RefusedError: ``given`` is not valid evidence.
    """
    if given is None:
        return {}
    evidence = read_evidence(given)
    if not lock_ids or evidence.lock_ids != frozenset(lock_ids):
        return {}
    digests = {definition.name: definition.digest for definition in definitions}
    return {
        result.gate.name: {_PASSED: True}
        for result in evidence.results
        if result.passed
        and digests.get(result.gate.name) == result.gate.digest
        and timedelta(0) <= now - result.ended <= timedelta(seconds=LONGEST)
    }


def passed_before(memory: Mapping[str, t.Any]) -> bool:
    """Whether the gate has passed in the earlier evaluation."""
    return bool(memory.get(_PASSED))
