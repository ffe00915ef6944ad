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
#: Ansible's mark on the result of a task with no_log. Ansible censors its output, but not the result in a rescue.
_NO_LOG = "_ansible_no_log"
_HIDDEN = "a task with no_log has failed, so its reason is not shown"
_UNKNOWN = "an unknown failure"


def code(failed: t.Any) -> str:
    """The code in the result of a failed task of this collection; otherwise the code of users' tasks.

    Other modules may return something else under the same key.
    """
    found = str(failed.get(CODE_KEY) or "") if isinstance(failed, Mapping) else ""
    return found if _CODE.fullmatch(found) else "TG-YOUR-TASKS"


def reason(failed: t.Any) -> str:
    """The reason in the result of a failed task; for a loop, the reason of each failed item.

    The reason of a task with ``no_log`` is hidden: it may be secret, and reasons are part of records and messages.
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
