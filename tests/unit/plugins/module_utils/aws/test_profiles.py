# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""AWS configuration files that botocore cannot read are named, with the line."""

from __future__ import annotations

from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._aws.profiles import unreadable_file

GOOD = b"[default]\naws_access_key_id = canary\n"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """Both files are there and can be read."""
    files = {"AWS_SHARED_CREDENTIALS_FILE": tmp_path / "credentials", "AWS_CONFIG_FILE": tmp_path / "config"}
    for file in files.values():
        file.write_bytes(GOOD)
    return {variable: str(file) for variable, file in files.items()}


def test_sound_files_are_no_obstacle(environment: dict[str, str]) -> None:
    assert unreadable_file(environment) is None


def test_files_that_are_not_there_are_no_obstacle(tmp_path: Path) -> None:
    missing = str(tmp_path / "missing")
    assert unreadable_file({"AWS_SHARED_CREDENTIALS_FILE": missing, "AWS_CONFIG_FILE": missing}) is None


@pytest.mark.parametrize("variable", ["AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"])
@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xef\xbb\xbf" + GOOD, "line 1 begins with a byte order mark"),
        (GOOD + GOOD, "section [default] begins a second time at line 3"),
        (GOOD + b"aws_access_key_id = b\n", "line 3 sets aws_access_key_id in section [default] a second time"),
        (b"region = canary\n", "line 1 stands before any section. Put [default] above it"),
        (GOOD + b"\xfc\n", "line 3 holds a character that is not UTF-8"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_file_that_cannot_be_read_is_named_with_the_line(
    environment: dict[str, str], variable: str, content: bytes, words: str
) -> None:
    Path(environment[variable]).write_bytes(content)
    reported = str(unreadable_file(environment))
    assert f"configuration file {environment[variable]}: {words}" in reported
    assert "canary" not in reported


def test_a_file_that_is_none_is_named(environment: dict[str, str], tmp_path: Path) -> None:
    assert "it is not a file" in str(unreadable_file(environment | {"AWS_CONFIG_FILE": str(tmp_path)}))
