# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Phrases of the list are found, also across a line break, and similar text is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.words import findings, main, read_phrases


@pytest.mark.parametrize(
    "text",
    [
        "the site is\nwell again",
        "It is well.",
        "the page of PAGE  UP",
        "nothing that stands in the way",
        "opens the\n    lock",
    ],
)
def test_a_phrase_is_found_across_a_line_break(text: str) -> None:
    assert [finding.line for finding in findings(text, read_phrases())] == [1]


@pytest.mark.parametrize(
    "text", ["it puts the page up", "is well known", "a well-kept library", "open the lid", "as well"]
)
def test_what_only_resembles_a_phrase_is_left(text: str) -> None:
    assert list(findings(text, read_phrases())) == []


def test_a_finding_names_its_place_and_the_plain_words(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = tmp_path / "a.md"
    text.write_text("one\nIt stands in the way.\n")
    assert main([str(text)]) == 1
    assert capsys.readouterr().out == f"{text}:2: 'stands in the way': write blocks, is a blocker\n"
