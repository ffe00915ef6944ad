# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Several services make calls as if each were alone, and their simultaneous calls are made together."""

from __future__ import annotations

import typing as t
from collections.abc import Mapping

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.asking import (
    Answer,
    Asking,
    ModuleFailedError,
    Question,
    Turn,
    ask_alone,
    ask_together,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.procedure.cloud import context_of, failover


class Asked:
    """Answers with what was asked; notes who asked together."""

    def __init__(self) -> None:
        self.rounds: list[list[str]] = []

    def __call__(self, questions: Mapping[int, Question]) -> dict[int, Answer]:
        self.rounds.append([question.module for question in questions.values()])
        return {place: self._answer(question) for place, question in questions.items()}

    def _answer(self, question: Question) -> Answer:
        if question.module == "fails":
            return ModuleFailedError({"msg": "it failed"})
        return {"said": question.module}


def asking(*modules: str, **turns: Turn) -> Asking[list[str]]:
    """Asks one module after the other."""
    said = []
    for module in modules:
        answer: Json = yield Question(module, {}, turns.get(module, Turn.READ))
        said.append(str(answer["said"]))
    return said


def breaks() -> Asking[t.Any]:
    """Breaks at what it is answered."""
    answer: Json = yield Question("a", {}, Turn.READ)
    return answer["a defect"]


def test_what_is_asked_at_the_same_time_is_asked_together() -> None:
    answer_all = Asked()
    assert ask_together([asking("a", "b"), asking("c")], answer_all) == [["a", "b"], ["c"]]
    assert answer_all.rounds == [["a", "c"], ["b"]]


@pytest.mark.parametrize("one", [asking("fails"), breaks()], ids=["a module", "a defect"])
def test_one_that_fails_stops_no_other(one: Asking[t.Any]) -> None:
    failed, other = ask_together([one, asking("a", "b")], Asked())
    assert (isinstance(failed, Exception), other) == (True, ["a", "b"])


def test_what_may_take_long_is_asked_once_all_others_have_ended() -> None:
    answer_all = Asked()
    ask_together([asking("slow", slow=Turn.PATIENT), asking("a", "b")], answer_all)
    assert answer_all.rounds == [["a"], ["b"], ["slow"]]


def test_all_locks_come_at_once_and_before_other_writes() -> None:
    answer_all = Asked()
    turns = {"lock": Turn.LOCK, "write": Turn.WRITE}
    ask_together([asking("lock", "write", **turns), asking("a", "b", "lock", **turns)], answer_all)
    assert answer_all.rounds == [["a"], ["b"], ["lock", "lock"], ["write"]]


def test_what_is_open_at_the_same_time_is_asked_in_the_order_of_turns() -> None:
    answer_all = Asked()
    turns = {"slow": Turn.PATIENT, "write": Turn.WRITE, "lock": Turn.LOCK}
    ask_together([asking(module, **turns) for module in ("slow", "write", "lock", "a")], answer_all)
    assert answer_all.rounds == [["a"], ["lock"], ["write"], ["slow"]]


def test_a_failure_can_be_met_by_who_asks() -> None:
    def meets() -> Asking[str]:
        try:
            yield Question("fails", {}, Turn.READ)
        except ModuleFailedError as problem:
            return str(problem)
        return ""

    assert ask_alone(meets(), Asked()) == "it failed"


def test_alone_a_failure_is_raised() -> None:
    def refuses() -> Asking[None]:
        yield Question("a", {}, Turn.READ)
        raise RefusedError("no")

    with pytest.raises(RefusedError, match="no"):
        ask_alone(refuses(), Asked())


@pytest.mark.parametrize(("given", "turn"), [({}, Turn.READ), ({"phase": "running"}, Turn.WRITE)])
def test_a_state_is_read_before_all_locks_and_written_after_them(given: Json, turn: Turn) -> None:
    assert next(context_of(failover()).asking_state(**given)).turn == turn
