# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""How far a run has come, beside the records: what is left of it where it is killed.

The file is written anew after each step and goes when the run ends, so that one which is there tells of a run that
goes on or has died. It decides nothing; the claim does.
"""

from __future__ import annotations

import json
import os
import typing as t
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from ansible_collections.tidegate.failover.plugins.module_utils._record.journal import journal_path

Json = dict[str, t.Any]


def progress_path(folder: str, service: str) -> Path:
    """Where it is kept.

    :raises RefusedError: the service has no name that could be a file's.
    """
    return journal_path(folder, service).with_suffix(".under-way.json")


def write(path: Path, progress: Mapping[str, t.Any]) -> None:
    """Keep how far a run has come, whole or not at all.

    :raises OSError: that cannot be kept.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(progress, file, sort_keys=True)
    part.replace(path)


def read(path: Path) -> Json | None:
    """How far a run has come; None if there is nothing, or nothing that can be read."""
    with suppress(OSError, ValueError):
        found = json.loads(path.read_text(encoding="utf-8"))
        return found if isinstance(found, dict) else None
    return None


def remove(path: Path, run_id: str) -> None:
    """The run has ended. What another one has left stays."""
    if (read(path) or {}).get("id") == run_id:
        with suppress(OSError):
            path.unlink()


def told(progress: Mapping[str, t.Any]) -> str:
    """How far that run has come, in words."""
    steps = [f"{step['name']}: {step['status']}" for step in progress.get("steps", [])]
    began = f", by {progress['by']}" if progress.get("by") else ""
    return f"Run {progress['id']}{began}, came as far as this: {', '.join(steps) or 'it had begun'}."
