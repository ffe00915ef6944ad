# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``data_gates`` of a failback: the gates on data once more, now that nothing is written."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure import evidence
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json


def take(context: Context) -> None:
    """:raises RefusedError: data is missing."""
    context.outcome["changed"] = False
    seen = evidence.evaluate(context, _gates(context.options))
    context.run.memory["again"] = seen
    if evidence.missing(seen, context.options):
        raise RefusedError(seen["msg"])
    old = evidence.outdated(context.run, context.options)
    if old:
        raise RefusedError(
            f"The evidence of {', '.join(old)} is older than failback_max_evidence_age, so the lock could not be released "
            "by it once the writer has moved. Shorten the quiesce, or allow more."
        )


def _gates(options: Options) -> list[Json]:
    names = evidence.data_gates(options)
    return [gate for gate in options["gates"] if gate["name"] in names]


def _skip(options: Options, _page: Options) -> str:
    return "" if evidence.data_gates(options) else "No gate of the service looks at data."


STEP = BuiltIn("data_gates", procedures=("failback",), take=take, read_only=True, skip=_skip, gates=_gates)
