# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Changes the decision code, one small change at a time, and checks whether a unit test fails.

Each surviving mutant shows a missing test, or is explained in tests/mutation/survivors.toml. The outcomes are kept in
.cache/mutation, so a run continues where the last run ended.

``python -m tools.mutation [--minutes 60] [file or folder ...]``
"""

from __future__ import annotations

import argparse
import fcntl
import os
import resource
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools.collection_copy import CACHE, copy_collection
from tools.mutation.covering import Covering, covering_tests
from tools.mutation.explained import explained, problems
from tools.mutation.mutants import Mutant, mutants
from tools.mutation.results import Results
from tools.tests_on_copy import load_libraries, run_tests, write

UTILS = Path("plugins/module_utils")
TESTS = Path("tests/unit/plugins/module_utils")
#: The files to change, and the folder of the tests that have to fail.
AREAS = {
    "_lock/*.py": "lock",
    "_maintenance/*.py": "maintenance",
    "_gates/_evaluation.py": "gates",
    "_failover/*.py": "failover",
    "_procedure/**/*.py": "procedure",
}
MINUTES = 240
#: How many times longer than on sound code the tests may take, and the seconds that are added for a busy machine.
TIMES_LONGER, LEAST_SECONDS = 5, 20
#: A limit, because a mutant with an endless loop may fill the memory.
MOST_MEMORY = 2**31
FOLDER = CACHE / "mutation"
LOG = FOLDER / "pytest.log"


@dataclass(frozen=True)
class Subject:
    """A file of code, and all files of the area of its tests."""

    file: Path
    tests: tuple[Path, ...]


def main(arguments: Sequence[str] | None = None) -> int:
    """Try the mutants of the files that the command line names; returns the exit status."""
    options = _parser().parse_args(arguments)
    os.nice(19)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        # Two runs at once would break each other's copy.
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _run(options.files, options.minutes)


def _run(files: Sequence[Path], minutes: float) -> int:
    end = time.monotonic() + 60 * minutes
    copy = copy_collection(FOLDER / "copy")
    load_libraries()
    sys.dont_write_bytecode = True
    results = Results(FOLDER / "results.jsonl", copy)
    known, wrong, tried, survived, not_run = explained(), 0, 0, 0, 0
    subjects = list(_subjects(copy, files))
    coverings = _Coverings(copy, subjects)
    for subject in subjects:
        found = _try_all(copy, subject, results, coverings, end)
        killers = [results.killer(mutant, subject.tests) for mutant in found]
        alive = [mutant for mutant, killer in zip(found, killers, strict=True) if killer == ""]
        left = killers.count(None)
        print(f"{subject.file}: {len(found)} mutants, {len(alive)} survive, {left} not run", flush=True)
        reported = problems(str(subject.file), alive, known, finished=not left)
        print("".join(f"  {problem}\n" for problem in reported), end="", flush=True)
        wrong, tried = wrong + len(reported), tried + len(found) - left
        survived, not_run = survived + len(alive), not_run + left
    print(f"{tried - survived} of {tried} mutants are found, {survived} survive, {not_run} were not run.")
    print(f"{wrong} survivors or explanations need attention.")
    if not_run:
        print("The time is over. The same command continues from here.")
    return 1 if wrong or not_run else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="files or folders of code (all)")
    parser.add_argument("--minutes", type=float, default=MINUTES, help="when to end at the latest (%(default)s)")
    return parser


def _subjects(copy: Path, wanted: Sequence[Path]) -> Iterator[Subject]:
    for pattern, area in AREAS.items():
        tests = tuple(sorted(path.relative_to(copy) for path in (copy / TESTS / area).rglob("*.py")))
        for path in sorted((copy / UTILS).glob(pattern)):
            file = path.relative_to(copy)
            if not wanted or any(file == one or one in file.parents for one in wanted):
                yield Subject(file, tests)


class _Coverings:
    """The tests that run each line, measured once for all files of an area, when first needed."""

    def __init__(self, copy: Path, subjects: Sequence[Subject]) -> None:
        self._copy, self._subjects = copy, subjects
        self._known: dict[Path, Covering] = {}

    def of(self, subject: Subject) -> Covering:
        if subject.file not in self._known:
            files = [other.file for other in self._subjects if other.tests == subject.tests]
            self._known |= covering_tests(self._copy, files, subject.tests, LOG)
        return self._known[subject.file]


def _try_all(copy: Path, subject: Subject, results: Results, coverings: _Coverings, end: float) -> list[Mutant]:
    """Try the mutants of a file until it is done or the time is over; returns all of them."""
    source = (copy / subject.file).read_text(encoding="utf-8")
    found = mutants(str(subject.file), source)
    unknown = [mutant for mutant in found if results.killer(mutant, subject.tests) is None]
    if not unknown or time.monotonic() > end:
        return found
    covering = coverings.of(subject)
    for mutant in unknown:
        if time.monotonic() > end:
            break
        tests = covering.of_line(mutant.line)
        seconds = LEAST_SECONDS + TIMES_LONGER * sum(covering.seconds[test] for test in tests)
        killer = _killer(copy, mutant, source, tests, seconds) if tests else ""
        results.add(mutant, killer, subject.tests)
    return found


def _killer(copy: Path, mutant: Mutant, source: str, tests: Sequence[str], seconds: float) -> str:
    """The first test that fails with a mutant; empty if all pass."""
    file = copy / mutant.file
    write(file, mutant.text)
    try:
        result = run_tests(copy, ["-x", *tests], LOG, seconds=seconds, plugins=_with_little_memory)
    finally:
        write(file, source)
    if result.code == pytest.ExitCode.OK:
        return ""
    # Without a failed test the import or a fixture fails, or the tests hang. All of these count as noticed.
    return next(iter(result.failed), "time" if result.code is None else "import")


def _with_little_memory() -> list[object]:
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    return []


if __name__ == "__main__":
    sys.exit(main())
