# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The folder of a running lab: who runs there, what was written there, and how all of it goes away again."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
from pathlib import Path
from typing import IO, Any

READY_FILE = "lab.json"
LOCK_FILE = "lab.lock"


class LabDirectoryError(Exception):
    """The folder cannot be used; the message says why and what to do."""


class LabDirectory:
    """One lab at a time runs in a folder. While it runs, it holds a lock that the kernel drops with the process."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: IO[str] | None = None
        self._created_folders: list[Path] = []
        self._files_before: set[Path] = set()
        self._created_files: set[Path] | None = None

    def open(self) -> None:
        """Take the folder for this process.

        :raises LabDirectoryError: another lab runs there, or the folder cannot be written.
        """
        try:
            self._make_folder(self.path)
            self._lock = _lock(self.path / LOCK_FILE)
        except BlockingIOError as error:
            raise LabDirectoryError(
                f"A lab runs in {self.path} already (pid {lab_pid(self.path)}). "
                f"Stop it with: python -m lab down --directory {self.path}"
            ) from error
        except OSError as error:
            raise LabDirectoryError(f"The lab cannot write to {self.path}: {error.strerror}.") from error
        remove_leftovers(self.path)
        self._lock.truncate(0)
        self._lock.write(str(os.getpid()))
        self._lock.flush()
        self._files_before = self._files() - {self.path / LOCK_FILE}

    def part_folder(self, name: str) -> Path:
        """A folder for one part's files."""
        folder = self.path / name
        self._make_folder(folder)
        return folder

    def _make_folder(self, folder: Path) -> None:
        missing = [parent for parent in (folder, *folder.parents) if not parent.exists()]
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._created_folders.extend(missing)

    def write(self, name: str, text: str) -> None:
        """Write a file so that nobody ever sees half of it. Only its owner may read it."""
        handle, temporary = tempfile.mkstemp(dir=self.path, prefix=f".{name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(self.path / name)

    def write_ready_file(self, info: dict[str, Any]) -> None:
        """Write ``lab.json``, the sign that all else is in place; it also says what a later clean-up may delete."""
        self._created_files = self._files() - self._files_before | {self.path / READY_FILE}
        owned = {
            "files": sorted(str(file.relative_to(self.path)) for file in self._created_files),
            "folders": [str(folder) for folder in self._created_folders],
        }
        self.write(READY_FILE, json.dumps(info | {"owned": owned}, indent=2) + "\n")

    def close(self) -> None:
        """Delete what the lab made in the folder, and give the folder back. Safe to call at any time."""
        if self._lock is None:
            return
        # Whatever came after the lab was ready was put there by somebody else. Before that, nobody else is expected.
        created = self._created_files if self._created_files is not None else self._files() - self._files_before
        for file in created:
            file.unlink(missing_ok=True)
        _remove_empty(self._created_folders)
        self._lock.close()
        self._lock = None

    def _files(self) -> set[Path]:
        return {file for file in self.path.rglob("*") if not file.is_dir()}


def _lock(file: Path) -> IO[str]:
    """Open a file and hold its lock. :raises BlockingIOError: somebody else holds it."""
    # Whoever only looks at the lock holds it for a moment too.
    deadline = time.monotonic() + 0.5
    while True:
        handle = file.open("a+", encoding="ascii")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.close()
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)
            continue
        # Its last owner may have deleted the file between the two lines above: then this lock would guard nothing.
        if file.exists() and os.path.samestat(os.fstat(handle.fileno()), file.stat()):
            return handle
        handle.close()


def is_running(path: Path) -> bool:
    """Whether a lab runs in this folder, or is just starting or stopping there."""
    try:
        with (path / LOCK_FILE).open("r+") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def lab_pid(path: Path) -> int | None:
    """Process id of the lab that holds the folder's lock; None if nobody does."""
    if not is_running(path):
        return None
    text = (path / LOCK_FILE).read_text(encoding="ascii")
    return int(text) if text.isdigit() else None


def read_ready_file(path: Path) -> dict[str, Any] | None:
    """What ``lab.json`` says; None as long as the lab is not ready."""
    try:
        info: dict[str, Any] = json.loads((path / READY_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return info


def remove_leftovers(path: Path) -> None:
    """Delete what a lab that was killed left behind, going by its own list. Nobody may be running there."""
    info = read_ready_file(path)
    if info is None:
        return
    for name in info["owned"]["files"]:
        if name != LOCK_FILE:
            (path / name).unlink(missing_ok=True)
    _remove_empty([Path(folder) for folder in info["owned"]["folders"] if Path(folder) != path])


def _remove_empty(folders: list[Path]) -> None:
    for folder in sorted(set(folders), key=lambda folder: len(folder.parts), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
