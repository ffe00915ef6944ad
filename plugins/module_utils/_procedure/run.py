# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""One run of a procedure as plain data: its plan, its results, and what is to be undone.

Tasks pass the run on as JSON, so all its fields are JSON values. The functions here are pure: the time is a parameter.
"""

from __future__ import annotations

import typing as t
from dataclasses import asdict, dataclass, field

Json = dict[str, t.Any]
Step = dict[str, t.Any]

#: Outcomes of a step that leave nothing to undo.
_NOTHING_DONE = ("unchanged", "not evaluated", "skipped")


#: Steps that move users to the other site.
_MOVE_USERS = ("lock", "unlock")
#: A key in the memory of a run: why it could not claim its service, and whether a person overrides that.
NO_CLAIM = "no_claim"
_WITHHELD = (
    "Route 53 does not answer, so this run could not claim the service, and another run might do the same. To take "
    "this step all the same, name claim in failover_override.checks, with a reason."
)


@dataclass
class Run:
    """A run.

    :ivar operation: ``failover``, ``failback`` or ``acknowledge``.
    :ivar id: its id, which is also the id of its lock.
    :ivar began: when it began. All times here are RFC 3339 in UTC.
    :ivar check: whether it runs in check mode, and only predicts.
    :ivar steps: all planned steps. Skipped steps have the reason in ``skip``.
    :ivar results: the result of each step that was begun, by name.
    :ivar locked_at: when an earlier run of the same outage placed the lock that this run takes over.
    :ivar claim_is_final: whether nothing is undone once the service is claimed, because that moves users.
    :ivar memory: values that steps pass on to later steps.
    :ivar problem: why it ends early; empty if it does not.
    :ivar code: the error code of the problem; see docs/troubleshooting.md.
    :ivar ended_by: the step whose failure ends the run; empty if no step failed.
    """

    operation: str
    id: str
    service: str
    began: str
    check: bool = False
    steps: list[Step] = field(default_factory=list)
    results: dict[str, Json] = field(default_factory=dict)
    current: Json = field(default_factory=dict)
    lock_ids: list[str] = field(default_factory=list)
    gates: list[Json] = field(default_factory=list)
    overrides: list[Json] = field(default_factory=list)
    notifications: list[Json] = field(default_factory=list)
    point_of_no_return_at: str | None = None
    locked_at: str | None = None
    claim_is_final: bool = False
    memory: Json = field(default_factory=dict)
    problem: str = ""
    code: str = ""
    ended_by: str = ""
    status: str = "failed"
    msg: str = ""

    @classmethod
    def from_json(cls, document: Json) -> Run:
        """The run that another task returned as JSON."""
        return cls(**document)

    def to_json(self) -> Json:
        """The run as JSON."""
        return asdict(self)

    @property
    def to_take(self) -> list[Step]:
        """The steps that are taken."""
        return [step for step in self.steps if not step.get("skip")]

    @property
    def goes_on(self) -> bool:
        """Whether there may be another step."""
        return not self.problem and self.status != "unchanged"

    def step(self, name: str) -> Step:
        """A planned step by its name."""
        return next(step for step in self.steps if step["name"] == name)

    @property
    def undone(self) -> bool:
        """Whether every undo that was tried has succeeded."""
        return all(result["status"] != "undo failed" for result in self.results.values())


def begin_step(run: Run, step: Step, now: str) -> None:
    """A step begins. If it is a point of no return, nothing is undone from now on."""
    run.current = {"name": step["name"], "began": now}
    if step.get("point_of_no_return") and not run.check:
        run.point_of_no_return_at = run.point_of_no_return_at or now


def end_step(run: Run, step: Step, outcome: Json, now: str) -> None:
    """A step has succeeded."""
    _keep(run, outcome, now)
    changed = outcome.get("changed", outcome.get("status", "done") == "done" and not step.get("read_only"))
    run.results[step["name"]] = {
        "name": step["name"],
        "status": outcome.get("status") or _status(run, step, changed=changed),
        "began": run.current["began"],
        "ended": now,
        "changed": changed,
        "msg": outcome.get("msg", ""),
        "undo": None,
    }


def _status(run: Run, step: Step, *, changed: bool) -> str:
    if step.get("read_only"):
        return "done"
    if not changed:
        return "unchanged"
    return "planned" if run.check else "done"


def fail_step(run: Run, step: Step, problem: str, outcome: Json, now: str, code: str = "") -> None:
    """A step has failed. If the step is required, the run ends.

    :param code: the error code of the problem.
    """
    _keep(run, outcome, now)
    run.results[step["name"]] = {
        "name": step["name"],
        "status": "failed",
        "began": run.current["began"],
        "ended": now,
        "changed": outcome.get("changed", not step.get("read_only")),
        "msg": problem,
        "undo": None,
    }
    if step.get("required", True):
        run.problem, run.code, run.ended_by = f"{step['name']}: {problem}", code, step["name"]


def _keep(run: Run, outcome: Json, now: str) -> None:
    run.lock_ids += [lock_id for lock_id in outcome.get("lock_ids", []) if lock_id not in run.lock_ids]
    run.gates += outcome.get("gates", [])
    run.overrides += outcome.get("overrides", [])
    if run.claim_is_final and run.id in run.lock_ids and not run.check:
        run.point_of_no_return_at = run.point_of_no_return_at or now


def steps_of(run: Run, steps: list[Step]) -> list[Step]:
    """The steps of a run, selected from the planned steps.

    A run that finishes an earlier run takes only the remaining steps. A run without a claim locks the site, and takes
    only steps that may be done twice, because another run may take them at the same time.
    """
    only, unclaimed = run.memory.get("only"), run.memory.get(NO_CLAIM)
    left = [step for step in steps if only is None or step["name"] in only]
    if not unclaimed or unclaimed["overridden"]:
        return left
    return [{"skip": _WITHHELD, **step} if _needs_claim(step) else step for step in left]


def _needs_claim(step: Step) -> bool:
    return step["name"] != "lock" and not step.get("read_only") and not step.get("observes")


def can_be_undone(step: Step) -> bool:
    """Whether the step has an undo."""
    return bool(step.get("undo") or step.get("undo_tasks"))


def needs_guard(run: Run, step: Step) -> bool:
    """Whether the claim has to be checked before the step, which is so before all that cannot be undone."""
    if run.check or step.get("read_only") or step.get("unguarded"):
        return False
    if run.id not in run.lock_ids and not has_unlocked(run):
        return False
    return bool(step.get("point_of_no_return") or not can_be_undone(step) or run.point_of_no_return_at)


def has_unlocked(run: Run) -> bool:
    """Whether this run, or the one that it finishes, has released the lock, so that nobody holds the service."""
    # In a failover, a step of the user's may have that name.
    unlocked = run.operation == "failback" and run.results.get("unlock", {}).get("status") == "done"
    return unlocked or run.memory.get("only") is not None


def only_observes(run: Run, step: Step) -> bool:
    """Whether a step only observes, and no later step depends on it. Then its failure undoes nothing.

    A read-only step of the user's counts only if no later step changes anything. Otherwise the step decides whether the
    later steps are taken.
    """
    if step.get("observes"):
        return True
    if step.get("own") or not step.get("read_only"):
        return False
    taken = run.to_take
    later = taken[taken.index(step) + 1 :]
    return all(other.get("observes") or other.get("read_only") for other in later)


def keeps_what_was_done(run: Run) -> bool:
    """Whether nothing is undone, because there is no way back or only an observation has failed."""
    if run.point_of_no_return_at:
        return True
    # An observation before users are moved decides whether they are moved.
    moved = any(name in run.results for name in _MOVE_USERS)
    return moved and bool(run.ended_by) and only_observes(run, run.step(run.ended_by))


def steps_to_undo(run: Run) -> list[str]:
    """The steps to undo, in that order: all steps that changed something, including a step that was partly done."""
    if run.check or not run.results or keeps_what_was_done(run):
        return []
    begun = {name for name, result in run.results.items() if result["status"] not in _NOTHING_DONE}
    return [step["name"] for step in reversed(run.steps) if can_be_undone(step) and step["name"] in begun]


def end_undo(run: Run, name: str, *, problem: str | None, msg: str, now: str) -> None:
    """A step was undone, or could not be."""
    status = "undone" if problem is None else "undo failed"
    undo = {"status": status, "began": run.current["began"], "ended": now, "msg": msg if problem is None else problem}
    run.results[name] |= {"status": status, "undo": undo}


def reported_undo(run: Run) -> str:
    """The result of the undo."""
    failed = [name for name, result in run.results.items() if result["status"] == "undo failed"]
    if not failed:
        return "Everything that had been done was undone."
    return f"NOT UNDONE: {', '.join(failed)}. Undo it by hand."


def steps_reported(run: Run) -> list[Json]:
    """The results of the steps, in their order, up to the first step that was not reached."""
    reported = []
    for step in run.steps:
        result = run.results.get(step["name"])
        if result is None and not step.get("skip"):
            break
        reported.append(result or _skipped(run, step))
    return reported


def _skipped(run: Run, step: Step) -> Json:
    return {
        "name": step["name"],
        "status": "skipped",
        "began": run.began,
        "ended": run.began,
        "changed": False,
        "msg": step["skip"],
        "undo": None,
    }
