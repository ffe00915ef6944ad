# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Which tests run which lines of a file, so that only those tests run for a change of a line."""

from __future__ import annotations

import ast
import json
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import coverage
import pytest
from coverage.exceptions import CoverageWarning

from tools.tests_on_copy import run_tests


@dataclass(frozen=True)
class Covering:
    """Tests by line.

    :ivar file: the code.
    :ivar lines: tests by line. The empty name means that the line runs during an import.
    :ivar seconds: how long each of them took.
    """

    file: Path
    lines: dict[int, list[str]]
    seconds: dict[str, float]

    def of_line(self, line: int) -> list[str]:
        """Tests that run this line, those nearest by name first.

        A line that runs during an import can affect all tests, also tests that run no line of the file, such as a test
        that reads a constant. Those tests come last.
        """
        tests = {test for number in self._statement(line) for test in self.lines.get(number, [])}
        if "" not in tests:
            return sorted(tests, key=self._distance)
        running = {test for tests in self.lines.values() for test in tests}
        return sorted(self.seconds, key=lambda test: (test not in running, *self._distance(test)))

    def _statement(self, line: int) -> range:
        """The lines of the statement that a line is part of. If the statement has a body: the lines before the body."""
        ranges = [
            _head(node)
            for node in ast.walk(ast.parse(self.file.read_text(encoding="utf-8")))
            if isinstance(node, ast.stmt)
        ]
        return min((lines for lines in ranges if line in lines), key=len, default=range(line, line + 1))

    def _distance(self, test: str) -> tuple[bool, str]:
        return (Path(test.partition("::")[0]).stem != f"test_{self.file.stem.strip('_')}", test)


def _head(statement: ast.stmt) -> range:
    body = getattr(statement, "body", None)
    end = body[0].lineno - 1 if body else statement.end_lineno or statement.lineno
    return range(statement.lineno, max(end, statement.lineno) + 1)


class _Watch:
    """A plugin of pytest that passes the name of the running test to coverage."""

    def __init__(self, files: Sequence[Path], report: Path) -> None:
        self._files, self._report = [str(file) for file in files], report
        self._seconds: dict[str, float] = {}
        self._coverage = coverage.Coverage(data_file=None, include=self._files, config_file=False)
        self._coverage.start()

    @pytest.hookimpl(hookwrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        # The parameters are cut off, because their names can hold any text.
        test, begin = item.nodeid.partition("[")[0], time.monotonic()
        self._coverage.switch_context(test)
        yield
        self._coverage.switch_context("")
        self._seconds[test] = self._seconds.get(test, 0) + time.monotonic() - begin

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        with warnings.catch_warnings():
            # Code that no test of the area imports has no lines here, so all of its mutants survive.
            warnings.simplefilter("ignore", CoverageWarning)
            data = self._coverage.get_data()
        lines = {file: data.contexts_by_lineno(file) for file in self._files}
        found = {"lines": lines, "seconds": self._seconds}
        self._report.write_text(json.dumps(found), encoding="utf-8")


def covering_tests(copy: Path, files: Sequence[Path], tests: Sequence[Path], log: Path) -> dict[Path, Covering]:
    """Run the tests of an area once, on sound code, for all its files of code.

    :raises SystemExit: they fail.
    """
    report = log.parent / "lines.json"
    words = [str(test) for test in tests if test.name.startswith("test_")]
    result = run_tests(copy, words, log, plugins=lambda: [_Watch([copy / file for file in files], report)])
    if result.code != pytest.ExitCode.OK:
        raise SystemExit(
            f"The tests of {files[0].parent} do not pass on sound code. Their output: {log}. Failed: {result.failed}"
        )
    found = json.loads(report.read_text(encoding="utf-8"))
    return {
        file: Covering(
            copy / file,
            {int(line): by for line, by in found["lines"][str(copy / file)].items()},
            found["seconds"],
        )
        for file in files
    }
