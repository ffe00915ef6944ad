# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Files of others are left unchanged; those of the page are brought up to date, whatever happened before."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._content.folder import (
    LEDGER,
    Change,
    carry_out,
    changes,
    ledger_text,
    read_files,
    read_ledger,
)
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError


def test_what_is_as_wanted_is_not_written() -> None:
    assert changes({"a": "1"}, {"a"}, {"a": "1"}) == []


def test_what_is_no_longer_wanted_is_removed() -> None:
    assert changes({"a": "1", "b": "2"}, {"a", "b"}, {"a": "1"}) == [Change("b", "2", None)]


def test_a_file_of_somebody_else_is_not_overwritten() -> None:
    with pytest.raises(RefusedError, match=r"did not make: a\. Nothing was written"):
        changes({"a": "1"}, set(), {"a": "2"})


def test_a_file_that_is_already_as_wanted_is_taken_over() -> None:
    assert changes({"a": "1"}, set(), {"a": "1"}) == []


def test_the_ledger_names_files_before_they_are_written(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(RefusedError, match="Cannot"):
        carry_out(tmp_path, [Change("a", None, "1")], set(), {"a"})
    assert read_ledger(tmp_path) == {"a"}


def test_a_folder_of_ours_alone_goes_with_its_files(tmp_path: Path) -> None:
    folder = tmp_path / "page"
    carry_out(folder, [Change("a", None, "1")], set(), {"a"})
    carry_out(folder, [Change("a", "1", None)], {"a"}, set())
    assert not folder.exists()


def test_what_others_keep_in_the_folder_stays(tmp_path: Path) -> None:
    (tmp_path / "notes").write_text("mine")
    carry_out(tmp_path, [Change("a", None, "1")], set(), {"a"})
    carry_out(tmp_path, [Change("a", "1", None)], {"a"}, set())
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


def test_the_mode_that_somebody_gave_a_file_stays(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "a").chmod(0o640)
    carry_out(tmp_path, [Change("a", "1", "2")], {"a"}, {"a"})
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


@pytest.mark.parametrize("text", ["{", "[]", '{"files": ["../../etc/passwd"]}', '{"files": [7]}'])
def test_a_ledger_that_cannot_be_understood_is_an_error(text: str, tmp_path: Path) -> None:
    (tmp_path / LEDGER).write_text(text)
    with pytest.raises(RefusedError, match="cannot be understood"):
        read_ledger(tmp_path)


def test_a_folder_in_the_place_of_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(RefusedError, match="Expected a file, or none"):
        read_files(tmp_path, {"a"})


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RefusedError, match="Cannot write to"):
        carry_out(tmp_path / "file" / "page", [], set(), {"a"})


def test_the_ledger_is_the_same_for_the_same_files() -> None:
    assert ledger_text({"b", "a"}) == ledger_text({"a", "b"})
