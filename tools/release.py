# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Builds the files of a release in .cache/release: the collection's archive, the documentation, and their hashes.

Each is built twice. The files are kept only if both builds have the same bytes.
"""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import yaml

from tools import built_collection, site
from tools.collection_copy import CACHE, ROOT
from tools.packing import pack_folder

RELEASE = CACHE / "release"
FRAGMENTS = ROOT / "changelogs" / "fragments"


class ReleaseError(Exception):
    """The release cannot be built; the message names the reason."""


def main() -> int:
    """Build; returns the exit status."""
    try:
        version = _version()
        check_changelog(version, FRAGMENTS, ROOT / "changelogs" / "changelog.yaml")
        builds = [_build(RELEASE / name, version) for name in ("first", "second")]
        check_equal(*builds)
    except (ReleaseError, built_collection.BuildError) as error:
        print(error, file=sys.stderr)
        return 1
    for file in builds[0]:
        shutil.copyfile(file, RELEASE / file.name)
    hashes = "".join(f"{digest(file)}  {file.name}\n" for file in builds[0])
    (RELEASE / "SHA256SUMS").write_text(hashes, encoding="utf-8")
    print(f"Two builds have the same bytes. In {RELEASE.relative_to(ROOT)}:\n{hashes}", end="")
    return 0


def _version() -> str:
    return str(yaml.safe_load((ROOT / "galaxy.yml").read_text(encoding="utf-8"))["version"])


def check_changelog(version: str, fragments: Path, changelog: Path) -> None:
    """:raises ReleaseError: the changelog lacks this version, or a fragment."""
    known = yaml.safe_load(changelog.read_text(encoding="utf-8"))["releases"]
    if version not in known:
        raise ReleaseError(f"The changelog has no release {version}, which galaxy.yml names. Run make changelog.")
    released = set(known[version].get("fragments", ()))
    if waiting := sorted(path.name for path in fragments.glob("*.y*ml") if path.name not in released):
        raise ReleaseError(
            f"These changes are in no release: {', '.join(waiting)}. Set the next version in galaxy.yml, and run make "
            "changelog."
        )


def _build(folder: Path, version: str) -> list[Path]:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    archive = built_collection.build(folder)
    if site.main():
        raise ReleaseError("The documentation site could not be built; see above.")
    documentation = folder / f"tidegate-failover-{version}-documentation.tar.gz"
    pack_folder(site.SITE / "html", documentation, documentation.name.removesuffix(".tar.gz"))
    return [archive, documentation]


def check_equal(first: list[Path], second: list[Path]) -> None:
    """:raises ReleaseError: two builds differ."""
    if differ := [one.name for one, other in zip(first, second, strict=True) if digest(one) != digest(other)]:
        raise ReleaseError(
            f"Two builds of these differ: {', '.join(differ)}. Compare them in {RELEASE}/first and second."
        )


def digest(file: Path) -> str:
    """The SHA-256 of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
