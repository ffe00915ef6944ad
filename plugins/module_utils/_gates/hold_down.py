# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``hold_down``: a site has been locked out for a minimum time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Timing,
    Values,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._times import read_time, reported
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import lock_time


def check(options: Values) -> None:
    """Refuse an invalid minimum or start time."""
    if options["minimum"] < 1:
        raise RefusedError(f"minimum is {options['minimum']}. Give at least one second.")
    if options["since"] is not None:
        read_time("since", options["since"])


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    since = "the lock was placed"
    if options["since"]:
        since = f"{options['since']} or the lock, whichever is later"
    return f"at least {options['minimum']} s since {since}"


def observe(options: Values, probe: Probe) -> Observation:
    """Compare the age of the lock with the minimum."""
    since = _since(options, probe)
    if isinstance(since, Observation):
        return since
    age = (probe.now - since).total_seconds()
    end = since + timedelta(seconds=options["minimum"])
    observed = f"{age:.0f} s since {reported(since)}"
    if age >= options["minimum"]:
        return Observation(True, observed)
    future = "That is in the future by this machine's clock, so check the clock. " if age < 0 else ""
    return Observation(False, observed, f"{future}Evaluate the gates again at {reported(end)}, or later.")


def _since(options: Values, probe: Probe) -> datetime | Observation:
    """When the hold-down began: when the last of the locks was placed, or at ``since`` if that is later."""
    placed = {lock_id: lock_time(lock_id) for lock_id in probe.lock_ids}
    times = [datetime.fromisoformat(time).astimezone(UTC) for time in placed.values() if time]
    if options["since"] is not None:
        # A time before the lock belongs to an earlier lock.
        return max([read_time("since", options["since"]), *times])
    if not probe.lock_ids:
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
        Passes if enough time has elapsed since the site was locked out. With a longer O(gates[].hold_down.timeout) the
        gate waits until it has elapsed.

        The gate uses the clock of the machine where it runs. M(tidegate.failover.r53_healthcheck_lock) names its locks
        after AWS's time, and refuses evidence from a machine whose clock is wrong by more than a minute.

        What else could make it pass:

        A wrong clock. A difference of up to a minute is tolerated, and a greater one is refused when the lock is
        released. The clock is not checked for evidence that is used for anything other than a lock.

        A time in O(gates[].hold_down.since) that belongs to an earlier lock. If the lock is later, its time counts. The
        gate cannot check this for a lock whose id contains no time, so do not keep the option in the inventory.

        The lock of another site, or the older of several locks. The latest counts, and evidence releases only the locks
        that it was recorded for. Without any lock the gate fails, unless O(gates[].hold_down.since) is given.

        A lock without a time, or one from the future. The gate fails.

        Time in which the site was not healthy. This time counts too: the gate only waits. Add gates that check
        health.""",
    options={
        "minimum": {"description": "How many seconds must have elapsed.", "type": "int", "required": True},
        "since": {
            "description": """
                The time from which to count, as in RFC 3339 with a zone, such as V(2026-11-21T03:04:05Z). If the lock
                was placed later, the time of the lock counts.

                If not given, the time when the lock was placed, which its id contains; for several locks the latest.
                The id of a lock without a pinned path contains no time. For such a lock the gate fails without this
                option.""",
            "type": "str",
        },
    },
    expected=expected,
    observe=observe,
    check=check,
    timing=Timing(timeout=1),
)
