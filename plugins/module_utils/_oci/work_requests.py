# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Work requests: how the service reports that it has carried out a change (API reference, WorkRequest)."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from datetime import datetime, timedelta
from email.utils import parsedate_to_datetime

from ansible_collections.tidegate.failover.plugins.module_utils._converge import Deadline, call_patiently
from ansible_collections.tidegate.failover.plugins.module_utils._errors import (
    NotFoundError,
    TransientError,
    WaitTimeoutError,
    WorkRequestFailedError,
)

RUNNING = ("ACCEPTED", "IN_PROGRESS")

#: Seconds between polls of a work request. Most take a few seconds, and a page that is up must be noticed at once;
#: after a minute something is slow, and polling as often would only add to the load.
_POLL = 0.4
_POLL_SLOWLY = 2.0
_POLLS_BEFORE_SLOWLY = 150

#: Two machines of the service may answer the read and carry out the change. Their clocks differ by less than this.
_CLOCKS_APART = timedelta(seconds=5)

Json = dict[str, t.Any]


def wait_for_success(
    read: Callable[[], Json], work_request_id: str, deadline: Deadline, note: Callable[[Json], None]
) -> None:
    """Wait until a work request has succeeded.

    :param read: reads the work request once.
    :param note: gets the result of each poll, so that a failure can be reported with the last one.
    :raises WorkRequestFailedError: with the service's own error details.
    :raises WaitTimeoutError: it was still running at the deadline; it may still succeed.
    """
    polls = 0
    while True:
        seen = call_patiently(lambda: _read_new(read), deadline)
        note(seen)
        state = seen.get("lifecycleState")
        if state == "SUCCEEDED":
            return
        if state not in RUNNING:
            raise WorkRequestFailedError(
                f"Work request {work_request_id} ({seen.get('type')}) ended {state}: {_details(seen)} "
                "What it should have changed is as it was."
            )
        if deadline.remaining <= 0:
            raise WaitTimeoutError(
                f"The wait_timeout of {deadline.timeout:g} s ran out while work request {work_request_id} "
                f"({seen.get('type')}) was {state}. It may still succeed: check it again with "
                f"'oci lb work-request get --work-request-id {work_request_id}', or run this again, which waits for it."
            )
        polls += 1
        deadline.sleep(_POLL if polls < _POLLS_BEFORE_SLOWLY else _POLL_SLOWLY)


def may_be_unseen(work_request: Json, read_at: str) -> bool:
    """Whether a work request may have taken effect after the load balancer was read.

    It is listed after that, so it may have ended in between: what was read then is older than what it did.

    :param read_at: the service's time of the read (HTTP date, whole seconds); nothing is known where there is none.
    """
    if work_request.get("lifecycleState") in RUNNING:
        return True
    try:
        ended = datetime.fromisoformat(str(work_request.get("timeFinished")))
        return ended >= parsedate_to_datetime(read_at) - _CLOCKS_APART
    except (TypeError, ValueError):
        return True


def _read_new(read: Callable[[], Json]) -> Json:
    """A work request that was just made may not be found for a moment."""
    try:
        return read()
    except NotFoundError as problem:
        raise TransientError(str(problem), effect_unknown=False) from problem


def _details(work_request: Json) -> str:
    errors = work_request.get("errorDetails") or []
    said = "; ".join(f"{error.get('errorCode')}: {error.get('message')}" for error in errors)
    said = said or str(work_request.get("message") or "the service gives no reason")
    return said if said.endswith(".") else f"{said}."
