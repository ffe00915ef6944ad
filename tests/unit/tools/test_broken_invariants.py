# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A break counts as seen only if a test of its name fails, and the code is whole again afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import broken_invariants
from tools.broken_invariants import Break

SOUND = "def one():\n    return 1\n"
BREAK = Break("i1", "one is two", "plugins/module_utils/_numbers/one.py", "return 1", "return 2")
TEST = "import sys\nsys.path.insert(0, 'plugins/module_utils/_numbers')\nfrom one import one\n\n\n"


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A collection with one file of code, and a folder for its tests."""
    folder = tmp_path / "ansible_collections" / "tidegate" / "failover"
    code = folder / BREAK.file
    code.parent.mkdir(parents=True)
    code.write_text(SOUND)
    (folder / "tests" / "unit" / "numbers").mkdir(parents=True)
    monkeypatch.setattr(broken_invariants, "LEVELS", (("tests/unit",),))
    monkeypatch.setattr(broken_invariants, "LOG", tmp_path / "log")
    return folder


def noticing(copy: Path, test: str) -> str:
    (copy / "tests" / "unit" / "numbers" / "test_one.py").write_text(TEST + test)
    return broken_invariants._noticing_test(copy, BREAK)


def test_a_test_that_fails_on_broken_code_is_reported(copy: Path) -> None:
    seen = noticing(copy, "def test_i1_one_is_one() -> None:\n    assert one() == 1\n")
    assert seen == "tests/unit/numbers/test_one.py::test_i1_one_is_one"


@pytest.mark.parametrize(
    "test",
    [
        "def test_i1_one_is_a_number() -> None:\n    assert one() > 0\n",
        "def test_i2_one_is_one() -> None:\n    assert one() == 1\n",
        "def test_one_is_one() -> None:\n    assert one() == 1\n",
        "import no_such_module\n\n\ndef test_i1_one_is_one() -> None:\n    assert one() == 1\n",
        "import pytest\n\n\n@pytest.fixture\ndef f():\n    raise OSError\n\n\ndef test_i1_one(f) -> None:\n    ...\n",
    ],
    ids=["passes", "another invariant", "no invariant", "cannot be imported", "only its fixture fails"],
)
def test_what_proves_nothing_does_not_count(copy: Path, test: str) -> None:
    assert noticing(copy, test) == ""


def test_the_code_is_whole_again_afterwards(copy: Path) -> None:
    noticing(copy, "def test_i1_one_is_one() -> None:\n    assert one() == 1\n")
    assert (copy / BREAK.file).read_text() == SOUND


def test_a_break_that_fits_nowhere_is_an_error(copy: Path) -> None:
    (copy / BREAK.file).write_text("def one():\n    return int(1)\n")
    with pytest.raises(SystemExit, match="does not stand exactly once"):
        noticing(copy, "")


def test_the_nearest_tests_are_tried_first() -> None:
    files = [Path("tests/unit/other/test_a.py"), Path("tests/unit/numbers/test_b.py"), Path("tests/unit/x/test_one.py")]
    nearest = sorted(files, key=lambda file: broken_invariants._distance(file, BREAK.file))
    assert [file.stem for file in nearest] == ["test_one", "test_b", "test_a"]
