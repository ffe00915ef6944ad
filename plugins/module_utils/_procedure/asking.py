# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Questions of procedures to modules. The questions of many services are asked together.

The beginning of a procedure and its lock are generators: they yield a question and are sent the answer. The code of a
service is written as if it were alone. The driver runs the generators of all services to their next question, and asks
all these questions at once.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.tidegate.failover.plugins.module_utils._errors import CODE_KEY, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json

Got = t.TypeVar("Got")

#: An option of the question, not of its module: the module runs in check mode, even if the run does not.
CHECK_MODE = "check_mode"


class ModuleFailedError(TidegateError):
    """A module has failed.

    :ivar result: what it returned.
    """

    def __init__(self, result: Json) -> None:
        super().__init__(
            str(result.get("msg") or "a module failed and gave no reason"), code=str(result.get(CODE_KEY) or "")
        )
        self.result = result


class Turn(IntEnum):
    """The order of questions if services are at different ones. So all services are locked at the same time.

    - ``READ``: reads, which decide which services are locked.
    - ``LOCK``: all locks together, before any other write.
    - ``WRITE``: all other writes.
    - ``PATIENT``: reads that may take long, once no other service can continue.
    """

    READ = 1
    LOCK = 2
    WRITE = 3
    PATIENT = 4


@dataclass(frozen=True)
class Question:
    """One question of a service to a module.

    :ivar options: the options of the module.
    :ivar turn: the turn in which it is asked; questions of a lower turn come first.
    """

    module: str
    options: Mapping[str, t.Any]
    turn: Turn


#: A generator that yields questions. It is sent the answer, or a :class:`ModuleFailedError` is raised in it.
Asking = Generator[Question, Json, Got]
Answer: t.TypeAlias = "Json | ModuleFailedError"
#: Answers the questions of several services. Questions and answers are keyed by the position of the service.
AnswerAll = Callable[[Mapping[int, Question]], Mapping[int, Answer]]


def ask_together(askings: Sequence[Asking[Got]], answer_all: AnswerAll) -> list[Got | Exception]:
    """Run all generators to their end, from question to question. One that fails does not stop the others.

    :returns: for each generator its result, or the exception that ended it.
    """
    ended: dict[int, Got | Exception] = {}
    open_: dict[int, Question] = {}
    for place, asking in enumerate(askings):
        _go_on(asking, None, place, open_, ended)
    while open_:
        turn = min(question.turn for question in open_.values())
        now = {place: question for place, question in open_.items() if question.turn == turn}
        for place, answer in _answered(answer_all, now).items():
            del open_[place]
            _go_on(askings[place], answer, place, open_, ended)
    return [ended[place] for place in range(len(askings))]


def ask_alone(asking: Asking[Got], answer_all: AnswerAll) -> Got:
    """Run the generator of one service to its end, and return its result. Its exception is raised."""
    (got,) = ask_together([asking], answer_all)
    if isinstance(got, Exception):
        raise got
    return got


def _answered(answer_all: AnswerAll, questions: Mapping[int, Question]) -> Mapping[int, Answer | Exception]:
    """The answers. An unexpected exception is raised in each generator that asked, so that it can clean up."""
    try:
        return answer_all(questions)
    except Exception as broken:  # noqa: BLE001
        return dict.fromkeys(questions, broken)


def _go_on(
    asking: Asking[Got],
    answer: Answer | Exception | None,
    place: int,
    open_: dict[int, Question],
    ended: dict[int, Got | Exception],
) -> None:
    """Run one generator to its next question, or to its end."""
    try:
        if answer is None:
            open_[place] = next(asking)
        elif isinstance(answer, Exception):
            open_[place] = asking.throw(answer)
        else:
            open_[place] = asking.send(answer)
    except StopIteration as end:
        ended[place] = end.value
    # Any exception ends this service only.
    except Exception as problem:  # noqa: BLE001
        ended[place] = problem
