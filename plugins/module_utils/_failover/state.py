# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The state of a service between runs: the last run, its phase, and times. Tags of the primary's health check hold it.

Tags have no versions. So each run writes its own tag, whose key ends with the run's id, and removes the tags of earlier
runs in the same call. If a write arrives late, after another run has taken over the service, it overwrites nothing: it
only adds a tag. A phase counts only in the tag of the run whose id the lock has. The times in all tags count, because
each of them is true. The next write removes the other tags.
"""

from __future__ import annotations

import re
import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import LOCK_ID

#: The prefix of the tag's key; ``-`` and the run's id follow. Release 0.1.0 used the prefix alone, which is still read.
TAG = "tidegate-failover"

#: The phases that a run can leave. In the first two, a run holds the claim, and is in progress or was aborted. In
#: ``releasing`` a failback has released its lock, or is about to, and has not finished: the page may still be up.
PHASES = ("running", "failing_back", "failed_over", "interrupted", "undone", "releasing", "serving")
UNDER_WAY = frozenset({"running", "failing_back"})
RELEASING = "releasing"
#: Phases in which the state contains the process or job that carries out the run.
_CARRIED_OUT = UNDER_WAY | {RELEASING}

#: These times stay true after the run that wrote them has ended, so later runs keep them.
_TIMES = ("failed_over_at", "acknowledged_at", "suppressed_until")
_ALL_TIMES = (*_TIMES, "began_at")
#: Former names of times. They still count, or automation would no longer be suppressed.
_FORMER_TIMES = {"downtime_until": "suppressed_until"}
_TIME = "%Y-%m-%dT%H:%M:%SZ"

#: The maximum length of ``by``, with which the longest state still fits into a tag.
BY_LENGTH = 64
#: Characters that AWS does not accept in tags, or that separate words here.
_NOT_IN_A_WORD = re.compile(r"[^\w.:/=+\-@]")


@dataclass(frozen=True)
class State:
    """The state in the tags.

    :ivar run: id of the run that wrote it last, which is the id of its lock.
    :ivar phase: one of :data:`PHASES`.
    :ivar failed_over_at: when the service was last failed over.
    :ivar acknowledged_at: when a person last acknowledged it.
    :ivar suppressed_until: automatic runs are suppressed until then.
    :ivar by: the process or job that carries the run out, such as ``host/pid``; empty if not known, or if it has ended.
    :ivar began_at: when that process or job began.
    """

    run: str
    phase: str
    failed_over_at: datetime | None = None
    acknowledged_at: datetime | None = None
    suppressed_until: datetime | None = None
    by: str = ""
    began_at: datetime | None = None


def state_tag(state: State) -> dict[str, str]:
    """The tag of a state: only characters that AWS accepts, and well below the limit of 256."""
    times = {name: getattr(state, name) for name in _ALL_TIMES}
    reported = [f"run={state.run}", f"phase={state.phase}"]
    reported += [f"{name.replace('_', '-')}={time.strftime(_TIME)}" for name, time in times.items() if time]
    reported += [f"by={state.by}"] if state.by else []
    return {f"{TAG}-{state.run}": " ".join(reported)}


def state_tags_in(tags: Mapping[str, str]) -> dict[str, str]:
    """The tags of a health check that contain a state, of any run."""
    return {key: value for key, value in tags.items() if key == TAG or key.startswith(f"{TAG}-")}


def read_state(tags: Mapping[str, str], holder: str | None) -> State | None:
    """The state in the tags; None if no run has written one yet.

    A late write may leave several tags. Then the tag of the holder counts, or else the tag of the latest run. The
    latest of each time counts, because a suppression or a failover that another run wrote is true too.

    :param holder: the run whose id the lock has; None if there is no lock.
    :raises ValueError: a tag contains something else, which a person must have written.
    """
    states = [_read(key, text) for key, text in state_tags_in(tags).items()]
    if not states:
        return None
    last = max(states, key=lambda state: (state.run == holder, state.run))
    times: dict[str, t.Any] = {name: _latest(getattr(state, name) for state in states) for name in _TIMES}
    return replace(last, **times)


def by_word(text: str) -> str:
    """The process or job in a form that fits into a tag. The end of a long host name is cut off."""
    word = _NOT_IN_A_WORD.sub("_", text)
    host, slash, number = word.rpartition("/")
    room = BY_LENGTH - len(slash + number)
    return (host[:room] + slash + number) if host and room > 0 else word[:BY_LENGTH]


def next_state(
    before: State | None,
    *,
    run: str,
    phase: str,
    operation: str,
    now: datetime,
    suppress: int | None,
    by: str = "",
) -> State:
    """The state once a run has written its phase.

    :param operation: ``failover``, ``failback`` or ``acknowledge``.
    :param suppress: seconds from now in which automation is suppressed; 0 ends a suppression, None keeps it.
    :param by: the process or job that carries out the run; kept with its start while the run is in progress.
    """
    now = now.astimezone(UTC).replace(microsecond=0)
    began_at = now if by else None
    if before and before.run == run and by in ("", before.by):
        by, began_at = before.by, before.began_at
    if phase not in _CARRIED_OUT:
        by, began_at = "", None
    state = replace(before or State(run, phase), run=run, phase=phase, by=by, began_at=began_at)
    if operation == "failover" and phase in ("failed_over", "interrupted"):
        state = replace(state, failed_over_at=now)
    if operation == "acknowledge":
        state = replace(state, acknowledged_at=now)
    if suppress is not None:
        state = replace(state, suppressed_until=now + timedelta(seconds=suppress) if suppress else None)
    return state


def reported_state(state: State | None) -> dict[str, str | None] | None:
    """A state in the form of results."""
    if state is None:
        return None
    times = {name: getattr(state, name) for name in _ALL_TIMES}
    reported = {name: time.strftime(_TIME) if time else None for name, time in times.items()}
    return {"run": state.run, "phase": state.phase, **reported, "by": state.by or None}


def _read(key: str, text: str) -> State:
    fields = dict(word.partition("=")[::2] for word in text.split(" "))
    run, phase, by = (fields.pop(name, "") for name in ("run", "phase", "by"))
    words = {name.replace("-", "_"): value for name, value in fields.items()}
    times = {_FORMER_TIMES.get(name, name): value for name, value in words.items()}
    known = set(times) <= set(_ALL_TIMES) and len(times) == len(words)
    if not LOCK_ID.fullmatch(run) or phase not in PHASES or not known:
        raise ValueError(text)
    if key not in (TAG, f"{TAG}-{run}"):
        raise ValueError(f"{key}: {text}")
    return State(run, phase, by=by, **{name: _time(value) for name, value in times.items()})


def _latest(times: Iterable[datetime | None]) -> datetime | None:
    return max((time for time in times if time), default=None)


def _time(text: str) -> datetime:
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
