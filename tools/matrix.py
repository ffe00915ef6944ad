# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs the tests on each pair of ansible-core and Python, and prints the outcomes as a table.

``python -m tools.matrix [2.21/3.13 ...] [--other-ends] [--levels unit smoke] [--readme]``. The integration targets
take long, so they run on the oldest and the newest pair only. With ``--levels integration`` they run on each pair. A
pair whose Python is not on this machine is reported as not run. That is no failure, and no success.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools import environment
from tools.collection_copy import CACHE, ROOT
from tools.steps import Outcome, Step, outcomes_of

#: Every supported ansible-core, on the oldest and the newest Python that both it and this collection support.
PAIRS = ("2.19/3.11", "2.19/3.13", "2.20/3.12", "2.20/3.13", "2.21/3.12", "2.21/3.13")
LEVELS = ("unit", "integration", "smoke")
#: The pairs that run the integration targets without ``--levels``: the oldest and the newest.
INTEGRATED = ENDS = (PAIRS[0], PAIRS[-1])
#: A few scenarios, and tests of what depends on internals of ansible-core.
SMOKE = (
    "tests/scenarios/test_direct_execution.py",
    "tests/scenarios/test_status.py",
    "tests/scenarios/test_notify.py",
    "tests/scenarios/test_failover_of_services.py::test_services_fail_over_side_by_side_and_each_leaves_a_record",
    "tests/scenarios/test_failback.py::test_gates_that_pass_let_the_site_serve_again",
)
NOT_RUN = "not run"
README = ROOT / "README.md"
_IN_README = re.compile(r"(<!-- matrix -->\n).*?(<!-- end of matrix -->\n)", re.DOTALL)

Cells = Mapping[tuple[str, str], str]


@dataclass(frozen=True)
class Pair:
    """An ansible-core on a Python.

    :ivar name: both, such as ``2.19/3.11``.
    """

    name: str

    @property
    def label(self) -> str:
        """The name of the pair in file names."""
        return self.name.replace("/", "-")

    @property
    def folder(self) -> Path:
        """The virtual environment of the pair."""
        return CACHE / "pairs" / self.label

    def set_up(self) -> bool:
        """Make the environment; False if this machine lacks the Python, or the packages cannot be installed."""
        core, _slash, version = self.name.partition("/")
        python = environment.find_python(version)
        if python is None:
            print(f"{self.name}: {NOT_RUN}, this machine has no Python {version}.", flush=True)
            return False
        try:
            environment.set_up(
                f"ansible-core {core} on Python {version}",
                f"core-{core}.txt",
                self.folder,
                lambda lock, folder: environment.sync(lock, folder, python),
            )
        except environment.SetUpError as problem:
            print(f"{self.name}: {NOT_RUN}, it cannot be installed: {problem}", flush=True)
            return False
        # tools/ansible_test.py gives this folder the name of the environment.
        environment.furnish(CACHE / "ansible-test" / self.label / "home")
        return True

    @property
    def usual_levels(self) -> list[str]:
        """The levels of this pair without ``--levels``."""
        return [level for level in LEVELS if level != "integration" or self.name in INTEGRATED]

    def steps(self, levels: Sequence[str]) -> list[Step]:
        """The steps of these levels on this pair."""
        python = str(self.folder / "bin" / "python")
        commands: dict[str, tuple[str, ...]] = {
            "unit": ("-m", "pytest", "-q", "tests/unit/plugins"),
            "integration": ("-m", "tools.ansible_test", "integration"),
            "smoke": ("-m", "pytest", "-q", *SMOKE),
        }
        return [self._step(level, (python, *commands[level])) for level in levels]

    def _step(self, level: str, command: tuple[str, ...]) -> Step:
        name = f"{level}-{self.label}"
        if level == "integration":
            return Step(name, command)
        report = CACHE / "reports" / f"{name}.xml"
        return Step(name, (*command, f"--junitxml={report}"), report=report)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the pairs and levels of the command line; returns the exit status."""
    options = _parser().parse_args(arguments)
    names = other_ends(this_pair()) if options.other_ends else options.pairs or PAIRS
    pairs = [Pair(name) for name in names]
    steps = [step for pair in pairs if pair.set_up() for step in pair.steps(options.levels or pair.usual_levels)]
    outcomes = outcomes_of(steps)
    shown = table(cells(outcomes))
    print(f"\n{shown}")
    if options.readme:
        reported = _IN_README.sub(lambda found: f"{found[1]}{shown}{found[2]}", README.read_text(encoding="utf-8"))
        README.write_text(reported, encoding="utf-8")
    return int(any(outcome.failed for outcome in outcomes))


def this_pair() -> str:
    """The pair that runs this program, such as ``2.21/3.13``."""
    core = importlib.metadata.version("ansible-core").rpartition(".")[0]
    return f"{core}/{sys.version_info.major}.{sys.version_info.minor}"


def other_ends(pair: str) -> list[str]:
    """The oldest and the newest pair, without this pair, because its tests run anyway."""
    return [end for end in ENDS if end != pair]


def cells(outcomes: Iterable[Outcome]) -> Cells:
    """The outcome of each level of each pair."""
    found = {}
    for outcome in outcomes:
        level, _hyphen, label = outcome.step.name.partition("-")
        count = f"{outcome.passed} passed" if outcome.step.report else "passed"
        found[label.replace("-", "/"), level] = f"failed: {outcome.failed}" if outcome.failed else count
    return found


def table(known: Cells) -> str:
    """The outcomes of all pairs, as a Markdown table. Levels that were not run are marked."""
    rows: list[tuple[str, ...]] = [("ansible-core", "Python", "unit tests", "integration tests", "scenarios")]
    rows += [
        ("---",) * len(rows[0]),
        *((*pair.split("/"), *(known.get((pair, level), NOT_RUN) for level in LEVELS)) for pair in PAIRS),
    ]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


_LEVELS_HELP = f"what to run (all; integration on {' and '.join(INTEGRATED)} only)"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.matrix", description=__doc__.partition("\n")[0])
    parser.add_argument("pairs", nargs="*", metavar="PAIR", help=f"some of {', '.join(PAIRS)} (all)")
    parser.add_argument(
        "--other-ends", action="store_true", help="the oldest and the newest, without the one that runs this"
    )
    parser.add_argument("--levels", nargs="+", choices=LEVELS, help=_LEVELS_HELP)
    parser.add_argument("--readme", action="store_true", help="also put the table into the README")
    return parser


if __name__ == "__main__":
    sys.exit(main())
