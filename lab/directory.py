# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The folder of a running lab: its lock, its files, and their removal."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

READY_FILE = "lab.json"
LOCK_FILE = "lab.lock"


class LabDirectoryError(Exception):
    """The folder cannot be used; the message names the reason and what to do."""


class LabDirectory:
    """One lab at a time runs in a folder. It holds a lock, which the kernel releases when the process ends."""

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self._lock: int | None = None
        self._created_folders: list[Path] = []
        self._files_before: set[Path] = set()
        self._created_files: set[Path] | None = None

    def open(self) -> None:
        """Lock the folder for this process.

        :raises LabDirectoryError: another lab runs in the folder, or the folder cannot be written.
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
        os.ftruncate(self._lock, 0)
        os.pwrite(self._lock, str(os.getpid()).encode("ascii"), 0)
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
        """Write a file atomically. Only its owner may read it."""
        handle, temporary = tempfile.mkstemp(dir=self.path, prefix=f".{name}.")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        Path(temporary).replace(self.path / name)

    def write_ready_file(self, info: dict[str, Any], outside: Sequence[Path] = ()) -> None:
        """Write ``lab.json``, which marks the lab as ready; it also lists what a later clean-up may delete.

        :param outside: folders elsewhere that belong to the lab, with all their files.
        """
        self._created_files = self._files() - self._files_before | {self.path / READY_FILE}
        owned = {
            "files": sorted(str(file.relative_to(self.path)) for file in self._created_files),
            "folders": [str(folder) for folder in self._created_folders],
            "outside": [str(folder) for folder in outside],
        }
        self.write(READY_FILE, json.dumps(info | {"owned": owned}, indent=2) + "\n")

    def close(self) -> None:
        """Delete the lab's files in the folder, and release the folder. Safe to call at any time."""
        if self._lock is None:
            return
        # Files that appeared after the lab was ready are not the lab's. Files from before that are.
        created = self._created_files if self._created_files is not None else self._files() - self._files_before
        for file in created:
            file.unlink(missing_ok=True)
        _remove_empty(self._created_folders)
        # The process keeps the lock until it ends: the command that stops a lab waits for that.
        self._lock = None

    def _files(self) -> set[Path]:
        return {file for file in self.path.rglob("*") if not file.is_dir()}


def _lock(file: Path) -> int:
    """Open a file and lock it; returns the descriptor. :raises BlockingIOError: another process holds the lock."""
    # A process that only checks the lock also holds it for a moment.
    deadline = time.monotonic() + 0.5
    while True:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        # The last owner may delete the file before it is locked. Then the lock would protect nothing.
        if _try_lock(descriptor) and file.exists() and os.path.samestat(os.fstat(descriptor), file.stat()):
            return descriptor
        os.close(descriptor)
        if time.monotonic() > deadline:
            raise BlockingIOError
        time.sleep(0.02)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def lab_pid(path: Path) -> int | None:
    """Process id of the lab that runs, starts or stops in a folder; None if there is none."""
    try:
        with (path / LOCK_FILE).open("r+", encoding="ascii") as lock:
            text = lock.read()
            return None if _try_lock(lock.fileno()) or not text.isdigit() else int(text)
    except (FileNotFoundError, NotADirectoryError):
        return None


def stop_lab(path: Path, seconds: float) -> int | None:
    """Stop the lab of a folder, and wait until its process has ended.

    :returns: its process id; None if there was none.
    :raises LabDirectoryError: it did not stop in time.
    """
    pid = lab_pid(path)
    if pid is None:
        return None
    with (path / LOCK_FILE).open("r+", encoding="ascii") as lock:
        # The process that holds the lock is the lab. A process id in a file may belong to another process by now.
        if _try_lock(lock.fileno()):
            return None
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + seconds
        while not _try_lock(lock.fileno()):
            if time.monotonic() > deadline:
                raise LabDirectoryError(f"The lab in {path} (pid {pid}) did not stop within {seconds:.0f} s.")
            time.sleep(0.02)
    return pid


def read_ready_file(path: Path) -> dict[str, Any] | None:
    """The content of ``lab.json``; None as long as the lab is not ready."""
    try:
        info: dict[str, Any] = json.loads((path / READY_FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return None
    return info


def remove_leftovers(path: Path) -> None:
    """Delete the files of a killed lab by the list in ``lab.json``. No lab may run in the folder."""
    info = read_ready_file(path)
    if info is None:
        return
    for name in info["owned"]["files"]:
        if name != LOCK_FILE:
            (path / name).unlink(missing_ok=True)
    for folder in info["owned"]["outside"]:
        if Path(folder).is_dir():
            shutil.rmtree(folder)
    _remove_empty([Path(folder) for folder in info["owned"]["folders"] if Path(folder) != path])


def _remove_empty(folders: list[Path]) -> None:
    for folder in sorted(set(folders), key=lambda folder: len(folder.parts), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
