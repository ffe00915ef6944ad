# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``data_gates`` of a failback: the gates on data are evaluated again, after the writes have stopped."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import evidence
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.resource import given
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import duration, time_from

#: The kind whose values arrive late, and its default for the maximum age of a value, in seconds.
_LATE, _MOST_AGE = "rds_replica_lag", 300
_NO_GATE = "No gate of the service looks at data."


def take(context: Context) -> None:
    """Without gates on data, only check that the evidence can still release the lock once the writer has moved.

    :raises RefusedError: data is missing, or the evidence is too old.
    """
    context.outcome["changed"] = False
    gates = _gates(context.options)
    if gates:
        _evaluate(context, gates)
    else:
        context.outcome["msg"] = _NO_GATE
    old = evidence.outdated(context.run, context.options)
    if old:
        raise RefusedError(
            f"The evidence of {', '.join(old)} is older than failback_max_evidence_age, so the lock could not be "
            "released by it once the writer has moved. Shorten the quiesce, or allow more.",
            code="TG-EVIDENCE",
        )


def _evaluate(context: Context, gates: list[Json]) -> None:
    seconds = 0.0 if context.check else _until_values_count(context.run, gates, datetime.now(UTC))
    if seconds > 0:
        time.sleep(seconds)
        # The wait makes the evidence of the other gates older, so evaluate them again, except for gates of kind tasks.
        gates = [gate for gate in context.options["gates"] if gate in gates or not gate.get("tasks")]
    seen = evidence.evaluate(context, gates)
    context.run.memory["again"] = seen
    if evidence.missing(seen, context.options):
        raise RefusedError(seen["msg"], code="TG-GATES")
    if seconds > 0:
        context.outcome["msg"] = (
            f"{seen['msg']} Until CloudWatch had values from after the quiesce, {duration(seconds)}."
        )


def _until_values_count(run: Run, gates: Sequence[Json], now: datetime) -> float:
    """Seconds until no gate accepts a CloudWatch value from before the quiesce, which lacks later writes."""
    quiesced = run.results.get("quiesce")
    if quiesced is None:
        return 0.0
    ages = [int(gate[_LATE].get("max_data_age") or _MOST_AGE) for gate in gates if gate.get(_LATE)]
    passed = (now - time_from(quiesced["ended"])).total_seconds()
    return max(0.0, max(ages, default=0) - passed)


def _gates(options: Options) -> list[Json]:
    names = evidence.data_gates(options)
    return [gate for gate in options["gates"] if gate["name"] in names]


def _skip(options: Options, _page: Options) -> str:
    moves_writer = options["move_writer_tasks"] or given(options, "rds")
    return "" if evidence.data_gates(options) or moves_writer else _NO_GATE


STEP = BuiltIn("data_gates", procedures=("failback",), take=take, read_only=True, skip=_skip, gates=_gates)
