# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Decides which findings people are notified of: new findings, lasting ones after some time, and gone ones once."""

from __future__ import annotations

import typing as t
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._drift.finding import NOT_OBSERVED, Finding
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._record.times import recorded, time_from

Json = dict[str, t.Any]


@dataclass(frozen=True)
class Known:
    """A finding that people were notified of.

    :ivar since: when it was first found.
    :ivar notified: when people were last notified of it.
    """

    kind: str
    object: str
    since: datetime
    notified: datetime

    @property
    def place(self) -> tuple[str, str]:
        """What identifies the same finding when the watch runs again."""
        return self.kind, self.object

    def to_json(self) -> Json:
        """The form in which it is kept."""
        times = {"since": recorded(self.since), "notified": recorded(self.notified)}
        return {"kind": self.kind, "object": self.object, **times}


@dataclass(frozen=True)
class Due:
    """The notifications of one watch.

    :ivar findings: the findings that people are notified of.
    :ivar lasting: findings that people know already, and are not notified of yet again.
    :ivar gone: known findings that are not found any more.
    :ivar known: the known findings after this notification.
    """

    findings: Sequence[Finding]
    lasting: Sequence[Finding]
    gone: Sequence[Known]
    known: Sequence[Known]

    def __bool__(self) -> bool:
        """Whether there is anything to notify of."""
        return bool(self.findings or self.gone)


def due(findings: Sequence[Finding], known: Iterable[Known], now: datetime, again: float) -> Due:
    """Decide which findings people are notified of.

    A known finding is gone only if everything could be read: something that cannot be read may still differ. A repaired
    finding is always reported, and is not known any more.

    :param known: the findings that earlier watches have notified people of.
    :param again: seconds after which people are notified of a lasting finding again; 0 means each time.
    """
    before = {one.place: one for one in known}
    reported: list[Finding] = []
    lasting: list[Finding] = []
    kept: dict[tuple[str, str], Known] = {}
    for finding in findings:
        seen = before.get(finding.place)
        is_due = seen is None or finding.repaired or not _is_recent(seen, now, again)
        (reported if is_due else lasting).append(finding)
        if not finding.repaired:
            first = Known(finding.kind, finding.object, now, now)
            kept[finding.place] = replace(seen, notified=now if is_due else seen.notified) if seen else first
    absent = [one for place, one in before.items() if place not in {finding.place for finding in findings}]
    if any(finding.kind == NOT_OBSERVED for finding in findings):
        return Due(reported, lasting, [], [*kept.values(), *absent])
    return Due(reported, lasting, absent, list(kept.values()))


def _is_recent(seen: Known, now: datetime, again: float) -> bool:
    # A time in the future comes from a wrong clock.
    return 0 <= (now - seen.notified).total_seconds() < again


def known_from(kept: t.Any) -> list[Known]:
    """The known findings that an earlier watch kept.

    :raises RefusedError: the content is not that of a watch.
    """
    try:
        return [
            Known(str(one["kind"]), str(one["object"]), time_from(one["since"]), time_from(one["notified"]))
            for one in kept["known"]
        ]
    except (KeyError, TypeError) as problem:
        raise RefusedError("It does not hold what a drift watch writes there") from problem


def to_keep(known: Iterable[Known]) -> Json:
    """The content to keep until the next watch."""
    return {"known": [one.to_json() for one in known]}
