# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The folder of the rendered files, and the changes there. Files of others are left unchanged."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

#: The file that names our files. It is written before them, so an aborted run leaves no file without an owner.
LEDGER = ".maintenance_page.json"


@dataclass(frozen=True)
class Change:
    """One file, before and after; ``None`` is a missing file."""

    name: str
    before: str | None
    after: str | None


def changes(present: Mapping[str, str], ours: set[str], wanted: Mapping[str, str]) -> list[Change]:
    """The files to write and to remove.

    :param present: the files in the folder that are ours or requested, by name.
    :raises RefusedError: a file of somebody else would be overwritten.
    """
    foreign = sorted(name for name in wanted if name not in ours and present.get(name, wanted[name]) != wanted[name])
    if foreign:
        raise RefusedError(
            f"The folder has files that this module did not make: {', '.join(foreign)}. Nothing was written. "
            "Choose another directory, or remove them."
        )
    written = [Change(name, present.get(name), text) for name, text in wanted.items() if present.get(name) != text]
    removed = [Change(name, present[name], None) for name in sorted(ours - set(wanted)) if name in present]
    return written + removed


def ledger_text(names: set[str]) -> str:
    """The ledger's content."""
    return json.dumps({"files": sorted(names)}) + "\n"


def read_ledger(folder: Path) -> set[str]:
    """The names of our files.

    :raises RefusedError: the ledger cannot be parsed.
    """
    text = _read(folder / LEDGER)
    if text is None:
        return set()
    try:
        names = json.loads(text)["files"]
        if not all(isinstance(name, str) and name == Path(name).name for name in names):
            raise ValueError("a name is not that of a file")
    except (ValueError, KeyError, TypeError) as error:
        raise RefusedError(
            f"{folder / LEDGER} cannot be understood ({error}). It names the files that this module made. "
            "Remove it and these files, and run this again."
        ) from error
    return set(names)


def read_files(folder: Path, names: set[str]) -> dict[str, str]:
    """The named files that exist.

    :raises RefusedError: a file cannot be read.
    """
    found = {name: _read(folder / name) for name in sorted(names)}
    return {name: text for name, text in found.items() if text is not None}


def carry_out(folder: Path, planned: list[Change], ours: set[str], wanted: set[str]) -> None:
    """Write and remove the files. After a crash, the ledger still names all files of this module.

    :raises RefusedError: the folder cannot be written to.
    """
    try:
        if wanted:
            _make_folder(folder)
            _write(folder / LEDGER, ledger_text(ours | wanted))
        for change in planned:
            _apply(folder / change.name, change.after)
        if wanted:
            _write(folder / LEDGER, ledger_text(wanted))
        else:
            (folder / LEDGER).unlink(missing_ok=True)
            # If the folder has files of others, it stays.
            with suppress(OSError):
                folder.rmdir()
    except OSError as error:
        raise RefusedError(
            f"Cannot write to {folder}: {error.strerror or error}. Check its permissions and the space on its disk, "
            "and run this again."
        ) from error


def _apply(path: Path, text: str | None) -> None:
    if text is None:
        path.unlink(missing_ok=True)
    else:
        _write(path, text)


def _write(path: Path, text: str) -> None:
    """Replace a file atomically, because a responder may read it at any moment."""
    if _read(path) == text:
        return
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".maintenance_page-")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).chmod(path.stat().st_mode & 0o7777 if path.exists() else 0o644)
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        folder.mkdir(parents=True)
        folder.chmod(0o755)


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode(errors="replace")
    except FileNotFoundError:
        return None
    except OSError as error:
        raise RefusedError(f"Cannot read {path}: {error.strerror or error}. Expected a file, or none.") from error
