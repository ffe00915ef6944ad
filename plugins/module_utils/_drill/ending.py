# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The end of a drill: its record, the summary on the screen and the last message."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._drill.drill import (
    MOVES,
    NOT_PROVEN,
    NOTE,
    OWNER_OF_PAGE,
    PROVEN,
    STOPS,
    Drill,
    page_owners,
    take_page_down,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.summary import (
    Line,
    Places,
    laid_out,
    recovery_lines,
)
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target
from ansible_collections.tidegate.failover.plugins.module_utils._record.record import procedure_record
from ansible_collections.tidegate.failover.plugins.module_utils._record.redaction import redacted_text
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import duration, time_from

Json = dict[str, t.Any]

#: The recovery figures in the record of a failover with effect; the record of its drill repeats them.
FIGURES = ("recovery_seconds", "recovery_from", "recovery_parts", "recovery_point", "rto_met", "rpo_met")


def status(drill: Drill) -> str:
    """The status of the drill, in the form of a record."""
    if drill.problem:
        return "refused"
    return "failed" if drill.stops or drill.way_back_failed else "completed"


def reported(drill: Drill) -> str:
    """The result of the drill, for a person."""
    what = f"Drill of {', '.join(drill.of)}{'' if drill.effect else ', without effect'}"
    if drill.problem:
        return f"{what} refused. Nothing was done. {drill.problem}"
    counts = f"{len(drill.of_result(PROVEN))} proven, {len(drill.of_result(NOT_PROVEN))} not proven"
    if not drill.stops and not drill.way_back_failed:
        return f"{what} passed: {counts}."
    reasons = " ".join(f"{one['of']}: {one['what']}: {one['msg']}" for one in drill.stops)
    if drill.way_back_failed:
        return f"THE WAY BACK FAILED. {what}: {reasons}"
    failed = "It failed, and was undone" if drill.has_changed else "It would be stopped"
    return f"{what}: {failed} by: {reasons}"


def record(drill: Drill, given: Mapping[str, t.Any], now: str) -> Json:
    """The record of a drill.

    :param given: ``owner``, ``reason``, ``rto`` and ``rpo`` of the service.
    """
    kept = procedure_record(
        {
            "id": drill.id,
            "service": drill.service,
            "operation": "drill",
            "type": "with effect" if drill.effect else "without effect",
            "check": drill.check,
            "status": status(drill),
            "owner": given["owner"],
            "reason": given["reason"],
            "began": drill.began,
            "ended": now,
            "rto_seconds": given["rto"],
            "rpo_seconds": given["rpo"],
            "lock_ids": drill.lock_ids,
            "gates": drill.gates,
            "msg": reported(drill),
            "drill": {
                "of": list(drill.of),
                "effect": drill.effect,
                "findings": drill.findings,
                "runs": drill.records,
                "way_back_failed": drill.way_back_failed,
            },
        },
        drill.steps,
    )
    return kept | drill.figures


def summary(drill: Drill, kept: Json, places: Places) -> str:
    """The summary as it is printed; empty for a refused drill, because the refusal contains everything."""
    if drill.problem:
        return ""
    title = f"drill of {', '.join(drill.of)}: {_title(drill)}"
    return redacted_text(laid_out(drill.service, title, list(_lines(drill, kept, places))))


def _title(drill: Drill) -> str:
    if drill.way_back_failed:
        return "THE WAY BACK FAILED"
    return "STOPPED" if drill.stops else "passed"


def _lines(drill: Drill, kept: Json, places: Places) -> Iterator[Line]:
    yield "effect", _effect(drill)
    for name, result in (("STOPPED BY", STOPS), ("not proven", NOT_PROVEN), ("to know", NOTE)):
        if found := drill.of_result(result):
            yield name, _listed(found)
    yield "proven", _counted(drill)
    yield "took", "\n".join(_lengths(drill)) or "no step was taken"
    yield from recovery_lines(kept)
    yield "record", places.record
    yield from (("report", report) for report in places.reports)
    yield "next", _next(drill, places)


def _effect(drill: Drill) -> str:
    if not drill.effect or drill.check:
        return "none: nothing was changed"
    done = [step["name"] for step in drill.steps if step["changed"]]
    return ", ".join(done) if done else "none: it was stopped before anything was changed"


def _listed(found: Sequence[Mapping[str, t.Any]]) -> str:
    return "\n".join(f"{one['of']}: {one['what']}: {one['msg']}" for one in found)


def _counted(drill: Drill) -> str:
    """What was proven, by part. The record and the report list each finding separately."""
    by_part: dict[str, list[str]] = {}
    for one in drill.of_result(PROVEN):
        by_part.setdefault(one["of"], []).append(one["what"])
    return "\n".join(f"{part}: {', '.join(names)}" for part, names in by_part.items()) or "nothing"


def _lengths(drill: Drill) -> Iterator[str]:
    for step in drill.steps:
        seconds = (time_from(step["ended"]) - time_from(step["began"])).total_seconds()
        failed = ", FAILED" if step["status"] == "failed" else ""
        yield f"{step['name']}: {duration(round(seconds, 1))}{failed}"


def _next(drill: Drill, places: Places) -> str:
    if drill.way_back_failed:
        commands = [places.command("status"), *_ways_back(drill, places.target)]
        return "\n".join(["check the status of the service, and undo by hand what the drill could not:", *commands])
    if drill.stops:
        return "remove what would stop it, and run the drill again"
    return "nothing"


def _ways_back(drill: Drill, target: Target) -> list[str]:
    """The commands that undo what is left, by the status of the service, or else by the parts of the drill."""
    after, owner = drill.after, page_owner(drill.service)
    failback, page_down = target.command("failback"), take_page_down(target, owner)
    left = []
    if after and not after["problems"]:
        left += [failback] if after["lock"] else []
        left += [page_down] if owner in page_owners(after["maintenance"]) else []
        blocks = any(step["name"] == "acknowledge" and step["status"] == "failed" for step in drill.steps)
        left += [target.command("acknowledge", "-e", "acknowledge_reason=...")] if blocks and not left else []
    if left:
        return left
    moved = not set(MOVES).isdisjoint(drill.of)
    return [*([failback] if moved else []), *([page_down] if "maintenance" in drill.of else [])]


def page_owner(service: str) -> str:
    """The owner of the hold of a drill's page."""
    return f"{OWNER_OF_PAGE}{service[:58]}"
