# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The timeline of a run's picture. Every position is a fraction of the time that the picture shows."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._record.times import duration, time_from

Json = dict[str, t.Any]

#: Seconds between two ticks. The first value that results in few enough ticks is used.
_TICKS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400)
_MOST_TICKS = 8
#: An objective further away than this many times the run is not drawn: it would leave no room for the run.
_FARTHEST_OBJECTIVE = 3


def timeline(record: Mapping[str, t.Any]) -> Json:
    """The timeline of a record.

    :returns: ``began`` (the time at its left edge), ``seconds`` (its length), ``elapsed`` (seconds of the run itself,
        without an objective that comes after it), ``ticks`` (``at``, ``label``), ``marks``
        (``name``, ``at``, ``seconds``, ``label``) in order of time, and ``bars`` (``name``, ``status``, ``at``,
        ``length``, ``label``), one for each step that ran. ``at`` and ``length`` are from 0 to 1.
    """
    events = {name: time_from(at) for name, at in _events(record)}
    steps = [step for step in record["steps"] if step["began"] and step["ended"] and step["status"] != "skipped"]
    times = [*events.values(), *(time_from(step[edge]) for step in steps for edge in ("began", "ended"))]
    left = min(times)
    objective = _objective(record, events)
    if objective is not None and objective - left <= _FARTHEST_OBJECTIVE * (max(times) - left):
        events["recovery time objective"] = objective
    whole = max((max([*times, *events.values()]) - left).total_seconds(), 1.0)
    elapsed = (max(times) - left).total_seconds()

    def at(text: str) -> float:
        return round((time_from(text) - left).total_seconds() / whole, 5)

    marks = [(name, (time - left).total_seconds()) for name, time in events.items()]
    return {
        "began": left.isoformat().replace("+00:00", "Z"),
        "seconds": whole,
        "elapsed": elapsed,
        "ticks": [{"at": round(tick / whole, 5), "label": duration(tick)} for tick in _ticks(whole)],
        "marks": [
            {"name": name, "at": round(seconds / whole, 5), "seconds": seconds, "label": duration(seconds)}
            for name, seconds in sorted(marks, key=lambda mark: mark[1])
        ],
        "bars": [
            {
                "name": step["name"],
                "status": step["status"],
                "at": at(step["began"]),
                "length": round(at(step["ended"]) - at(step["began"]), 5),
                "label": duration((time_from(step["ended"]) - time_from(step["began"])).total_seconds()),
            }
            for step in steps
        ],
    }


def _events(record: Mapping[str, t.Any]) -> Iterator[tuple[str, str]]:
    """The events of a run that are not steps."""
    for name, field in (
        ("detected", "detected_at"),
        ("decided", "began"),
        ("point of no return", "point_of_no_return_at"),
        ("recovered", "recovered_at"),
        ("ended", "ended"),
    ):
        if record[field]:
            yield name, record[field]
    # Records of older releases have none.
    if record.get("first_locked_at"):
        yield "first locked", record["first_locked_at"]


def _objective(record: Mapping[str, t.Any], events: Mapping[str, datetime]) -> datetime | None:
    """When service should be restored, counted from the detection where that is known."""
    if not record["rto_seconds"]:
        return None
    return events.get("detected", events["decided"]) + timedelta(seconds=float(record["rto_seconds"]))


def _ticks(seconds: float) -> Iterator[int]:
    distance = next((tick for tick in _TICKS if seconds / tick <= _MOST_TICKS), _TICKS[-1])
    return iter(range(0, int(seconds) + 1, distance))
