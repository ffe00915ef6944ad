# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The file of a service's records is only ever added to."""

from __future__ import annotations

import errno
import fcntl
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._record.journal import append, journal_path


def test_a_record_is_one_line(tmp_path: Path) -> None:
    path = journal_path(str(tmp_path), "checkout")
    assert append(path, {"id": "a", "msg": "two\nlines"}, check=False)
    assert [json.loads(line) for line in path.read_text().splitlines()] == [{"id": "a", "msg": "two\nlines"}]


def test_what_was_there_stays(tmp_path: Path) -> None:
    path = tmp_path / "checkout.jsonl"
    path.write_text("something else\n")
    append(path, {"id": "a"}, check=False)
    assert path.read_text() == 'something else\n{"id": "a"}\n'


@pytest.mark.parametrize("sign", ["\u2028", "\x85", "\udc80", "ü"])
def test_signs_that_break_lines_or_that_no_file_can_hold_break_no_record(tmp_path: Path, sign: str) -> None:
    path = tmp_path / "checkout.jsonl"
    record = {"msg": f"a{sign}b"}
    assert [append(path, record, check=False) for _again in range(2)] == [True, False]
    assert [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] == [record]


def test_the_same_record_is_not_added_again(tmp_path: Path) -> None:
    path = tmp_path / "checkout.jsonl"
    assert [append(path, {"id": "a"}, check=False) for _again in range(2)] == [True, False]
    assert path.read_text().count("\n") == 1


def test_check_mode_reports_and_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "new" / "checkout.jsonl"
    assert append(path, {"id": "a"}, check=True)
    assert not path.parent.exists()


def test_a_line_that_a_dead_run_left_half_written_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "checkout.jsonl"
    path.write_text('{"id": "a"}\n{"id":')
    append(path, {"id": "c"}, check=False)
    assert path.read_text().splitlines() == ['{"id": "a"}', '{"id":', '{"id": "c"}']


def test_nobody_else_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "checkout.jsonl"
    append(path, {"id": "a"}, check=False)
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_many_writers_lose_nothing(tmp_path: Path) -> None:
    path = tmp_path / "checkout.jsonl"
    records = [{"id": str(number), "msg": "x" * 5000} for number in range(40)]
    with ThreadPoolExecutor(max_workers=8) as threads:
        list(threads.map(lambda record: append(path, record, check=False), records))
    assert sorted(int(json.loads(line)["id"]) for line in path.read_text().splitlines()) == list(range(40))


@pytest.mark.parametrize("service", ["", "../elsewhere", ".hidden", "a/b"])
def test_a_name_that_is_no_file_name_is_refused(service: str) -> None:
    with pytest.raises(RefusedError, match="No file can be named after the service"):
        journal_path("/records", service)


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_a_share_without_locks_keeps_records_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    def cannot(*_given: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", cannot)
    assert append(tmp_path / "a.jsonl", {"id": 1}, check=False)
    assert (tmp_path / "a.jsonl").read_text(encoding="utf-8") == '{"id": 1}\n'


def test_a_folder_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(RefusedError, match="The record could not be kept in .*file/checkout.jsonl: "):
        append(tmp_path / "file" / "checkout.jsonl", {"id": "a"}, check=False)
