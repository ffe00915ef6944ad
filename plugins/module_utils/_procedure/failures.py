# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Why users' tasks have failed, from what Ansible reports."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import CODE_KEY

_CODE = re.compile(r"TG-[A-Z]+(?:-[A-Z]+)*")
#: How Ansible marks the result of a task with no_log. It censors what it shows, and not what it hands to a rescue.
_NO_LOG = "_ansible_no_log"
_HIDDEN = "a task with no_log has failed, so its reason is not shown"
_UNKNOWN = "an unknown failure"


def code(failed: t.Any) -> str:
    """The code in the result of a failed task, which one of this collection's has; otherwise that of users' tasks.

    Modules of others return something else under the same key.
    """
    found = str(failed.get(CODE_KEY) or "") if isinstance(failed, Mapping) else ""
    return found if _CODE.fullmatch(found) else "TG-YOUR-TASKS"


def reason(failed: t.Any) -> str:
    """The reason in the result of a failed task. Of a loop it is that of each item that failed.

    That of a task with ``no_log`` may hold a secret, and reasons go into records and messages.
    """
    if not isinstance(failed, Mapping):
        return _UNKNOWN
    if failed.get(_NO_LOG):
        return _HIDDEN
    items = [item for item in failed.get("results") or [] if isinstance(item, Mapping) and item.get("failed")]
    reasons = list(dict.fromkeys(reason(item) for item in items))
    if reasons:
        return "; ".join(reasons)
    return str(failed.get("msg") or failed.get("censored") or _UNKNOWN)
