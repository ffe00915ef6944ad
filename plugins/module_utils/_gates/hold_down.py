# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``hold_down``: a site has been locked out for long enough."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Look,
    Observation,
    Timing,
    Values,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._times import read_time, told
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import lock_time


def check(options: Values) -> None:
    """Refuse a time that nobody could wait for."""
    if options["minimum"] < 1:
        raise RefusedError(f"minimum is {options['minimum']}. Give at least one second.")
    if options["since"] is not None:
        read_time("since", options["since"])


def expected(options: Values) -> str:
    """What the gate wants to see."""
    since = options["since"] or "the lock was placed"
    return f"at least {options['minimum']} s since {since}"


def observe(options: Values, look: Look) -> Observation:
    """Compare the age of the lock with what is asked for."""
    since = _since(options, look)
    if isinstance(since, Observation):
        return since
    age = (look.now - since).total_seconds()
    end = since + timedelta(seconds=options["minimum"])
    observed = f"{age:.0f} s since {told(since)}"
    if age >= options["minimum"]:
        return Observation(True, observed)
    future = "That is in the future by this machine's clock, so see whether that is right. " if age < 0 else ""
    return Observation(False, observed, f"{future}Evaluate the gates again at {told(end)}, or later.")


def _since(options: Values, look: Look) -> datetime | Observation:
    """When the hold-down began: for several locks, when the last one was placed."""
    if options["since"] is not None:
        return read_time("since", options["since"])
    if not look.lock_ids:
        return _unknown("no lock is named")
    times = {lock_id: lock_time(lock_id) for lock_id in look.lock_ids}
    timeless = [lock_id for lock_id, time in times.items() if time is None]
    if timeless:
        return _unknown(f"the id of lock {', '.join(timeless)} tells no time")
    return max(datetime.fromisoformat(time) for time in times.values() if time).astimezone(UTC)


def _unknown(observed: str) -> Observation:
    remedy = "Give since, the time that counts, such as when the lock was placed."
    return Observation(False, f"{observed}, so it is not known since when", remedy, final=True)


KIND = GateKind(
    name="hold_down",
    description="""
        Passes if enough time has gone by since the site was locked out. With a longer O(gates[].hold_down.timeout) it
        waits for that.

        What else could make it pass: a wrong clock, or another time than that of this lock, such as
        O(gates[].hold_down.since). Of several locks the latest counts, and a lock whose id tells no time fails. It goes
        by the clock of the machine where it runs. M(tidegate.failover.r53_healthcheck_lock) names its locks
        after the time that AWS tells, and takes no evidence from a machine whose clock is more than a minute off.""",
    options={
        "minimum": {"description": "The seconds that have to have gone by.", "type": "int", "required": True},
        "since": {
            "description": """
                The time from which to count, as in RFC 3339 with a zone, such as V(2026-11-21T03:04:05Z).

                If not given, the time when the lock was placed, which its id tells; for several locks the latest. The
                id of a lock without a pinned path tells no time, and the gate fails there without this option.""",
            "type": "str",
        },
    },
    expected=expected,
    observe=observe,
    check=check,
    timing=Timing(timeout=1),
)
