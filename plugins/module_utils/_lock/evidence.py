# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Evidence: what gates observed, for which locks and when, and whether it permits the release of a lock.

Evidence protects against accidents, not against forgery: a person who may run the module may also write evidence.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment, clock_problem

#: Seconds that evidence may be ahead of this machine's clock, because clocks differ a little.
CLOCK_SKEW = 5

_AGAIN = "Evaluate the gates again, for this lock."


@dataclass(frozen=True)
class Gate:
    """A gate that must pass: its name, and the digest of its definition."""

    name: str
    digest: str


@dataclass(frozen=True)
class GateResult:
    """What one gate observed.

    :ivar ended: when the gate had its result.
    """

    gate: Gate
    passed: bool
    observed: str
    expected: str
    began: datetime
    ended: datetime


@dataclass(frozen=True)
class Evidence:
    """Results of gates, put together at ``date`` for the locks ``lock_ids``."""

    lock_ids: frozenset[str]
    date: datetime
    results: tuple[GateResult, ...]


@dataclass(frozen=True)
class Override:
    """A person's decision to release a lock although the named gates have not passed."""

    gates: frozenset[str]
    reason: str


@dataclass(frozen=True)
class Permission:
    """What can permit an unlock.

    :ivar max_age: the greatest age of evidence, in seconds.
    """

    required: tuple[Gate, ...]
    evidence: Evidence | None
    override: Override | None
    max_age: int


def permission_from(params: Mapping[str, t.Any]) -> Permission:
    """From a task's options ``required_gates``, ``evidence``, ``max_evidence_age`` and ``override``.

    :raises RefusedError: one of them is not valid, whatever the lock.
    """
    required = tuple(Gate(given["name"], given["digest"]) for given in params["required_gates"])
    names = [gate.name for gate in required]
    if len(set(names)) < len(names):
        raise RefusedError("required_gates names a gate twice. Each gate needs a name of its own.")
    evidence = read_evidence(params["evidence"]) if params["evidence"] is not None else None
    override = _override_from(params["override"], names) if params["override"] is not None else None
    return Permission(required, evidence, override, params["max_evidence_age"])


def read_evidence(given: Mapping[str, t.Any]) -> Evidence:
    """Evidence from its plain form, which is what ``failback_gate`` returns.

    :raises RefusedError: it does not have that form.
    """
    try:
        lock_ids, gates = given["lock_ids"], given["gates"]
        if not isinstance(lock_ids, list) or not all(isinstance(lock_id, str) for lock_id in lock_ids):
            raise TypeError("lock_ids is not a list of lock ids")
        if not isinstance(gates, list) or not all(isinstance(gate, dict) for gate in gates):
            raise TypeError("gates is not a list of dictionaries")
        return Evidence(frozenset(lock_ids), _time(given["date"]), tuple(_result_from(gate) for gate in gates))
    except (KeyError, TypeError, ValueError) as problem:
        fault = f"{problem} is missing" if isinstance(problem, KeyError) else str(problem)
        raise RefusedError(
            f"evidence is not what failback_gate returns: {fault}. Expected lock_ids, date and gates, and of each gate "
            "name, digest, passed, observed, expected, from and to."
        ) from problem


def check_permitted(permission: Permission, lock_id: str, moment: Moment) -> None:
    """Refuse to release a lock that neither evidence nor an override covers.

    With a wrong clock, the age of evidence is unknown, and a gate that waits may not have waited long enough.

    :raises RefusedError: with what is missing, and what to do.
    """
    skipped = permission.override.gates if permission.override else frozenset()
    if not permission.required and permission.override is None:
        raise RefusedError(
            f"Lock {lock_id} is not released: no gates are defined that could prove that the site is fit for traffic. "
            "Give required_gates with evidence, or an override with a reason.",
            code="TG-EVIDENCE",
        )
    needed = [gate for gate in permission.required if gate.name not in skipped]
    if not needed:
        return
    names = ", ".join(repr(gate.name) for gate in needed)
    if permission.evidence is None:
        raise RefusedError(
            f"Lock {lock_id} is not released: there is no evidence for {names}. Evaluate the gates, or give an "
            "override that names each gate it skips, with a reason.",
            code="TG-EVIDENCE",
        )
    clock = clock_problem(moment)
    if clock:
        raise RefusedError(
            f"Lock {lock_id} is not released: {clock} Until then the age of the evidence is unknown. {_AGAIN}",
            code="TG-CLOCK",
        )
    problems = [*_about_all(permission, lock_id, moment.local), *_about_each(permission, needed, moment.local)]
    if problems:
        raise RefusedError(f"Lock {lock_id} is not released: {' '.join(problems)} {_AGAIN}", code="TG-EVIDENCE")


def _about_all(permission: Permission, lock_id: str, now: datetime) -> list[str]:
    evidence = t.cast(Evidence, permission.evidence)
    problems = []
    if lock_id not in evidence.lock_ids:
        problems.append(f"The evidence is for {', '.join(sorted(evidence.lock_ids)) or 'no lock'}, not for this one.")
    age = _about_age("The evidence", evidence.date, permission.max_age, now)
    return [*problems, age] if age else problems


def _about_each(permission: Permission, needed: Sequence[Gate], now: datetime) -> list[str]:
    evidence = t.cast(Evidence, permission.evidence)
    found = [_about_gate(gate, evidence.results, permission.max_age, now) for gate in needed]
    return [problem for problem in found if problem]


def _about_gate(gate: Gate, results: Sequence[GateResult], max_age: int, now: datetime) -> str:
    """Why the results do not prove that a gate has passed; empty if they do."""
    of_this_name = [result for result in results if result.gate.name == gate.name]
    matching = [result for result in of_this_name if result.gate.digest == gate.digest]
    if not of_this_name:
        return f"It has no result of {gate.name!r}."
    if not matching or len(of_this_name) > 1:
        return f"Its result of {gate.name!r} is of another definition of that gate, or there are several."
    result = matching[0]
    if not result.passed:
        return f"{gate.name!r} has not passed: observed {result.observed}, expected {result.expected}."
    return _about_age(f"The result of {gate.name!r}", result.ended, max_age, now)


def _about_age(what: str, date: datetime, max_age: int, now: datetime) -> str:
    if date > now + timedelta(seconds=CLOCK_SKEW):
        ahead = (date - now).total_seconds()
        return f"{what} is from the future by {ahead:.0f} s; compare the clocks of the machines."
    age = (now - date).total_seconds()
    return f"{what} is {age:.0f} s old, and max_evidence_age is {max_age} s." if age > max_age else ""


def _override_from(given: Mapping[str, t.Any], required: Sequence[str]) -> Override:
    gates, reason = given["gates"], given["reason"].strip()
    unknown = [name for name in gates if name not in required]
    listed = ", ".join(repr(name) for name in required) or "none"
    if unknown:
        raise RefusedError(
            f"override names {', '.join(repr(name) for name in unknown)}, but no required gate has this name. The "
            f"required gates are: {listed}.",
            code="TG-OVERRIDE",
        )
    if required and not gates:
        raise RefusedError(
            f"override names no gate. Name each gate that it skips, out of: {listed}.", code="TG-OVERRIDE"
        )
    if not reason:
        raise RefusedError("override has no reason. Say why the lock is released without proof.", code="TG-OVERRIDE")
    return Override(frozenset(gates), reason)


def _result_from(given: Mapping[str, t.Any]) -> GateResult:
    if not isinstance(given["passed"], bool):
        raise TypeError(f"passed of {given['name']!r} is {given['passed']!r} and not a boolean")
    began, ended = _time(given["from"]), _time(given["to"])
    if ended < began:
        raise ValueError(f"the result of {given['name']!r} ended before it began")
    gate = Gate(str(given["name"]), str(given["digest"]))
    return GateResult(gate, given["passed"], str(given["observed"]), str(given["expected"]), began, ended)


def _time(text: t.Any) -> datetime:
    """A time in the form of RFC 3339. A time without a zone is ambiguous, so it is refused."""
    try:
        time = datetime.fromisoformat(text)
        if time.tzinfo is None:
            raise ValueError("no zone")
        return time.astimezone(UTC)
    except (TypeError, ValueError, OverflowError) as problem:
        raise ValueError(f"{text!r} is not a time with a zone, such as '2026-11-21T03:04:05Z'") from problem
