# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The variables that a drill sets for its procedures, in place of the service's own. Pure functions."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._drill.drill import Drill

Json = dict[str, t.Any]

#: The maximum length of a reason that fits into a tag of every service.
_REASON_LENGTH = 100


def reason(drill: Drill, given: str) -> str:
    """The reason of a lock or page. It begins with the drill, so that its locks can be recognized."""
    return f"drill {drill.id}: {given}"[:_REASON_LENGTH].rstrip(": ")


def instead(drill: Drill, part: str, given: Mapping[str, t.Any], not_now: Sequence[str]) -> Json:
    """The options of each procedure that a drill of this part replaces.

    :param given: ``owner`` and ``reason`` of the drill, and ``override`` of the failback.
    :param not_now: the gates of the failback that prove nothing if nothing was promoted.
    """
    who = {"owner": given["owner"], "reason": reason(drill, given["reason"])}
    planned = {**who, "type": "planned", "trigger": "manual"}
    found: Json = {
        "failover": {**planned, "detected_at": ""},
        "failback": dict(planned),
        "acknowledge": {**who, "suppress": None},
    }
    if part == "lock":
        found["failover"] |= {"steps": ["lock", "wait"]}
        # The drill moves no data, so there is no data to wait for or to move back.
        found["failback"] |= {"steps": ["unlock", "wait", "verify"], "data_gates": []}
        found["failback"] |= {"quiesce_tasks": "", "move_writer_tasks": "", "release_tasks": "", "soak": 0}
        found["failback"] |= _override(given["override"], not_now)
    return found


def _override(given: Mapping[str, t.Any] | None, not_now: Sequence[str]) -> Json:
    if not not_now:
        return {}
    before = given or {}
    why = before.get("reason") or "drill_gates_not_now: nothing was promoted in this drill"
    return {"override": {"gates": [*(before.get("gates") or []), *not_now], "reason": why}}
