# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Times in the form of gates: RFC 3339, always with a zone."""

from __future__ import annotations

from datetime import UTC, datetime

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError


def read_time(option: str, text: str) -> datetime:
    """A time that a user gave.

    :raises RefusedError: the text is not a time, or has no zone.
    """
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        time = None
    if time is None or time.tzinfo is None:
        raise RefusedError(f"{option} is {text!r}. Give a time with a zone, as in '2026-11-21T03:04:05Z'.")
    return time.astimezone(UTC)


def reported(time: datetime) -> str:
    """A time for people and programs."""
    return time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
