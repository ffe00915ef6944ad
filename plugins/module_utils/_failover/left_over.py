# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What aborted runs have left of a service, and what a person does next. Pure functions on plain data."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator, Mapping, Sequence

from ansible_collections.tidegate.failover.plugins.module_utils._drill.drill import (
    is_reason_of_drill,
    page_owners,
    take_page_down,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.runner import reported_running
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import RELEASING
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target
from ansible_collections.tidegate.failover.plugins.module_utils._record.progress import reported

Json = dict[str, t.Any]
Status = Mapping[str, t.Any]
#: Whether a process or job is still running, by its name and its start; None if that cannot be known.
IsRunning: t.TypeAlias = Callable[[str, "str | None"], "bool | None"]

#: A run of which nothing is known but its lock.
_NOTHING_KNOWN: Json = dict.fromkeys(("id", "operation", "by", "began", "steps"))
#: Phases after which a person has to finish something.
_TO_BE_FINISHED = ("interrupted", "undone", RELEASING, "serving")


def runs(left: Sequence[Status], state: Status | None, lock: Status | None, is_running: IsRunning) -> list[Json]:
    """The runs that are in progress or were aborted: runs with a progress file, and the run of the state.

    :returns: for each run ``id``, ``operation``, ``by``, ``began``, ``steps`` (None if unknown), and ``running``.
    """
    found = {str(run["id"]): {**_NOTHING_KNOWN, **{name: run.get(name) for name in _NOTHING_KNOWN}} for run in left}
    if state and state["by"] and (lock is None or state["run"] == lock["id"]):
        # The time in the state is by the clock of AWS, so it can be compared with tags of other hosts.
        known = found.setdefault(state["run"], {**_NOTHING_KNOWN, "id": state["run"]})
        known |= {"by": state["by"], "began": known["began"] or state["began_at"]}
    for run in found.values():
        run["running"] = is_running(str(run["by"] or ""), run["began"])
    return list(found.values())


def next_steps(status: Status, page_owner: str, inventory: Sequence[str] = ()) -> list[str]:
    """What a person does next, a sentence with a command each; empty if nothing is left to do.

    :param status: the other fields of the service's status.
    :param page_owner: the owner of the page of a failover; empty if that is not known.
    :param inventory: the inventory sources.
    """
    target = Target(str(status["service"]), inventory)
    return [*_of_lock(status, target), *_of_page(status, page_owner, target), *_of_runs(status, target)]


def reported_runs(status: Status) -> list[str]:
    """What is known of the runs that have left no record: how far each has come, and whether it is still running."""
    return [text for run in status.get("runs") or () if (text := _reported_run(run))]


def _reported_run(run: Status) -> str:
    left = run["steps"] is not None
    # The process or job is reported with the lock. If nothing else is known, there is nothing to add.
    running = reported_running(str(run["by"] or ""), run["running"]) if left or run["running"] is not None else ""
    return " ".join(filter(None, [reported(run) if left else "", running]))


def _run_of_lock(status: Status) -> Status | None:
    lock = status["lock"]
    return next((run for run in status.get("runs") or () if lock and run["id"] == lock["id"]), None)


def _of_lock(status: Status, target: Target) -> Iterator[str]:
    lock, state = status["lock"], status["state"]
    if lock is None:
        return
    is_its_own = state is not None and state["run"] == lock["id"]
    if is_reason_of_drill(str(lock["reason"] or "")):
        yield from _of_drill(status, target)
        return
    if status["acknowledge"] and is_its_own:
        yield f"{_if_aborted(_run_of_lock(status))}: {status['acknowledge']}"
    elif status["acknowledge"]:
        yield f"before its failback, as no state records what it is for: {status['acknowledge']}"
    elif is_its_own and state is not None and state["phase"] in _TO_BE_FINISHED:
        if state["phase"] != RELEASING:
            yield f"its last run was not finished; to finish a failover: {target.command('failover')}"
        yield f"to return traffic to the primary site once its gates pass: {target.command('failback')}"


def _of_drill(status: Status, target: Target) -> Iterator[str]:
    """The next steps after a drill was killed: a failback. A second drill would be refused, because of the lock."""
    back = target.command("failback")
    if not status["acknowledge"]:
        yield f"a drill has locked it; if that drill was killed, undo it: {back}"
        return
    run = _run_of_lock(status)
    running = run["running"] if run else None
    first = "wait for it, or end it and then" if running else "acknowledge it, then fail back"
    if running is None:
        first = f"{_if_aborted(run)}, {first}"
    yield f"{first}: {status['acknowledge']}"
    yield f"a drill has locked it; to undo that afterwards: {back}"


def _if_aborted(run: Status | None) -> str:
    running = run["running"] if run else None
    if running is None:
        return "if that run was aborted"
    return "wait for it, or end it and then" if running else "acknowledge it, then run the same again"


def _of_page(status: Status, page_owner: str, target: Target) -> Iterator[str]:
    """The next steps for the page of a drill and, if the lock is released, for an unfinished failback."""
    for owner in page_owners(status["maintenance"]):
        yield f"if the drill of this page was killed, take it down: {take_page_down(target, owner)}"
    if status["lock"] is not None or status["serving"] is None:
        return
    state, page = status["state"], status["maintenance"]
    if state is not None and state["phase"] == RELEASING:
        yield f"its failback was not finished; to finish it: {target.command('failback')}"
    elif page is not None and page_owner and page_owner in [hold["owner"] for hold in page["holds"]]:
        yield f"the failover of this page is over; to remove it: {target.command('failback')}"


def _of_runs(status: Status, target: Target) -> Iterator[str]:
    """The next steps for runs without a lock, such as a run that was aborted during its quiesce."""
    lock, state = status["lock"], status["state"]
    explained = {lock["id"] if lock else "", state["run"] if state else ""}
    for run in status.get("runs") or ():
        if run["operation"] and run["id"] not in explained and run["running"] is not True:
            aborted = "was aborted" if run["running"] is False else "may have been aborted"
            yield f"{run['id']} {aborted}; to do it all, run the same again: {target.command(run['operation'])}"
