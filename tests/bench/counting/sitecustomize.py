# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Counts the processes that a measured program and its children start: a byte each in the file that BENCH_STARTS names.

Python runs this at its start if the folder is in PYTHONPATH. Processes that other programs than Python start are not
counted.
"""

from __future__ import annotations

import _posixsubprocess
import os
from typing import Any

_file = os.environ.get("BENCH_STARTS")


def _count() -> None:
    started = os.open(str(_file), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    os.write(started, b".")
    os.close(started)


if _file:
    _fork_exec = _posixsubprocess.fork_exec

    def _counted(*arguments: Any) -> int:
        _count()
        child: int = _fork_exec(*arguments)
        return child

    os.register_at_fork(before=_count)
    # subprocess takes it from there.
    _posixsubprocess.fork_exec = _counted
