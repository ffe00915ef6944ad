# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""``make drill``: run the stories on a separate lab, print them, and keep the reports."""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from lab.demo.telling import heading, say
from lab.process import CLONE, LabProcessError, running_lab

from ..scenarios.playbook_run import Playbooks
from .locked_story import tell_locked_story
from .outcome import Outcome
from .stage import PARTS, Stage, StoryError
from .unlocked_story import tell_unlocked_story


def main() -> int:
    """Play; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    parser.add_argument(
        "--reports", type=Path, default=CLONE / ".cache" / "drill", help="each drill makes a folder in it (%(default)s)"
    )
    reports: Path = parser.parse_args().reports.absolute()
    began = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="tidegate-drill-") as folder:
            problems = _play(Path(folder), reports)
    except (LabProcessError, StoryError) as error:
        problems = [str(error)]
    for problem in problems:
        print(f"\nThe drill failed: {problem}", file=sys.stderr)
    say(f"The drill took {time.monotonic() - began:.0f} seconds.")
    return 1 if problems else 0


def _play(folder: Path, reports: Path) -> list[str]:
    """Both stories. Returns what was wrong, for people."""
    home, own_reports = folder / "home", reports / datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    home.mkdir()
    say("Starting the lab: Route 53 with its checkers and DNS, two sites, and a PostgreSQL server for each of them.")
    with running_lab(folder / "lab", "--parts", *PARTS) as lab:
        heading("A failover, and a failback through gates")
        story = tell_locked_story(Stage(lab), Playbooks(home), own_reports, say)
        _tell(story.outcome)
        heading("The same outage without the lock")
        unlocked = tell_unlocked_story(Stage(lab), say)
        _tell(unlocked)
    say("Reports of all runs, each with its timeline:")
    for report in story.reports:
        print(f"    {report}")
    return [
        *(["acknowledged orders are missing"] if story.outcome.lost else []),
        *(["clients were shown old data"] if story.outcome.stale else []),
        *(["the primary site served before the failback"] if story.returned.served else []),
        *([] if unlocked.lost and unlocked.stale else ["the check finds no fault in the story without a lock"]),
    ]


def _tell(outcome: Outcome) -> None:
    say(
        f"Checked: of {outcome.acknowledged} orders that were confirmed to clients, {len(outcome.lost)} were lost after"
        f" the failover, and {len(outcome.lost_in_the_crash)} in the crash itself, before they were replicated."
        f" {len(outcome.stale)} reads returned older data than their client had seen before."
    )


if __name__ == "__main__":
    sys.exit(main())
