# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The tags that go with a lock: owner and reason for people, and a copy of the original path.

The copy is for the one case that the pinned path cannot cover: somebody who writes without a version, as the Lambda of
the Keycloak guides does, replaces a pinned path by a bare one. All keys name the lock, so that removing the tags of one
lock never touches those of the next one.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping

#: API reference of ChangeTagsForResource: the longest value of a tag.
VALUE_LENGTH = 256

_KEY = re.compile(r"tidegate-lock-(?P<lock>.+)-(?P<what>owner|reason|restore-[12])")
#: AWS' general rules for tags: letters, digits, white space and a few signs.
_NOT_ALLOWED = re.compile(r"[^\w\s.:/=+\-@]")
#: What a copy is put between. Half of a long one, whose other tag somebody removed, does not end so. No path holds it.
_COPY_BEGINS, _COPY_ENDS = "restore=", "\n"


def people_tags(lock_id: str, owner: str, reason: str) -> dict[str, str]:
    """Who placed a lock and why. Characters that AWS does not take in tags become underscores."""
    told = {"owner": owner, "reason": reason}
    return {_key(lock_id, what): _NOT_ALLOWED.sub("_", text)[:VALUE_LENGTH] for what, text in told.items() if text}


def recovery_tags(lock_id: str, original_path: str | None) -> dict[str, str]:
    """The copy of the original path, in base64url, since paths hold characters that tags may not."""
    text = f"{_COPY_BEGINS}{original_path or ''}{_COPY_ENDS}"
    copy = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    pieces = [copy[start : start + VALUE_LENGTH] for start in range(0, len(copy), VALUE_LENGTH)]
    return {_key(lock_id, f"restore-{number}"): piece for number, piece in enumerate(pieces, start=1)}


def keys_of(lock_id: str) -> list[str]:
    """Every key that the tags of a lock may have."""
    return [_key(lock_id, what) for what in ("owner", "reason", "restore-1", "restore-2")]


def lock_keys_in(tags: Iterable[str]) -> list[str]:
    """Those of a health check's tag keys that belong to locks, whichever."""
    return [key for key in tags if _KEY.fullmatch(key)]


def is_recovery(key: str) -> bool:
    """Whether a tag holds a copy of the original path, or a part of it."""
    match = _KEY.fullmatch(key)
    return match is not None and match["what"].startswith("restore")


def told_in(tags: Mapping[str, str], lock_id: str, what: str) -> str | None:
    """The ``owner`` or ``reason`` that the tags tell of a lock."""
    return tags.get(_key(lock_id, what))


def recovery_copies(tags: Mapping[str, str]) -> dict[str, str | None]:
    """The original paths that are kept in a health check's tags, by the id of the lock; None for "had no path".

    A copy that cannot be read is left out, as if it were not there.
    """
    locks = {match["lock"] for match in map(_KEY.fullmatch, tags) if match and match["what"] == "restore-1"}
    copies = {lock_id: _decoded(tags, lock_id) for lock_id in sorted(locks)}
    return {lock_id: path or None for lock_id, path in copies.items() if path is not None}


def _decoded(tags: Mapping[str, str], lock_id: str) -> str | None:
    copy = "".join(tags.get(_key(lock_id, f"restore-{number}"), "") for number in (1, 2))
    try:
        text = base64.urlsafe_b64decode(copy + "=" * (-len(copy) % 4)).decode()
    except ValueError:  # Also what is no ASCII, which tags may hold.
        return None
    complete = text.startswith(_COPY_BEGINS) and text.endswith(_COPY_ENDS)
    return text.removeprefix(_COPY_BEGINS).removesuffix(_COPY_ENDS) if complete else None


def _key(lock_id: str, what: str) -> str:
    return f"tidegate-lock-{lock_id}-{what}"
