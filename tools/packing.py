# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Reproducible archives: the bytes depend only on the files, and not on the user, the time or the file system."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from pathlib import Path

#: The time of every file in an archive and in the documentation site: 2026-01-01, in seconds since 1970.
EPOCH = 1767225600
_LIST, _MANIFEST = "FILES.json", "MANIFEST.json"


def pack(
    files: Mapping[str, bytes],
    archive: Path,
    *,
    programs: frozenset[str] = frozenset(),
    folders: frozenset[str] = frozenset(),
) -> None:
    """Write files into a compressed archive.

    :param files: contents by their names in the archive.
    :param programs: names of the executable files.
    :param folders: names of folders with their own entry, which comes before the entries of their files.
    """
    # gzip writes a time into its header, so the time is fixed.
    with (
        archive.open("wb") as raw,
        gzip.GzipFile("", "wb", fileobj=raw, mtime=EPOCH) as compressed,
        tarfile.open(fileobj=compressed, mode="w", format=tarfile.GNU_FORMAT) as content,
    ):
        for name in sorted({*files, *folders}):
            entry = tarfile.TarInfo(name)
            entry.mtime, entry.mode = EPOCH, 0o755 if name in programs | folders else 0o644
            if name in folders:
                entry.type = tarfile.DIRTYPE
                content.addfile(entry)
            else:
                entry.size = len(files[name])
                content.addfile(entry, io.BytesIO(files[name]))


def repack_collection(archive: Path) -> None:
    """Rewrite a collection's archive so that the same files always give the same bytes.

    ``ansible-galaxy collection build`` lists files in the order of the file system, and writes the time of the build.
    """
    with tarfile.open(archive) as content:
        folders = frozenset(entry.name for entry in content.getmembers() if entry.isdir())
        entries = [entry for entry in content.getmembers() if entry.isfile()]
        opened = {entry.name: content.extractfile(entry) for entry in entries}
        files = {name: file.read() for name, file in opened.items() if file}
    programs = frozenset(entry.name for entry in entries if entry.mode & 0o100)
    listed = json.loads(files[_LIST])
    listed["files"].sort(key=lambda one: one["name"])
    files[_LIST] = _json(listed)
    manifest = json.loads(files[_MANIFEST])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(files[_LIST]).hexdigest()
    files[_MANIFEST] = _json(manifest)
    pack(files, archive, programs=programs, folders=folders)


def pack_folder(folder: Path, archive: Path, top: str) -> None:
    """Write everything below a folder into an archive, below one folder of this name."""
    pack(
        {
            f"{top}/{path.relative_to(folder).as_posix()}": path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        },
        archive,
    )


def _json(content: object) -> bytes:
    return f"{json.dumps(content, indent=1)}\n".encode()
