# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Reads many health checks and their tags with as few requests as possible."""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import SignInError
from ansible_collections.tidegate.failover.plugins.module_utils._aws.health_checks import (
    TAGS_AT_ONCE,
    HealthCheckApi,
    Tags,
)
from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    AccessError,
    TidegateError,
    defect,
)
from ansible_collections.tidegate.failover.plugins.module_utils._lock.health_check import HealthCheck
from ansible_collections.tidegate.failover.plugins.module_utils._lock.selection import Selection, chosen_by_tags

Given = t.TypeVar("Given")
Got = t.TypeVar("Got")

#: Up to this many health checks are read one by one. For more, listing pages takes fewer requests.
_FEW = 4
#: Threads. There are more than may send at the same time, because some wait for endpoints or between attempts.
SIDE_BY_SIDE = 64


@dataclass
class Found:
    """What was read.

    :ivar ids: the requested health checks, in order.
    :ivar checks: the health checks that could be read, by id.
    :ivar problems: the errors of the other health checks, by id.
    :ivar tags: the tags that were read, by id.
    """

    ids: list[str]
    checks: dict[str, HealthCheck] = field(default_factory=dict)
    problems: dict[str, TidegateError] = field(default_factory=dict)
    tags: dict[str, Tags] = field(default_factory=dict)


def side_by_side(work: Callable[[Given], Got], items: Sequence[Given], *, at_once: int = SIDE_BY_SIDE) -> list[Got]:
    """The results of the work on all items, in their order."""
    if not items:
        return []
    with ThreadPoolExecutor(max_workers=min(at_once, len(items))) as threads:
        return list(threads.map(work, items))


def find(api: HealthCheckApi, selection: Selection, new_deadline: Callable[[], Deadline]) -> Found:
    """Read the selected health checks.

    :raises TidegateError: no health check could be read, or none is selected. Errors of single health checks are in
        :attr:`Found.problems`.
    """
    if selection.ids:
        return _by_ids(api, selection.ids, new_deadline)
    checks = {check.id: check for check in _all(api, new_deadline())}
    if not selection.by_tags:
        return Found(sorted(checks), checks)
    tags = read_tags(api, sorted(checks), new_deadline)
    ids = chosen_by_tags(selection, tags)
    return Found(ids, {check_id: checks[check_id] for check_id in ids}, tags={key: tags[key] for key in ids})


def read_tags(api: HealthCheckApi, ids: Sequence[str], new_deadline: Callable[[], Deadline]) -> dict[str, Tags]:
    """The tags of health checks, by id, ten in each request.

    :raises TidegateError: some could not be read.
    """
    parts = [ids[start : start + TAGS_AT_ONCE] for start in range(0, len(ids), TAGS_AT_ONCE)]
    read = side_by_side(lambda part: call_patiently(partial(api.tags, part), new_deadline()), parts)
    return {check_id: tags for part in read for check_id, tags in part.items()}


def _by_ids(api: HealthCheckApi, ids: Sequence[str], new_deadline: Callable[[], Deadline]) -> Found:
    found = Found(list(ids))
    missing = set(ids)
    if len(missing) > _FEW:
        try:
            for check in _all(api, new_deadline(), until=lambda: len(missing) <= _FEW):
                if check.id in missing:
                    missing.discard(check.id)
                    found.checks[check.id] = check
        except SignInError:
            raise
        except AccessError:
            # Listing needs a permission for all health checks. With a permission for some, these can still be read.
            missing = set(ids) - set(found.checks)
    for check_id, read in side_by_side(partial(_read, api, new_deadline), sorted(missing)):
        if isinstance(read, HealthCheck):
            found.checks[check_id] = read
        else:
            found.problems[check_id] = read
    return found


def _read(
    api: HealthCheckApi, new_deadline: Callable[[], Deadline], check_id: str
) -> tuple[str, HealthCheck | TidegateError]:
    try:
        return check_id, call_patiently(partial(api.read, check_id), new_deadline())
    except TidegateError as problem:
        return check_id, problem
    # An unexpected error fails this health check, and must not stop the others from being read and locked.
    except Exception as broken:  # noqa: BLE001
        return check_id, defect(broken)


def _all(api: HealthCheckApi, deadline: Deadline, until: Callable[[], bool] = lambda: False) -> Iterable[HealthCheck]:
    """Every health check, page after page, until enough were read."""
    marker: str | None = None
    while True:
        checks, marker = call_patiently(partial(api.page, marker), deadline)
        yield from checks
        if marker is None or until():
            return
