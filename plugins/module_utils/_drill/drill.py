# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""One drill as plain data: what is rehearsed, what was found, and how long it took.

It travels from task to task as JSON, so everything in it is. The functions here are pure: they are given the time.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target

Json = dict[str, t.Any]

#: What can be done with effect, in the order in which it is done.
WITH_EFFECT = ("maintenance", "lock", "failover")
#: What can be rehearsed, in the order in which it is.
PARTS = (*WITH_EFFECT, "failback")
#: What leads users to the other site.
MOVES = ("lock", "failover")

#: What a finding says: it was seen to work; it was not, and why; it would stop the real thing; a person should know it.
PROVEN, NOT_PROVEN, STOPS, NOTE = "proven", "not proven", "stops", "note"

#: What the owner of a page begins with that a drill has put up. The name of the service follows.
OWNER_OF_PAGE = "drill:"
_REASON_OF_LOCK = re.compile(r"drill \d{8}T\d{6}Z-[0-9a-f]{8}\b")


@dataclass
class Drill:
    """A drill of one service.

    :ivar of: the parts that are rehearsed.
    :ivar effect: whether they are done for real after that.
    :ivar began: RFC 3339, UTC, as all times here.
    :ivar findings: what was found: ``of``, ``what``, ``result`` and ``msg``.
    :ivar steps: what was done, as in a record.
    :ivar records: the ids of the procedures' runs that were counted already.
    :ivar current: the step that has begun.
    :ivar lock_ids: the locks that it has placed.
    :ivar before: how the service stood before anything was done.
    :ivar after: how it stood when it was compared with that; empty as long as it was not.
    :ivar figures: the recovery figures of a failover with effect.
    :ivar problem: why it may not begin; empty if it may.
    :ivar way_back_failed: whether something that was done could not be taken back.
    """

    id: str
    service: str
    began: str
    of: list[str]
    effect: bool
    check: bool = False
    findings: list[Json] = field(default_factory=list)
    steps: list[Json] = field(default_factory=list)
    gates: list[Json] = field(default_factory=list)
    records: list[str] = field(default_factory=list)
    lock_ids: list[str] = field(default_factory=list)
    current: Json = field(default_factory=dict)
    before: Json = field(default_factory=dict)
    after: Json = field(default_factory=dict)
    figures: Json = field(default_factory=dict)
    problem: str = ""
    way_back_failed: bool = False

    @classmethod
    def from_json(cls, document: Mapping[str, t.Any]) -> Drill:
        """A drill as another task left it."""
        return cls(**document)

    def to_json(self) -> Json:
        """As it travels."""
        return asdict(self)

    @property
    def stops(self) -> list[Json]:
        """What would stop the real thing, or has stopped this one."""
        return self.of_result(STOPS)

    def of_result(self, result: str) -> list[Json]:
        """The findings with that result."""
        return [finding for finding in self.findings if finding["result"] == result]

    @property
    def effects(self) -> list[str]:
        """The parts that are still to be done for real. Nothing is done once anything would stop it, or has failed."""
        if not self.effect or self.check or self.problem or self.stops:
            return []
        return [part for part in WITH_EFFECT if part in self.of]

    @property
    def has_changed(self) -> bool:
        """Whether it has changed anything."""
        return any(step["changed"] for step in self.steps)


def finding(of: str, what: str, result: str, msg: str) -> Json:
    """One finding."""
    return {"of": of, "what": what, "result": result, "msg": " ".join(str(msg).split())}


def is_reason_of_drill(reason: str) -> bool:
    """Whether a lock is one of a drill, by its reason."""
    return _REASON_OF_LOCK.match(reason) is not None


def page_owners(maintenance: Mapping[str, t.Any] | None) -> list[str]:
    """The drills that hold a page, as the owners of their holds.

    :param maintenance: that of a status.
    """
    owners = dict.fromkeys(str(hold["owner"]) for hold in (maintenance or {}).get("holds", ()))
    return [owner for owner in owners if owner.startswith(OWNER_OF_PAGE)]


def take_page_down(target: Target, owner: str) -> str:
    """The command that takes down the page of a drill."""
    return target.command("exit_maintenance", "-e", f"maintenance_owner={owner}")


def rehearsals(of: Sequence[str], *, effect: bool, locked: bool) -> list[str]:
    """What is rehearsed: the parts, and ``gates``, where a failback has no lock yet that its gates could be for.

    What is done with effect has to be taken back, so the way back is rehearsed with it.
    """
    parts = [part for part in WITH_EFFECT if part in of]
    back = "failback" in of or (effect and not set(MOVES).isdisjoint(of))
    return [*parts, *([("failback" if locked else "gates")] if back else [])]


def start(drill: Drill, step: str, now: str) -> None:
    """A step begins."""
    drill.current = {"name": step, "began": now}


def end(drill: Drill, now: str, problem: str, msg: str, *, changed: bool) -> None:
    """A step has ended.

    :param problem: why it failed; empty if it did not.
    """
    status = "failed" if problem else "done"
    drill.steps.append(
        {**drill.current, "status": status, "ended": now, "changed": changed, "msg": problem or msg, "undo": None}
    )
    drill.current = {}
