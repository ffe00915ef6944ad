# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The record of one run of a procedure: what was done to a service, when, by whom, on what evidence, and its undo.

A record is plain data, because it is stored as JSON, passed on by AWX and read by other programs.
:func:`procedure_record` makes version 1 of its form.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._record import objectives
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target
from ansible_collections.tidegate.failover.plugins.module_utils._record.redaction import redacted
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import time_from

Json = dict[str, t.Any]

SCHEMA = 1
OPERATIONS = ("failover", "failback", "acknowledge", "drill")
STATUSES = ("completed", "unchanged", "refused", "undone", "failed")
STEP_STATUSES = ("done", "unchanged", "skipped", "planned", "not evaluated", "failed", "undone", "undo failed")

#: These steps of a failover confirm that the service is restored.
RECOVERY_STEPS = ("wait", "verify")

_REQUIRED = ("id", "service", "operation", "status", "began", "ended")
_DEFAULTS: Json = {
    "type": None,
    "trigger": "manual",
    "check": False,
    "owner": "",
    "reason": "",
    "detected_at": None,
    "first_locked_at": None,
    "point_of_no_return_at": None,
    "rto_seconds": None,
    "rpo_seconds": None,
    "promotions": [],
    "not_measured": "",
    "lock_ids": [],
    "gates": [],
    "overrides": [],
    "notifications": [],
    "msg": "",
}
#: Fields that only records of one operation have.
_OF_OPERATION: Mapping[str, Sequence[str]] = {"drill": ("drill",)}
_TIMES = ("detected_at", "first_locked_at", "began", "ended", "point_of_no_return_at")


def procedure_record(
    run: Mapping[str, t.Any], steps: Sequence[Mapping[str, t.Any]], target: Target | None = None
) -> Json:
    """Make a record, and compute the recovery time, the objectives, and the command that undoes the run.

    :param run: the fields of the record that the procedure provides. ``id``, ``service``, ``operation``, ``status``,
        ``began`` and ``ended`` must be there; times as in RFC 3339, with a zone.
        ``not_measured`` is why no lag could be measured; it becomes part of ``recovery_point``.
    :param steps: what each step did, in order: ``name``, ``status``, ``began``, ``ended``, ``changed``, ``msg``, and
        ``undo`` where it was undone.
    :param target: the service in the command that undoes the run; by default, the host with the service's name.
    :returns: the record, without secrets.
    :raises RefusedError: a field is missing or unknown, or a time is invalid.
    """
    known = {*_REQUIRED, *_DEFAULTS, *_OF_OPERATION.get(str(run.get("operation")), ())}
    _check(not (missing := [name for name in _REQUIRED if not run.get(name)]), f"{', '.join(missing)} is missing")
    _check(not (unknown := sorted(set(run) - known)), f"{', '.join(unknown)} is not part of it")
    _check(run["operation"] in OPERATIONS, f"operation {run['operation']!r} is none of {', '.join(OPERATIONS)}")
    _check(run["status"] in STATUSES, f"status {run['status']!r} is none of {', '.join(STATUSES)}")
    for name in _TIMES:
        if run.get(name):
            time_from(run[name])
    record = {"schema": SCHEMA, **_DEFAULTS, **run, "steps": [_step(step) for step in steps]}
    # Values of `-e name=value` are text, and empty if no value was given.
    record |= {name: record[name] or None for name in ("detected_at", "first_locked_at", "point_of_no_return_at")}
    record |= {name: _number(name, record[name]) for name in ("rto_seconds", "rpo_seconds")}
    record["recovered_at"] = _recovered_at(record)
    outage_began, record["recovery_from"] = _outage_began(record)
    record["recovery_seconds"] = _seconds(outage_began, record["recovered_at"])
    record |= _objectives(record)
    record["undo"] = _undo(record, target or Target(str(record["service"])))
    return t.cast(Json, redacted(record))


def _number(name: str, given: float | str | None) -> int | None:
    try:
        return int(given) if given not in (None, "") else None
    except ValueError as problem:
        raise RefusedError(f"{name} is {given!r}, which is not a number of seconds.") from problem


def _objectives(record: Json) -> Json:
    """The recovery objectives of a failover, and whether they were met. They are only reported."""
    moved = record["operation"] == "failover" and not record["check"]
    point = objectives.recovery_point(record) if moved else None
    del record["not_measured"]
    return {
        "recovery_parts": objectives.recovery_parts(record) if moved else {},
        "recovery_point": point,
        "rto_met": objectives.is_met(record["recovery_seconds"], record["rto_seconds"]),
        "rpo_met": objectives.is_met(point["lag_seconds"] if point else None, record["rpo_seconds"]),
    }


def _step(given: Mapping[str, t.Any]) -> Json:
    for name in ("name", "status", "began", "ended"):
        _check(name in given, f"a step has no {name}")
    _check(given["status"] in STEP_STATUSES, f"step {given['name']!r} has the unknown status {given['status']!r}")
    return {"changed": False, "msg": "", "undo": None, **given}


def _recovered_at(record: Json) -> str | None:
    """When users were confirmed to be served. Only the last of these steps counts: an earlier one may be wrong."""
    if record["operation"] != "failover" or record["status"] != "completed" or record["check"]:
        return None
    counting = RECOVERY_STEPS if objectives.saw_users(record) else ("verify",)
    seen = [step["ended"] for step in record["steps"] if step["name"] in counting and _served(step)]
    return seen[-1] if seen else None


def _outage_began(record: Json) -> tuple[str, str]:
    """When the outage began, and the source of that time: detection or decision, or an earlier first lock."""
    began = (record["detected_at"], "detection") if record["detected_at"] else (record["began"], "decision")
    locked = record["first_locked_at"]
    return (locked, "first lock") if locked and time_from(locked) < time_from(began[0]) else began


def _served(step: Json) -> bool:
    return step["status"] in ("done", "unchanged")


def _seconds(began: str, ended: str | None) -> float | None:
    return None if ended is None else round((time_from(ended) - time_from(began)).total_seconds(), 3)


def _undo(record: Json, target: Target) -> str:
    """What a person does to undo the run."""
    status = record["status"]
    if record["check"] or status in ("unchanged", "refused"):
        return "Nothing was changed, so there is nothing to undo."
    if record["operation"] == "drill":
        return _undo_of_drill(record)
    if status == "undone":
        return "What had been done was undone by the run itself."
    if record["operation"] == "acknowledge":
        return "An acknowledgement cannot be undone. The next failover needs a new one."
    if record["operation"] == "failback":
        return f"To leave the site again: {target.command('failover')}"
    if record["point_of_no_return_at"] and status == "failed":
        return (
            "Forward only: the promotion had begun. The lock and the page stay. Find out which side has the data, "
            f"finish by hand or by running it again, then: {target.command('failback')}"
        )
    return f"When its gates pass: {target.command('failback')}"


def _undo_of_drill(record: Json) -> str:
    """A drill undoes what it does. If that failed, its message contains what is left."""
    drill = record.get("drill") or {}
    if drill.get("way_back_failed"):
        return (
            "The drill could not undo everything. Check the status of the service: "
            f"ansible-playbook tidegate.failover.status -l {record['service']}"
        )
    return "The drill has undone what it did, so there is nothing to undo."


def _check(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RefusedError(f"This is no record of a procedure: {otherwise}.")
