# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""A request to place or release locks, and the checks of options that do not read a health check."""

from __future__ import annotations

import re
import typing as t
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from ansible_collections.tidegate.failover.plugins.module_utils._errors import OptionError
from ansible_collections.tidegate.failover.plugins.module_utils._lock.evidence import Permission, permission_from
from ansible_collections.tidegate.failover.plugins.module_utils._lock.moment import (
    MOST_APART,
    Moment,
    clock_problem,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.pin import (
    LOCK_ID,
    PATH_LENGTH,
    check_lock_path,
    is_bare_pin,
    lock_time,
    new_lock_id,
    read_pin,
)
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.request import (
    REASON_LENGTH,
    check_owner,
    check_text,
)

METHODS = ("auto", "path", "invert")

_ID_WITHOUT_PIN = re.compile(r"[A-Za-z0-9-]{1,64}@[0-9]+")


@dataclass(frozen=True)
class LockRequest:
    """A request to lock health checks.

    :ivar method: ``auto``, ``path`` or ``invert``.
    :ivar lock_id: the id of the new locks, where a path can carry an id.
    :ivar replaces: the lock to take over; None where any existing lock stays.
    :ivar restore_path: the original path, if the lock to take over does not carry it; empty for none.
    """

    method: str
    lock_path: str
    lock_id: str
    owner: str
    reason: str
    replaces: str | None = None
    restore_path: str | None = None


@dataclass(frozen=True)
class UnlockRequest:
    """A request to release locks.

    :ivar lock_id: only this lock is released; None for the lock of the first read.
    :ivar restore_path: the path to restore if the lock does not carry it; empty for none.
    """

    lock_path: str
    lock_id: str | None
    restore_path: str | None
    permission: Permission


def request_from(params: Mapping[str, t.Any], now: datetime) -> LockRequest | UnlockRequest:
    """The request of a task.

    :raises OptionError: an option is not valid. No health check was changed.
    """
    check_task(params)
    check_owner(params["owner"])
    check_text("reason", params["reason"], REASON_LENGTH)
    if params["state"] == "locked":
        return _lock_request(params, now)
    return _unlock_request(params)


def check_task(params: Mapping[str, t.Any]) -> None:
    """Refuse options of the whole task that are not valid.

    :raises OptionError: one of them is not valid.
    """
    check_lock_path(params["lock_path"])
    for option in ("wait_timeout", "max_evidence_age"):
        if params[option] < 1:
            raise OptionError(f"{option} is {params[option]}. Give at least one second.")
    if params["state"] == "locked" and params["wait_for"] == "healthy":
        raise OptionError("wait_for is 'healthy', which a locked health check never is. Give 'unhealthy' or leave it.")


def named_now(request: LockRequest, params: Mapping[str, t.Any], moment: Moment) -> LockRequest:
    """The same request with a lock id from the time of the service, if the task gives no id.

    The hold-down time of a lock counts from its id, so a slow clock must not date the lock back.
    """
    return request if params["lock_id"] is not None else replace(request, lock_id=new_lock_id(moment.service))


def clock_warning(params: Mapping[str, t.Any], moment: Moment) -> str:
    """The warning for a lock that is placed while this machine's clock is wrong; empty if the clock is right.

    The lock is placed nevertheless, because it is needed in an emergency.
    """
    problem = clock_problem(moment)
    if not problem:
        return ""
    return (
        f"{problem} {_about_name(params['lock_id'], moment)} "
        "Until then no lock can be released with evidence from this machine."
    )


def _about_name(given: str | None, moment: Moment) -> str:
    """Whether the time in the lock's id is right. A run that continues, or takes over a lock, gives an older time."""
    dated = lock_time(given) if given else None
    if dated is None or abs(datetime.fromisoformat(dated) - moment.service) <= MOST_APART:
        return "The lock is named after the time of AWS, as far as that is known."
    return "The time in lock_id, from which hold_down counts, may be wrong too."


def _lock_request(params: Mapping[str, t.Any], now: datetime) -> LockRequest:
    lock_id = params["lock_id"]
    if lock_id is not None and not LOCK_ID.fullmatch(lock_id):
        raise OptionError(
            f"lock_id is {lock_id!r}. The id of a new lock is its UTC time and eight hexadecimal digits of its run, "
            "as in '20261121T030405Z-3f9a1c2e'."
        )
    replaces = params["replaces"]
    if replaces is not None:
        _check_id("replaces", replaces)
        _check_restore_path(params)
    return LockRequest(
        method=params["method"],
        lock_path=params["lock_path"],
        lock_id=lock_id or new_lock_id(now),
        owner=params["owner"],
        reason=params["reason"],
        replaces=replaces,
        restore_path=params["restore_path"],
    )


def _unlock_request(params: Mapping[str, t.Any]) -> UnlockRequest:
    if params["replaces"] is not None:
        raise OptionError("replaces takes a lock over, so it goes with state: locked. Leave it out to unlock.")
    if params["lock_id"] is not None:
        _check_id("lock_id", params["lock_id"])
    _check_restore_path(params)
    return UnlockRequest(params["lock_path"], params["lock_id"], params["restore_path"], permission_from(params))


def _check_id(option: str, lock_id: str) -> None:
    if not (LOCK_ID.fullmatch(lock_id) or _ID_WITHOUT_PIN.fullmatch(lock_id)):
        raise OptionError(f"{option} is {lock_id!r}, which is no id of a lock. r53_healthcheck_info shows the ids.")


def _check_restore_path(params: Mapping[str, t.Any]) -> None:
    restore_path = params["restore_path"]
    if restore_path and (not restore_path.startswith("/") or len(restore_path) > PATH_LENGTH):
        raise OptionError(
            f"restore_path is {restore_path!r}. Give a path that begins with '/' and has at most {PATH_LENGTH} "
            "characters, or an empty one for a health check that had none."
        )
    if restore_path and (read_pin(restore_path) or is_bare_pin(restore_path, params["lock_path"])):
        raise OptionError(f"restore_path is {restore_path!r}, which is pinned itself. Give the path before the lock.")
