# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The progress of a run, in a file beside the records. If the run is killed, the file shows how far it had come.

Each run has its own file, named after the service and the run. The run rewrites it when a step begins and ends, and
removes it at its end. So an existing file belongs to a run that is in progress or was aborted. The file does not decide
who holds the service; the claim does.
"""

from __future__ import annotations

import json
import os
import re
import typing as t
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ansible_collections.tidegate.failover.plugins.module_utils._record.journal import journal_path

Json = dict[str, t.Any]

_SUFFIX = ".under-way.json"
#: The service, and the id of the run.
_NAME = re.compile(rf"(?P<service>.+)\.(?P<run>[0-9]{{8}}T[0-9]{{6}}Z-[0-9a-f]{{8}}){re.escape(_SUFFIX)}")


def progress_path(folder: str, service: str, run_id: str) -> Path:
    """The progress file of a run.

    :raises RefusedError: the name of the service cannot be a file name.
    """
    return journal_path(folder, service).with_name(f"{service}.{run_id}{_SUFFIX}")


def write(path: Path, progress: Mapping[str, t.Any]) -> None:
    """Write the progress of a run, completely or not at all.

    :raises OSError: the file cannot be written.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump(progress, file, sort_keys=True)
        part.replace(path)
    except OSError:
        # In a mounted bucket, files can be written but not renamed. Without this, each step would leave a file.
        remove(part)
        raise


def left_in(folder: str) -> dict[str, list[Json]]:
    """The progress of runs that have not ended, by service, the latest run last. Unreadable files are skipped."""
    found: dict[str, list[Json]] = {}
    with suppress(OSError, ValueError):
        for path in sorted(Path(folder).iterdir()):
            named = _NAME.fullmatch(path.name)
            progress = _read(path) if named else None
            if named and progress and progress.get("id") == named["run"]:
                found.setdefault(named["service"], []).append(progress)
    return found


def _read(path: Path) -> Json | None:
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else None
    return None


def remove(path: Path) -> None:
    """Remove the file: the run has ended, or the record of the run that took over contains its progress."""
    with suppress(OSError, ValueError):
        path.unlink()


def reported(progress: Mapping[str, t.Any]) -> str:
    """The progress of a run, in words."""
    steps = [f"{step['name']}: {step['status']}" for step in progress.get("steps", [])]
    by = f", started by {progress['by']}" if progress.get("by") else ""
    what = f"The {progress['operation']}" if progress.get("operation") else "Run"
    return f"{what} {progress['id']}{by}, got this far: {', '.join(steps) or 'it had begun, and taken no step'}."
