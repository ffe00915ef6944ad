# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A run of ``r53_healthcheck_lock`` that waits before each API call until the test sets the outcome of that call."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

from ansible_collections.tidegate.failover.tests.scenarios.lock_run import KilledError, switch
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from botocore.exceptions import ClientError, ConnectionClosedError

#: The possible outcomes of a call.
ANSWERED, THROTTLED, ANSWER_LOST = "answered", "throttled", "answer lost"
KILLED_BEFORE, KILLED_AFTER = "killed before the effect", "killed after the effect"

_PATIENCE_SECONDS = 30


class HeldUpRun:
    """Only one such run does anything at a time, so what happens depends only on the outcomes that it is given.

    :ivar next_call: the operation that it waits to call; None once it has ended.
    """

    def __init__(self, client: Any, **options: Any) -> None:
        """Begin, up to the first call."""
        self.options = options
        self.next_call: str | None = None
        self._client = client
        self._fate = ANSWERED
        self._given, self._waiting = threading.Semaphore(0), threading.Semaphore(0)
        self._thread = ThreadPoolExecutor(1)
        self._outcome = self._thread.submit(switch, client, gate=self._gate, **options)
        self._outcome.add_done_callback(self._end)
        self._let_go_on()

    def _end(self, _outcome: Future[Json]) -> None:
        self.next_call = None
        self._waiting.release()

    def result(self) -> Json | None:
        """The module's result once it has ended; None if it was killed. What else it raised is raised here."""
        self._thread.shutdown()
        try:
            return self._outcome.result()
        except KilledError:
            return None

    def go_on(self, fate: str) -> None:
        """Give the waiting call its outcome, and let the run continue to the next call."""
        self._fate = fate
        self._given.release()
        self._let_go_on()

    def _let_go_on(self) -> None:
        if not self._waiting.acquire(timeout=_PATIENCE_SECONDS):
            raise TimeoutError(f"The run neither ended nor made a call within {_PATIENCE_SECONDS} s.")

    def _gate(self, operation: str, carry_out: Callable[[], Any]) -> Any:
        self.next_call = operation
        self._waiting.release()
        # A test that has failed gives no more outcomes.
        if not self._given.acquire(timeout=_PATIENCE_SECONDS) or self._fate == KILLED_BEFORE:
            raise KilledError
        if self._fate == THROTTLED:
            reported = {"Error": {"Code": "Throttling", "Message": "Rate exceeded"}}
            raise ClientError(reported | {"ResponseMetadata": {"HTTPStatusCode": 400}}, operation)
        answer = carry_out()
        if self._fate == KILLED_AFTER:
            raise KilledError
        if self._fate == ANSWER_LOST:
            raise ConnectionClosedError(endpoint_url=self._client.meta.endpoint_url)
        return answer
