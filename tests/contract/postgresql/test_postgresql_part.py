# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The PostgreSQL part starts and stops with the lab, runs as an unprivileged user, and leaves nothing behind."""

from __future__ import annotations

import os
import signal
import stat
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lab.postgresql import programs
from lab.postgresql.programs import ProgramError, find_programs
from lab.process import RunningLab, running_lab

Ask = Callable[..., Any]

PATIENCE_SECONDS = 20


def postmaster_pids(lab: RunningLab) -> list[int]:
    folder = Path(lab.info["postgresql"]["directory"])
    return [int((folder / site / "postmaster.pid").read_text().split()[0]) for site in ("primary", "backup")]


def is_alive(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"


def wait_for(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.05)


def test_the_servers_never_run_as_root_and_their_files_are_closed_to_others(lab: RunningLab) -> None:
    folder = Path(lab.info["postgresql"]["directory"])
    assert all(Path(f"/proc/{pid}").stat().st_uid != 0 for pid in postmaster_pids(lab))
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_reset_brings_back_the_first_writer_without_any_data(lab: RunningLab) -> None:
    lab.control("POST", "/postgresql/servers/backup/promote")
    lab.control("PUT", "/postgresql/servers/primary", {"running": False})
    lab.reset()
    servers = lab.control("GET", "/postgresql/servers")
    assert [(server["running"], server["role"]) for server in servers] == [(True, "writer"), (True, "standby")]


def test_reset_keeps_servers_without_writes(lab: RunningLab, ask: Ask) -> None:
    ask("primary", "SELECT 1")
    before = postmaster_pids(lab)
    lab.reset()
    assert postmaster_pids(lab) == before


def test_reset_forgets_what_was_written(lab: RunningLab, ask: Ask) -> None:
    ask("primary", "CREATE TABLE orders (number int)")
    lab.reset()
    assert ask("primary", "SELECT to_regclass('orders')") == [(None,)]


@pytest.fixture
def other_lab(running: RunningLab, tmp_path: Path) -> RunningLab:
    """What another lab had; it has stopped."""
    with running_lab(tmp_path / "lab", "--parts", "postgresql") as lab:
        lab.info["postgresql"]["pids"] = postmaster_pids(lab)
    return lab


def test_a_stopped_lab_leaves_no_server_and_no_file_behind(other_lab: RunningLab) -> None:
    assert not Path(other_lab.info["postgresql"]["directory"]).exists()
    assert not any(is_alive(pid) for pid in other_lab.info["postgresql"]["pids"])


def test_a_killed_lab_takes_its_servers_along_and_down_removes_their_files(running: RunningLab, tmp_path: Path) -> None:
    with running_lab(tmp_path / "lab", "--parts", "postgresql") as lab:
        folder, pids = Path(lab.info["postgresql"]["directory"]), postmaster_pids(lab)
        os.kill(lab.info["pid"], signal.SIGKILL)
        wait_for(lambda: not any(is_alive(pid) for pid in [lab.info["pid"], *pids]))
        assert folder.exists()
    assert not folder.exists()


def test_without_postgresql_the_part_says_what_to_install(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(programs, "_DEBIAN", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ProgramError, match="apt-get install postgresql"):
        find_programs()
