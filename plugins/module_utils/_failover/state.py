# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The state of a service between runs: which run did what last, and when; held by a tag of the primary's health check.

It is written only by the run whose id the lock carries. So a tag that names another run than the lock does was written
before that lock was placed, and says nothing about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import LOCK_ID

#: The tag's key.
TAG = "tidegate-failover"

#: What a run can have left behind. The first two are those of a run that is going on, or died.
PHASES = ("running", "failing_back", "failed_over", "interrupted", "undone", "serving")
UNDER_WAY = frozenset({"running", "failing_back"})

_TIMES = ("failed_over_at", "acknowledged_at", "downtime_until")
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True)
class State:
    """What the tag says.

    :ivar run: id of the run that wrote it last, which is the id of its lock.
    :ivar phase: one of :data:`PHASES`.
    :ivar failed_over_at: when the service was failed over last.
    :ivar acknowledged_at: when a person last said to have looked at it.
    :ivar downtime_until: no run begins automatically before that.
    """

    run: str
    phase: str
    failed_over_at: datetime | None = None
    acknowledged_at: datetime | None = None
    downtime_until: datetime | None = None


def write_state(state: State) -> str:
    """The tag's value, in the characters that AWS takes in tags and well below its 256."""
    times = {name: getattr(state, name) for name in _TIMES}
    told = [f"run={state.run}", f"phase={state.phase}"]
    told += [f"{name.replace('_', '-')}={time.strftime(_TIME)}" for name, time in times.items() if time]
    return " ".join(told)


def read_state(tags: Mapping[str, str]) -> State | None:
    """What the tags say; None if no run has written a state yet.

    :raises ValueError: the tag holds something else, which a person must have written.
    """
    text = tags.get(TAG)
    if text is None:
        return None
    fields = dict(word.partition("=")[::2] for word in text.split(" "))
    run, phase = fields.pop("run", ""), fields.pop("phase", "")
    times = {name.replace("-", "_"): value for name, value in fields.items()}
    if not LOCK_ID.fullmatch(run) or phase not in PHASES or not set(times) <= set(_TIMES):
        raise ValueError(text)
    return State(run, phase, **{name: _time(value) for name, value in times.items()})


def next_state(
    before: State | None,
    *,
    run: str,
    phase: str,
    operation: str,
    now: datetime,
    downtime: int | None,
) -> State:
    """The state once a run has written its phase.

    :param operation: ``failover``, ``failback`` or ``acknowledge``.
    :param downtime: seconds from now in which nothing begins automatically; 0 ends a downtime, None leaves it.
    """
    state = replace(before, run=run, phase=phase) if before else State(run, phase)
    now = now.astimezone(UTC).replace(microsecond=0)
    if operation == "failover" and phase in ("failed_over", "interrupted"):
        state = replace(state, failed_over_at=now)
    if operation == "acknowledge":
        state = replace(state, acknowledged_at=now)
    if downtime is not None:
        state = replace(state, downtime_until=now + timedelta(seconds=downtime) if downtime else None)
    return state


def told_state(state: State | None) -> dict[str, str | None] | None:
    """A state as results show it."""
    if state is None:
        return None
    times = {name: getattr(state, name) for name in _TIMES}
    told = {name: time.strftime(_TIME) if time else None for name, time in times.items()}
    return {"run": state.run, "phase": state.phase, **told}


def _time(text: str) -> datetime:
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
