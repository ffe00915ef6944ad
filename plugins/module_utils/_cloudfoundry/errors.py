# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Translates failed responses of Cloud Foundry into errors of the collection."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    NotFoundError,
    ServiceRejectedError,
    TidegateError,
    TransientError,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._http import Answer

#: The longest wait between attempts. The wait_timeout of the user limits the whole wait.
_RETRY_AFTER_MOST = 3600.0
_LONGEST_REPORTED = 500


def error_of(answer: Answer, action: str, *, is_write: bool) -> TidegateError:
    """The error for a failed response.

    :param action: what was tried, to follow "Cannot".
    """
    reported = f"Cannot {action}: Cloud Foundry answered {answer.status}{_detail(answer)}."
    if answer.status == 429:
        return TransientError(
            f"{reported} It limits the rate of requests.", effect_unknown=False, retry_after=_wait(answer)
        )
    if answer.status >= 500:
        return TransientError(reported, effect_unknown=is_write, retry_after=_wait(answer))
    if answer.status == 401:
        return AccessError(
            f"{reported} It does not accept the token (any more). Sign in again, and give the new token."
        )
    if answer.status == 403:
        return AccessError(
            f"{reported} These credentials may not do that. It needs the role SpaceDeveloper or SpaceSupporter in the "
            "space that owns the route, in an organization that is not suspended."
        )
    if answer.status == 404:
        return NotFoundError(f"{reported} It does not exist, or these credentials may not see it: check both.")
    return ServiceRejectedError(reported)


def _detail(answer: Answer) -> str:
    """The service's own message; empty if the response is not from Cloud Foundry."""
    try:
        first: t.Any = json.loads(answer.text)["errors"][0]
        text = f" {first['title']}: {first['detail']}"
    except (ValueError, KeyError, IndexError, TypeError):
        return ""
    return text[:_LONGEST_REPORTED].rstrip(".")


def _wait(answer: Answer) -> float | None:
    given = (answer.retry_after or "").strip()
    return min(float(given), _RETRY_AFTER_MOST) if given.isascii() and given.isdecimal() else None
