# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What is wrong with a configuration file is reported with its line, and without what stands there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._ini import fault_in

GOOD = b"[DEFAULT]\nuser=canary-one\nregion=canary-two\n"


def fault(file: Path, content: bytes) -> str | None:
    file.write_bytes(content)
    return fault_in(file, "DEFAULT", "DEFAULT")


@pytest.mark.parametrize("content", [GOOD, b"", GOOD.replace(b"\n", b"\r\n"), b"# a comment\n" + GOOD])
def test_a_sound_file_has_no_fault(tmp_path: Path, content: bytes) -> None:
    assert fault(tmp_path / "config", content) is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\xef\xbb\xbf" + GOOD, "line 1 begins with a byte order mark"),
        (GOOD.decode().encode("utf-16"), "it is UTF-16"),
        (GOOD + b"# \xfc canary\n", "line 4 holds a character that is not UTF-8"),
        (GOOD + GOOD, r"section \[DEFAULT\] begins a second time at line 4"),
        (GOOD + b"[A]\nx=1\n[A]\ny=1\n", r"section \[A\] begins a second time at line 6"),
        (GOOD + b"user=canary-three\n", r"line 4 sets user in section \[DEFAULT\] a second time"),
        (b"pass_phrase=canary\n" + GOOD, r"line 1 stands before any section\. Put \[DEFAULT\] above it"),
        (GOOD + b"canary\n", r"line 4 is neither a \[section\]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_i12_a_fault_is_reported_with_its_line_and_never_with_what_stands_there(
    tmp_path: Path, content: bytes, words: str
) -> None:
    reported = fault(tmp_path / "config", content)
    assert reported is not None
    assert re.search(words, reported)
    assert "canary" not in reported


def test_a_file_that_cannot_be_opened_is_reported_with_the_reason(tmp_path: Path) -> None:
    loop = tmp_path / "config"
    loop.symlink_to(loop)
    assert "cannot be read (Too many levels of symbolic links)" in str(fault_in(loop, None, "default"))
