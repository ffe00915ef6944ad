# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Texts in the tags of a listener: cut into pieces, with a checksum, in the characters that tags may have.

AddTags sets many tags in one call and merges key by key, so writers of different keys never overwrite each other.
"""

from __future__ import annotations

import hashlib
import re
import typing as t
from collections.abc import Collection, Iterable, Mapping

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

#: API reference, Tag, and the user guide on tags for the number of tags of a resource.
VALUE_LENGTH = 256
TAGS_PER_RESOURCE = 50

_VERSION = "1"
_SUM_LENGTH = 12
_PLAIN = re.compile(r"[A-Za-z0-9_.:@-]")
_CODED = re.compile(r"=([0-9A-F]{2})")


def written(fields: Iterable[str]) -> list[str]:
    """Fields encoded as the values of tags, in order."""
    document = "/".join(_coded(field) for field in fields)
    head = f"{_VERSION}/{{}}/{_sum(document)}/"
    # The number of pieces has at most two digits.
    room = VALUE_LENGTH - len(head)
    first, rest = document[:room], document[room:]
    pieces = [first, *(rest[at : at + VALUE_LENGTH] for at in range(0, len(rest), VALUE_LENGTH))]
    return [head.format(len(pieces)) + pieces[0], *pieces[1:]]


def read(pieces: Mapping[int, str]) -> list[str]:
    """The fields decoded from the values of tags, by number.

    :raises ValueError: the values are damaged.
    """
    version, count, checksum, first = pieces[1].split("/", 3)
    document = "".join([first, *(pieces[number] for number in range(2, int(count) + 1))])
    if version != _VERSION or _sum(document) != checksum:
        raise ValueError("the pieces do not belong together")
    return [_decoded(field) for field in document.split("/")]


def check_room(tags: Mapping[str, str], new: Collection[str]) -> None:
    """:raises RefusedError: a listener cannot have that many tags."""
    others = len(tags.keys() - set(new))
    if others + len(new) > TAGS_PER_RESOURCE:
        raise RefusedError(
            f"Recording who holds the page, and which rules were moved, takes {len(new)} tags of the listener. It has "
            f"{others} others, and can have {TAGS_PER_RESOURCE} in all. Remove some, then run this again.",
            code="TG-NO-TAGS-LEFT",
        )


def _sum(document: str) -> str:
    return hashlib.sha256(document.encode()).hexdigest()[:_SUM_LENGTH]


def _coded(text: str) -> str:
    return "".join(_sign(sign) for sign in text)


def _sign(sign: str) -> str:
    if _PLAIN.fullmatch(sign):
        return sign
    return "+" if sign == " " else "".join(f"={byte:02X}" for byte in sign.encode())


def _decoded(text: str) -> str:
    parts: list[t.Any] = _CODED.split(text.replace("+", " "))
    return b"".join(bytes.fromhex(part) if at % 2 else part.encode() for at, part in enumerate(parts)).decode()
