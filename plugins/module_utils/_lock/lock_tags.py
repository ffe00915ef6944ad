# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The tags of a lock: owner and reason for people, and a copy of the original path.

The copy is for the one case that the pinned path cannot cover: a writer without a version, such as the Lambda of the
Keycloak guides, replaces a pinned path by a bare one. The copy contains the version of the health check with the lock,
because only the next version is certainly that writer's. All keys contain the lock id, so removing the tags of one lock
never changes the tags of the next lock.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

#: API reference of ChangeTagsForResource: the longest value of a tag, and how many tags a health check can have.
VALUE_LENGTH = 256
MOST_TAGS = 10

_KEY = re.compile(r"tidegate-lock-(?P<lock>.+)-(?P<what>owner|reason|restore-[12])")
#: AWS' general rules for tags: letters, digits, white space and a few signs.
_NOT_ALLOWED = re.compile(r"[^\w\s.:/=+\-@]")
#: The line break at the end shows that the copy is complete, and no tag of it was removed. No path has a line break.
_COPY = re.compile(r"version=(?P<version>[0-9]+)\nrestore=(?P<path>[^\n]*)\n")


@dataclass(frozen=True)
class RecoveryCopy:
    """The copy of the original path in the tags of a lock.

    :ivar version: a version of the health check with that lock.
    :ivar path: None for "had no path".
    """

    version: int
    path: str | None


def people_tags(lock_id: str, owner: str, reason: str) -> dict[str, str]:
    """Who placed a lock and why. Characters that AWS does not allow in tags become underscores."""
    reported = {"owner": owner, "reason": reason}
    return {_key(lock_id, what): _NOT_ALLOWED.sub("_", text)[:VALUE_LENGTH] for what, text in reported.items() if text}


def recovery_tags(lock_id: str, original_path: str | None, version: int) -> dict[str, str]:
    """The copy of the original path, in base64url, because paths may have characters that tags may not.

    :param version: the version of the health check with the lock.
    """
    text = f"version={version}\nrestore={original_path or ''}\n"
    copy = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    pieces = [copy[start : start + VALUE_LENGTH] for start in range(0, len(copy), VALUE_LENGTH)]
    return {_key(lock_id, f"restore-{number}"): piece for number, piece in enumerate(pieces, start=1)}


def keys_of(lock_id: str) -> list[str]:
    """All keys that the tags of a lock may have."""
    return [_key(lock_id, what) for what in ("owner", "reason", "restore-1", "restore-2")]


def people_keys_in(tags: Iterable[str], lock_id: str) -> list[str]:
    """The tag keys of a health check that record who placed a lock, and why."""
    return [key for key in tags if key in (_key(lock_id, "owner"), _key(lock_id, "reason"))]


def lock_keys_in(tags: Iterable[str]) -> list[str]:
    """The tag keys of a health check that belong to any lock."""
    return [key for key in tags if _KEY.fullmatch(key)]


def lock_id_of(key: str) -> str:
    """The lock that a tag key belongs to; empty if it belongs to none."""
    match = _KEY.fullmatch(key)
    return match["lock"] if match else ""


def is_recovery(key: str) -> bool:
    """Whether a tag holds a copy of the original path, or a part of it."""
    match = _KEY.fullmatch(key)
    return match is not None and match["what"].startswith("restore")


def reported_in(tags: Mapping[str, str], lock_id: str, what: str) -> str | None:
    """The ``owner`` or ``reason`` of a lock in the tags."""
    return tags.get(_key(lock_id, what))


def recovery_copies(tags: Mapping[str, str]) -> dict[str, RecoveryCopy]:
    """The original paths that are kept in a health check's tags, by the id of the lock.

    A copy that cannot be read is left out.
    """
    locks = {match["lock"] for match in map(_KEY.fullmatch, tags) if match and match["what"] == "restore-1"}
    copies = {lock_id: _decoded(tags, lock_id) for lock_id in sorted(locks)}
    return {lock_id: copy for lock_id, copy in copies.items() if copy is not None}


def no_room(tags: Iterable[str], added: Iterable[str], removed: Iterable[str] = ()) -> str:
    """Why tags cannot be added beside the existing tags, and what to do; empty if there is room.

    :param tags: the keys of the existing tags.
    """
    kept = sorted(set(tags) - set(removed) - set(added))
    too_many = len(kept) + len(set(added)) - MOST_TAGS
    if too_many <= 0:
        return ""
    return (
        f"The health check has {len(kept)} other tags, {len(set(added))} more {'are' if len(set(added)) > 1 else 'is'} "
        f"needed, and AWS allows {MOST_TAGS}. Remove at least {too_many} of: {', '.join(kept)}. Then run this again."
    )


def _decoded(tags: Mapping[str, str], lock_id: str) -> RecoveryCopy | None:
    encoded = "".join(tags.get(_key(lock_id, f"restore-{number}"), "") for number in (1, 2))
    try:
        text = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4)).decode()
    except ValueError:  # Also for text that is not ASCII, which tags may contain.
        return None
    copy = _COPY.fullmatch(text)
    return RecoveryCopy(int(copy["version"]), copy["path"] or None) if copy else None


def _key(lock_id: str, what: str) -> str:
    return f"tidegate-lock-{lock_id}-{what}"
