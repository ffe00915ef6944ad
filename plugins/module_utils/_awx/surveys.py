# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The surveys of AWX's job templates, and the meaning of their answers. Pure functions on plain data.

A survey cannot ask for a role's variable itself: an answer is an extra variable, which overrides the inventory, and AWX
sends an empty text for an unanswered question. So the survey asks for ``survey_<variable>``, and only an answer that
was given is set as the variable.
"""

from __future__ import annotations

import typing as t
from collections.abc import Mapping
from dataclasses import dataclass

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]

#: The prefix of the variables of surveys.
PREFIX = "survey_"

_YES_NO = ("yes", "no")
_TRUTHS: Mapping[str, bool] = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


@dataclass(frozen=True)
class Question:
    """One question of a survey.

    :ivar variable: the role's variable that the answer sets.
    :ivar kind: the type of that variable: ``str``, ``int``, ``bool``, ``list``, or ``checks``, which is an override
        that names checks and takes its reason from another answer.
    :ivar choices: the possible answers; empty if any text is allowed.
    :ivar several: whether several choices may be selected.
    :ivar reason_from: for an override, the variable whose answer is its reason.
    """

    variable: str
    text: str
    help: str
    kind: str = "str"
    choices: tuple[str, ...] = ()
    several: bool = False
    required: bool = False
    longest: int = 1024
    reason_from: str = ""


_REASON = "Recorded, and shown to everybody who is notified. A change number, for instance."

#: The questions for people, by playbook. Job templates for alarms have none, because the rulebook sends all values.
QUESTIONS: Mapping[str, tuple[Question, ...]] = {
    "enter_maintenance": (
        Question(
            "maintenance_owner",
            "Who holds the maintenance page?",
            "Such as change:CHG-1, who releases it again. Empty: that of the inventory, or operator.",
            longest=64,
        ),
        Question("maintenance_reason", "Why?", "Shown by status, beside the owner.", longest=100),
    ),
    "exit_maintenance": (
        Question(
            "maintenance_owner",
            "Whose hold is released?",
            "The owner that entered maintenance. Empty: that of the inventory, or operator.",
            longest=64,
        ),
        Question(
            "maintenance_force",
            "Release the holds of all owners?",
            "Only if a hold is left over: it removes the page that others still want.",
            kind="bool",
            choices=_YES_NO,
        ),
    ),
    "failover": (
        Question(
            "failover_type",
            "Planned or unplanned?",
            "Planned: both sites are healthy; writes are stopped first. Empty: that of the inventory, or unplanned.",
            choices=("planned", "unplanned"),
        ),
        Question("failover_reason", "Why?", _REASON),
        Question(
            "failover_override",
            "Which checks are overridden?",
            "One a line, as the refusal of an earlier run named them. Needs an answer to the question why.",
            kind="checks",
            reason_from="failover_reason",
        ),
    ),
    "failback": (Question("failback_reason", "Why?", _REASON),),
    "acknowledge": (
        Question("acknowledge_reason", "What was found?", _REASON),
        Question(
            "acknowledge_suppress",
            "For how many seconds is automation suppressed?",
            "Automatic failovers are refused for that long. Empty: that of the inventory, or not at all.",
            kind="int",
        ),
    ),
    "preflight": (
        Question(
            "failover_type",
            "For a planned or an unplanned failover?",
            "Empty: that of the inventory, or unplanned.",
            choices=("planned", "unplanned"),
        ),
    ),
    "status": (
        Question(
            "status_evaluate_gates",
            "Evaluate the gates of the failback?",
            "Takes as long as the slowest gate. Empty: that of the inventory, or no.",
            kind="bool",
            choices=_YES_NO,
        ),
    ),
    "drill": (
        Question(
            "drill_of",
            "What is rehearsed?",
            "Empty: as in the inventory.",
            kind="list",
            choices=("maintenance", "lock", "failover", "failback"),
            several=True,
        ),
        Question(
            "drill_effect",
            "For real?",
            "Yes does it, and takes it back; name the services by the limit then. Empty: that of the inventory, or no.",
            kind="bool",
            choices=_YES_NO,
        ),
        Question("drill_reason", "Why?", _REASON),
    ),
    "setup": (
        Question(
            "maintenance_setup_state",
            "Create or remove?",
            "Absent removes listener, page, redirect and alarm. Empty: that of the inventory, or present.",
            choices=("present", "absent"),
        ),
        Question(
            "maintenance_setup_rehearsal",
            "What is rehearsed at the end?",
            "None for runs that only keep things as they are. Empty: that of the inventory, or all that there is.",
            choices=("alarm", "page", "none"),
        ),
    ),
}


def survey_of(playbook: str) -> Json:
    """The survey of a job template, in the form of AWX's API; empty if there are no questions."""
    questions = QUESTIONS.get(playbook, ())
    if not questions:
        return {}
    return {"name": "", "description": "", "spec": [_question(question) for question in questions]}


def _question(question: Question) -> Json:
    common: Json = {
        "type": _type_of(question),
        "question_name": question.text,
        "question_description": question.help,
        "variable": f"{PREFIX}{question.variable}",
        "required": question.required,
        "default": "",
    }
    if question.choices:
        return {**common, "choices": list(question.choices)}
    if question.kind == "int":
        return {**common, "min": 0, "max": 2**31 - 1}
    return {**common, "min": 0, "max": question.longest}


def _type_of(question: Question) -> str:
    if question.choices:
        return "multiselect" if question.several else "multiplechoice"
    return {"int": "integer", "list": "textarea", "checks": "textarea"}.get(question.kind, "text")


def answers(given: Mapping[str, t.Any]) -> list[Json]:
    """The variables of roles that have an answer, each with its value.

    :param given: the answers that AWX sends, by the names of the survey's variables.
    :raises RefusedError: an answer is not valid.
    """
    known = {question.variable: question for questions in QUESTIONS.values() for question in questions}
    answered = {
        name.removeprefix(PREFIX): value
        for name, value in given.items()
        if name.startswith(PREFIX) and not _is_empty(value)
    }
    found = []
    for variable in sorted(answered):
        value = answered[variable]
        question = known.get(variable)
        found.append({"variable": variable, "value": _meant(question, value, answered) if question else value})
    return found


def _is_empty(value: t.Any) -> bool:
    """Whether a question is unanswered. AWX sends an empty text or an empty list then."""
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


def _meant(question: Question, value: t.Any, answered: Mapping[str, t.Any]) -> t.Any:
    name = f"{PREFIX}{question.variable}"
    chosen = _texts(value) if question.several or question.kind == "checks" else [str(value).strip()]
    wrong = [text for text in chosen if question.choices and text not in question.choices]
    if question.kind == "bool":
        truth = _TRUTHS.get(chosen[0].lower())
        if truth is None:
            raise RefusedError(_refused(name, value, "yes or no"))
        return truth
    if wrong:
        raise RefusedError(_refused(name, wrong[0], " or ".join(question.choices)))
    if question.kind == "int":
        if not chosen[0].isascii() or not chosen[0].isdecimal():
            raise RefusedError(_refused(name, value, "a whole number"))
        return int(chosen[0])
    if question.kind == "checks":
        return _override(name, chosen, question.reason_from, answered)
    return chosen if question.kind == "list" else chosen[0]


def _override(name: str, checks: list[str], reason_from: str, answered: Mapping[str, t.Any]) -> Json:
    if reason_from not in answered:
        raise RefusedError(
            f"The survey's answer to {name} overrides {', '.join(checks)}, and {PREFIX}{reason_from} gives no reason. "
            "Nothing was done. Answer that question too."
        )
    return {"checks": checks, "reason": str(answered[reason_from]).strip()}


def _texts(value: t.Any) -> list[str]:
    """Several answers: a list, or a text with one on each line or commas between them."""
    given = value if isinstance(value, list) else str(value).replace(",", "\n").splitlines()
    return [text for text in (str(one).strip() for one in given) if text]


def _refused(name: str, value: t.Any, expected: str) -> str:
    return (
        f"The survey's answer to {name} is {str(value)!r}; expected was {expected}. Nothing was done. Answer it again, "
        "or leave it empty."
    )
