# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Times and durations, in the form of records and in the form for people."""

from __future__ import annotations

from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError


def time_from(text: str) -> datetime:
    """A time from a record.

    :raises RefusedError: the text is not a time, or has no zone.
    """
    try:
        time = datetime.fromisoformat(text)
    except (TypeError, ValueError) as problem:
        raise RefusedError(f"{text!r} in a record is not a time such as 2026-11-21T03:04:05Z.") from problem
    if time.tzinfo is None:
        raise RefusedError(f"This is no record of a procedure: {text!r} has no time zone.")
    return time


def recorded(time: datetime) -> str:
    """A time in UTC in the form of records, with microseconds."""
    return time.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def duration(seconds: float) -> str:
    """Seconds in the form for people: ``0.4 s``, ``42 s``, ``3 min 5 s``, ``2 h 10 min``."""
    if seconds < 10 and seconds != int(seconds):
        return f"{seconds:.1f} s"
    whole = round(seconds)
    parts = ((whole // 3600, "h"), (whole % 3600 // 60, "min"), (whole % 60, "s"))
    reported = [f"{number} {unit}" for number, unit in parts if number]
    return " ".join(reported[:2]) or "0 s"
