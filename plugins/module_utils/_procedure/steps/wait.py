# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``wait``: users reach the site that is to serve them."""

from __future__ import annotations

import time

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.arrival import (
    at_other_site,
    at_primary_site,
    ttl,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json

_NOTHING_KNOWN = "Neither failover_secondary_url nor answers of failover_records are known."


def take(context: Context) -> None:
    """:raises RefusedError: users did not reach the site in time."""
    back = context.run.operation == "failback"
    gates = at_primary_site(context.options) if back else at_other_site(context.options, _answers(context))
    seconds = ttl(context.options) if back else 0
    context.outcome["changed"] = False
    if context.check:
        names = [gate["name"] for gate in gates] + ([f"one TTL of {seconds} s"] if back else [])
        context.outcome.update(status="planned", msg=f"To wait for: {', '.join(names)}.")
        return
    if not back and not gates:
        context.outcome.update(status="skipped", msg=_NOTHING_KNOWN)
        return
    _evaluate(context, gates, "The checkers find the primary site healthy.")
    # Until then some users still have the old DNS answer.
    time.sleep(seconds)
    if back:
        context.outcome["msg"] += f" One TTL of {seconds} s has passed."


def _evaluate(context: Context, gates: list[Json], otherwise: str) -> None:
    if not gates:
        context.outcome["msg"] = otherwise
        return
    seen = context.gate(gates)
    if not seen["passed"]:
        raise RefusedError(seen["msg"], code="TG-WAIT")


def _answers(context: Context) -> Json:
    answers: Json = context.run.memory.get("other_site", {}).get("answers", {})
    return answers


def _skip(options: Options, _page: Options) -> str:
    """Why the step is skipped. A failback always waits. A failover needs an address, answers, or a zone."""
    if options["operation"] == "failback" or options["secondary_url"]:
        return ""
    if any(record.get("answers") or record.get("zone") for record in options["records"]):
        return ""
    return _NOTHING_KNOWN


STEP = BuiltIn("wait", procedures=("failover", "failback"), take=take, observes=True, skip=_skip)
