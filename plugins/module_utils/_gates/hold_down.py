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
from ansible_collections.tidegate.failover.plugins.module_utils._gates._times import read_time, reported
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import lock_time


def check(options: Values) -> None:
    """Refuse a time that nobody could wait for."""
    if options["minimum"] < 1:
        raise RefusedError(f"minimum is {options['minimum']}. Give at least one second.")
    if options["since"] is not None:
        read_time("since", options["since"])


def expected(options: Values) -> str:
    """What the gate wants to see."""
    since = "the lock was placed"
    if options["since"]:
        since = f"{options['since']} or the lock, whichever is later"
    return f"at least {options['minimum']} s since {since}"


def observe(options: Values, look: Look) -> Observation:
    """Compare the age of the lock with what is asked for."""
    since = _since(options, look)
    if isinstance(since, Observation):
        return since
    age = (look.now - since).total_seconds()
    end = since + timedelta(seconds=options["minimum"])
    observed = f"{age:.0f} s since {reported(since)}"
    if age >= options["minimum"]:
        return Observation(True, observed)
    future = "That is in the future by this machine's clock, so see whether that is right. " if age < 0 else ""
    return Observation(False, observed, f"{future}Evaluate the gates again at {reported(end)}, or later.")


def _since(options: Values, look: Look) -> datetime | Observation:
    """When the hold-down began: for several locks, when the last one was placed, and not before the time given."""
    placed = {lock_id: lock_time(lock_id) for lock_id in look.lock_ids}
    times = [datetime.fromisoformat(time).astimezone(UTC) for time in placed.values() if time]
    if options["since"] is not None:
        # One that is older than the lock is about an earlier lock.
        return max([read_time("since", options["since"]), *times])
    if not look.lock_ids:
        return _unknown("no lock is named")
    timeless = [lock_id for lock_id, time in placed.items() if time is None]
    if timeless:
        return _unknown(f"the id of lock {', '.join(timeless)} contains no time")
    return max(times)


def _unknown(observed: str) -> Observation:
    remedy = "Give since, the time that counts, such as when the lock was placed."
    return Observation(False, f"{observed}, so it is not known since when", remedy, final=True)


KIND = GateKind(
    name="hold_down",
    description="""
        Passes if enough time has elapsed since the site was locked out. With a longer O(gates[].hold_down.timeout) it
        waits for that.

        It uses the clock of the machine where it runs. M(tidegate.failover.r53_healthcheck_lock) names its locks
        after AWS's time, and takes no evidence from a machine whose clock is more than a minute off.

        What else could make it pass:

        A clock that is wrong. Up to a minute is tolerated, and more is refused when the lock is released. Evidence that
        is used for anything else than a lock is not checked for that.

        A time in O(gates[].hold_down.since) that belongs to an earlier lock. The lock counts where it is later. Of a
        lock whose id contains no time this is not known, so do not keep the option in the inventory.

        The lock of another site, or the older one of several. The latest counts, and evidence releases only the locks
        that it was taken for. Without any lock the gate fails, unless O(gates[].hold_down.since) is given.

        A lock without a time, or one from the future. The gate fails.

        Time in which the site was not healthy. It counts too: the gate only waits. Add gates that check it.""",
    options={
        "minimum": {"description": "How many seconds have to have elapsed.", "type": "int", "required": True},
        "since": {
            "description": """
                The time from which to count, as in RFC 3339 with a zone, such as V(2026-11-21T03:04:05Z). If the lock
                was placed later, that counts.

                If not given, the time when the lock was placed, which its id contains; for several locks the latest.
                The id of a lock without a pinned path contains no time, and the gate fails without this option.""",
            "type": "str",
        },
    },
    expected=expected,
    observe=observe,
    check=check,
    timing=Timing(timeout=1),
)
