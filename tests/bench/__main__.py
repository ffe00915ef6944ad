# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``make bench``: the cost of the collection in calls, time and memory, beside the least possible cost.

Prints the measurements and whether the aims were met. The exit status only shows whether everything could be measured,
because times depend on the machine and on its load.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any, Protocol

from . import report
from .measuring import BenchError, Report
from .processes import CLONE


class Measure(Protocol):
    """Measures one subject."""

    def __call__(self, folder: Path, *, rounds: int, quick: bool) -> Report:
        """:raises BenchError: a measured program failed."""


#: The module of each.
SUBJECTS = {
    "maintenance": "maintenance",
    "fronts": "fronts",
    "lock": "lock",
    "lock-throttled": "lock_throttled",
    "resources": "resources",
    "procedures": "procedures",
    "services": "services",
    "drift": "drift",
    "events": "events",
    "strangers": "strangers",
}
DEFAULT_ROUNDS = 5
_DISTRIBUTIONS = ("ansible-core", "oci", "boto3")
_AMAZON_AWS = "amazon.aws"


def _print(text: str) -> None:
    """Print at once, also into a pipe: a subject takes minutes, and readers should see which one runs."""
    print(text, flush=True)


def main(arguments: Sequence[str] | None = None, tell: Callable[[str], None] = _print) -> int:
    """Measure what the command line asks for; returns the exit status."""
    options = _parser().parse_args(arguments)
    rounds = 1 if options.quick else options.rounds
    machine = _machine()
    tell(f"{rounds} rounds on {machine['cores']} cores, load average {machine['load_average']:.1f} at the start.")
    tell(", ".join(f"{name} {machine[name]}" for name in ("Python", *_DISTRIBUTIONS, _AMAZON_AWS)) + ".\n")
    found = []
    try:
        for subject in options.subjects or _measurable(tell):
            tell(f"Measuring {subject}; it takes minutes and is printed once it ends.\n")
            with tempfile.TemporaryDirectory(prefix="tidegate-bench-") as folder:
                found.append(_measure(subject)(Path(folder), rounds=rounds, quick=options.quick))
            tell(f"{report.as_text(found[-1])}\n")
    except BenchError as problem:
        print(f"It could not be measured: {problem}", file=sys.stderr)
        return 1
    if options.draw:
        _draw(found, machine)
    if options.quick:
        tell("This was one quick round. It shows that everything can be measured; its figures say little.")
    if options.json:
        whole = {"machine": machine, "rounds": rounds, "quick": options.quick}
        subjects = [report.as_data(subject) for subject in found]
        options.json.write_text(json.dumps(whole | {"subjects": subjects}, indent=2) + "\n", encoding="utf-8")
    return 0


def _draw(found: Sequence[Report], machine: dict[str, Any]) -> None:
    services, curve = import_module(".services", __package__), import_module(".curve", __package__)
    measured = [report for report in found if report.title == "services"]
    if not measured:
        raise SystemExit("--draw draws what the subject services measured, which was not asked for.")
    shown = {name: machine[name] for name in ("cores", "Python", "ansible-core", "boto3")}
    curve.write(services.figures(measured[0]), shown)


def _measurable(tell: Callable[[str], None]) -> list[str]:
    """All subjects, without those for which something is missing that does not come from PyPI."""
    if shutil.which("java"):
        return list(SUBJECTS)
    tell("Not measured: events. ansible-rulebook needs Java 17: apt-get install openjdk-17-jre-headless.\n")
    return [subject for subject in SUBJECTS if subject != "events"]


def _measure(subject: str) -> Measure:
    """Import a subject only now, because some use the scenarios, which need the collection's own import name."""
    if (clone := str(CLONE / ".cache" / "clone")) not in sys.path:
        sys.path.insert(0, clone)
    measure: Measure = import_module(f".{SUBJECTS[subject]}", __package__).measure
    return measure


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__.partition("\n")[0])
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"one of: {', '.join(SUBJECTS)} (all of them)")
    parser.add_argument(
        "--rounds", type=int, default=DEFAULT_ROUNDS, help="how often each takes its turn (%(default)s)"
    )
    parser.add_argument("--quick", action="store_true", help="one short round, to see that everything can be measured")
    parser.add_argument(
        "--draw", action="store_true", help="also draw the curve of the subject services into docs/images"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="also write every sample to this file")
    return parser


def _machine() -> dict[str, Any]:
    """The facts that the figures depend on, without facts that identify the machine."""
    versions = {name: version(name) for name in _DISTRIBUTIONS}
    manifest = CLONE / ".cache" / "collections" / "ansible_collections" / "amazon" / "aws" / "MANIFEST.json"
    return {
        "cores": os.cpu_count(),
        "system": platform.system(),
        "load_average": os.getloadavg()[0],
        "Python": platform.python_version(),
        **versions,
        _AMAZON_AWS: json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"],
    }


if __name__ == "__main__":
    sys.exit(main())
