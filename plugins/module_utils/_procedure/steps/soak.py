# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``soak`` of a failback: watches for some time whether users are served."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context, Options
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import duration


def take(context: Context) -> None:
    """:raises RefusedError: users were not served without a gap for that time."""
    options = context.options
    seconds, interval = int(options["soak"]), int(options["soak_interval"])
    context.outcome["changed"] = False
    if context.check:
        context.run.memory["soaked"] = True
        context.outcome.update(status="planned", msg=f"To watch for {duration(seconds)}: {options['verify_url']}")
        return
    context.run.memory["soaked"] = False
    probe = {
        "url": options["verify_url"],
        "consecutive": max(seconds // interval, 1),
        "interval": interval,
        # Twice as long, because consecutive probes start again after a failed one.
        "timeout": seconds * 2 + 10,
    }
    seen = context.gate([{"name": "users go on being served", "http": probe}])
    if not seen["passed"]:
        raise RefusedError(seen["msg"], code="TG-SOAK")
    context.run.memory["soaked"] = True


def _skip(options: Options, _page: Options) -> str:
    if int(options["soak"] or 0) and options["verify_url"]:
        return ""
    return "failback_soak is 0, or failback_verify_url is not given."


STEP = BuiltIn(
    "soak",
    procedures=("failback",),
    take=take,
    observes=True,
    # Traffic has returned. The result of the watch is reported; it may lead to another failover.
    required=lambda _options: False,
    skip=_skip,
)
