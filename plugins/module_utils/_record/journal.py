# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The file of the records of a service: one line of JSON for each run. Lines are only appended."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import re
import typing as t
from collections.abc import Mapping
from pathlib import Path

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

Json = dict[str, t.Any]

#: Errors of a file system without locks, such as NFS without a lock manager.
_NO_LOCKS = frozenset({errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS})


def journal_path(directory: str, service: str) -> Path:
    """The file of the records of a service.

    :raises RefusedError: the name of the service cannot be a file name.
    """
    if not re.fullmatch(r"[\w.@+-]{1,200}", service) or service.startswith("."):
        raise RefusedError(
            f"No file can be named after the service {service!r}. Use letters, digits and . _ - @ + for names of "
            "services that keep records.",
            code="TG-RECORD",
        )
    return Path(directory, f"{service}.jsonl")


def append(path: Path, record: Mapping[str, t.Any], *, check: bool) -> bool:
    """Add a record, unless the last one is the same.

    The line is written in one call, under a lock that other runs wait for if the file system supports locks. It is on
    the disk when this function returns. Earlier lines are never changed.

    :param check: only predict.
    :returns: whether it was, or would be, added.
    :raises RefusedError: the folder or the file cannot be read or written.
    """
    # In ASCII: some readers end a line at other characters, and output of programs may contain invalid characters.
    line = json.dumps(record, sort_keys=True)
    try:
        if check:
            return _last_line(path) != line
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "ab") as journal:
            _lock(journal.fileno())
            if _last_line(path) == line:
                return False
            journal.write(_separator(path) + line.encode() + b"\n")
            journal.flush()
            os.fsync(journal.fileno())
        return True
    # A path with a NUL raises ValueError, not OSError.
    except (OSError, ValueError) as problem:
        why = getattr(problem, "strerror", None) or problem
        raise RefusedError(
            f"The record could not be kept in {path}: {why}. The record itself is in the "
            "result of this run; check that the folder may be written to.",
            code="TG-RECORD",
        ) from problem


def _lock(descriptor: int) -> None:
    """Wait until no other run writes.

    Runs of one service hardly ever end at the same moment. So if a share has no locks, it is better to write a record
    without a lock than to write none.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
    except OSError as problem:
        if problem.errno not in _NO_LOCKS:
            raise


def _last_line(path: Path) -> str | None:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else []
    return lines[-1] if lines else None


def _separator(path: Path) -> bytes:
    """A line break if a run was killed while it wrote its line, so that only that line is lost."""
    content = path.read_bytes()
    return b"\n" if content and not content.endswith(b"\n") else b""
