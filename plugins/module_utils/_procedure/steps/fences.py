# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``fences``: proof that the failed site takes no more writes, before another site is promoted."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json


def needed(options: Options) -> list[Json]:
    """The fences that are not overridden."""
    overridden = (options["fence_override"] or {}).get("fences") or []
    return [fence for fence in options["fences"] if fence["name"] not in overridden]


def take(context: Context) -> None:
    """:raises RefusedError: no fence is proven."""
    options, override = context.options, context.options["fence_override"]
    context.outcome["changed"] = False
    if override:
        context.outcome["overrides"] = [
            {
                "what": "fence",
                "names": override.get("fences") or [],
                "reason": override["reason"],
                "by": options["owner"],
            }
        ]
    fences = needed(options)
    if not fences:
        context.outcome["msg"] = f"Overridden by {options['owner']}: {override['reason']}"
        return
    seen = context.gate(fences)
    if context.check:
        context.outcome["status"] = "not evaluated"
        context.outcome["msg"] = f"Check mode locks nothing. At present: {seen['msg']}"
    elif not any(gate["passed"] for gate in seen["evidence"]["gates"]):
        raise RefusedError(
            f"No fence is proven, so the failed site might still take writes. {seen['msg']} To continue all the same, "
            "name each fence in failover_fence_override: {fences: [...], reason: ...}.",
            code="TG-FENCE",
        )


def _skip(options: Options, _page: Options) -> str:
    if options["fences"] or options["fence_override"]:
        return ""
    return "failover_fences is empty, and nothing is promoted."


STEP = BuiltIn("fences", procedures=("failover",), take=take, read_only=True, skip=_skip)
