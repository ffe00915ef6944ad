# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Findings about pages that are held but not up, cannot be shown, or are bypassed."""

from __future__ import annotations

import typing as t
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import Finding, Repair, not_observed
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._fronts import Seen
from ansible_collections.tidegate.failover.plugins.module_utils._fronts._kind import Entrance, FrontKind
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import is_alarm

Json = dict[str, t.Any]
#: Seconds that showing a page again may take.
_WAIT_SECONDS = 300


@dataclass(frozen=True)
class Front:
    """One front of a service.

    :ivar target: the front as a target of the module that switches it.
    :ivar reported: the result of the module that reads it; empty if it could not be read.
    :ivar predicted: the prediction of the module that switches it, for showing the page; None if nobody holds the page.
    """

    kind: FrontKind
    target: Json
    seen: Seen
    reported: Mapping[str, t.Any]
    predicted: Mapping[str, t.Any] | None = None


def holder_of(seen: Seen) -> str:
    """The owner whose hold is used to show the page again; empty if nobody holds it.

    An alarm is the last choice, because its page depends on conditions that do not apply to a person's page.
    """
    owners = [str(hold["owner"]) for entrance in seen.entrances for hold in _holds(entrance)]
    return next((owner for owner in owners if not is_alarm(owner)), owners[0] if owners else "")


def _holds(entrance: Entrance) -> list[Mapping[str, t.Any]]:
    """The holds that keep the page up. A hold that is marked as leaving does not."""
    return [hold for hold in entrance.holds if not hold.get("is_leaving")]


def findings(front: Front) -> list[Finding]:
    """Findings about one front."""
    if front.seen.problem:
        return [not_observed(front.seen.front, front.seen.problem)]
    return [*_dropped(front), *_bypassed(front), *_stale(front), *_not_to_be_shown(front)]


def _dropped(front: Front) -> Iterator[Finding]:
    # One module restores all entrances of a front at once, so this is one finding.
    down = [entrance for entrance in front.seen.entrances if entrance.counts and _holds(entrance) and not entrance.up]
    if not down:
        return
    owners = sorted({str(hold["owner"]) for entrance in down for hold in _holds(entrance)})
    names = ", ".join(entrance.name for entrance in down)
    yield Finding(
        "page_dropped",
        front.seen.front,
        f"The page is not up at {front.seen.entrance} {names}.",
        f"the page, which {', '.join(owners)} {'holds' if len(owners) == 1 else 'hold'}.",
        "find out what changed it: a controller that does not know the page, or an aborted run. To put it back, run "
        f"the drift watch with drift_repair=page_dropped; to end maintenance, exit as {owners[0]}.",
        _repair(front),
    )


def _repair(front: Front) -> Repair:
    options = {"state": "enabled", "targets": [front.target], "wait_timeout": _WAIT_SECONDS}
    return Repair(front.kind.module, {**options, "owner": holder_of(front.seen)}, front.kind.auth)


def _bypassed(front: Front) -> Iterator[Finding]:
    by = {entrance.name: list(entrance.passed_by) for entrance in front.seen.entrances if entrance.up}
    for listener in front.reported.get("listeners") or ():
        if listener.get("in_maintenance") and listener.get("overtaken"):
            by.setdefault(str(listener["name"]), []).append("a rule that comes before it")
    for name, what in by.items():
        if what:
            yield Finding(
                "page_bypassed",
                f"{front.seen.front} {name}",
                f"The page is up, and some requests bypass it by {' and '.join(what)}.",
                "the page for all requests that are not exempt.",
                "enter maintenance again as the holder of the page, which covers these requests too, or remove what "
                "bypasses it.",
            )


def _stale(front: Front) -> Iterator[Finding]:
    for hold in front.reported.get("stale_holds") or ():
        yield Finding(
            "page_gone",
            f"{front.seen.front} {hold['listener']}",
            f"{hold['owner']} holds the page of {hold['rule_set']} at listener {hold['listener']}, and one of the two "
            "does not exist.",
            "the listener, and what shows the page.",
            f"create it again (playbook setup), or exit maintenance as {hold['owner']}.",
        )


def _not_to_be_shown(front: Front) -> Iterator[Finding]:
    """Why a held page cannot be shown. If the page is up, the prediction does not check that, so blockers count."""
    if front.predicted is None:
        return
    blockers = [str(blocker) for blocker in front.reported.get("blockers") or ()]
    problems = [str(front.predicted.get("msg"))] if front.predicted.get("failed") else blockers
    if problems:
        yield Finding(
            "page_gone",
            front.seen.front,
            f"The page is held, and cannot be shown: {' '.join(problems)}",
            "a page that can be shown as long as somebody holds it.",
            "create again what shows the page (playbook setup), or start it.",
        )


def answered(service: str, url: str, gate: Mapping[str, t.Any], *, up: bool) -> list[Finding]:
    """Findings about the answer at the address where users should get the page.

    :param gate: the result of the gate that probed the address.
    :param up: whether somebody holds the page.
    """
    if not up or gate["passed"]:
        return []
    return [
        Finding(
            "page_gone",
            f"{service} {url}",
            f"The page is held, and users get {gate['observed']}.",
            f"{gate['expected']}.",
            "check the server of the page, and every hop in front of it.",
        )
    ]


def is_held(fronts: Sequence[Front]) -> bool:
    """Whether somebody holds the page of any front."""
    return any(_holds(entrance) for front in fronts for entrance in front.seen.entrances)
