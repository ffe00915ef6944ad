# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A copy of the collection at a path of the form .../ansible_collections/tidegate/failover.

ansible-test and some other tools need such a path and do not accept a symbolic link. antsibull-nox makes a copy too.
An existing copy is updated, so files that ansible-test keeps in it stay.
"""

from __future__ import annotations

import filecmp
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pathspec import GitIgnoreSpec

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache"
PATH_IN_COLLECTIONS = Path("ansible_collections", "tidegate", "failover")
KEPT_IN_COPY = ("tests/output",)


def copy_collection(destination: Path) -> Path:
    """Update the copy below `destination`, and link the collections that ours depends on beside it.

    :returns: the folder of the copy.
    """
    target = destination / PATH_IN_COLLECTIONS
    target.mkdir(parents=True, exist_ok=True)
    wanted = project_files()
    for path in wanted:
        _copy_file(ROOT / path, target / path)
    _delete_others(target, set(wanted))
    for namespace in (CACHE / "collections" / "ansible_collections").iterdir():
        link = destination / "ansible_collections" / namespace.name
        if not link.is_symlink():
            link.symlink_to(namespace, target_is_directory=True)
    return target


def project_files() -> list[Path]:
    """The files of the project, relative to its folder: all files that .gitignore does not name.

    .gitignore is read without git, because an unpacked archive has no git repository.
    """
    ignored = GitIgnoreSpec.from_lines([".git", *(ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()])
    return sorted(_walk(Path(), ignored))


def _walk(folder: Path, ignored: GitIgnoreSpec) -> Iterator[Path]:
    for entry in os.scandir(ROOT / folder):
        path = folder / entry.name
        is_folder = entry.is_dir(follow_symlinks=False)
        if ignored.match_file(f"{path}/" if is_folder else path):
            continue
        if is_folder:
            yield from _walk(path, ignored)
        else:
            yield path


def _copy_file(source: Path, target: Path) -> None:
    if source.is_symlink():
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.symlink_to(source.readlink())
    elif not target.is_file() or not filecmp.cmp(source, target):
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target)


def _delete_others(target: Path, wanted: set[Path]) -> None:
    for folder, _subfolders, names in os.walk(target):
        relative = Path(folder).relative_to(target)
        if relative.as_posix().startswith(KEPT_IN_COPY):
            continue
        for name in names:
            if relative / name not in wanted:
                (target / relative / name).unlink()
