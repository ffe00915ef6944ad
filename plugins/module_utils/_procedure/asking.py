# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Questions that procedures ask modules, so that those of many services can be asked together.

What begins a procedure, and its lock, are generators: they yield a question and are sent the answer. Each service is
written as if it were alone. The driver lets all of them come to their next question, and asks these at once.
"""

from __future__ import annotations

import typing as t
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum

from ansible_collections.tidegate.failover.plugins.module_utils._errors import CODE_KEY, TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json

Got = t.TypeVar("Got")

#: An option of a question that is none of its module: the module only predicts, also where the run does more.
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
    """What is asked first where services have got to different questions, so that their locks come at once.

    - ``LOOK``: reads, which decide who is locked.
    - ``LOCK``: all locks together, before anything else is written.
    - ``WRITE``: what else is written.
    - ``PATIENT``: looks that may take long, once all other services have got as far as they can.
    """

    LOOK = 1
    LOCK = 2
    WRITE = 3
    PATIENT = 4


@dataclass(frozen=True)
class Question:
    """What one service asks of a module.

    :ivar options: of the module.
    :ivar turn: when it is asked, of all questions that are open.
    """

    module: str
    options: Mapping[str, t.Any]
    turn: Turn


#: What asks. It is sent the answer, or a :class:`ModuleFailedError` is raised in it.
Asking = Generator[Question, Json, Got]
Answer: t.TypeAlias = "Json | ModuleFailedError"
#: Answers the questions of several services, which it is given by the place of each.
AnswerAll = Callable[[Mapping[int, Question]], Mapping[int, Answer]]


def ask_together(askings: Sequence[Asking[Got]], answer_all: AnswerAll) -> list[Got | Exception]:
    """Let all go on, from question to question, to their end. One that fails stops no other.

    :returns: what each returned, or the exception that ended it.
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
    """The same for one service, whose exception is raised."""
    (got,) = ask_together([asking], answer_all)
    if isinstance(got, Exception):
        raise got
    return got


def _answered(answer_all: AnswerAll, questions: Mapping[int, Question]) -> Mapping[int, Answer | Exception]:
    """The answers. What nobody foresaw is raised in those that asked, so that they can let go of what they have."""
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
    """Let one go on to its next question, or to its end."""
    try:
        if answer is None:
            open_[place] = next(asking)
        elif isinstance(answer, Exception):
            open_[place] = asking.throw(answer)
        else:
            open_[place] = asking.send(answer)
    except StopIteration as end:
        ended[place] = end.value
    # Whatever it is, it is this service's.
    except Exception as problem:  # noqa: BLE001
        ended[place] = problem
