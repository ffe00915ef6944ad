# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is published has the same bytes no matter who builds it, and its changelog is complete."""

from __future__ import annotations

import hashlib
import json
import os
import tarfile
from pathlib import Path

import pytest
import yaml

from tools.packing import pack, pack_folder, repack_collection
from tools.release import ReleaseError, check_changelog, check_equal, digest


def built(archive: Path, order: tuple[str, ...], time: int) -> Path:
    """An archive as ``ansible-galaxy`` builds it on a file system that lists files in this order."""
    files = {"a.py": b"a", "run.sh": b"#!/bin/sh"}
    listed = json.dumps({"files": [{"name": name} for name in order], "format": 1}).encode()
    given = {"file_manifest_file": {"chksum_sha256": hashlib.sha256(listed).hexdigest()}}
    files |= {"FILES.json": listed, "MANIFEST.json": json.dumps(given).encode()}
    folder = archive.parent / f"{archive.name}-files"
    folder.mkdir()
    with tarfile.open(archive, "w:gz") as content:
        for name, text in files.items():
            (folder / name).write_bytes(text)
            (folder / name).chmod(0o755 if name == "run.sh" else 0o644)
            os.utime(folder / name, (time, time))
            content.add(folder / name, name)
    return archive


def test_an_archive_does_not_depend_on_time_and_order(tmp_path: Path) -> None:
    one = built(tmp_path / "one.tar.gz", ("a.py", "run.sh"), 1_700_000_000)
    other = built(tmp_path / "other.tar.gz", ("run.sh", "a.py"), 1_800_000_000)
    for archive in (one, other):
        repack_collection(archive)
    assert digest(one) == digest(other)


def test_a_repacked_archive_has_the_hash_of_its_list_and_its_programs(tmp_path: Path) -> None:
    archive = built(tmp_path / "one.tar.gz", ("run.sh", "a.py"), 1_700_000_000)
    repack_collection(archive)
    with tarfile.open(archive) as content:
        modes = {entry.name: entry.mode for entry in content.getmembers()}
        files = {name: (content.extractfile(name) or pytest.fail(name)).read() for name in modes}
    stated = json.loads(files["MANIFEST.json"])["file_manifest_file"]["chksum_sha256"]
    assert stated == hashlib.sha256(files["FILES.json"]).hexdigest()
    assert (modes["run.sh"], modes["a.py"]) == (0o755, 0o644)


def test_a_repacked_archive_keeps_its_folders_which_an_installation_creates(tmp_path: Path) -> None:
    archive = built(tmp_path / "one.tar.gz", ("run.sh", "a.py"), 1_700_000_000)
    (tmp_path / "more").mkdir()
    with tarfile.open(archive, "w:gz") as content:
        for name in ("FILES.json", "MANIFEST.json"):
            content.add(tmp_path / "one.tar.gz-files" / name, name)
        content.add(tmp_path / "more", "docs")
    repack_collection(archive)
    with tarfile.open(archive) as content:
        assert content.getmember("docs").isdir()


def test_a_folder_is_packed_below_one_name(tmp_path: Path) -> None:
    (tmp_path / "html" / "docs").mkdir(parents=True)
    (tmp_path / "html" / "docs" / "index.html").write_text("x")
    pack_folder(tmp_path / "html", tmp_path / "docs.tar.gz", "docs-1")
    with tarfile.open(tmp_path / "docs.tar.gz") as content:
        assert content.getnames() == ["docs-1/docs/index.html"]


def test_two_builds_that_differ_are_no_release(tmp_path: Path) -> None:
    one, other = tmp_path / "first.tar.gz", tmp_path / "second.tar.gz"
    pack({"a": b"1"}, one)
    pack({"a": b"2"}, other)
    with pytest.raises(ReleaseError, match=r"differ: first\.tar\.gz"):
        check_equal([one], [other])


@pytest.mark.parametrize(
    ("version", "fragment", "message"),
    [("0.3.0", "new.yml", "has no release 0.3.0"), ("0.2.0", "new.yml", r"in no release: new\.yml")],
)
def test_a_version_without_its_changes_is_no_release(tmp_path: Path, version: str, fragment: str, message: str) -> None:
    (tmp_path / fragment).touch()
    changelog = tmp_path / "changelog.txt"
    changelog.write_text(yaml.safe_dump({"releases": {"0.2.0": {"fragments": ["old.yml"]}}}))
    with pytest.raises(ReleaseError, match=message):
        check_changelog(version, tmp_path, changelog)


def test_a_version_with_all_its_changes_is_released(tmp_path: Path) -> None:
    (tmp_path / "kept.yml").touch()
    changelog = tmp_path / "changelog.txt"
    changelog.write_text(yaml.safe_dump({"releases": {"0.2.0": {"fragments": ["kept.yml"]}}}))
    check_changelog("0.2.0", tmp_path, changelog)
