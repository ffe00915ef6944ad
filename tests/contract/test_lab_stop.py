# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A lab that does not stop in time leaves a report of what it was doing."""

from __future__ import annotations

import asyncio
from pathlib import Path

from ansible_collections.tidegate.failover.tests.contract import waiting

from lab.stopping import STOP_REPORT, report_a_slow_stop, take_the_report


async def _never_ends() -> None:
    await asyncio.Event().wait()


def test_the_report_of_a_slow_stop_names_what_it_waits_for(tmp_path: Path) -> None:
    async def stop_slowly() -> None:
        hanging = asyncio.create_task(_never_ends())
        report_a_slow_stop(tmp_path, 0)
        await asyncio.to_thread(waiting.eventually, lambda: _is_complete(tmp_path / STOP_REPORT))
        hanging.cancel()

    asyncio.run(stop_slowly())
    text = take_the_report(tmp_path)
    assert "_never_ends" in text
    assert "Thread 0x" in text
    assert take_the_report(tmp_path) == ""


def _is_complete(file: Path) -> bool:
    return file.is_file() and "Current thread" in file.read_text(encoding="utf-8")
