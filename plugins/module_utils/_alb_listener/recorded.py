# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The records in the tags of a listener: who holds its page, and which rules of others were moved for it.

Each owner's hold has its own tags: ``tidegate.failover:hold-<hash of the owner>.1`` and so on. Tags of the listener
outlive the rules of the page, so a run that removes the page reads the holds that were recorded meanwhile.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ansible_collections.tidegate.failover.plugins.module_utils._alb_listener import tag_texts

_HOLD, _MOVED = "tidegate.failover:hold-", "tidegate.failover:moved."
_HOLD_KEY = re.compile(rf"{re.escape(_HOLD)}([0-9a-f]{{16}})\.([1-9][0-9]?)")
_MOVED_KEY = re.compile(rf"{re.escape(_MOVED)}([1-9][0-9]?)")


@dataclass(frozen=True)
class Hold:
    """One owner's hold, which keeps the page on a listener.

    :ivar since: UTC, as ``YYYY-MM-DDTHH:MM:SSZ``.
    :ivar is_leaving: whether its owner is about to leave, so that it no longer keeps the page up.
    """

    owner: str
    since: str
    reason: str = ""
    is_leaving: bool = False


@dataclass(frozen=True)
class Move:
    """A rule of somebody else that was moved to make room.

    :ivar rule: the last part of its ARN.
    :ivar before: its priority when it was first moved.
    :ivar moved_to: every priority that this collection has given it since.
    """

    rule: str
    before: int
    moved_to: tuple[int, ...]


@dataclass(frozen=True)
class Recorded:
    """All records of a listener.

    :ivar damaged: keys of tags of records that were edited or partly lost.
    :ivar keys: the tags of each owner.
    """

    holds: tuple[Hold, ...] = ()
    moves: tuple[Move, ...] = ()
    damaged: tuple[str, ...] = ()
    keys: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    move_keys: tuple[str, ...] = ()

    def of(self, owner: str) -> Hold | None:
        """The hold of an owner."""
        return next((hold for hold in self.holds if hold.owner == owner), None)


def is_record_key(key: str) -> bool:
    """Whether a tag is a part of a record."""
    return bool(_HOLD_KEY.fullmatch(key) or _MOVED_KEY.fullmatch(key))


def recorded_in(tags: Mapping[str, str]) -> Recorded:
    """The records in the tags of a listener."""
    groups: dict[str, dict[int, str]] = {}
    moved: dict[int, str] = {}
    for key, value in tags.items():
        if found := _HOLD_KEY.fullmatch(key):
            groups.setdefault(found[1], {})[int(found[2])] = value
        elif found := _MOVED_KEY.fullmatch(key):
            moved[int(found[1])] = value
    holds: list[Hold] = []
    damaged: list[str] = []
    keys: dict[str, tuple[str, ...]] = {}
    for mark, pieces in sorted(groups.items()):
        names = tuple(f"{_HOLD}{mark}.{number}" for number in sorted(pieces))
        hold = _hold(mark, pieces)
        if hold is None:
            damaged += names
        else:
            holds.append(hold)
            keys[hold.owner] = names
    move_keys = tuple(f"{_MOVED}{number}" for number in sorted(moved))
    moves = _moves(moved) if moved else ()
    if moves is None:
        damaged += move_keys
    holds.sort(key=lambda hold: (hold.owner, hold.since))
    return Recorded(tuple(holds), moves or (), tuple(damaged), keys, move_keys)


def tags_of_hold(hold: Hold) -> dict[str, str]:
    """The tags that record a hold."""
    fields = (hold.since, "leaving" if hold.is_leaving else "holds", hold.owner, hold.reason)
    return _numbered(f"{_HOLD}{_mark(hold.owner)}.", tag_texts.written(fields))


def tags_of_moves(moves: Iterable[Move]) -> dict[str, str]:
    """The tags that record moves."""
    fields = [":".join(map(str, (move.rule, move.before, *move.moved_to))) for move in moves]
    return _numbered(_MOVED, tag_texts.written(fields))


def _numbered(prefix: str, pieces: Iterable[str]) -> dict[str, str]:
    return {f"{prefix}{number}": piece for number, piece in enumerate(pieces, start=1)}


def _mark(owner: str) -> str:
    return hashlib.sha256(owner.encode()).hexdigest()[:16]


def _hold(mark: str, pieces: Mapping[int, str]) -> Hold | None:
    try:
        since, state, owner, reason = tag_texts.read(pieces)
    except (ValueError, KeyError):
        return None
    known = _mark(owner) == mark and state in ("holds", "leaving")
    return Hold(owner, since, reason, state == "leaving") if known else None


def _moves(pieces: Mapping[int, str]) -> tuple[Move, ...] | None:
    try:
        return tuple(_move(field) for field in tag_texts.read(pieces))
    except (ValueError, KeyError):
        return None


def _move(text: str) -> Move:
    rule, *numbers = text.split(":")
    before, *moved_to = map(int, numbers)
    return Move(rule, before, tuple(moved_to))
