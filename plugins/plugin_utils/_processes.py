# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Whether the processes of runs are still running, as far as this host can find out."""

from __future__ import annotations

import os
import socket
from datetime import datetime
from functools import partial
from pathlib import Path

from ansible_collections.tidegate.failover.plugins.module_utils._failover import runner

#: Seconds by which the clock of this machine may differ from AWS's, which gives the beginning of a run, with a margin.
_CLOCKS_DIFFER = 300


def by() -> str:
    """Who carries out the run of this worker: the job of AWX, or the host and the process."""
    job = os.environ.get("JOB_ID")
    return runner.job_runner(job) if job else runner.process_runner(socket.gethostname(), os.getppid())


def is_running(whose: str, began_at: str | None) -> bool | None:
    """Whether a run's process is still running; None if this host cannot find out.

    :param whose: who carries the run out, according to its state or its progress file.
    :param began_at: when the run began, RFC 3339; None if that is not known.
    """
    return runner.is_running(whose, socket.gethostname(), partial(_runs, began_at=began_at))


def reported(whose: str, began_at: str | None) -> str:
    """The same as a sentence; empty if it is not known who carries the run out."""
    return runner.reported_running(whose, is_running(whose, began_at))


def _runs(pid: int, *, began_at: str | None) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    status = _status(pid)
    if not status:
        return True
    if status[0] == "Z":
        return False
    # A process that started after the beginning of the run only has the same number as the run's process.
    started = _boot_time() + int(status[19]) / os.sysconf("SC_CLK_TCK")
    return not began_at or started <= datetime.fromisoformat(began_at).timestamp() + _CLOCKS_DIFFER


def _status(pid: int) -> list[str]:
    """What Linux reports about a process, without its number and program; empty elsewhere."""
    try:
        reported = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    # The name of the program is in brackets and may contain any characters.
    return reported.rpartition(")")[2].split()


def _boot_time() -> int:
    reported = Path("/proc/stat").read_text(encoding="utf-8").splitlines()
    return int(next(line.split()[1] for line in reported if line.startswith("btime")))
