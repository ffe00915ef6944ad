# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs one command to its end and writes its cost into a report: ``launcher.py REPORT COMMAND...``

It is a program of its own because Linux counts what the process that starts another one holds at that moment as memory
of the new one. This one holds less than anything that is measured with it (about 10 MB, run with ``-I -S``).
"""

from __future__ import annotations

import json
import os
import sys
import time

#: The unit of ``ru_maxrss``, in bytes: getrusage(2) returns kilobytes on Linux and bytes on macOS.
MAXRSS_UNIT = 1 if sys.platform == "darwin" else 1024


def main() -> int:
    """Run the command; returns its exit status, or 128 and the signal's number as shells do."""
    report, *command = sys.argv[1:]
    clock, began = time.time(), time.monotonic()
    child = os.posix_spawn(command[0], command, os.environ)
    _child, status, usage = os.wait4(child, 0)
    seconds = time.monotonic() - began
    took = {
        "began": clock,
        "seconds": seconds,
        "cpu_seconds": usage.ru_utime + usage.ru_stime,
        "peak_bytes": usage.ru_maxrss * MAXRSS_UNIT,
    }
    with open(report, "w", encoding="ascii") as file:  # noqa: PTH123 (pathlib would double what this process holds)
        json.dump(took, file)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main())
