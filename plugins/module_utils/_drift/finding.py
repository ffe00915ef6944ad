# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""What a drift watch finds: something that is not as the records of a service say, and what to do about it."""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]

#: Something could not be read, so nothing is known of it.
NOT_OBSERVED = "not_observed"
#: In ``fail_on``: every kind.
ALL = "all"

#: What can be found, by its kind.
KINDS: Mapping[str, str] = {
    "lock_opened": "a health check or routing control is not locked, and the service is failed over",
    "lock_without_effect": "a locked site is healthy to Route 53 all the same",
    "health_check_changed": "a health check was changed by hand",
    "page_dropped": "somebody holds the page, and it is not up",
    "page_gone": "somebody holds the page, and what shows it is missing or fails",
    "page_bypassed": "the page is up, and some requests bypass it",
    "alarm_missing": "an alarm does not exist",
    "alarm_disabled": "an alarm is disabled, or its actions are",
    "alarm_suppressed": "an alarm of OCI is suppressed, so it notifies nobody",
    "alarm_changed": "an alarm differs from what was set up",
    "subscription_missing": "a topic or its subscription is missing or not confirmed",
    "capacity_lost": "an Auto Scaling group does not have, or cannot have, its capacity",
    "replica_lost": "a replica is missing, or replicates another database",
    "resource_not_ready": "another resource could not be moved with the service",
    "resource_elsewhere": "a resource is not at the site where users are",
    NOT_OBSERVED: "something could not be read",
}
#: What a drift watch can put back.
REPAIRABLE = ("lock_opened", "lock_without_effect", "page_dropped", "alarm_disabled")


@dataclass(frozen=True)
class Repair:
    """What puts it back: a module, and its options without those that sign in.

    :ivar auth: which of a service's ways to sign in it takes.
    """

    module: str
    options: Mapping[str, t.Any]
    auth: str = "aws"


@dataclass(frozen=True)
class Finding:
    """One difference.

    :ivar object: what it is about, such as the id of a health check.
    :ivar next: what a person does next.
    :ivar repair: what puts it back; None if nothing of this collection does.
    :ivar repaired: whether it was put back, or would be in check mode.
    :ivar outcome: what became of the attempt to put it back; empty if there was none.
    """

    kind: str
    object: str
    observed: str
    expected: str
    next: str
    repair: Repair | None = None
    repaired: bool = False
    outcome: str = ""

    @property
    def place(self) -> tuple[str, str]:
        """What makes it the same one when the watch runs again."""
        return self.kind, self.object

    def to_json(self) -> Json:
        """As results show it."""
        shown = ("kind", "object", "observed", "expected", "next", "repaired", "outcome")
        return {name: getattr(self, name) for name in shown} | {"repairable": self.repair is not None}

    def reported(self) -> str:
        """A line for people."""
        line = f"{self.kind} {self.object}: {self.observed} Expected: {self.expected}"
        if self.repaired:
            return f"{line} Put back. {self.outcome}".rstrip()
        tried = f" Not put back: {self.outcome}" if self.outcome else ""
        return f"{line}{tried} Next: {self.next}"


def not_observed(what: str, problem: str) -> Finding:
    """Something could not be read. Whether it has drifted is not known."""
    return Finding(
        NOT_OBSERVED,
        what,
        _sentence(problem),
        "an answer, since what cannot be read may have drifted.",
        "remove the cause, and run the drift watch again.",
    )


def confirmed(first: Sequence[Finding], second: Sequence[Finding]) -> list[Finding]:
    """What was found both times. A run in progress passes through states that are none to stay."""
    places = {finding.place for finding in first}
    unread = {finding.object for finding in first if finding.kind == NOT_OBSERVED}
    return [finding for finding in second if finding.place in places or finding.object in unread]


def to_repair(finding: Finding, now: Sequence[Finding]) -> Finding | None:
    """A finding as it is right before it would be put back; None if it is gone.

    :param now: what was found then.
    """
    fresh = next((one for one in now if one.place == finding.place), None)
    unread = next((one for one in now if one.kind == NOT_OBSERVED), None)
    if fresh is None and unread is not None:
        outcome = f"it could not be read again right before. {unread.object}: {unread.observed}"
        return replace(finding, repair=None, outcome=outcome)
    return fresh


def after_repair(finding: Finding, answer: Mapping[str, t.Any], *, check_mode: bool) -> Finding:
    """A finding after the module that puts it back has answered.

    :param check_mode: whether that was only predicted.
    """
    msg = _sentence(str(answer.get("msg") or "no reason was given"))
    if answer.get("failed"):
        return replace(finding, outcome=msg)
    if not answer.get("changed"):
        return replace(finding, outcome=f"the module found nothing to change. {msg}")
    return replace(finding, repaired=True, outcome=f"Check mode: this is predicted. {msg}" if check_mode else msg)


def counted(findings: Sequence[Finding], fail_on: Collection[str]) -> list[Finding]:
    """Those that fail the service: what was not put back, of the kinds that are to fail it."""
    return [one for one in findings if not one.repaired and (ALL in fail_on or one.kind in fail_on)]


def reported(service: str, findings: Sequence[Finding]) -> list[str]:
    """A line for each finding, or one that says that there is none."""
    return [f"{service}: {finding.reported()}" for finding in findings] or [f"{service}: no drift."]


def problems_of_kinds(repair: Sequence[str], fail_on: Sequence[str]) -> list[str]:
    """What is wrong with the names of kinds, a sentence each."""
    wrong = [
        f"drift_repair names {kind!r}. It can name {', '.join(REPAIRABLE)}."
        for kind in repair
        if kind not in REPAIRABLE
    ]
    return wrong + [
        f"drift_fail_on names {kind!r}. It can name {ALL}, or any of {', '.join(KINDS)}."
        for kind in fail_on
        if kind != ALL and kind not in KINDS
    ]


def check_kinds(repair: Sequence[str], fail_on: Sequence[str]) -> None:
    """:raises RefusedError: a kind is none."""
    wrong = problems_of_kinds(repair, fail_on)
    if wrong:
        raise RefusedError(" ".join(wrong))


def _sentence(text: str) -> str:
    stripped = text.strip().rstrip(".")
    return f"{stripped}." if stripped else ""
