# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The summary at the end of a run: which site serves, locks, pages, the record, and what to do next.

It reports what this run has observed, and what the run has not checked.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._databases.resources import ways_back
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target
from ansible_collections.tidegate.failover.plugins.module_utils._record.objectives import (
    reported_objective,
    reported_parts,
    reported_unknown,
)
from ansible_collections.tidegate.failover.plugins.module_utils._record.redaction import redacted_text
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import duration

Line = tuple[str, str]

_TITLES = {
    "completed": {"failover": "failed over", "failback": "failed back", "acknowledge": "acknowledged"},
    "unchanged": {name: f"nothing to do by this {name}" for name in ("failover", "failback", "acknowledge")},
    "undone": {name: f"{name} FAILED, and was undone" for name in ("failover", "failback", "acknowledge")},
    "failed": {name: f"{name} FAILED" for name in ("failover", "failback", "acknowledge")},
}
_WIDTH = 16
_OTHER_SITE_SERVES = "the other site, as before"


@dataclass(frozen=True)
class Places:
    """The places that the summary names.

    :ivar target: the service in the form that commands use.
    :ivar record: the file of the record, or why the record is in no file.
    :ivar reports: the files of the report.
    """

    target: Target
    record: str
    reports: Sequence[str] = ()

    def command(self, playbook: str, *more: str) -> str:
        """A command that runs a playbook for this service."""
        return self.target.command(playbook, *more)


def summary(run: Run, record: Json, places: Places) -> str:
    """The summary as it is printed; empty for a refused run, because the refusal contains everything."""
    if run.status == "refused":
        return ""
    title = _TITLES[run.status][run.operation]
    whole = f"{'check mode, a run would report: ' if run.check else ''}{title}"
    return laid_out(run.service, whole, summary_lines(run, record, places))


def laid_out(service: str, title: str, about: Sequence[Line]) -> str:
    """A summary as it is printed, from pairs of topic and text."""
    lines = [f"[{service}] SUMMARY: {title}"]
    for name, text in about:
        first, *others = text.split("\n")
        lines.append(f"    {name:<{_WIDTH}}{first}")
        lines += [" " * (_WIDTH + 4) + other for other in others]
    # The texts include messages of users' tasks and of other services.
    return redacted_text("\n".join(lines))


def summary_lines(run: Run, record: Json, places: Places) -> list[Line]:
    """The lines of the summary: pairs of topic and text."""
    return [
        ("serves", "as before: check mode changes nothing" if run.check else _SERVES[run.operation](run, record)),
        ("locked", _locked(run, places)),
        ("page", _page(run)),
        *recovery_lines(record),
        ("record", places.record),
        *(("report", report) for report in places.reports),
        ("next", _next(run, places)),
    ]


def claim_of(run: Run) -> str:
    """The present state of the first health check's lock: ``locked``, ``open``, or ``unknown`` if it was not read."""
    seen = run.memory.get("claim_at_end")
    if seen:
        return "open" if seen == "open" else "locked"
    if run.status == "undone":
        return _claim_once_undone(run)
    if run.status == "failed":
        return "unknown"
    if run.operation == "failback":
        return "open"
    return "locked" if run.lock_ids else "open"


def _claim_once_undone(run: Run) -> str:
    """The lock after an undo. The undo of a failback keeps the lock; of a failover, only a lock that it took over."""
    taken_over = bool((run.memory.get("may") or {}).get("replaces"))
    return "locked" if run.operation == "failback" or taken_over else "open"


def _failover_serves(run: Run, record: Json) -> str:
    if run.status == "undone":
        return "the primary site, as before" if claim_of(run) == "open" else _OTHER_SITE_SERVES
    if run.status == "unchanged":
        return _OTHER_SITE_SERVES
    if record["recovered_at"]:
        return f"the other site: users were seen to be served at {_second(record['recovered_at'])}"
    wait = run.results.get("wait", {})
    if run.status == "completed" and wait.get("status") in ("done", "unchanged"):
        return (
            f"the other site: it answered at {_second(wait['ended'])}. Whether users reach it is not "
            "known: no step has checked DNS or failover_verify_url"
        )
    if run.status == "completed":
        return (
            "the other site, by DNS: no step has checked it, because neither its address nor an address to verify is "
            "given"
        )
    if claim_of(run) == "open":
        return "not known: the lock is released, so another run has taken over"
    return "not confirmed: no step has seen users at the other site"


def _failback_serves(run: Run, _record: Json) -> str:
    if run.status == "undone":
        return _OTHER_SITE_SERVES
    if run.status == "unchanged":
        return "the primary site: its lock is released"
    if run.status == "completed":
        checked = any(run.results.get(name, {}).get("status") == "done" for name in ("wait", "verify"))
        return "the primary site" if checked else "the primary site, by its lock: no step has checked it"
    if claim_of(run) == "open":
        return "not confirmed: users are on their way to the primary site"
    return "not confirmed: the lock keeps users at the other site; find out which site has the data"


def _acknowledge_serves(_run: Run, _record: Json) -> str:
    return "as before: an acknowledgement moves nobody"


_SERVES: dict[str, Callable[[Run, Json], str]] = {
    "failover": _failover_serves,
    "failback": _failback_serves,
    "acknowledge": _acknowledge_serves,
}


def _locked(run: Run, places: Places) -> str:
    checks, locks = ", ".join(places.target.health_check_ids), ", ".join(run.lock_ids)
    if run.check:
        return "as before"
    claim = claim_of(run)
    if claim == "open":
        return f"nothing; {checks} is open"
    if claim == "unknown":
        return f"not known by now; this run had lock {locks}" if locks else "not known by now; this run placed no lock"
    return f"{checks}, by lock {locks or 'of another run'}"


def _page(run: Run) -> str:
    name = {"failover": "maintenance", "failback": "release"}.get(run.operation, "")
    result = run.results.get(name)
    if result is None:
        skip = next((step["skip"] for step in run.steps if step["name"] == name and step.get("skip")), "")
        return skip or "this run has not touched it"
    if result["undo"]:
        return str(result["undo"]["msg"] or result["undo"]["status"])
    if run.check:
        return f"as before. A run would report: {result['msg'] or result['status']}"
    if result["status"] == "failed":
        return f"not known, because the step {name} failed: {result['msg']}"
    return str(result["msg"] or f"{name}: {result['status']}")


def recovery_lines(record: Json) -> Iterator[Line]:
    """The recovery time, and the replication lag of the promoted database, compared with the objectives."""
    if record["recovery_seconds"] is not None:
        since = "detection" if record["detected_at"] else "the decision"
        objective = reported_objective(record["rto_met"], record["rto_seconds"])
        took = duration(record["recovery_seconds"])
        yield "recovery time", f"{took} from {since}{objective}\n{reported_parts(record['recovery_parts'])}"
    elif unknown := reported_unknown(record):
        objective = reported_objective(None, record["rto_seconds"])
        yield "recovery time", f"unknown: {unknown}{objective}"
    if record["recovery_point"]:
        objective = reported_objective(record["rpo_met"], record["rpo_seconds"])
        yield "recovery point", f"{record['recovery_point']['msg']}{objective}"


def _next(run: Run, places: Places) -> str:
    if run.check:
        return f"to do it: {places.command(run.operation)}"
    by_status = {
        "completed": _after_success,
        "unchanged": _after_success,
        "undone": _after_undo,
        "failed": _after_failure,
    }
    return by_status[run.status](run, places)


def _after_success(run: Run, places: Places) -> str:
    replicas = _promoted(run)
    if run.operation == "failback":
        return f"{_before_another_failover(replicas)} To leave the site again:\n{places.command('failover')}"
    if claim_of(run) == "open":
        return "nothing"
    if run.operation == "acknowledge" and run.memory["may"]["next_phase"] == "interrupted":
        return (
            "find out what the aborted run has left undone. To finish a failover:\n"
            f"{places.command('failover')}\n"
            f"or, to return traffic to the primary site once its gates pass:\n{places.command('failback')}"
        )
    return f"repair the failed site. {_before_the_failback(replicas)}\n{places.command('failback')}"


def _promoted(run: Run) -> dict[str, str]:
    """The replicas that the step ``rds`` promoted, now or in an aborted run, each with the replica for a failback."""
    if run.results.get("rds", {}).get("status") not in ("done", "unchanged"):
        return {}
    ended = run.memory.get("resources", {}).get("rds") or []
    # A replica that still follows its source was not promoted: the failover was aborted before that.
    return ways_back(one["target"] for one in ended if not (one["after"] or {}).get("replica_of"))


def _before_the_failback(replicas: dict[str, str]) -> str:
    """The actions before a failback. A promoted replica needs a new replica, because it has no source any more."""
    if not replicas:
        return "When traffic may return to it:"
    unnamed = [name for name, returning in replicas.items() if not returning]
    named = [returning for returning in replicas.values() if returning]
    first = [f"name in failover_resources (returning) the replica with which {name} returns" for name in unnamed]
    what = f"the replica {', '.join(named)}, with which the failback returns" if named else "it"
    building = "; ".join([*first, f"build {what}: run rds_failover with rebuild=true"])
    return f"Then {building}. When it has caught up and traffic may return to the site:"


def _before_another_failover(replicas: dict[str, str]) -> str:
    writers = [returning for returning in replicas.values() if returning]
    if not writers:
        return "nothing."
    return (
        f"make a replica of {', '.join(writers)} at the other site, and name it in failover_resources. Until then a "
        "failover is refused."
    )


def _after_undo(run: Run, places: Places) -> str:
    return f"correct what failed, and run it again:\n{places.command(run.operation)}"


def _after_failure(run: Run, places: Places) -> str:
    by_hand = [name for name, result in run.results.items() if result["status"] == "undo failed"]
    if by_hand:
        status = places.command("status")
        return f"undo by hand what could not be undone: {', '.join(by_hand)}. Then check the status:\n{status}"
    if run.operation == "acknowledge":
        return f"check the service, and run it again:\n{places.command('status')}"
    if claim_of(run) != "locked":
        return f"find out who serves:\n{places.command('status')}"
    if run.operation == "failover":
        return f"find out what is missing, and run it again; it continues from here:\n{places.command('failover')}"
    acknowledge = places.command("acknowledge", "-e", "acknowledge_reason=...")
    return f"find out which site has the data and who may write, then:\n{acknowledge}\n{places.command('failback')}"


def _second(time: str) -> str:
    """A time without fractions of a second."""
    return f"{time[:19]}Z"


def explained(run: Run) -> list[str]:
    """The reasons for what the run does, one line each, for verbose output."""
    may: dict[str, t.Any] = run.memory.get("may") or {}
    lines = [f"it may begin: {may['msg']}"] if may.get("msg") and run.goes_on else []
    lines += [f"{step['name']} is not taken: {step['skip']}" for step in run.steps if step.get("skip")]
    if run.to_take:
        lines.append(f"steps: {', '.join(step['name'] for step in run.to_take)}")
        lines.append(_explained_undo(run))
    return lines


def _explained_undo(run: Run) -> str:
    if run.claim_is_final:
        return (
            "nothing is undone once the lock is in force, because nothing is promoted and the lock itself moves users"
        )
    final = next((step["name"] for step in run.to_take if step.get("point_of_no_return")), "")
    if final:
        return f"nothing is undone from the beginning of {final} on"
    return "if a step fails, everything that was done is undone"
