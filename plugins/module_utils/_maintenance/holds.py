# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Holds: who keeps a maintenance page up, and how that is written into free-form tags of the load balancer.

OCI allows ten free-form tags on a resource, with values of at most 256 characters ("Resource Tags" in its
documentation). So the holds are one compact JSON document, cut into as many tags as it needs: ``tidegate-holds-1``,
``tidegate-holds-2`` and so on. They are replaced together by one UpdateLoadBalancer call.
"""

from __future__ import annotations

import json
import re
import typing as t
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

TAG_PREFIX = "tidegate-holds-"
TAG_VALUE_BYTES = 256
TAGS_PER_RESOURCE = 10

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
        """What makes it one and the same hold, whenever and why ever it was taken."""
        return (self.listener, self.rule_set, self.owner)


class UnreadableHoldsError(RefusedError):
    """The tags that hold the holds were changed by somebody else and make no sense any more."""


def is_alarm(owner: str) -> bool:
    """Whether an owner is an alarm (``alarm``, ``alarm:<name>``), which never undoes what people did.

    ``Alarm:<name>`` is one as well: a slip of the keyboard must not give an alarm the rights of a person.
    """
    return owner.split(":", 1)[0].strip().casefold() == "alarm"


def is_hold_tag(key: str) -> bool:
    """Whether a free-form tag carries a part of the holds."""
    return _TAG_KEY.fullmatch(key) is not None


def read_holds(freeform_tags: Mapping[str, str]) -> tuple[Hold, ...]:
    """The holds that a load balancer's free-form tags record.

    :raises UnreadableHoldsError: they are there, but are not what this collection writes.
    """
    keys = sorted((key for key in freeform_tags if is_hold_tag(key)), key=lambda key: int(key.removeprefix(TAG_PREFIX)))
    if not keys:
        return ()
    try:
        groups = json.loads("".join(freeform_tags[key] for key in keys))
        return tuple(sorted(hold for group in groups for hold in _from_group(group)))
    except (ValueError, TypeError, RecursionError) as problem:
        raise UnreadableHoldsError(
            f"The free-form tags {', '.join(keys)} of the load balancer should record who holds its maintenance page, "
            "but cannot be read; somebody has edited them. Nobody's hold can be told. To end maintenance all the same "
            "and clear these tags, run with state: disabled and force: true."
        ) from problem


def tags_with(holds: Iterable[Hold], freeform_tags: Mapping[str, str]) -> dict[str, str]:
    """All free-form tags of the load balancer, with its holds replaced by ``holds`` and the rest as they were.

    Where room is short the reasons are left out: who holds the page matters more than why.

    :raises RefusedError: even so, the holds do not fit beside the other tags.
    """
    others = {key: value for key, value in freeform_tags.items() if not is_hold_tag(key)}
    room = TAGS_PER_RESOURCE - len(others)
    held = sorted(holds)
    chunks = _chunks(_document(held))
    if len(chunks) > room:
        chunks = _chunks(_document([replace(hold, reason="") for hold in held]))
    if len(chunks) <= room:
        return others | {f"{TAG_PREFIX}{number}": chunk for number, chunk in enumerate(chunks, start=1)}
    raise RefusedError(
        f"Recording {len(held)} holds takes {len(chunks)} free-form tags, but the load balancer has {len(others)} "
        f"others and OCI allows {TAGS_PER_RESOURCE} in all. Remove free-form tags that are not needed, or move them to "
        "defined tags, then run this again to record the hold."
    )


def _document(holds: Iterable[Hold]) -> str:
    """Compact JSON; listeners that share everything else share one entry. Empty for no holds."""
    groups: dict[tuple[str, str, str, str], list[str]] = {}
    for hold in holds:
        groups.setdefault((hold.owner, hold.rule_set, hold.since, hold.reason), []).append(hold.listener)
    if not groups:
        return ""
    entries = [[owner, rule_set, names, since, reason] for (owner, rule_set, since, reason), names in groups.items()]
    return json.dumps(entries, ensure_ascii=False, separators=(",", ":"))


def _from_group(group: t.Any) -> list[Hold]:
    owner, rule_set, listeners, since, reason = group
    texts = [owner, rule_set, since, reason, *listeners]
    if not isinstance(listeners, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError("an entry of the holds has the wrong shape")
    return [Hold(listener, rule_set, owner, since, reason) for listener in listeners]


def _chunks(document: str) -> list[str]:
    """Cut into pieces of at most 256 bytes of UTF-8, never within a character."""
    chunks: list[str] = []
    piece, size = "", 0
    for character in document:
        width = len(character.encode())
        if size + width > TAG_VALUE_BYTES:
            chunks.append(piece)
            piece, size = "", 0
        piece, size = piece + character, size + width
    return [*chunks, piece] if piece else chunks
