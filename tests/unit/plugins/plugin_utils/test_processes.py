# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Processes of this host that carry runs out."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from ansible_collections.tidegate.failover.plugins.plugin_utils import _processes

HOST = socket.gethostname()


def test_awx_is_named_by_its_job(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JOB_ID", "17")
    assert _processes.by() == "awx-job/17"
    monkeypatch.delenv("JOB_ID")
    assert _processes.by() == f"{HOST}/{os.getppid()}"


def test_a_process_that_goes_on_is_running() -> None:
    assert _processes.is_running(f"{HOST}/{os.getpid()}", datetime.now(UTC).isoformat()) is True


def test_a_process_that_has_ended_is_not_even_before_somebody_takes_notice() -> None:
    with subprocess.Popen([sys.executable, "-c", "pass"], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.read()
        os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
        assert _processes.is_running(f"{HOST}/{process.pid}", None) is False
    assert _processes.is_running(f"{HOST}/{process.pid}", None) is False


def test_another_process_that_got_the_same_number_later_is_not_the_run() -> None:
    assert _processes.is_running(f"{HOST}/{os.getpid()}", "2001-01-01T00:00:00Z") is False
