# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Holds: which owners keep a maintenance page up, recorded in free-form tags of the load balancer.

OCI allows ten free-form tags on a resource, with values of at most 256 characters ("Resource Tags" in its
documentation), and 5 KB for all tags together. So the holds are one compact JSON document, cut into as many tags as it
needs: ``tidegate-holds-1``, ``tidegate-holds-2`` and so on. They are replaced together by one UpdateLoadBalancer call.

Where room is short the document is written in a shorter form. A hold has the same effect in all forms:

1. ``[[owner, rule set, [listener, ...], since, reason], ...]``
2. the same without the reasons
3. ``{rule set: [[marks of the listeners, owner, since, owner, since, ...], ...]}``, where a mark is five characters of
   a hash of the listener's name, and ``since`` is in seconds of the epoch; owner and rule set stay whole
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import typing as t
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

TAG_PREFIX = "tidegate-holds-"
TAG_VALUE_BYTES = 256
TAGS_PER_RESOURCE = 10
#: All tags of a resource together, free-form and defined, as JSON.
TAGS_BYTES = 5 * 1024

#: Thirty bits, so two listeners of one load balancer do not get the same mark. If they did, reading would fail.
_MARK_CHARACTERS = 5
_TIME = "%Y-%m-%dT%H:%M:%SZ"

_TAG_KEY = re.compile(rf"{re.escape(TAG_PREFIX)}([1-9][0-9]?)")


@dataclass(frozen=True, order=True)
class Hold:
    """One owner's claim that one rule set stays attached to one listener.

    :ivar since: UTC, as ``YYYY-MM-DDTHH:MM:SSZ``.
    """

    listener: str
    rule_set: str
    owner: str
    since: str
    reason: str = ""

    @property
    def key(self) -> tuple[str, str, str]:
        """Identifies a hold, whatever its time and reason."""
        return (self.listener, self.rule_set, self.owner)


class UnreadableHoldsError(RefusedError):
    """Somebody else changed the tags that record the holds, and they cannot be read any more."""

    own_code = "TG-HOLDS-UNREADABLE"


def is_alarm(owner: str) -> bool:
    """Whether an owner is an alarm (``alarm``, ``alarm:<name>``). An alarm never undoes what people did.

    ``Alarm:<name>`` is an alarm as well: a typing error must not give an alarm the rights of a person.
    """
    return owner.partition(":")[0].strip().casefold() == "alarm"


def is_hold_tag(key: str) -> bool:
    """Whether a free-form tag carries a part of the holds."""
    return _TAG_KEY.fullmatch(key) is not None


def read_holds(freeform_tags: Mapping[str, str], listeners: Collection[str] = ()) -> tuple[Hold, ...]:
    """The holds that a load balancer's free-form tags record.

    :param listeners: the names of its listeners. For a listener that is gone, a hold may have only its mark.
    :raises UnreadableHoldsError: the tags exist, but have not the form that this collection writes.
    """
    keys = sorted((key for key in freeform_tags if is_hold_tag(key)), key=lambda key: int(key.removeprefix(TAG_PREFIX)))
    if not keys:
        return ()
    try:
        document = json.loads("".join(freeform_tags[key] for key in keys))
        if isinstance(document, dict):
            return tuple(sorted(_from_short_document(document, listeners)))
        return tuple(sorted(hold for group in document for hold in _from_group(group)))
    except (ValueError, TypeError, OverflowError, OSError, RecursionError) as problem:
        raise UnreadableHoldsError(
            f"The free-form tags {', '.join(keys)} of the load balancer should record who holds its maintenance page, "
            "but cannot be read; somebody has edited them. So it is unknown who holds the page. To end maintenance all "
            "the same and clear these tags, run with state: disabled and force: true."
        ) from problem


def tags_with(
    holds: Iterable[Hold],
    freeform_tags: Mapping[str, str],
    defined_tags: Mapping[str, t.Any] | None = None,
) -> dict[str, str]:
    """All free-form tags of the load balancer, with its holds replaced by ``holds`` and the other tags unchanged.

    Where room is short the reasons are left out first, because the owners matter more. Then listeners are written as
    marks.

    :param defined_tags: they share the room with the free-form tags.
    :raises RefusedError: even the shortest form does not fit beside the other tags.
    """
    others = other_tags(freeform_tags)
    held = sorted(holds)
    if not held:
        return others
    bare = [replace(hold, reason="") for hold in held]
    tags: dict[str, str] = {}
    for document in (_document(held), _document(bare), _short_document(bare)):
        chunks = _chunks(document)
        tags = others | {f"{TAG_PREFIX}{number}": chunk for number, chunk in enumerate(chunks, start=1)}
        if len(tags) <= TAGS_PER_RESOURCE and _size(tags, defined_tags) <= TAGS_BYTES:
            return tags
    raise RefusedError(_no_room(tags, others, _size(tags, defined_tags)), code="TG-NO-TAGS-LEFT")


def other_tags(freeform_tags: Mapping[str, str]) -> dict[str, str]:
    """The free-form tags that do not belong to this collection."""
    return {key: value for key, value in freeform_tags.items() if not is_hold_tag(key)}


def _no_room(tags: Collection[str], others: Collection[str], size: int) -> str:
    """What to free so that the shortest form of the holds fits."""
    needed, excess = len(tags) - len(others), len(tags) - TAGS_PER_RESOURCE
    reported = f"Recording who holds the page takes at least {needed} free-form tag{'s' if needed > 1 else ''}."
    keys = ", ".join(sorted(others))
    if excess > 0:
        return (
            f"{reported} The load balancer has {len(others)} others ({keys}) and OCI allows {TAGS_PER_RESOURCE} in "
            f"all. Remove {excess} of them, or move {'it' if excess == 1 else 'them'} to defined tags, then run "
            "this again."
        )
    return (
        f"{reported} With that, all tags of the load balancer would have {size} bytes, and OCI allows {TAGS_BYTES}. "
        f"Shorten or remove tags by {size - TAGS_BYTES} bytes, then run this again. Free-form ones: {keys or 'none'}."
    )


def _size(tags: Mapping[str, str], defined_tags: Mapping[str, t.Any] | None) -> int:
    whole = {"freeformTags": tags, "definedTags": defined_tags or {}}
    return len(json.dumps(whole, ensure_ascii=False, separators=(",", ":")).encode())


def _document(holds: Iterable[Hold]) -> str:
    """Compact JSON; listeners that share everything else share one entry."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for hold in holds:
        groups.setdefault((hold.owner, hold.rule_set, hold.since, hold.reason), []).append(hold.listener)
    entries = [[owner, rule_set, names, since, reason] for (owner, rule_set, since, reason), names in groups.items()]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))


def _from_group(group: t.Any) -> list[Hold]:
    owner, rule_set, listeners, since, reason = group
    texts = [owner, rule_set, since, reason, *listeners]
    if not isinstance(listeners, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("an entry of the holds has the wrong shape")
    return [Hold(listener, rule_set, owner, since, reason) for listener in listeners]


def _mark(listener: str) -> str:
    return base64.b64encode(hashlib.sha256(listener.encode()).digest()).decode()[:_MARK_CHARACTERS]


def _short_document(holds: Iterable[Hold]) -> str:
    """Owners whose holds are on the same listeners share one entry."""
    marks: dict[tuple[str, str, str], str] = {}
    for hold in holds:
        key = (hold.rule_set, hold.owner, hold.since)
        marks[key] = marks.get(key, "") + _mark(hold.listener)
    document: dict[str, dict[str, list[str | int]]] = {}
    for (rule_set, owner, since), listeners in marks.items():
        document.setdefault(rule_set, {}).setdefault(listeners, []).extend([owner, _seconds(since)])
    groups = {rule_set: [[key, *owners] for key, owners in found.items()] for rule_set, found in document.items()}
    return json.dumps(groups, ensure_ascii=False, separators=(",", ":"))


def _from_short_document(document: Mapping[str, t.Any], listeners: Collection[str]) -> list[Hold]:
    names = {_mark(name): name for name in listeners}
    if len(names) < len(listeners):
        raise ValueError("two listeners have the same mark")
    return [
        Hold(names.get(mark, f"#{mark}"), rule_set, owner, since)
        for rule_set, groups in document.items()
        for marks, *held in groups
        for owner, since in _owners(held)
        for mark in _cut(marks)
    ]


def _owners(held: list[t.Any]) -> list[tuple[str, str]]:
    owners, times = held[::2], held[1::2]
    if not owners or not all(isinstance(owner, str) for owner in owners):
        raise ValueError("an entry of the holds has the wrong shape")
    return list(zip(owners, map(_from_seconds, times), strict=True))


def _cut(marks: t.Any) -> list[str]:
    if not isinstance(marks, str) or not marks or len(marks) % _MARK_CHARACTERS:
        raise ValueError("an entry of the holds does not name listeners")
    return [marks[at : at + _MARK_CHARACTERS] for at in range(0, len(marks), _MARK_CHARACTERS)]


def _seconds(since: str) -> str | int:
    """A time as a number. A text that is no time is kept unchanged, so that nothing is lost."""
    try:
        return int(datetime.strptime(since, _TIME).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return since


def _from_seconds(since: t.Any) -> str:
    if isinstance(since, str):
        return since
    if isinstance(since, bool) or not isinstance(since, int):
        raise ValueError("a time of the holds is no time")
    return datetime.fromtimestamp(since, UTC).strftime(_TIME)


def _chunks(document: str) -> list[str]:
    """The document cut into pieces of at most 256 bytes of UTF-8, never within a character."""
    chunks: list[str] = []
    piece, size = "", 0
    for character in document:
        width = len(character.encode())
        if size + width > TAG_VALUE_BYTES:
            chunks.append(piece)
            piece, size = "", 0
        piece, size = piece + character, size + width
    return [*chunks, piece] if piece else chunks
