# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The process or job that carries out a run, and whether it is still running. Pure functions on plain data."""

from __future__ import annotations

import re
from collections.abc import Callable

from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import by_word

_JOB = "awx-job"
_PROCESS = re.compile(r"(?P<host>.+)/(?P<pid>[0-9]+)")


def job_runner(job: str) -> str:
    """The name of a job of AWX."""
    return f"{_JOB}/{job}"


def process_runner(host: str, pid: int) -> str:
    """The name of a process of a host."""
    return f"{host}/{pid}"


def pid_here(by: str, host: str) -> int | None:
    """The id of the process that carries out a run, if it belongs to this host."""
    found = _PROCESS.fullmatch(by)
    if found is None or by.startswith(f"{_JOB}/"):
        return None
    pid = int(found["pid"])
    # A tag may contain only a part of a long host name.
    return pid if by in (process_runner(host, pid), by_word(process_runner(host, pid))) else None


def is_running(by: str, host: str, runs: Callable[[int], bool]) -> bool | None:
    """Whether the process that carries out a run is still running; None if this host cannot know.

    :param runs: whether a process of this host exists and can carry out runs.
    """
    pid = pid_here(by, host)
    return None if pid is None else runs(pid)


def reported_running(by: str, running: bool | None) -> str:
    """What is known of the process that carries out a run, as a sentence; empty if the process is not known."""
    if running is True:
        return f"Its process ({by}) is still running on this host."
    if running is False:
        return f"Its process ({by}) is no longer running on this host: that run was aborted."
    job = by.removeprefix(f"{_JOB}/")
    if job != by:
        return f"AWX shows at job {job} whether it is still running."
    found = _PROCESS.fullmatch(by)
    if found is None:
        return ""
    return f"Whether it is still running can be seen on {found['host']} only (ps -p {found['pid']})."
