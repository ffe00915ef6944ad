# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Asks endpoints whether a pinned path would hold. Health checks that share a question share one request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future

from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import (
    Answer,
    Fence,
    Question,
    fence_by,
)


class Prover:
    """Threads may share a prover: the first thread asks, and the others wait for its answer.

    :param ask: makes the request; see :func:`_aws.endpoint.ask`.
    """

    def __init__(self, ask: Callable[[Question], Answer]) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._answers: dict[Question, Future[Fence]] = {}

    def prove(self, question: Question) -> Fence:
        """What the answer proves."""
        with self._lock:
            first = question not in self._answers
            answer = self._answers.setdefault(question, Future())
        if first:
            try:
                answer.set_result(fence_by(self._ask(question)))
            except BaseException as problem:
                answer.set_exception(problem)
                raise
        return answer.result()
