# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Recovery objectives: the parts of a failover's recovery time, and the replication lag of the promoted database."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._record.times import duration, time_from

Json = dict[str, t.Any]

#: The figures of gates that count for the recovery point.
FIGURES = ("lag_bytes", "lag_seconds")

#: The prefix of the names of gates that check DNS answers, and the name of the gate that probes the other site's own
#: address. Users do not use that address, so its answer does not prove that users are served.
DNS_LEADS = "DNS leads to "
OTHER_SITE_SERVES = "the other site serves"
_NO_GATE = "no gate of failover_gates measures how far the other database is behind"

#: The steps of each part of the recovery time. The user chooses the steps that promote.
_STEPS: Mapping[str, Sequence[str]] = {
    "lock": ["lock"],
    "page": ["maintenance"],
    "promotion": [],
    "dns": ["dns", "wait"],
    "verification": ["verify"],
}


def recovery_parts(record: Mapping[str, t.Any]) -> Json:
    """The parts of the recovery time of a failover, in seconds. A part is None if it was not taken or is not known.

    ``detection`` is the time from the detection to the start of the run. ``decision`` is the time from there to the
    lock, for the checks whether the run may begin. ``other`` is the remaining time: fences, capacity, steps of the
    user's and the time between steps.
    """
    taken = {step["name"]: step for step in record["steps"] if step["status"] != "skipped"}
    if not saw_users(record):
        taken.pop("wait", None)
    first = next((step["began"] for step in record["steps"] if step["name"] in taken), None)
    steps = {**_STEPS, "promotion": record["promotions"]}
    parts: Json = {
        "detection": _between(record["detected_at"], record["began"]),
        "decision": _between(record["began"], taken.get("lock", {}).get("began") or first),
        **{part: _together([taken[name] for name in names if name in taken]) for part, names in steps.items()},
    }
    whole, known = record["recovery_seconds"], sum(seconds for seconds in parts.values() if seconds is not None)
    return parts | {"other": None if whole is None else round(max(0.0, whole - known), 3)}


def saw_users(record: Mapping[str, t.Any]) -> bool:
    """Whether the step ``wait`` of a failover confirmed by DNS that users reach the other site.

    A record without these gates was made by a user. Then the names of the steps count.
    """
    passed = [
        name.startswith(DNS_LEADS) and bool(gate.get("passed"))
        for gate in record["gates"]
        if (name := str(gate.get("name"))).startswith((DNS_LEADS, OTHER_SITE_SERVES))
    ]
    return any(passed) or not passed


def reported_unknown(record: Mapping[str, t.Any]) -> str:
    """The text that it is not known whether users are served after a failover; empty if known or not relevant."""
    completed = record["operation"] == "failover" and record["status"] == "completed" and not record.get("check")
    if not completed or record.get("recovery_seconds") is not None:
        return ""
    return "no step has checked DNS or failover_verify_url, so it is not known whether users are served"


def _together(steps: Sequence[Mapping[str, t.Any]]) -> float | None:
    """The total time of steps; None if there are none."""
    lengths = [_between(step["began"], step["ended"]) or 0.0 for step in steps]
    return round(sum(lengths), 3) if lengths else None


def recovery_point(record: Mapping[str, t.Any]) -> Json | None:
    """The replication lag of the promoted database, by the last measurements before the promotion.

    :returns: None if nothing was promoted. Otherwise ``lag_bytes`` and ``lag_seconds``, the worst values of all gates
        that measure, None if one gate could not measure the value or no gate did; ``gates``, their names;
        ``observed_at``, the time of the oldest measurement that counts; ``age_seconds``, from then to the promotion;
        and ``msg``, all of this in words.
    """
    promoted_at = next(
        (
            step["began"]
            for step in record["steps"]
            if step["name"] in record["promotions"] and step["status"] not in ("skipped", "planned", "not evaluated")
        ),
        None,
    )
    if promoted_at is None:
        return None
    found = _measurements(record["gates"], time_from(promoted_at))
    figures = {name: _worst(found, name) for name in FIGURES}
    counted = [attempt for attempts in found.values() for attempt in attempts if _has_figures(attempt)]
    observed_at = min((attempt["to"] for attempt in counted), key=time_from, default=None)
    point: Json = {
        **figures,
        "gates": sorted(found),
        "observed_at": observed_at,
        # Times of gates have no fractions of a second.
        "age_seconds": None if observed_at is None else max(0.0, _between(observed_at, promoted_at) or 0.0),
    }
    return point | {"msg": _reported_point(point, found, record["not_measured"])}


def lag_at(gates: Sequence[Mapping[str, t.Any]], time: datetime) -> Json:
    """The replication lag of the other database at a time, by the last measurements before it.

    :returns: ``lag_bytes`` and ``lag_seconds``, as in :func:`recovery_point`, and ``msg``.
    """
    found = _measurements(gates, time)
    figures: Json = {name: _worst(found, name) for name in FIGURES}
    known = " and ".join(_reported_figures(figures))
    why = "none of these gates could measure it" if found else _NO_GATE
    return figures | {"msg": f"{known} behind" if known else f"unknown: {why}"}


def is_met(measured: float | None, objective: float | None) -> bool | None:
    """Whether an objective is met; None if there is no objective or no measurement."""
    return None if measured is None or objective is None else measured <= objective


def reported_objective(met: bool | None, objective: float | None) -> str:
    """An objective beside what was measured: ``(objective 5 min: met)``. Empty without an objective."""
    if objective is None:
        return ""
    words = {True: "met", False: "MISSED", None: "unknown"}
    return f" (objective {duration(objective)}: {words[met]})"


def reported_parts(parts: Mapping[str, float | None]) -> str:
    """The known parts, in words."""
    return ", ".join(f"{name} {duration(seconds)}" for name, seconds in parts.items() if seconds is not None)


def _measurements(gates: Sequence[Mapping[str, t.Any]], promoted: datetime) -> dict[str, list[Json]]:
    """By name, the last measurement before the promotion of each gate that measures."""
    found: dict[str, list[Json]] = {}
    for gate in gates:
        if set(gate.get("measured") or {}) & set(FIGURES) and time_from(gate["from"]) <= promoted:
            found.setdefault(gate["name"], []).append(dict(gate))
    return {name: _last(attempts) for name, attempts in found.items()}


def _last(attempts: Sequence[Json]) -> list[Json]:
    """The last attempt with a figure; the last attempt if none has one."""
    measured = [attempt for attempt in attempts if _has_figures(attempt)]
    return [(measured or list(attempts))[-1]]


def _has_figures(attempt: Mapping[str, t.Any]) -> bool:
    return any(value is not None for value in attempt["measured"].values())


def _worst(found: Mapping[str, Sequence[Json]], figure: str) -> float | None:
    """The highest value of all gates that measure it; None if one gate has no value, which could be higher."""
    values = [
        attempt["measured"][figure]
        for attempts in found.values()
        for attempt in attempts
        if figure in attempt["measured"]
    ]
    return None if not values or None in values else max(values)


def _reported_point(point: Json, found: Mapping[str, Sequence[Json]], problem: str) -> str:
    if not found:
        reason = problem or _NO_GATE
        return f"unknown: {reason}"
    known = list(_reported_figures(point))
    if not known:
        seen = "; ".join(f"{name}: {attempt['observed']}" for name, attempts in found.items() for attempt in attempts)
        return f"unknown: {seen}"
    return f"{' and '.join(known)} behind, observed {duration(point['age_seconds'])} before the promotion"


def _reported_figures(point: Mapping[str, t.Any]) -> Iterator[str]:
    if point["lag_bytes"] is not None:
        yield f"{point['lag_bytes']:.0f} bytes"
    if point["lag_seconds"] is not None:
        yield duration(point["lag_seconds"])


def _between(began: str | None, ended: str | None) -> float | None:
    if not began or not ended:
        return None
    return round((time_from(ended) - time_from(began)).total_seconds(), 3)
