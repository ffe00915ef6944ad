# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A pair that was not run is never shown as one that passed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tools import environment, matrix
from tools.matrix import NOT_RUN, PAIRS, Pair, cells, table
from tools.steps import Outcome, Step


def outcome(name: str, *, failed: int = 0, report: Path | None = None) -> Outcome:
    return Outcome(Step(name, (), report=report), 1.0, 7, failed)


def test_what_was_not_run_is_shown_as_that() -> None:
    assert table({}).count(NOT_RUN) == 3 * len(PAIRS)


def test_each_level_of_a_pair_has_a_cell() -> None:
    known = cells([outcome("unit-2.19-3.11", report=Path("x")), outcome("integration-2.19-3.11")])
    assert f"| 2.19 | 3.11 | 7 passed | passed | {NOT_RUN} |" in table(known)


def test_a_failure_is_shown_with_its_count() -> None:
    assert cells([outcome("smoke-2.20-3.12", failed=2, report=Path("x"))]) == {("2.20/3.12", "smoke"): "failed: 2"}


def steps_of(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> list[str]:
    ran: list[Step] = []

    def run(steps: Sequence[Step]) -> list[Outcome]:
        ran.extend(steps)
        return []

    monkeypatch.setattr(Pair, "set_up", lambda pair: True)
    monkeypatch.setattr(matrix, "outcomes_of", run)
    matrix.main(arguments)
    return [step.name for step in ran]


def test_unit_tests_and_whole_stories_run_on_each_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = steps_of(monkeypatch)
    assert {f"{level}-{Pair(name).label}" for level in ("unit", "smoke") for name in PAIRS} <= set(ran)


def test_the_integration_targets_run_on_the_oldest_and_the_newest_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    ran = [name for name in steps_of(monkeypatch) if name.startswith("integration")]
    assert ran == ["integration-2.19-3.11", "integration-2.21-3.13"]


def test_levels_that_are_named_run_on_each_pair(monkeypatch: pytest.MonkeyPatch) -> None:
    assert steps_of(monkeypatch, "--levels", "integration") == [f"integration-{Pair(name).label}" for name in PAIRS]


def test_a_pair_whose_python_is_missing_is_not_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(environment, "find_python", lambda version: None)
    assert matrix.main(["2.21/3.13"]) == 0
    assert "2.21/3.13: not run, this machine has no Python 3.13." in capsys.readouterr().out


def test_a_pair_that_cannot_be_installed_is_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*given: object) -> None:
        raise environment.SetUpError("no such package")

    monkeypatch.setattr(environment, "find_python", lambda version: "/python")
    monkeypatch.setattr(environment, "set_up", refuse)
    assert not Pair("2.21/3.13").set_up()


@pytest.mark.parametrize(
    ("pair", "others"),
    [("2.19/3.11", ["2.21/3.13"]), ("2.21/3.13", ["2.19/3.11"]), ("2.20/3.12", ["2.19/3.11", "2.21/3.13"])],
)
def test_the_oldest_and_the_newest_pair_are_tested_beside_the_one_in_use(pair: str, others: list[str]) -> None:
    assert matrix.other_ends(pair) == others


def test_the_pair_in_use_is_a_supported_one() -> None:
    assert matrix.this_pair() in matrix.PAIRS
