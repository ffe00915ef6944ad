# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Results of a user's own tasks count for gates of that kind alone, and only with times that can be."""

from __future__ import annotations

import typing as t

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._task_results import (
    outcomes_from,
    task_results_spec,
)
from ansible_collections.tidegate.failover.plugins.module_utils._gates.tasks import KIND as TASKS
from ansible_collections.tidegate.failover.plugins.module_utils._gates.tcp import KIND as TCP

from .gates import NOW, defined, seen_by

RESULT: dict[str, t.Any] = {
    "name": "stock is counted",
    "passed": True,
    "observed": "12 of 12 shelves",
    "remedy": "",
    "from": "2026-11-21T04:04:00Z",
    "to": "2026-11-21T05:04:04+01:00",
}
KINDS = {"tasks": TASKS, "tcp": TCP}
GATES = [
    defined({"name": "stock is counted", "tasks": {"file": "count.yml"}}, KINDS),
    defined({"name": "it listens", "tcp": {"host": "primary.example.com", "port": 443}}, KINDS),
]


def test_a_result_becomes_the_outcome_of_its_gate() -> None:
    outcome = outcomes_from([RESULT], GATES, NOW)["stock is counted"]
    assert (outcome.passed, outcome.observed, outcome.remedy) == (True, "12 of 12 shelves", "")
    assert (outcome.ended - outcome.began).total_seconds() == 4
    assert outcome.definition.expected == "a run of count.yml without a failure"


@pytest.mark.parametrize("text", ["false", "no", "False", "0", "off"])
def test_a_failure_that_is_a_text_is_a_failure(text: str) -> None:
    outcome = ArgumentSpecValidator({"task_results": task_results_spec()}).validate(
        {"task_results": [{**RESULT, "passed": text}]}
    )
    assert outcome.validated_parameters["task_results"][0]["passed"] is False


@pytest.mark.parametrize("text", ["", "skipped", "None", "{{ result }}"])
def test_a_result_that_is_neither_true_nor_false_is_refused(text: str) -> None:
    given = {"task_results": [{**RESULT, "passed": text}]}
    assert ArgumentSpecValidator({"task_results": task_results_spec()}).validate(given).error_messages


def test_a_failure_without_a_remedy_gets_one() -> None:
    assert outcomes_from([{**RESULT, "passed": False}], GATES, NOW)["stock is counted"].remedy


@pytest.mark.parametrize(
    ("results", "words"),
    [
        (
            [{**RESULT, "name": "it listens"}],
            "'it listens', which is no gate of kind tasks. Those are: 'stock is counted'",
        ),
        ([RESULT, RESULT], "two results of 'stock is counted'"),
        ([{**RESULT, "from": "yesterday"}], "from, of 'stock is counted' in task_results, is 'yesterday'"),
        ([{**RESULT, "to": "2026-11-21T04:04:05"}], "Give a time with a zone"),
        ([{**RESULT, "from": "2026-11-21T04:04:05Z"}], "ran from 2026-11-21T04:04:05Z to"),
        ([{**RESULT, "to": "2026-11-21T04:05:05Z"}], "and now it is 2026-11-21T04:04:05Z"),
    ],
)
def test_a_result_that_cannot_be_is_refused(results: list[dict[str, t.Any]], words: str) -> None:
    with pytest.raises(RefusedError, match=words):
        outcomes_from(results, GATES, NOW)


def test_i7_tasks_whose_result_nobody_gave_have_failed() -> None:
    seen = seen_by(TASKS, file="count.yml")
    assert (seen.passed, seen.final, seen.observed) == (False, True, "its tasks were not run")
    assert "task_results" in seen.remedy


def test_tasks_are_nothing_that_the_module_could_check_in_check_mode() -> None:
    assert not TASKS.read_only({"read_only": True})


def test_what_ansible_takes_as_results_is_what_becomes_outcomes() -> None:
    spec = task_results_spec()["options"]
    assert set(spec) == set(RESULT)
