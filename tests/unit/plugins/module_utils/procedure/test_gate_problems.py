# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Gates in a variable are checked by the code that evaluates them, before anything is touched."""

from __future__ import annotations

import typing as t

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.gate_problems import gate_problems

HTTP = {"url": "https://example.com/"}


@pytest.mark.parametrize("gates", [[], [{"name": "it answers", "http": HTTP}]])
def test_nothing_is_wrong_with_gates_as_they_have_to_be(gates: list[t.Any]) -> None:
    assert gate_problems("failback_gates", gates) == []


@pytest.mark.parametrize(
    ("gates", "said"),
    [
        ([{"name": "a", "htpp": HTTP}], "htpp"),
        ([{"name": "a", "http": HTTP | {"consecutve": 1}}], "consecutve"),
        ([{"name": "a", "http": HTTP | {"timeout": "soon"}}], "soon"),
        ([{"http": HTTP}], "name"),
        ([{"name": "a"}], "a"),
        ([{"name": "a", "http": HTTP}, {"name": "a", "http": HTTP}], "a"),
        (["http"], "dictionary requested"),
    ],
)
def test_what_is_wrong_begins_with_the_variable(gates: list[t.Any], said: str) -> None:
    problems = gate_problems("failback_gates", gates)
    assert problems
    assert all(problem.startswith("failback_gates: ") and problem.endswith(".") for problem in problems)
    assert said in problems[0]


def test_i12_a_secret_in_a_wrong_gate_is_not_repeated() -> None:
    gates = [{"name": "a", "postgresql": {"dsn": "host=db password=hunter2", "max_lag": "hunter2"}}]
    problems = gate_problems("failback_gates", gates)
    assert problems
    assert "password=hunter2" not in " ".join(problems)


def test_what_is_wrong_is_short() -> None:
    assert len(" ".join(gate_problems("failback_gates", [{"name": "a", "http": HTTP | {"x": 1}}]))) < 1000
