# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Holds on a route and its earlier destinations, recorded in its metadata annotations.

Each owner's hold has its own annotations and contains everything to undo the page. Cloud Foundry merges annotations key
by key, so owners who come or go at the same moment never overwrite each other, although the API has no versions. A hold
is one JSON document with a checksum, cut into as many annotations as it needs:
``tidegate.failover/hold-<hash of the owner>.1`` and so on. One call writes them all or none.
"""

from __future__ import annotations

import hashlib
import json
import re
import typing as t
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._cloudfoundry_route.destinations import (
    Destination,
    ordered,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

PREFIX = "tidegate.failover/hold-"
#: Characters of a value, and annotations of a route (the usual setting of a platform), as the API documents them.
ANNOTATION_LENGTH = 5000
ANNOTATIONS_PER_ROUTE = 200

_KEY = re.compile(rf"{re.escape(PREFIX)}([0-9a-f]{{16}})\.([1-9][0-9]{{0,2}})")
_VERSION = 1
_SUM_LENGTH = 16


@dataclass(frozen=True)
class RouteHold:
    """One owner's hold, which keeps a route at the responder.

    :ivar since: UTC, as ``YYYY-MM-DDTHH:MM:SSZ``.
    :ivar responder: guid of the app that shows the page.
    :ivar before: what the route led to; None if unknown, because the page was up before the first hold.
    :ivar is_leaving: whether its owner is about to leave. The hold then no longer keeps the page up, but still has
        the earlier destinations.
    """

    owner: str
    since: str
    responder: str
    before: tuple[Destination, ...] | None
    reason: str = ""
    is_leaving: bool = False


@dataclass(frozen=True)
class RouteHolds:
    """The holds that a route records.

    :ivar damaged: keys of annotations of holds that were edited or partly lost.
    """

    holds: tuple[RouteHold, ...] = ()
    damaged: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, owner: str) -> RouteHold | None:
        """The hold of an owner."""
        return next((hold for hold in self.holds if hold.owner == owner), None)


def is_hold_key(key: str) -> bool:
    """Whether an annotation is a part of a hold."""
    return _KEY.fullmatch(key) is not None


def read_route_holds(annotations: Mapping[str, str]) -> RouteHolds:
    """The holds in a route's annotations, by owner."""
    groups: dict[str, dict[int, str]] = {}
    for key, value in annotations.items():
        found = _KEY.fullmatch(key)
        if found:
            groups.setdefault(found[1], {})[int(found[2])] = value
    holds: list[RouteHold] = []
    damaged: list[str] = []
    keys: dict[str, tuple[str, ...]] = {}
    for mark, parts in sorted(groups.items()):
        names = tuple(_key(mark, number) for number in sorted(parts))
        try:
            hold = _read(mark, parts)
        except (ValueError, TypeError, KeyError, RecursionError):
            damaged += names
        else:
            holds.append(hold)
            keys[hold.owner] = names
    return RouteHolds(tuple(sorted(holds, key=lambda hold: (hold.owner, hold.since))), tuple(damaged), keys)


def annotations_to_take(holds: Iterable[RouteHold], annotations: Mapping[str, str]) -> dict[str, str | None]:
    """The changes that record these holds, in place of their owners' earlier holds.

    :raises RefusedError: there is no room for them.
    """
    changes: dict[str, str | None] = {}
    for hold in holds:
        mark = _mark(hold.owner)
        pieces = _pieces(hold)
        new = {_key(mark, number): piece for number, piece in enumerate(pieces, start=1)}
        old = [key for key in annotations if (found := _KEY.fullmatch(key)) and found[1] == mark]
        changes |= dict.fromkeys(old) | new
    needed = sum(value is not None for value in changes.values())
    others = len(annotations.keys() - changes.keys())
    if needed + others > max(ANNOTATIONS_PER_ROUTE, len(annotations)):
        raise RefusedError(
            f"Recording who holds the page and what the route led to takes {needed} annotations. The route has "
            f"{others} others, and Cloud Foundry usually allows {ANNOTATIONS_PER_ROUTE} in all. Remove some, then run "
            "this again. Nothing was changed.",
            code="TG-NO-TAGS-LEFT",
        )
    return changes


def annotations_to_release(owners: Iterable[str], found: RouteHolds) -> dict[str, str | None]:
    """The changes that remove the holds of these owners."""
    return {key: None for owner in owners for key in found.keys.get(owner, ())}


def _mark(owner: str) -> str:
    return hashlib.sha256(owner.encode()).hexdigest()[:16]


def _key(mark: str, number: int) -> str:
    return f"{PREFIX}{mark}.{number}"


def _sum(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()[:_SUM_LENGTH]


def _pieces(hold: RouteHold) -> list[str]:
    document = json.dumps(_as_json(hold), ensure_ascii=False, separators=(",", ":"))
    # The head contains the number of pieces, which depends on the length of the head. The number has at most 3 digits.
    room = ANNOTATION_LENGTH - len(f"{_VERSION} 999 {_sum(document)} ")
    pieces = [document[at : at + room] for at in range(0, len(document), room)]
    pieces[0] = f"{_VERSION} {len(pieces)} {_sum(document)} {pieces[0]}"
    return pieces


def _as_json(hold: RouteHold) -> dict[str, t.Any]:
    before = None if hold.before is None else [_row(one) for one in ordered(hold.before)]
    return {
        "owner": hold.owner,
        "since": hold.since,
        "reason": hold.reason,
        "responder": hold.responder,
        "before": before,
        "leaving": hold.is_leaving,
    }


def _row(one: Destination) -> list[t.Any]:
    return [one.app, one.process, one.port, one.weight, one.protocol, one.is_default_port]


def _read(mark: str, parts: Mapping[int, str]) -> RouteHold:
    """:raises ValueError: the annotations are damaged."""
    version, count, checksum, first = parts[1].split(" ", 3)
    document = "".join([first, *(parts[number] for number in range(2, int(count) + 1))])
    if int(version) != _VERSION or len(parts) != int(count) or _sum(document) != checksum:
        raise ValueError("the pieces do not belong together")
    given = json.loads(document)
    hold = RouteHold(
        owner=_text(given["owner"]),
        since=_text(given["since"]),
        responder=_text(given["responder"]),
        before=None if given["before"] is None else ordered(_destination(row) for row in given["before"]),
        reason=_text(given["reason"]),
        is_leaving=given["leaving"] is True,
    )
    if _mark(hold.owner) != mark:
        raise ValueError("it stands where another owner's hold belongs")
    return hold


def _text(value: t.Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text was expected")
    return value


def _destination(row: Sequence[t.Any]) -> Destination:
    app, process, port, weight, protocol, is_default_port = row
    # In Python a bool is a number too.
    numbers = [value for value in (port, weight) if value is not None]
    if not all(isinstance(value, int) and not isinstance(value, bool) for value in numbers) or not isinstance(
        is_default_port, bool
    ):
        raise TypeError("a value has the wrong type")
    protocol = None if protocol is None else _text(protocol)
    return Destination(_text(app), _text(process), port, weight, protocol, is_default_port)
