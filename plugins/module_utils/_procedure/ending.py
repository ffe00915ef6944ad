# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The end of a run: its record, the file of the record, and the messages about it."""

from __future__ import annotations

from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._notify.texts import reason_for_silence
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.built_in import Options
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run, steps_reported
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target
from ansible_collections.tidegate.failover.plugins.module_utils._record.journal import append, journal_path
from ansible_collections.tidegate.failover.plugins.module_utils._record.record import procedure_record
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import duration


def record(run: Run, options: Options, now: str, target: Target | None = None) -> Json:
    """The record of a run. If a run was refused because of a wrong time or objective, its record omits these.

    :param target: the service that the command in the record is for.
    """
    try:
        return _record(run, options, now, target)
    except RefusedError:
        return _record(run, {**options, "detected_at": None, "rto": None, "rpo": None}, now, target)


def _record(run: Run, options: Options, now: str, target: Target | None) -> Json:
    return procedure_record(
        {
            "id": run.id,
            "service": run.service,
            "operation": run.operation,
            "type": options["type"],
            "trigger": options["trigger"],
            "check": run.check,
            "status": run.status,
            "owner": options["owner"],
            "reason": options["reason"],
            "detected_at": options.get("detected_at") or None,
            "first_locked_at": run.locked_at,
            "began": run.began,
            "ended": now,
            "point_of_no_return_at": run.point_of_no_return_at,
            "rto_seconds": options.get("rto") or None,
            "rpo_seconds": options.get("rpo"),
            "promotions": [step["name"] for step in run.to_take if step.get("point_of_no_return")],
            "not_measured": run.memory.get("not_measured", ""),
            "lock_ids": run.lock_ids,
            "gates": run.gates,
            "overrides": run.overrides,
            "notifications": run.notifications,
            "msg": run.msg,
        },
        steps_reported(run),
        target,
    )


def keep(kept: Json, folder: str, *, check: bool) -> str:
    """Write a record to its file. Returns why that failed, or an empty text. The result of the run stays the same."""
    if not folder:
        return ""
    try:
        append(journal_path(folder, str(kept["service"])), kept, check=check)
    except RefusedError as problem:
        return str(problem)
    return ""


def notifies_of_failure(run: Run, trigger: str) -> bool:
    """Whether people are notified now. A success is reported by the step ``notify``."""
    if run.status in ("completed", "unchanged") or reason_for_silence({"status": run.status, "trigger": trigger}):
        return False
    return not run.steps or any(step["name"] == "notify" for step in run.steps)


def progress(run: Run, by: str) -> Json:
    """How far the run has come, in case it is aborted."""
    steps = [{"name": step["name"], "status": step["status"]} for step in steps_reported(run)]
    if run.current and run.current["name"] not in run.results:
        steps.append({"name": run.current["name"], "status": "begun"})
    return {"id": run.id, "operation": run.operation, "began": run.began, "by": by, "steps": steps}


def reported(run: Run) -> str:
    """The last message of a run."""
    sentences = ["Check mode, nothing was changed. A run would report:"] if run.check else []
    sentences.append(run.msg)
    if run.results:
        sentences.append(", ".join(f"{step['name']}: {step['status']}" for step in steps_reported(run)) + ".")
    return " ".join(sentences)


def line(result: Json) -> str:
    """The result of a step in one line. For a step that was undone, the result of the undo."""
    last = result.get("undo") or result
    seconds = (datetime.fromisoformat(last["ended"]) - datetime.fromisoformat(last["began"])).total_seconds()
    text = f"{result['name']}: {result['status']}, {duration(seconds) if seconds >= 10 else f'{seconds:.1f} s'}"
    return f"{text}. {last['msg']}" if last["msg"] and result["status"] != "failed" else text
