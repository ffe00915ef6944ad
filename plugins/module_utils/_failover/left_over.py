# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What runs that did not end have left of a service, and what a person runs next. Pure functions on plain data."""

from __future__ import annotations

import shlex
import typing as t
from collections.abc import Iterator, Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._failover.runner import told_running
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import RELEASING
from ansible_collections.tidegate.failover.plugins.module_utils._record.progress import told

Status = Mapping[str, t.Any]

#: What a run has left that has ended, or was taken over, with its lock in force.
_TO_BE_FINISHED = ("interrupted", "undone", RELEASING, "serving")


def next_steps(status: Status, page_owner: str) -> list[str]:
    """What a person does next, a sentence with a command each; empty where nothing is left to do.

    :param status: all else of the status of the service.
    :param page_owner: who holds the page of a failover; empty if that is not known.
    """
    return [*_of_lock(status), *_of_page(status, page_owner), *_of_runs(status)]


def told_runs(status: Status) -> list[str]:
    """What is known of the runs that have left no record: how far each has come, and whether it is still running."""
    said = [f"{told_running(str(run['by'] or ''), run['running'])} {told(run)}".strip() for run in _runs(status)]
    known = _run_of_lock(status)
    if known and known["by"] and not said:
        return [told_running(str(known["by"]), known["running"])] if known["running"] is not None else []
    return said


def _runs(status: Status) -> list[Status]:
    """Those that have left how far they came."""
    return [run for run in status.get("runs") or () if run.get("steps") is not None]


def _run_of_lock(status: Status) -> Status | None:
    lock = status["lock"]
    return next((run for run in status.get("runs") or () if lock and run["id"] == lock["id"]), None)


def _of_lock(status: Status) -> Iterator[str]:
    lock, state = status["lock"], status["state"]
    if lock is None:
        return
    is_its_own = state is not None and state["run"] == lock["id"]
    if status["acknowledge"] and is_its_own:
        yield f"{_if_aborted(_run_of_lock(status))}: {status['acknowledge']}"
    elif status["acknowledge"]:
        yield f"before its failback, as no state tells what it is for: {status['acknowledge']}"
    elif is_its_own and state is not None and state["phase"] in _TO_BE_FINISHED:
        yield f"to finish, run the failover or the failback again: {_playbook('failback', status)}"


def _if_aborted(run: Status | None) -> str:
    running = run["running"] if run else None
    if running is None:
        return "if that run was aborted"
    return "wait for it, or end it and then" if running else "that run was aborted, so"


def _of_page(status: Status, page_owner: str) -> Iterator[str]:
    """A lock that is open, and something that its failback has not done."""
    if status["lock"] is not None or status["serving"] is None:
        return
    state, page = status["state"], status["maintenance"]
    if state is not None and state["phase"] == RELEASING:
        yield f"its failback was not finished; to finish it: {_playbook('failback', status)}"
    elif page is not None and page_owner and page_owner in [hold["owner"] for hold in page["holds"]]:
        yield f"the failover of this page is over; to remove it: {_playbook('failback', status)}"


def _of_runs(status: Status) -> Iterator[str]:
    """Runs without a lock, such as one that was aborted while it quiesced a site."""
    lock, state = status["lock"], status["state"]
    explained = {lock["id"] if lock else "", state["run"] if state else ""}
    for run in _runs(status):
        if run["id"] not in explained and run["running"] is not True:
            yield f"if {run['id']} was aborted, run the same again: {_playbook(str(run['operation']), status)}"


def _playbook(name: str, status: Status) -> str:
    return f"ansible-playbook tidegate.failover.{name} -l {shlex.quote(str(status['service']))}"
