# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Work requests, by which the service reports the progress of a change (API reference, WorkRequest)."""

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

#: Seconds between polls of a work request. Most take a few seconds, and success must be noticed at once. After a
#: minute the service is slow, and frequent polls would only add load.
_POLL = 0.4
_POLL_SLOWLY = 2.0
_POLLS_BEFORE_SLOWLY = 150

#: Different machines of the service may answer a read and make a change. Their clocks differ by less than this.
_CLOCKS_APART = timedelta(seconds=5)

Json = dict[str, t.Any]


def wait_for_success(
    read: Callable[[], Json], work_request_id: str, deadline: Deadline, note: Callable[[Json], None]
) -> None:
    """Wait until a work request has succeeded.

    :param read: reads the work request once.
    :param note: gets the result of each poll, so that a failure report has the last one.
    :raises WorkRequestFailedError: with the service's own error details.
    :raises WaitTimeoutError: the work request was still running at the deadline; it may still succeed.
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
                "It changed nothing."
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

    Work requests are listed after the read, so one may have ended in between. Then the read is older than its change.

    :param read_at: the service's time of the read (HTTP date, whole seconds). Without it, every work request counts.
    """
    if work_request.get("lifecycleState") in RUNNING:
        return True
    try:
        ended = datetime.fromisoformat(str(work_request.get("timeFinished")))
        return ended >= parsedate_to_datetime(read_at) - _CLOCKS_APART
    except (TypeError, ValueError):
        return True


def _read_new(read: Callable[[], Json]) -> Json:
    """Read a work request. A new one may not be found for a moment, so that is a temporary error."""
    try:
        return read()
    except NotFoundError as problem:
        raise TransientError(str(problem), effect_unknown=False) from problem


def _details(work_request: Json) -> str:
    errors = work_request.get("errorDetails") or []
    reason = "; ".join(f"{error.get('errorCode')}: {error.get('message')}" for error in errors)
    reason = reason or str(work_request.get("message") or "the service gives no reason")
    return reason if reason.endswith(".") else f"{reason}."
