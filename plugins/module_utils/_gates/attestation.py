# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``attestation``: a person says that the site may serve again, and it is not the one who asks for it."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Look,
    Observation,
    Values,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates._times import read_time, told
from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import CLOCK_SKEW
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import lock_time

#: What templates and surveys make of a variable that nobody has set.
_NOTHING = frozenset({"", "none", "null", "undefined", "true", "false", "omit", "-", "''", '""'})


def check(options: Values) -> None:
    """Refuse times that are none."""
    for option in ("at", "expires"):
        if options[option]:
            read_time(option, options[option])


def expected(options: Values) -> str:
    """What the gate wants to see."""
    until = f", valid until {options['expires']}" if options["expires"] else ""
    return f"the statement of a person who does not ask for the failback{until}"


def observe(options: Values, look: Look) -> Observation:
    """Look at who says it, and when."""
    approver, statement = _given(options["by"]), _given(options["statement"])
    requester = _given(options["requester"] or look.requester or "")
    if not approver:
        return _refused("nobody has approved", "Ask a person to approve, and give their name in by.")
    if not statement:
        return _refused(f"{approver} states nothing", "Give in statement what is approved, such as a change number.")
    if _person(requester) == _person(approver):
        remedy = "Ask another person than the one who asks for the failback to approve it."
        return _refused(f"{approver} both asks for the failback and approves it", remedy)
    late = _about_time(options, look, approver)
    asked = f", asked by {requester}" if requester else ""
    return late or Observation(True, f"{approver} states {statement!r}{asked}", final=True)


def _given(text: str) -> str:
    """What was given, in one line; empty for what a template or a survey makes of nothing."""
    line = " ".join(text.split())
    return "" if line.casefold() in _NOTHING or "{{" in line else line


def _person(name: str) -> str:
    """A name in the one form in which two that mean the same person are the same: ``operator:Bob`` is ``bob``."""
    return unicodedata.normalize("NFKC", name).casefold().rpartition(":")[2].strip()


def _about_time(options: Values, look: Look, approver: str) -> Observation | None:
    """Why the statement does not count now; None if it does."""
    again = f"Ask {approver} to approve again."
    if options["expires"] and read_time("expires", options["expires"]) <= look.now:
        return _refused(f"what {approver} stated expired at {options['expires']}", again)
    if not options["at"]:
        return None
    at = read_time("at", options["at"])
    if at > look.now + timedelta(seconds=CLOCK_SKEW):
        return _refused(
            f"{approver} stated it at {told(at)}, which is in the future", "Give the time when it was stated."
        )
    locked = [datetime.fromisoformat(time) for time in map(lock_time, look.lock_ids) if time]
    if any(at < time for time in locked):
        return _refused(f"{approver} stated it at {told(at)}, before the lock was placed at {told(max(locked))}", again)
    return None


def _refused(observed: str, remedy: str) -> Observation:
    return Observation(False, observed, remedy, final=True)


KIND = GateKind(
    name="attestation",
    description="""
        Passes if a named person states that the site may serve again, and that person is not the one who asks for the
        failback. It records who takes the responsibility; it cannot prove that they said so.

        What else could make it pass: a variable that was not set, which is why C(none), C(null), C(true), C(false) and
        what a template leaves behind count as nothing; the requester under another spelling, which is why letter case,
        a prefix as in C(operator:) and forms of the same letter do not matter. It cannot be seen that one person uses
        two names, or letters of another script that look alike, nor that somebody wrote another person's name. Where
        that matters, let AWX ask for the approval and fill in the name of who gave it.""",
    options={
        "by": {
            "description": "Who approves. If this is empty the gate fails.",
            "type": "str",
            "required": True,
        },
        "statement": {
            "description": "What they state, such as the number of a change. If this is empty the gate fails.",
            "type": "str",
            "required": True,
        },
        "requester": {
            "description": "Who asks for the failback. If not given, the task's own C(requester).",
            "type": "str",
        },
        "at": {
            "description": """
                When it was stated, as in RFC 3339 with a zone. A statement from before the lock was placed is about
                something else, so the gate fails.""",
            "type": "str",
        },
        "expires": {
            "description": "Until when it counts, likewise.",
            "type": "str",
        },
    },
    expected=expected,
    observe=observe,
    check=check,
    timing=None,
)
