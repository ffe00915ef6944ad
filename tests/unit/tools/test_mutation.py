# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Mutants are changes that mean something, and each that survives is explained, for as long as it survives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.mutation.covering import Covering
from tools.mutation.explained import Survivor, problems
from tools.mutation.mutants import Mutant, mutants
from tools.mutation.results import Results

AREA = [Path("test_one.py")]


def changes(source: str) -> set[str]:
    return {mutant.after for mutant in mutants("one.py", source)}


def test_a_comparison_becomes_its_opposite_and_its_neighbour() -> None:
    assert changes("def f(a, b):\n    return a < b\n") == {"return a <= b", "return a >= b"}


@pytest.mark.parametrize(
    "source",
    [
        "def f(a: int | None) -> str | None: ...\n",
        "Number = int | float\n",
        "@dataclass(frozen=True)\nclass A: ...\n",
        "def f(a, *, b): ...\n",
        "def f(a, /): ...\n",
        "if t.TYPE_CHECKING:\n    a = 1 + 1\n",
        "t.cast(int | str, a)\n",
        "TIMEOUT = 30.0\n",
        "list(zip(a, b, strict=True))\n",
        '"""A text with 1 < 2."""\n',
    ],
)
def test_code_without_effect_at_run_time_is_not_mutated(source: str) -> None:
    assert changes(source) == set()


@pytest.mark.parametrize(("marker", "call"), [("*, b", "a * b"), ("/, b", "a / b")])
def test_behind_a_marker_between_parameters_the_operator_is_changed_and_not_the_marker(marker: str, call: str) -> None:
    changed = "a / b" if "*" in call else "a * b"
    assert changes(f"def f(a, {marker}):\n    return {call}\n") == {f"return {changed}"}


def test_a_mutant_names_its_function_and_line() -> None:
    (first, *_others) = mutants("one.py", "a = f()\n\n\ndef g(b):\n    return b + 1\n")
    assert (first.place, first.line, first.before) == ("g", 5, "return b + 1")


def mutant(after: str = "return 2", text: str = "2") -> Mutant:
    return Mutant("one.py", "one", 2, "return 1", after, text)


EXPLAINED = Survivor("one.py", "one", "return 1", "return 2", "both are right")


def test_an_unexplained_survivor_is_reported() -> None:
    (reported,) = problems("one.py", [mutant()], [], finished=True)
    assert "one.py:2 in one" in reported


def test_an_explained_survivor_is_no_problem() -> None:
    assert problems("one.py", [mutant()], [EXPLAINED], finished=True) == []


def test_a_stale_explanation_is_reported() -> None:
    (reported,) = problems("one.py", [], [EXPLAINED], finished=True)
    assert reported.startswith("EXPLAINED, BUT DOES NOT SURVIVE")


def test_nothing_is_stale_before_all_mutants_were_tried() -> None:
    assert problems("one.py", [], [EXPLAINED], finished=False) == []


@pytest.fixture
def results(tmp_path: Path) -> Results:
    (tmp_path / "test_one.py").write_text("assert one() == 1")
    return Results(tmp_path / "results.jsonl", tmp_path)


@pytest.mark.parametrize("killer", ["", "time", "test_one.py::test_one"])
def test_what_is_known_is_read_again(results: Results, tmp_path: Path, killer: str) -> None:
    results.add(mutant(), killer, AREA)
    assert Results(tmp_path / "results.jsonl", tmp_path).killer(mutant(), AREA) == killer


@pytest.mark.parametrize("killer", ["", "test_one.py::test_one"])
def test_after_a_change_of_the_tests_it_is_tried_again(results: Results, tmp_path: Path, killer: str) -> None:
    results.add(mutant(), killer, AREA)
    (tmp_path / "test_one.py").write_text("assert one() == 2")
    assert results.killer(mutant(), AREA) is None


def test_another_test_does_not_change_what_is_killed(results: Results, tmp_path: Path) -> None:
    results.add(mutant(), "test_one.py::test_one", AREA)
    (tmp_path / "test_two.py").write_text("")
    assert results.killer(mutant(), [*AREA, Path("test_two.py")]) == "test_one.py::test_one"


def test_a_mutant_of_other_code_is_not_known(results: Results) -> None:
    results.add(mutant(), "", AREA)
    assert results.killer(mutant(text="3"), AREA) is None


@pytest.fixture
def covering(tmp_path: Path) -> Covering:
    """Of code with a constant, which is set while it is imported, and a function that one test runs."""
    (tmp_path / "one.py").write_text("ONE = 1\n\n\ndef one():\n    return ONE\n")
    tests = ["test_a.py::test_reads_one", "test_one.py::test_reads_one", "test_z.py::test_one"]
    return Covering(tmp_path / "one.py", {1: [""], 4: [""], 5: ["test_z.py::test_one"]}, dict.fromkeys(tests, 0.1))


def test_a_line_is_shown_to_the_tests_that_run_it(covering: Covering) -> None:
    assert covering.of_line(5) == ["test_z.py::test_one"]


def test_what_runs_at_import_is_shown_to_all_tests_those_that_run_lines_first(covering: Covering) -> None:
    assert covering.of_line(1) == ["test_z.py::test_one", "test_one.py::test_reads_one", "test_a.py::test_reads_one"]
