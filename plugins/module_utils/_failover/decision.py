# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Whether a failover, a failback or an acknowledgement may begin. Pure functions on plain data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import RELEASING, UNDER_WAY, State
from ansible_collections.tidegate.failover.plugins.module_utils._lock.lock import Lock
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import Moment, clock_problem
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import LOCK_ID
from ansible_collections.tidegate.failover.plugins.module_utils._record.commands import Target


@dataclass(frozen=True)
class Service:
    """What is known of a service.

    :ivar lock: the lock of its first health check; None if the health check is not locked.
    :ivar state: the state in its tag; None if there is no tag, or it cannot be parsed.
    :ivar damaged: the tag's text if it cannot be parsed.
    """

    lock: Lock | None
    state: State | None
    damaged: str | None = None

    @property
    def claim(self) -> str:
        """Who holds the lock.

        - ``open``: there is no lock.
        - ``foreign``: something without an id placed it, such as a Lambda or a person.
        - ``under way``: a run that is in progress or was aborted.
        - ``settled``: a run that has ended.
        - ``unknown``: the state is of another lock. A run has just begun or was aborted at once, or the lock was placed
          with the module alone.
        """
        if self.lock is None:
            return "open"
        if not LOCK_ID.fullmatch(self.lock.id):
            return "foreign"
        if self.state is None or self.state.run != self.lock.id:
            return "unknown"
        return "under way" if self.state.phase in UNDER_WAY else "settled"


@dataclass(frozen=True)
class Asked:
    """The operation that is about to begin.

    :ivar operation: ``failover``, ``failback`` or ``acknowledge``.
    :ivar run: its id; a run that holds the lock itself may continue.
    :ivar automatic: whether it was started without a person.
    :ivar automatic_allowed: the kill switch: if it is False, no automatic run begins.
    :ivar cooldown: seconds after a failover in which another one does not begin automatically.
    :ivar acknowledge: the command that acknowledges for this service; see :func:`acknowledge_command`.
    """

    operation: str
    run: str | None
    automatic: bool
    automatic_allowed: bool
    cooldown: int
    acknowledge: str


@dataclass(frozen=True)
class Verdict:
    """Whether the operation may begin.

    :ivar already: whether there is nothing to do, because the service is already in the requested state.
    :ivar replaces: the lock to take over; None if there is none, or it is the run's own.
    :ivar phase: the phase to write once the claim is held.
    :ivar code: the error code if it may not begin.
    """

    allowed: bool
    msg: str
    already: bool = False
    replaces: str | None = None
    phase: str | None = None
    code: str = field(default="", compare=False)


def acknowledge_command(service: str, health_check_id: str, inventory: Sequence[str] = ()) -> str:
    """The command with which a person acknowledges that a run was aborted.

    :param service: its name in the inventory; empty if the service is identified by its health check only.
    :param inventory: the inventory sources, one for each ``-i``.
    """
    target = Target(service, inventory, [health_check_id])
    return target.command("acknowledge", "-e", "acknowledge_reason=...")


def reported_runner(state: State) -> str:
    """The process or job of a run and its start, as far as the state has them. Begins with a comma, or is empty."""
    began = f" at {state.began_at:%Y-%m-%dT%H:%M:%SZ}" if state.began_at else ""
    return f", started by {state.by}{began}" if state.by else ""


def decide(service: Service, asked: Asked, moment: Moment) -> Verdict:
    """Whether an operation may begin, and what it has to claim. Elapsed time is measured by the service's clock.

    No failback begins if this machine's clock is wrong: its evidence would be refused at the end, after it may have
    moved data. A failover begins all the same, because it locks.
    """
    refused = _why_not_automatic(service, asked, moment.service) if asked.automatic else None
    already = _already(service, asked)
    if already:
        return already
    refused = refused or _why_no_evidence(asked, moment)
    if refused:
        return refused
    if asked.operation == "acknowledge":
        return _acknowledge(service)
    if _is_own(service, asked):
        return Verdict(True, "This run holds the claim already.", phase=_begun(asked))
    refused = _held_by_another(service, asked)
    if refused:
        return refused
    lock = service.lock
    reported = f"Lock {lock.id} is taken over." if lock else "No lock is there yet."
    return Verdict(True, reported, replaces=lock.id if lock else None, phase=_begun(asked))


def _refused(code: str, msg: str) -> Verdict:
    return Verdict(False, msg, code=code)


def _already(service: Service, asked: Asked) -> Verdict | None:
    lock, state = service.lock, service.state
    if asked.operation == "failback" and lock is None and state is not None and state.phase == RELEASING:
        return Verdict(True, "The health check is not locked, but its failback was not finished.", True)
    if asked.operation == "failback" and lock is None:
        return Verdict(True, "Not failed over: the health check is not locked, so there is nothing to fail back.", True)
    settled = service.claim == "settled" and state is not None and state.phase == "failed_over"
    if asked.operation == "failover" and settled and lock and not _is_own(service, asked):
        return Verdict(True, f"Already failed over, by {_whose(lock)}.", True)
    return None


def _acknowledge(service: Service) -> Verdict:
    lock, state = service.lock, service.state
    if lock is None:
        left = RELEASING if state is not None and state.phase == RELEASING else "serving"
        return Verdict(True, "The health check is not locked; no run holds it.", phase=left)
    return Verdict(True, f"Lock {lock.id} is taken over.", replaces=lock.id, phase=_phase_left(service, lock))


def _phase_left(service: Service, lock: Lock) -> str:
    """The phase that the last run left.

    A run that takes over a lock keeps the time of that lock. If the run was aborted before it wrote its state, it has
    done nothing else, so the phase of the run before it is still right.
    """
    state = service.state
    if state is None or state.phase in UNDER_WAY:
        return "interrupted"
    is_taken_over = service.claim == "unknown" and _placed(state.run) == _placed(lock.id)
    return state.phase if service.claim == "settled" or is_taken_over else "interrupted"


def _placed(lock_id: str) -> str:
    return lock_id.partition("-")[0]


def _is_own(service: Service, asked: Asked) -> bool:
    return service.lock is not None and service.lock.id == asked.run


def _begun(asked: Asked) -> str:
    return "running" if asked.operation == "failover" else "failing_back"


def _held_by_another(service: Service, asked: Asked) -> Verdict | None:
    lock, state = service.lock, service.state
    if lock is None or service.claim in ("foreign", "settled"):
        return None
    if service.claim == "under way" and state is not None:
        what = {"running": "A failover", "failing_back": "A failback"}[state.phase]
        found = f"{what} of this service is in progress, or was aborted: {_whose(lock)}{reported_runner(state)}."
        return _refused("TG-HELD-BY-ANOTHER", f"{found} {_advice(asked)}")
    return _refused(
        "TG-HELD-BY-ANOTHER",
        f"The service is locked by {_whose(lock)}, and its state does not record the purpose: that run has only just "
        f"begun, or it was aborted, or the module r53_healthcheck_lock was used alone. {_advice(asked)}",
    )


def _advice(asked: Asked) -> str:
    return (
        f"If that run was aborted, acknowledge it with `{asked.acknowledge}`, and then run this again. If it is still "
        "in progress, wait for it to end."
    )


def _why_not_automatic(service: Service, asked: Asked, now: datetime) -> Verdict | None:
    """Why an automatic run may not begin; None if it may."""
    state = service.state
    if not asked.automatic_allowed:
        return _refused(
            "TG-AUTOMATIC-OFF",
            "Automatic runs are switched off (failover_automatic_allowed is false). A person may begin the run: "
            "failover_trigger=manual.",
        )
    if service.damaged is not None:
        return _refused(
            "TG-STATE-UNREADABLE",
            f"The service's state cannot be parsed: its tag tidegate-failover has {service.damaged!r}. A person has to "
            "check it, and to run the playbook tidegate.failover.acknowledge, which writes it again.",
        )
    if state is None:
        return None
    if state.suppressed_until and now < state.suppressed_until:
        return _refused(
            "TG-SUPPRESSED",
            f"Automation is suppressed until {state.suppressed_until:%Y-%m-%dT%H:%M:%SZ}. A person may begin the run.",
        )
    if asked.operation == "failover" and service.claim == "settled" and state.phase == "interrupted":
        return _refused(
            "TG-LAST-RUN-FAILED",
            "Its last failover did not succeed, so a person has to begin the next one: failover_trigger=manual.",
        )
    return _blocked(state, asked, now)


def _why_no_evidence(asked: Asked, moment: Moment) -> Verdict | None:
    problem = clock_problem(moment) if asked.operation == "failback" else ""
    if not problem:
        return None
    return _refused("TG-CLOCK", f"{problem} Until then the evidence for a failback cannot be judged.")


def _blocked(state: State, asked: Asked, now: datetime) -> Verdict | None:
    last = state.failed_over_at
    if asked.operation != "failover" or last is None:
        return None
    if state.acknowledged_at and state.acknowledged_at >= last:
        return None
    ends = last + timedelta(seconds=asked.cooldown)
    if now >= ends:
        return None
    return _refused(
        "TG-COOLDOWN",
        f"It was failed over at {last:%Y-%m-%dT%H:%M:%SZ}, and nobody has acknowledged that. Until "
        f"{ends:%Y-%m-%dT%H:%M:%SZ} (failover_cooldown is {asked.cooldown} s) it is not failed over "
        "automatically again. Run the playbook tidegate.failover.acknowledge, or begin the run as a person.",
    )


def _whose(lock: Lock) -> str:
    owner = lock.owner or "an owner that its tags do not tell"
    since = f" since {lock.since}" if lock.since else ""
    return f"run {lock.id} of {owner}{since}"
