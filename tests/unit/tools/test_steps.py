# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The output and the exit status of a run of steps: nobody reads the log of a passed run."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tools import steps
from tools.steps import Step, run_steps

REPORT = """<testsuites><testsuite tests="7" failures="2" errors="1" skipped="1"/></testsuites>"""


@pytest.fixture(autouse=True)
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(steps, "ROOT", tmp_path)
    monkeypatch.setattr(steps, "LOGS", tmp_path / "logs")
    return tmp_path / "logs"


def step(name: str, program: str = "", report: Path | None = None, after: tuple[str, ...] = ()) -> Step:
    return Step(name, (sys.executable, "-c", program), report, after)


def last_line(capsys: pytest.CaptureFixture[str]) -> str:
    return capsys.readouterr().out.splitlines()[-1]


def test_all_steps_that_pass_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_steps([step("one"), step("two"), step("three")]) == 0
    assert last_line(capsys) == "3 passed, 0 failed"


def test_one_failing_step_fails_the_run_and_the_others_still_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_steps([step("bad", "raise SystemExit(3)"), step("good"), step("better")]) == 1
    assert last_line(capsys) == "2 passed, 1 failed"


def test_what_a_failing_step_said_is_shown(capsys: pytest.CaptureFixture[str], logs: Path) -> None:
    run_steps([step("bad", "print('too short'); raise SystemExit(1)")])
    assert "| too short" in capsys.readouterr().out
    assert (logs / "bad.log").read_text() == "too short\n"


@pytest.mark.parametrize("complaint", ["ERROR: a.py:1: wrong", "NOT SEEN  I1  2.0 s  the page is lost"])
def test_the_last_lines_name_what_a_tool_without_report_found(
    complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    run_steps([step("bad", f"print({complaint!r}); print('more'); raise SystemExit(1)")])
    assert f"    {complaint}\n" in capsys.readouterr().out.partition("bad failed.")[2]


def test_the_tests_of_a_report_are_counted_one_by_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.xml"
    write = f"open({str(report)!r}, 'w').write({REPORT!r}); raise SystemExit(1)"
    assert run_steps([step("tests", write, report=report)]) == 1
    assert last_line(capsys) == "3 passed, 3 failed"


def test_the_last_lines_name_the_tests_that_failed_and_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.xml"
    case = '<testcase classname="tests.one" name="test_x"><error message="no lab&#10;more"/></testcase>'
    text = f'<testsuites><testsuite tests="1" failures="0" errors="1">{case}</testsuite></testsuites>'
    write = f"open({str(report)!r}, 'w').write({text!r}); raise SystemExit(1)"
    run_steps([step("tests", write, report=report)])
    assert "    tests.one.test_x: no lab" in capsys.readouterr().out.splitlines()[-5:]


def test_of_a_playbooks_output_the_last_lines_name_the_task_that_failed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.xml"
    output = "AssertionError: &#10;  PLAY [x] ***&#10;  fatal: [a]: FAILED! =&gt; no gate&#10;assert 2 == 0"
    case = f'<testcase classname="tests.one" name="test_x"><failure message="{output}"/></testcase>'
    text = f'<testsuites><testsuite tests="1" failures="1" errors="0">{case}</testsuite></testsuites>'
    write = f"open({str(report)!r}, 'w').write({text!r}); raise SystemExit(1)"
    run_steps([step("tests", write, report=report)])
    assert "        fatal: [a]: FAILED! => no gate" in capsys.readouterr().out.splitlines()[-5:]


def test_tests_that_never_ran_are_a_failure_and_an_old_report_does_not_hide_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = tmp_path / "report.xml"
    report.write_text(REPORT)
    assert run_steps([step("tests", "raise SystemExit(4)", report=report)]) == 1
    assert last_line(capsys) == "0 passed, 1 failed"


def test_a_step_waits_for_the_steps_that_it_comes_after(tmp_path: Path) -> None:
    made = tmp_path / "made"
    later = step("later", f"open({str(made)!r})", after=("earlier",))
    assert run_steps([later, step("earlier", f"open({str(made)!r}, 'w')")]) == 0
