# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How far a run has come is kept beside the records, and goes when the run ends."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.tidegate.failover.plugins.module_utils._record import progress

RUN = {"id": "20261121T030405Z-3f9a1c2e", "by": "ctl1/4711", "steps": [{"name": "lock", "status": "done"}]}


def test_what_was_kept_is_read_and_told(tmp_path: Path) -> None:
    path = progress.progress_path(str(tmp_path / "records"), "checkout")
    progress.write(path, RUN)
    assert progress.read(path) == RUN
    assert progress.told(RUN) == f"Run {RUN['id']}, by ctl1/4711, came as far as this: lock: done."


def test_the_end_of_a_run_takes_its_own_away_and_no_other(tmp_path: Path) -> None:
    path = progress.progress_path(str(tmp_path), "checkout")
    progress.write(path, RUN)
    progress.remove(path, "20261121T030405Z-00000000")
    assert path.exists()
    progress.remove(path, str(RUN["id"]))
    assert not path.exists()


def test_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    path = progress.progress_path(str(tmp_path), "checkout")
    assert progress.read(path) is None
    path.write_text("{", encoding="utf-8")
    assert progress.read(path) is None
