# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs commands two at a time, and prints the outcomes: one line each, a table, and a count."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / ".cache" / "logs"
SIDE_BY_SIDE = 2
# How often a run without other output prints that it is still running.
SIGN_OF_LIFE_SECONDS = 30
LONGEST_REASON = 1500
MOST_COMPLAINTS = 50
COMPLAINTS = ("ERROR: ", "FATAL: ", "NOT SEEN ", "FAILS ON SOUND CODE ")
MOST_FAILED_TASKS = 3
ENVIRONMENT = {
    "ANSIBLE_COLLECTIONS_PATH": f"{ROOT}/.cache/clone{os.pathsep}{ROOT}/.cache/collections",
    # Not the user's own folder: steps must not depend on its content, and must leave nothing in it.
    "ANSIBLE_HOME": str(ROOT / ".cache" / "ansible"),
    "ANSIBLE_NOCOLOR": "1",
    "NO_COLOR": "1",
}


@dataclass(frozen=True)
class Step:
    """A command that passes when it ends with 0.

    :ivar report: JUnit file that the command writes. With it, the tests are counted; without, the step counts as one.
    :ivar after: names of steps that must end before this step starts, if they are part of the run.
    """

    name: str
    command: tuple[str, ...]
    report: Path | None = None
    after: tuple[str, ...] = ()

    @property
    def log(self) -> Path:
        """The file for the command's output."""
        return LOGS / f"{self.name}.log"


@dataclass(frozen=True)
class Outcome:
    """The outcome of a step."""

    step: Step
    seconds: float
    passed: int
    failed: int
    skipped: int = 0


@dataclass
class _Run:
    waiting: list[Step]
    running: dict[Future[Outcome], Step] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)

    def ready(self) -> list[Step]:
        unfinished = {step.name for step in (*self.waiting, *self.running.values())}
        return [step for step in self.waiting if unfinished.isdisjoint(step.after)]


def run_steps(steps: Sequence[Step]) -> int:
    """Run all steps, also after a step has failed.

    :returns: the exit status: 0 only if all passed.
    """
    begin = time.monotonic()
    return _summary(outcomes_of(steps), time.monotonic() - begin)


def outcomes_of(steps: Sequence[Step]) -> list[Outcome]:
    """Run all steps, and print the outcome of each when it ends."""
    LOGS.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    run = _Run(list(steps))
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        while run.waiting or run.running:
            for step in run.ready()[: SIDE_BY_SIDE - len(run.running)]:
                run.waiting.remove(step)
                run.running[pool.submit(_run_step, step)] = step
            done = wait(run.running, SIGN_OF_LIFE_SECONDS, FIRST_COMPLETED).done
            for future in done:
                del run.running[future]
                run.outcomes.append(future.result())
                _print_outcome(run.outcomes[-1])
            if not done:
                names = " and ".join(step.name for step in run.running.values())
                print(f"        {time.monotonic() - begin:6.1f} s  still running {names}", flush=True)
    return run.outcomes


def _run_step(step: Step) -> Outcome:
    begin = time.monotonic()
    if step.report:
        step.report.unlink(missing_ok=True)
    environment = os.environ | ENVIRONMENT
    with step.log.open("wb") as log:
        command = subprocess.run(
            step.command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, check=False
        )
    passed, failed, skipped = _counts(step.report)
    # A command can fail without a failing test, for instance because it found no test. That is a failure too.
    failed = failed or int(command.returncode != 0)
    return Outcome(step, time.monotonic() - begin, passed if step.report else 1 - failed, failed, skipped)


def _counts(report: Path | None) -> tuple[int, int, int]:
    if not report or not report.is_file():
        return 0, 0, 0
    # pytest wrote this file a moment ago, so no protection from hostile XML is needed.
    suites = ElementTree.parse(report).getroot().iter("testsuite")  # noqa: S314
    total = {"tests": 0, "failures": 0, "errors": 0, "skipped": 0}
    for suite in suites:
        for name in total:
            total[name] += int(suite.get(name, 0))
    failed = total["failures"] + total["errors"]
    return total["tests"] - failed - total["skipped"], failed, total["skipped"]


def _reasons(report: Path | None) -> list[str]:
    """The failed tests and the reasons. They come last, because often only the end of a long log is kept."""
    if not report or not report.is_file():
        return []
    cases = ElementTree.parse(report).getroot().iter("testcase")  # noqa: S314
    return [
        line[:LONGEST_REASON]
        for case in cases
        for problem in case
        if problem.tag in ("failure", "error")
        for line in _failure_lines(f"{case.get('classname')}.{case.get('name')}", problem)
    ]


def _failure_lines(name: str, problem: ElementTree.Element) -> list[str]:
    """The test, the first line of the reason, and the failed tasks of a playbook's output."""
    lines = [line.strip() for line in (problem.get("message") or "").splitlines() if line.strip()]
    failed = [f"    {line}" for line in lines[1:] if line.startswith(("fatal: ", "failed: ", "[ERROR]", "ERROR"))]
    return [f"{name}: {lines[0] if lines else 'no reason was given'}", *failed[:MOST_FAILED_TASKS]]


def _complaints(log: Path) -> list[str]:
    """The complaints of tools without a report: ansible-test, and the check of the tests with broken code."""
    lines = log.read_text(encoding="utf-8", errors="replace").splitlines()
    return [line[:LONGEST_REASON] for line in lines if line.startswith(COMPLAINTS)][:MOST_COMPLAINTS]


def _print_outcome(outcome: Outcome) -> None:
    print(_line(outcome), flush=True)
    if outcome.failed:
        output = outcome.step.log.read_text(encoding="utf-8", errors="replace").rstrip()
        print("\n".join(f"    | {line}" for line in output.splitlines()), flush=True)


def _line(outcome: Outcome) -> str:
    counts = f"{outcome.passed} passed, {outcome.failed} failed" if outcome.step.report else ""
    if outcome.skipped:
        counts += f", {outcome.skipped} skipped"
    return (
        f"{'FAILED' if outcome.failed else 'ok':6}  {outcome.seconds:6.1f} s  {outcome.step.name:17}  {counts}".rstrip()
    )


def _summary(outcomes: Iterable[Outcome], seconds: float) -> int:
    outcomes = list(outcomes)
    failed_steps = [outcome.step for outcome in outcomes if outcome.failed]
    print(f"\n{len(outcomes)} steps in {seconds:.0f} s")
    for outcome in outcomes:
        print(_line(outcome))
    for step in failed_steps:
        print(f"\n{step.name} failed. Its output: {step.log.relative_to(ROOT)}. Again: make test STEPS={step.name}")
        for reason in _reasons(step.report) or _complaints(step.log):
            print(f"    {reason}")
    passed, failed = sum(outcome.passed for outcome in outcomes), sum(outcome.failed for outcome in outcomes)
    print(f"\n{passed} passed, {failed} failed")
    return 1 if failed else 0
