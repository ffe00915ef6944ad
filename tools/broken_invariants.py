# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Breaks the code on purpose, in a copy, to check that the test of each invariant can fail.

The ways to break it are in tests/broken_invariants.toml. A test that passes on broken code proves nothing. A test that
fails on sound code proves nothing either: ``--sound`` finds such tests too. `make test` runs all tests on sound code.
"""

from __future__ import annotations

import re
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.collection_copy import CACHE, ROOT, copy_collection
from tools.tests_on_copy import load_libraries, run_tests, write

BREAKS = ROOT / "tests" / "broken_invariants.toml"
#: Folders and files with the tests of invariants, the quick tests first. The second level runs if the first passes.
LEVELS = (
    ("tests/unit",),
    (
        "tests/scenarios/test_maintenance_invariants.py",
        "tests/scenarios/test_maintenance_holds.py",
        "tests/scenarios/test_failover_invariants.py",
        "tests/scenarios/test_event_wrong_objects.py",
    ),
)
LOG = CACHE / "logs" / "broken-invariants-pytest.log"


@dataclass(frozen=True)
class Break:
    """A way to break the code.

    :ivar file: the file to change, relative to the collection's folder. ``by`` replaces ``replace``, which must occur
        there exactly once.
    :ivar test: the test that has to fail. Without it, all tests with the invariant's name are tried, the quick tests
        first. Name the test where those take long.
    """

    invariant: str
    what: str
    file: str
    replace: str
    by: str
    test: str = ""


def main(arguments: Sequence[str]) -> int:
    """Break, test and restore the code for each break; returns 1 if no test failed for a break."""
    copy = copy_collection(CACHE / "broken")
    breaks = [Break(**entry) for entry in tomllib.loads(BREAKS.read_text(encoding="utf-8"))["break"]]
    load_libraries()
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.unlink(missing_ok=True)
    noticed = [_noticing_test(copy, one) for one in breaks]
    unnoticed = noticed.count("")
    if "--sound" in arguments:
        tests = sorted({test.partition("[")[0] for test in noticed if test})
        always = _failing_tests(copy, tests, stop_early=False) if tests else []
        for test in always:
            print(f"FAILS ON SOUND CODE TOO  {test}", flush=True)
        unnoticed += len(always)
    print(f"{len(breaks) - noticed.count('')} passed, {unnoticed} failed")
    return 1 if unnoticed else 0


def _noticing_test(copy: Path, one: Break) -> str:
    """Break the code, and return the first test that fails; empty if none does."""
    file = copy / one.file
    sound, begin = file.read_text(encoding="utf-8"), time.monotonic()
    if sound.count(one.replace) != 1:
        raise SystemExit(f"{BREAKS.name}: the text to replace does not stand exactly once in {one.file}: {one.what}")
    write(file, sound.replace(one.replace, one.by))
    try:
        test = _first_failing(copy, one)
    finally:
        write(file, sound)
    print(
        f"{'seen' if test else 'NOT SEEN'}  {one.invariant.upper():4} {time.monotonic() - begin:5.1f} s  {one.what}"
        f"{f' ({test})' if test else ''}",
        flush=True,
    )
    return test


def _first_failing(copy: Path, one: Break) -> str:
    if one.test:
        return next(iter(_failing_tests(copy, [one.test])), "")
    name = f"test_{one.invariant}_"
    for level in LEVELS:
        files = sorted(_files_with(copy, level, name), key=lambda file: (_distance(file, one.file), file))
        failed = _failing_tests(copy, [*map(str, files), "-k", name]) if files else []
        if failed:
            return failed[0]
    return ""


def _files_with(copy: Path, places: Iterable[str], name: str) -> Iterator[Path]:
    """Test files with a test whose name begins like this. To import all other files would take most of the time."""
    pattern = re.compile(rf"^ *(async )?def {name}", re.MULTILINE)
    for place in places:
        for file in sorted((copy / place).rglob("test_*.py")) if (copy / place).is_dir() else [copy / place]:
            if pattern.search(file.read_text(encoding="utf-8")):
                yield file.relative_to(copy)


def _distance(test_file: Path, broken: str) -> int:
    """How much the name of a test file differs from that of the broken file: the nearest is the most likely to fail."""
    file = Path(broken)
    if test_file.stem == f"test_{file.stem.strip('_')}":
        return 0
    return 1 if test_file.parent.name == file.parent.name.strip("_") else 2


def _failing_tests(copy: Path, words: Sequence[str], *, stop_early: bool = True) -> list[str]:
    """Run tests on the copy, in a fork of this process.

    :returns: the failed tests. Empty also if the outcome is unknown: no such test, or code that cannot be imported.
    """
    result = run_tests(copy, [*(["-x"] if stop_early else []), *words], LOG)
    return result.failed if result.code == pytest.ExitCode.TESTS_FAILED else []


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
