# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""A finding of a drift watch: a difference from the expected state of a service, and what to do about it."""

from __future__ import annotations

import typing as t
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]

#: The kind of a finding that something could not be read.
NOT_OBSERVED = "not_observed"
#: The word for every kind in ``fail_on``.
ALL = "all"

#: The kinds of findings, with their descriptions.
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
#: The kinds that a drift watch can repair.
REPAIRABLE = ("lock_opened", "lock_without_effect", "page_dropped", "alarm_disabled")


@dataclass(frozen=True)
class Repair:
    """A repair: a module, and its options without the sign-in options.

    :ivar auth: the kind of sign-in options that the module needs.
    """

    module: str
    options: Mapping[str, t.Any]
    auth: str = "aws"


@dataclass(frozen=True)
class Finding:
    """One difference.

    :ivar object: the object that differs, such as the id of a health check.
    :ivar next: what a person does next.
    :ivar repair: the repair; None if this collection has none.
    :ivar repaired: whether it was repaired, or would be in check mode.
    :ivar outcome: the outcome of the attempted repair; empty if there was none.
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
        """What identifies the same finding when the watch runs again."""
        return self.kind, self.object

    def to_json(self) -> Json:
        """The finding in the form of results."""
        shown = ("kind", "object", "observed", "expected", "next", "repaired", "outcome")
        return {name: getattr(self, name) for name in shown} | {"repairable": self.repair is not None}

    def reported(self) -> str:
        """The finding as a line for people."""
        line = f"{self.kind} {self.object}: {self.observed} Expected: {self.expected}"
        if self.repaired:
            return f"{line} Put back. {self.outcome}".rstrip()
        tried = f" Not put back: {self.outcome}" if self.outcome else ""
        return f"{line}{tried} Next: {self.next}"


def not_observed(what: str, problem: str) -> Finding:
    """The finding that something could not be read, so that it is unknown whether it has drifted."""
    return Finding(
        NOT_OBSERVED,
        what,
        _sentence(problem),
        "an answer, since what cannot be read may have drifted.",
        "remove the cause, and run the drift watch again.",
    )


def confirmed(first: Sequence[Finding], second: Sequence[Finding]) -> list[Finding]:
    """The findings of both reads. States that a run in progress only passes through are dropped."""
    places = {finding.place for finding in first}
    unread = {finding.object for finding in first if finding.kind == NOT_OBSERVED}
    return [finding for finding in second if finding.place in places or finding.object in unread]


def to_repair(finding: Finding, now: Sequence[Finding]) -> Finding | None:
    """A finding right before its repair; None if it is gone.

    :param now: the findings at that time.
    """
    fresh = next((one for one in now if one.place == finding.place), None)
    unread = next((one for one in now if one.kind == NOT_OBSERVED), None)
    if fresh is None and unread is not None:
        outcome = f"it could not be read again right before. {unread.object}: {unread.observed}"
        return replace(finding, repair=None, outcome=outcome)
    return fresh


def after_repair(finding: Finding, answer: Mapping[str, t.Any], *, check_mode: bool) -> Finding:
    """A finding after the module of its repair has returned.

    :param check_mode: whether the repair was only predicted.
    """
    msg = _sentence(str(answer.get("msg") or "no reason was given"))
    if answer.get("failed"):
        return replace(finding, outcome=msg)
    if not answer.get("changed"):
        return replace(finding, outcome=f"the module found nothing to change. {msg}")
    return replace(finding, repaired=True, outcome=f"Check mode: this is predicted. {msg}" if check_mode else msg)


def counted(findings: Sequence[Finding], fail_on: Collection[str]) -> list[Finding]:
    """The findings that fail the service: not repaired, and of the kinds in ``fail_on``."""
    return [one for one in findings if not one.repaired and (ALL in fail_on or one.kind in fail_on)]


def reported(service: str, findings: Sequence[Finding]) -> list[str]:
    """A line for each finding, or one line that there is no drift."""
    return [f"{service}: {finding.reported()}" for finding in findings] or [f"{service}: no drift."]


def problems_of_kinds(repair: Sequence[str], fail_on: Sequence[str]) -> list[str]:
    """The problems of names of kinds, a sentence each."""
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
    """:raises RefusedError: a name is not a kind."""
    wrong = problems_of_kinds(repair, fail_on)
    if wrong:
        raise RefusedError(" ".join(wrong))


def _sentence(text: str) -> str:
    stripped = text.strip().rstrip(".")
    return f"{stripped}." if stripped else ""
