# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Everything that `make lint` and `make test` run: ``python -m tools.checks lint``, or ``test``, or names of steps."""

from __future__ import annotations

import sys
from pathlib import Path

from tools.steps import Step, run_steps

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
REPORTS = ROOT / ".cache" / "reports"

COLLECTION = "ansible_collections.tidegate.failover"
TYPED = (*(f"{COLLECTION}.{folder}" for folder in ("plugins", "extensions", "roles", "tests")), "lab", "tools")

# The rules that Automation Hub checks with ruff in event sources and filters; COM812 is left to the formatter.
HUB_IGNORED = "D100,D104,INP001,FA102,UP001,UP010,I001,FA100,PLR0913,E501,COM812"
HUB_RULES = ("--isolated", "--select=ALL", f"--ignore={HUB_IGNORED}")


def _tool(name: str, *arguments: str) -> tuple[str, ...]:
    return (str(BIN / name), *arguments)


def _program(name: str, *arguments: str) -> tuple[str, ...]:
    return _tool("python", "-m", f"tools.{name}", *arguments)


def _pytest(name: str, folder: str, *more: str, before: tuple[str, ...] = ()) -> Step:
    report = REPORTS / f"{name}.xml"
    arguments = ("-m", "pytest", "-q", f"--junitxml={report}", "--durations=30", folder, *more)
    return Step(name, (*(before or _tool("python")), *arguments), report=report)


# For tests that wait half of the time, for checkers and playbooks. Each of the two workers has its own labs.
TWO_FILES_AT_A_TIME = ("-n2", "--dist=loadfile")

# The slowest steps come first, so that the last two parallel steps end together.
LINT = (
    Step("sanity", _program("ansible_test", "sanity")),
    Step("ansible-lint", _tool("ansible-lint")),
    Step("built-collection", _program("built_collection")),
    Step("docs", _program("collection_docs")),
    Step("site", _program("site")),
    Step("mypy", _tool("mypy", *(word for package in TYPED for word in ("--package", package)))),
    Step("reuse", _tool("reuse", "lint", "--lines")),
    Step("yamllint", _tool("yamllint", "--strict", ".")),
    Step("changelog", _tool("antsibull-changelog", "lint")),
    Step("spelling", _tool("typos", "--format=brief")),
    Step("words", _program("words")),
    Step("no-ignore-files", _program("no_ignore_files")),
    Step("architecture", _program("architecture", "--check")),
    Step("gates", _program("gates", "--check")),
    Step("permissions", _program("permissions.generation", "--check")),
    Step("troubleshooting", _program("troubleshooting.generation", "--check")),
    Step("event-sources", _program("event_sources.insertion", "--check")),
    Step("ruff-hub", _tool("ruff", "check", "--quiet", *HUB_RULES, "extensions/eda/plugins")),
    Step("ruff-check", _tool("ruff", "check", "--output-format=concise", ".")),
    Step("ruff-format", _tool("ruff", "format", "--check", "--output-format=concise", ".")),
)

TESTS = (
    _pytest("scenarios", "tests/scenarios", "-m", "not nightly", *TWO_FILES_AT_A_TIME),
    Step("integration", _program("ansible_test", "integration", "--coverage")),
    _pytest("contract", "tests/contract", *TWO_FILES_AT_A_TIME),
    # The steps unit and scenarios check that these tests pass on sound code.
    Step("broken-invariants", _program("broken_invariants")),
    # All other steps run on one pair of ansible-core and Python. A pair that this machine lacks is reported as not run.
    Step("other-pairs", _program("matrix", "--other-ends", "--levels", "unit", "smoke")),
    Step("demo", ("make", "demo")),
    Step("environments", _program("environments")),
    _pytest("unit", "tests/unit", before=_tool("coverage", "run")),
    Step("coverage", _program("coverage_gate"), after=("unit", "integration")),
)

# Longer versions of what `make test` checks.
NIGHTLY = (
    _pytest("long-scenarios", "tests/scenarios", "-m", "nightly", *TWO_FILES_AT_A_TIME),
    Step("matrix", _program("matrix")),
    Step("mutation", _program("mutation")),
    # Runs alone, because other steps would change its figures. It also checks that every result is right.
    Step("whole-bench", _tool("python", "-m", "tests.bench"), after=("matrix", "mutation")),
)

GROUPS = {"lint": LINT, "test": (*TESTS, *LINT), "nightly": NIGHTLY}


def main(arguments: list[str]) -> int:
    """Run the groups or steps that the arguments name; returns the exit status."""
    steps = {step.name: step for group in GROUPS.values() for step in group}
    chosen: list[Step] = []
    for word in arguments:
        found = GROUPS.get(word) or ((steps[word],) if word in steps else ())
        if not found:
            print(f"There is no step {word!r}. There are: {', '.join((*GROUPS, *steps))}.", file=sys.stderr)
            return 2
        chosen += [step for step in found if step not in chosen]
    return run_steps(chosen)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
