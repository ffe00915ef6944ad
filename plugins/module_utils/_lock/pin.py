# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Pinned paths: a path that the endpoint does not have, which contains the lock's id and the original path.

``/lb-check-failed-over?restore=%2Flb-check&lock=20261121T030405Z-3f9a1c2e`` keeps an endpoint unhealthy that answers
it with 4xx or 5xx. One compare-and-set writes the lock and its undo data, so a crash cannot separate them.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from urllib.parse import parse_qsl, quote

from ansible_collections.tidegate.failover.plugins.module_utils._errors import OptionError, RefusedError

#: The path that the Lambda of the Keycloak guides pins, without id and original path.
DEFAULT_LOCK_PATH = "/lb-check-failed-over"
#: API reference, HealthCheckConfig: the longest ResourcePath.
PATH_LENGTH = 255

#: UTC time and run: the time shows people since when, and the run makes two locks of the same second differ.
LOCK_ID = re.compile(r"(\d{8}T\d{6}Z)-[0-9a-f]{8}")
_LOCK_PATH = re.compile(r"/[A-Za-z0-9._~!$&'()*+,;=:@%/-]*")
_ID_TIME = "%Y%m%dT%H%M%SZ"
#: As long as every id, to check what fits.
SAMPLE_ID = "20261121T030405Z-3f9a1c2e"


@dataclass(frozen=True)
class Pin:
    """What a pinned path contains.

    :ivar original_path: the path before the lock; None if the health check had none.
    """

    lock_id: str
    original_path: str | None


def new_lock_id(now: datetime) -> str:
    """An id for the lock of a run that did not name itself."""
    return f"{now.astimezone(UTC).strftime(_ID_TIME)}-{secrets.token_hex(4)}"


@cache
def lock_time(lock_id: str) -> str | None:
    """When a lock was placed, as ``YYYY-MM-DDTHH:MM:SSZ``, from its id; None for an id without a time."""
    match = LOCK_ID.fullmatch(lock_id)
    if match is None:
        return None
    try:
        placed = datetime.strptime(match[1], _ID_TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
    return placed.strftime("%Y-%m-%dT%H:%M:%SZ")


def pinned_path(lock_path: str, original_path: str | None, lock_id: str) -> str:
    """The path that locks.

    :raises RefusedError: it is longer than Route 53 allows.
    """
    problem = too_long(lock_path, original_path)
    if problem:
        raise RefusedError(f"{problem} Give a shorter lock_path, or a shorter path to the health check.")
    return _joined(lock_path, original_path, lock_id)


def too_long(lock_path: str, original_path: str | None) -> str:
    """Why a path does not fit into the pinned path, whatever the id; empty if it does.

    Each character that a query must escape takes three characters there, also a ``%`` of the path.
    """
    length = len(_joined(lock_path, original_path, SAMPLE_ID))
    if length <= PATH_LENGTH:
        return ""
    return (
        f"Its path {original_path!r} does not fit into the pinned path: that would have {length} characters, and Route "
        f"53 allows {PATH_LENGTH}."
    )


def _joined(lock_path: str, original_path: str | None, lock_id: str) -> str:
    return f"{lock_path}?restore={quote(original_path or '', safe='')}&lock={lock_id}"


@cache
def read_pin(path: str | None) -> Pin | None:
    """The content of a path that this collection pinned, whichever lock_path was used; None for any other path.

    The result is cached, because a run reads it about twenty times for each health check.
    """
    query = (path or "").partition("?")[2]
    carried = parse_qsl(query, keep_blank_values=True)
    if [name for name, _value in carried] != ["restore", "lock"]:
        return None
    original, lock_id = (value for _name, value in carried)
    return Pin(lock_id, original or None) if LOCK_ID.fullmatch(lock_id) else None


def is_bare_pin(path: str | None, lock_path: str) -> bool:
    """Whether a path is pinned without the data to undo it, or with damaged data."""
    if path is None or read_pin(path) is not None:
        return False
    base, _question_mark, query = path.partition("?")
    damaged = any(name == "lock" and LOCK_ID.fullmatch(value) for name, value in parse_qsl(query))
    return damaged or base in (DEFAULT_LOCK_PATH, lock_path)


def check_lock_path(lock_path: str) -> None:
    """Refuse a path that could not be pinned.

    :raises RefusedError: it does not begin with a slash, is only a slash, or has characters that a path cannot have.
    """
    if not lock_path.startswith("/"):
        raise OptionError(f"lock_path is {lock_path!r}. It must begin with '/', as in '{DEFAULT_LOCK_PATH}'.")
    if lock_path == "/" or not _LOCK_PATH.fullmatch(lock_path):
        raise OptionError(
            f"lock_path is {lock_path!r}. Give the path of something that the endpoint does not have, in the "
            f"characters of a URL's path and without '?' and '#', as in '{DEFAULT_LOCK_PATH}'."
        )
