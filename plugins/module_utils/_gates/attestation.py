# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``attestation``: a person who did not request the failback states that the site is ready for traffic."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Values,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._persons import (
    is_blank,
    is_mixed,
    is_nobody,
    is_same,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._times import read_time, reported
from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import CLOCK_SKEW
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import lock_time


def check(options: Values) -> None:
    """Refuse texts that are not times."""
    for option in ("at", "expires"):
        if options[option]:
            read_time(option, options[option])


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    until = f", valid until {options['expires']}" if options["expires"] else ""
    return f"the statement of a person who does not ask for the failback{until}"


def observe(options: Values, probe: Probe) -> Observation:
    """Check who states it, and when."""
    approver, statement = " ".join(options["by"].split()), " ".join(options["statement"].split())
    # A requester in the gate does not replace the requester of the task: both count.
    requesters = [name.strip() for name in (options["requester"], probe.requester) if name and not is_nobody(name)]
    trouble = _about_people(approver, statement, requesters) or _about_time(options, probe, approver)
    if trouble is not None:
        return trouble
    return Observation(True, f"{approver} states {statement!r}, asked by {requesters[0]}", final=True)


def _about_people(approver: str, statement: str, requesters: Sequence[str]) -> Observation | None:
    """Why this is not one person's statement about another person's request; None if it is."""
    if is_nobody(approver):
        observed = f"nobody has approved{f' (by is {approver!r})' if approver else ''}"
        return _refused(observed, "Ask a person to approve, and give their name in by.")
    if is_blank(statement):
        observed = f"{approver} states nothing{f' (statement is {statement!r})' if statement else ''}"
        return _refused(observed, "Give in statement what is approved, such as a change number.")
    if not requesters:
        observed = f"it is unknown who requests the failback, so {approver} may be the requester"
        where = "failback_requester of the role failback, failover_owner of the role failover, or requester here"
        return _refused(observed, f"Give the name of the person who requests it: {where}.")
    if any(is_mixed(name) for name in (approver, *requesters)):
        observed = f"the name of {approver} or of a requester mixes letters of alphabets that look alike"
        return _refused(observed, "Write both names in one alphabet.")
    if any(is_same(approver, requester) for requester in requesters):
        remedy = "Ask another person than the requester to approve it."
        return _refused(f"{approver} both requests the failback and approves it", remedy)
    return None


def _about_time(options: Values, probe: Probe, approver: str) -> Observation | None:
    """Why the time of the statement is not valid; None if it is."""
    again = f"Ask {approver} to approve again."
    if options["expires"] and read_time("expires", options["expires"]) <= probe.now:
        return _refused(f"what {approver} stated expired at {options['expires']}", again)
    if not options["at"]:
        return None
    at = read_time("at", options["at"])
    if at > probe.now + timedelta(seconds=CLOCK_SKEW):
        return _refused(
            f"{approver} stated it at {reported(at)}, which is in the future", "Give the time when it was stated."
        )
    locked = [datetime.fromisoformat(time) for time in map(lock_time, probe.lock_ids) if time]
    if any(at < time for time in locked):
        return _refused(
            f"{approver} stated it at {reported(at)}, before the lock was placed at {reported(max(locked))}", again
        )
    return None


def _refused(observed: str, remedy: str) -> Observation:
    return Observation(False, observed, remedy, final=True)


KIND = GateKind(
    name="attestation",
    description="""
        Passes if a named person states that the site is ready for traffic, and another person requests the failback.
        The gate records who takes the responsibility. It cannot prove that this person made the statement.

        What else could make it pass:

        A value that nobody filled in, such as an empty text, V(None), V(false) or a template that was not rendered. The
        gate fails with such a name or statement. It cannot check that a name belongs to a person.

        An unknown requester. The gate fails, since the approver could be the requester. Outside of AWX the role
        C(failback) does not know the requester, so set its variable C(failback_requester).

        One person under two names. The gate compares the names without letter case, spaces, invisible characters and
        the prefix of an account (V(operator:bob), C(CORP\\bob)). V(bob) and V(bob@example.com) are one person. It fails
        if a word of a name mixes Latin, Cyrillic and Greek letters. Two accounts that share no name, or a whole name
        in another alphabet, cannot be detected.

        An account of many people. V(operator) is the default owner of a failover and names nobody, so the gate fails
        with it as the requester or the approver. Other shared accounts cannot be detected. Give names of persons.

        Different requesters in the gate and in the task. The approver must be neither of them.

        An old approval. With O(gates[].attestation.at) or O(gates[].attestation.expires) the gate fails if the approval
        is older than the lock, or has expired. Without these options it cannot detect that, so do not keep an approver
        in the inventory. Pass the name with each run, as an extra variable.

        A name that the requester typed. No option prevents this. Where you need proof of who approved, use the approval
        of your job scheduler.""",
    options={
        "by": {
            "description": "Who approves. If this is empty, or a placeholder such as V(None), the gate fails.",
            "type": "str",
            "required": True,
        },
        "statement": {
            "description": """
                What this person states, such as the number of a change. If this is empty, or a placeholder such as
                V(None), the gate fails.""",
            "type": "str",
            "required": True,
        },
        "requester": {
            "description": """
                Who requests the failback. If not given, the task's own C(requester). If both are given, the approver
                must be neither of them. If none is given, the gate fails.""",
            "type": "str",
        },
        "at": {
            "description": """
                When it was stated, as in RFC 3339 with a zone. If it was stated before the lock was placed, the gate
                fails.""",
            "type": "str",
        },
        "expires": {
            "description": "When the statement expires, as in RFC 3339 with a zone.",
            "type": "str",
        },
    },
    expected=expected,
    observe=observe,
    check=check,
    timing=None,
)
