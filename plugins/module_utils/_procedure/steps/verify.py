# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The step ``verify``: the service is probed at the address that users use."""

from __future__ import annotations

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import BuiltIn, Context, Options


def take(context: Context) -> None:
    """:raises RefusedError: users are not served."""
    url = context.options["verify_url"]
    context.outcome["changed"] = False
    if context.check:
        context.outcome.update(status="planned", msg=f"To probe: {url}")
        return
    probe = {"url": url, "consecutive": 2, "interval": 1, "timeout": int(context.options["wait_timeout"])}
    seen = context.gate([{"name": "users are served", "http": probe}])
    if not seen["passed"]:
        raise RefusedError(seen["msg"], code="TG-VERIFY")


def _skip(options: Options, _page: Options) -> str:
    return "" if options["verify_url"] else f"{options['operation']}_verify_url is not given."


STEP = BuiltIn("verify", procedures=("failover", "failback"), take=take, observes=True, skip=_skip)
