# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The copy that ansible-test works on holds what the clone holds, also after the clone changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import collection_copy
from tools.collection_copy import copy_collection


@pytest.fixture
def clone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    clone = tmp_path / "clone"
    (clone / ".cache" / "collections" / "ansible_collections" / "amazon").mkdir(parents=True)
    (clone / "plugins").mkdir()
    (clone / ".gitignore").write_text("/.cache/\n*.pyc\n")
    (clone / "plugins" / "one.py").write_text("1")
    (clone / "plugins" / "one.pyc").write_text("1")
    monkeypatch.setattr(collection_copy, "ROOT", clone)
    monkeypatch.setattr(collection_copy, "CACHE", clone / ".cache")
    return clone


def content(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.usefixtures("clone")
def test_what_gitignore_names_is_left_out(tmp_path: Path) -> None:
    assert content(copy_collection(tmp_path / "copy")) == {".gitignore", "plugins/one.py"}


@pytest.mark.usefixtures("clone")
def test_what_the_collection_builds_on_lies_beside_it(tmp_path: Path) -> None:
    copy_collection(tmp_path / "copy")
    assert (tmp_path / "copy" / "ansible_collections" / "amazon").is_dir()


def test_a_second_copy_follows_the_clone(clone: Path, tmp_path: Path) -> None:
    copy_collection(tmp_path / "copy")
    (clone / "plugins" / "one.py").unlink()
    (clone / "plugins" / "two.py").write_text("2")
    assert content(copy_collection(tmp_path / "copy")) == {".gitignore", "plugins/two.py"}


@pytest.mark.usefixtures("clone")
def test_what_ansible_test_keeps_in_the_copy_stays(tmp_path: Path) -> None:
    kept = copy_collection(tmp_path / "copy") / "tests" / "output" / "junit"
    kept.mkdir(parents=True)
    (kept / "report.xml").touch()
    assert "tests/output/junit/report.xml" in content(copy_collection(tmp_path / "copy"))
