# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""One drill as plain data: what is rehearsed, what was found, and how long it took.

Tasks pass the drill on as JSON, so all its fields are JSON values. The functions are pure: the time is a parameter.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target

Json = dict[str, t.Any]

#: The parts that can be done with effect, in their order.
WITH_EFFECT = ("maintenance", "lock", "failover")
#: The parts that can be rehearsed, in their order.
PARTS = (*WITH_EFFECT, "failback")
#: The parts that move users to the other site.
MOVES = ("lock", "failover")

#: The results of a finding: it works; it is not proven to work; it would stop a real run; a person should know it.
PROVEN, NOT_PROVEN, STOPS, NOTE = "proven", "not proven", "stops", "note"

#: The prefix of the owner of a drill's page. The name of the service follows.
OWNER_OF_PAGE = "drill:"
_REASON_OF_LOCK = re.compile(r"drill \d{8}T\d{6}Z-[0-9a-f]{8}\b")


@dataclass
class Drill:
    """A drill of one service.

    :ivar of: the parts that are rehearsed.
    :ivar effect: whether they are then done for real.
    :ivar began: when it began. All times here are RFC 3339 in UTC.
    :ivar findings: what was found: ``of``, ``what``, ``result`` and ``msg``.
    :ivar steps: what was done, in the form of a record.
    :ivar records: the ids of the procedures' runs that were counted already.
    :ivar current: the step that has begun.
    :ivar lock_ids: the locks that the drill has placed.
    :ivar before: the status of the service before anything was done.
    :ivar after: the status of the service at the end; empty until it is read.
    :ivar figures: the recovery figures of a failover with effect.
    :ivar problem: why it may not begin; empty if it may.
    :ivar way_back_failed: whether something that was done could not be undone.
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
        """The drill that another task returned as JSON."""
        return cls(**document)

    def to_json(self) -> Json:
        """The drill as JSON."""
        return asdict(self)

    @property
    def stops(self) -> list[Json]:
        """The findings that would stop a real run, or have stopped this drill."""
        return self.of_result(STOPS)

    def of_result(self, result: str) -> list[Json]:
        """The findings with this result."""
        return [finding for finding in self.findings if finding["result"] == result]

    @property
    def effects(self) -> list[str]:
        """The parts that are still to be done for real. After a finding that stops or a failure there are none."""
        if not self.effect or self.check or self.problem or self.stops:
            return []
        return [part for part in WITH_EFFECT if part in self.of]

    @property
    def has_changed(self) -> bool:
        """Whether the drill has changed anything."""
        return any(step["changed"] for step in self.steps)


def finding(of: str, what: str, result: str, msg: str) -> Json:
    """One finding."""
    return {"of": of, "what": what, "result": result, "msg": " ".join(str(msg).split())}


def is_reason_of_drill(reason: str) -> bool:
    """Whether a lock belongs to a drill, by its reason."""
    return _REASON_OF_LOCK.match(reason) is not None


def page_owners(maintenance: Mapping[str, t.Any] | None) -> list[str]:
    """The drills that hold a page, by the owners of their holds.

    :param maintenance: the part ``maintenance`` of a status.
    """
    owners = dict.fromkeys(str(hold["owner"]) for hold in (maintenance or {}).get("holds", ()))
    return [owner for owner in owners if owner.startswith(OWNER_OF_PAGE)]


def take_page_down(target: Target, owner: str) -> str:
    """The command that takes down the page of a drill."""
    return target.command("exit_maintenance", "-e", f"maintenance_owner={owner}")


def rehearsals(of: Sequence[str], *, effect: bool, locked: bool) -> list[str]:
    """What is rehearsed: the parts, and ``gates`` instead of a failback if there is no lock for its gates yet.

    A drill with effect has to be undone, so it rehearses the failback too.
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
