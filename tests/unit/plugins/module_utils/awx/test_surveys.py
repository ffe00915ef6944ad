# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A survey asks for the variables of a role, answers become values, and an unanswered question sets nothing."""

from __future__ import annotations

import typing as t
from functools import cache
from pathlib import Path

import pytest
import yaml
from ansible_collections.tidegate.failover.plugins.module_utils._awx.surveys import (
    PREFIX,
    QUESTIONS,
    Question,
    answers,
    survey_of,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.tests.scenarios.awx_fields import answer_misfit, survey_misfit

ROOT = Path(__file__).resolve().parents[5]
ALL = [(playbook, question) for playbook, questions in QUESTIONS.items() for question in questions]
#: Playbooks without a survey: alarms launch them, or nobody does.
BY_ALARM = {"maintenance_by_alarm", "lock_by_alarm", "failover_by_alarm", "site_by_alert"}
SILENT = {*BY_ALARM, "awx_setup", "survey_answers", "drift"}


@cache
def options_of_roles() -> dict[str, dict[str, t.Any]]:
    """All options of all roles, by name."""
    found: dict[str, dict[str, t.Any]] = {}
    for path in ROOT.glob("roles/*/meta/argument_specs.yml"):
        found |= yaml.safe_load(path.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    return found


def test_every_playbook_for_people_has_a_survey() -> None:
    there = {path.stem for path in (ROOT / "playbooks").glob("[!_]*.yml")}
    assert there - SILENT == set(QUESTIONS)


@pytest.mark.parametrize(("playbook", "question"), ALL)
def test_a_question_is_about_an_option_of_a_role_and_its_type(playbook: str, question: Question) -> None:
    option = options_of_roles()[question.variable]
    assert {"checks": "dict"}.get(question.kind, question.kind) == option["type"], playbook
    if question.choices and question.kind != "bool":
        assert set(question.choices) == set(option["choices"])


@pytest.mark.parametrize("playbook", QUESTIONS)
def test_awx_takes_each_survey(playbook: str) -> None:
    assert survey_misfit(survey_of(playbook)) == ""


def test_what_alarms_launch_asks_nothing() -> None:
    assert survey_of("lock_by_alarm") == {}


def given(**answered: t.Any) -> dict[str, t.Any]:
    return {one["variable"]: one["value"] for one in answers({f"{PREFIX}{name}": to for name, to in answered.items()})}


@pytest.mark.parametrize("empty", ["", "  ", "\n", [], None])
def test_an_empty_answer_is_none(empty: t.Any) -> None:
    assert given(failback_reason=empty, drill_of=empty, status_evaluate_gates=empty, acknowledge_suppress=empty) == {}


@pytest.mark.parametrize(
    ("variable", "answer", "value"),
    [
        ("failback_reason", " CHG-1 ", "CHG-1"),
        ("status_evaluate_gates", "yes", True),
        ("drill_effect", "no", False),
        ("drill_effect", "False", False),
        ("acknowledge_suppress", 3600, 3600),
        ("acknowledge_suppress", "3600", 3600),
        ("drill_of", ["lock", "failover"], ["lock", "failover"]),
        ("drill_of", "lock\nfailover\n", ["lock", "failover"]),
        ("drill_of", "lock, failover", ["lock", "failover"]),
        ("failover_type", "planned", "planned"),
        ("of_your_own", "as it is ", "as it is "),
    ],
)
def test_an_answer_becomes_what_the_variable_holds(variable: str, answer: t.Any, value: t.Any) -> None:
    assert given(**{variable: answer}) == {variable: value}


@pytest.mark.parametrize(
    ("variable", "answer", "expected"),
    [
        ("status_evaluate_gates", "perhaps", "yes or no"),
        ("acknowledge_suppress", "ten", "a whole number"),
        ("acknowledge_suppress", "-1", "a whole number"),
        ("acknowledge_suppress", "1.5", "a whole number"),
        ("drill_of", ["lock", "everything"], "maintenance or lock"),
        ("failover_type", "some", "planned or unplanned"),
    ],
)
def test_an_answer_that_makes_no_sense_is_refused_by_its_name(variable: str, answer: t.Any, expected: str) -> None:
    with pytest.raises(RefusedError, match=f"survey_{variable} is .*; expected was {expected}.*Nothing was done"):
        given(**{variable: answer})


def test_an_override_takes_its_reason_from_the_question_beside_it() -> None:
    found = given(failover_override="last site\n", failover_reason="CHG-1")
    assert found == {
        "failover_reason": "CHG-1",
        "failover_override": {"checks": ["last site"], "reason": "CHG-1"},
    }


def test_an_override_without_a_reason_is_refused() -> None:
    with pytest.raises(RefusedError, match="survey_failover_reason gives no reason"):
        given(failover_override="last site", failover_reason=" ")


def test_variables_that_are_no_answers_are_left_out() -> None:
    assert answers({"failback_reason": "CHG-1", "surveys": "x"}) == []


@pytest.mark.parametrize(("_playbook", "question"), ALL)
def test_awx_launches_without_an_answer_to_what_is_not_required(_playbook: str, question: Question) -> None:
    asked = next(one for one in survey_of(_playbook)["spec"] if one["variable"] == f"{PREFIX}{question.variable}")
    assert answer_misfit(asked, {}) == ""
