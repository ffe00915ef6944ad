# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Endpoints are asked once for each question, however many health checks share it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._lock.proof import Answer, Question, question_about
from ansible_collections.tidegate.failover.plugins.module_utils._module.health_check_prover import Prover

from ..lock.health_checks import PINNED, health_check

QUESTION = question_about(health_check(), PINNED)
OTHER = question_about(health_check(Port=8443), PINNED)


def test_many_that_ask_the_same_at_once_ask_the_endpoint_once() -> None:
    asked: list[Question] = []
    all_there = Barrier(8, timeout=10)

    def ask(question: Question) -> Answer:
        asked.append(question)
        return Answer(404)

    prover = Prover(ask)

    def prove(question: Question) -> bool | None:
        all_there.wait()
        return prover.prove(question).proven

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(prove, [QUESTION] * 4 + [OTHER] * 4)) == [True] * 8
    assert set(asked) == {QUESTION, OTHER}
    assert len(asked) == 2


def test_a_question_that_cannot_be_asked_fails_for_everybody_who_asks_it() -> None:
    def ask(_question: Question) -> Answer:
        raise RuntimeError("broken")

    prover = Prover(ask)
    for _attempt in range(2):
        with pytest.raises(RuntimeError, match="broken"):
            prover.prove(QUESTION)
