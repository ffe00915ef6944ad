# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What the approvals of an AWX workflow mean for a failback. Pure functions on the responses of AWX's API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation
from ansible_collections.tidegate.failover.plugins.module_utils._gates._persons import is_mixed, is_nobody, is_same
from ansible_collections.tidegate.failover.plugins.module_utils._gates._times import reported
from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import CLOCK_SKEW

_SUCCESSFUL = "successful"


@dataclass(frozen=True)
class Approval:
    """One approval node of a workflow.

    :ivar status: as AWX reports it, such as ``pending``, ``successful`` and ``failed``.
    :ivar by: the user who approved or denied it; empty if nobody did.
    :ivar at: when the user did so, in UTC; None if nobody did.
    """

    name: str
    status: str
    timed_out: bool
    by: str
    at: datetime | None


def judge(
    workflow: int, launchers: Sequence[str], approvals: Sequence[Approval], now: datetime, locked: Sequence[datetime]
) -> Observation:
    """Judge the approvals.

    :param launchers: who launched the workflow, and who requests the failback.
    :param locked: when each lock that is to be released was placed.
    """
    where = f"workflow job {workflow}"
    if not approvals:
        remedy = "Add an approval node before the node of the failback, as the role awx_setup does."
        return _refused(f"{where} has no approval node", remedy)
    known = [name for name in launchers if not is_nobody(name)]
    if not known:
        observed = f"it is unknown who launched {where}, so the approver may be the same person"
        return _refused(observed, "Launch the workflow as a user, and not by a schedule or a webhook.")
    for approval in approvals:
        if trouble := _about(approval, known, now, locked):
            return trouble
    names = " and ".join(dict.fromkeys(approval.by for approval in approvals))
    return Observation(True, f"{names} approved in {where}, which {known[0]} launched", final=True)


def _about(
    approval: Approval, launchers: Sequence[str], now: datetime, locked: Sequence[datetime]
) -> Observation | None:
    """Why an approval does not count; None if it does."""
    again = "Launch the workflow again, and ask another person to approve it."
    if approval.timed_out:
        return _refused(f"the approval {approval.name!r} got no answer in time", again)
    if approval.status != _SUCCESSFUL:
        by = f" by {approval.by}" if approval.by else ""
        return _refused(f"the approval {approval.name!r} is {approval.status}{by}", again)
    if is_nobody(approval.by):
        return _refused(
            f"AWX does not report who approved {approval.name!r}", "Let a user approve it who still exists."
        )
    if any(is_mixed(name) for name in (approval.by, *launchers)):
        observed = f"the name of {approval.by} or of a requester mixes letters of alphabets that look alike"
        return _refused(observed, "Use accounts with names in one alphabet.")
    if any(is_same(approval.by, launcher) for launcher in launchers):
        return _refused(f"{approval.by} both requests the failback and approves it", again)
    if approval.at is None or approval.at > now + timedelta(seconds=CLOCK_SKEW):
        return _refused(f"it is unknown when {approval.by} approved", again)
    if any(approval.at < time for time in locked):
        observed = (
            f"{approval.by} approved at {reported(approval.at)}, before the lock was placed at {reported(max(locked))}"
        )
        return _refused(observed, again)
    return None


def _refused(observed: str, remedy: str) -> Observation:
    return Observation(False, observed, remedy, final=True)
