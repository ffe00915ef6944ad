# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Reports where a lab hangs that does not stop, so that the reason can be found."""

from __future__ import annotations

import asyncio
import faulthandler
import threading
from pathlib import Path

#: The report, in the folder of the lab.
STOP_REPORT = "lab-stop.txt"


def report_a_slow_stop(directory: Path, seconds: float) -> None:
    """Write the stacks of this process' tasks and threads, if it still runs after this number of seconds.

    Call this when the stop begins, in the event loop's thread. A process that ends in time writes nothing.
    """
    loop = asyncio.get_running_loop()
    timer = threading.Timer(seconds, _report, [directory / STOP_REPORT, loop])
    timer.daemon = True
    timer.start()


def take_the_report(directory: Path) -> str:
    """Read the report of a lab and remove it; empty if there is none."""
    file = directory / STOP_REPORT
    if not file.is_file():
        return ""
    text = file.read_text(encoding="utf-8")
    file.unlink()
    return text


def _report(file: Path, loop: asyncio.AbstractEventLoop) -> None:
    with file.open("w", encoding="utf-8") as report:
        for task in asyncio.all_tasks(loop):
            task.print_stack(file=report)
        report.flush()
        faulthandler.dump_traceback(report, all_threads=True)
