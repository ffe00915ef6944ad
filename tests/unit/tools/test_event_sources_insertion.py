# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What event sources share is brought into them, and a difference is noticed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.event_sources import insertion
from tools.event_sources.insertion import BEGIN, END, PART_MARK, InsertionError, inserted, shared

SOURCE = f"before\n{BEGIN}old\n{END}after\n"


def test_the_parts_take_the_place_of_what_was_there() -> None:
    assert inserted(SOURCE, ["\none\n", "two\n"]) == f"before\n{BEGIN}\n\none\n\n\ntwo\n\n\n{END}after\n"


def test_inserting_again_changes_nothing() -> None:
    once = inserted(SOURCE, ["one"])
    assert inserted(once, ["one"]) == once


@pytest.mark.parametrize("source", ["", BEGIN, END])
def test_a_source_without_the_marks_is_an_error(source: str) -> None:
    with pytest.raises(InsertionError, match="these two lines"):
        inserted(source, ["one"])


def test_the_imports_of_a_part_stay_behind() -> None:
    assert shared(f"import this\n{PART_MARK}one\n") == "one\n"
    with pytest.raises(InsertionError, match="must hold the line"):
        shared("import this\n")


def test_the_sources_are_up_to_date() -> None:
    assert insertion.main(["--check"]) == 0


def test_a_difference_is_reported_and_corrected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "sqs.py").write_text(SOURCE, encoding="utf-8")
    monkeypatch.setattr(insertion, "SOURCES", tmp_path)
    monkeypatch.setattr(insertion, "SHARED", {"sqs": ("options",)})
    assert insertion.main(["--check"]) == 1
    assert "Not up to date: sqs.py" in capsys.readouterr().out
    assert insertion.main([]) == 0
    assert insertion.main(["--check"]) == 0
