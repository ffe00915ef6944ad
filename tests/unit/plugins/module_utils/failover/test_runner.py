# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Whether the process of a run is still running is reported only if this host can find that out."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._failover.runner import (
    is_running,
    process_runner,
    reported_running,
)
from ansible_collections.tidegate.failover.plugins.module_utils._failover.state import by_word

LONG = "controller." * 9 + "example.com"


@pytest.mark.parametrize("by", [process_runner(LONG, 4711), by_word(process_runner(LONG, 4711))])
@pytest.mark.parametrize("running", [True, False])
def test_a_process_of_this_host_is_searched_for(by: str, running: bool) -> None:
    assert is_running(by, LONG, lambda pid: running and pid == 4711) is running


@pytest.mark.parametrize("by", ["ctl2/4711", "awx-job/4711", "somebody", ""])
def test_of_all_others_nothing_is_known(by: str) -> None:
    assert is_running(by, "ctl1", lambda _pid: False) is None
    assert is_running(by, "awx-job", lambda _pid: False) is None


@pytest.mark.parametrize(
    ("by", "running", "said"),
    [
        ("ctl1/4711", True, "Its process (ctl1/4711) is still running on this host."),
        ("ctl1/4711", False, "Its process (ctl1/4711) is no longer running on this host: that run was aborted."),
        ("ctl1/4711", None, "Whether it is still running can be seen on ctl1 only (ps -p 4711)."),
        ("awx-job/17", None, "AWX shows at job 17 whether it is still running."),
        ("", None, ""),
    ],
)
def test_what_is_known_is_one_sentence(by: str, running: bool | None, said: str) -> None:
    assert reported_running(by, running) == said
