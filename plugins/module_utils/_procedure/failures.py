# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Why users' tasks have failed, from what Ansible reports."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import CODE_KEY

_UNKNOWN = "an unknown failure"


def code(failed: t.Any) -> str:
    """The code in the result of a failed task, which one of this collection's has; otherwise that of users' tasks."""
    found = failed.get(CODE_KEY) if isinstance(failed, Mapping) else None
    return str(found or "TG-YOUR-TASKS")


def reason(failed: t.Any) -> str:
    """The reason in the result of a failed task. Of a loop it is that of each item that failed."""
    if not isinstance(failed, Mapping):
        return _UNKNOWN
    items = [item for item in failed.get("results") or [] if isinstance(item, Mapping) and item.get("failed")]
    reasons = list(dict.fromkeys(reason(item) for item in items))
    if reasons:
        return "; ".join(reasons)
    return str(failed.get("msg") or failed.get("censored") or _UNKNOWN)
