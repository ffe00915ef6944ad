# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""How far a run has come is kept beside the records, in a file of its own, and goes when the run ends."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._record import progress
from ansible_collections.tidegate.failover.plugins.module_utils._record.progress import left_in, progress_path

RUN = "20261121T030405Z-3f9a1c2e"
OTHER = "20261121T040506Z-0badcafe"


def test_what_was_kept_is_found_by_service(tmp_path: Path) -> None:
    folder = str(tmp_path / "records")
    for service, run in (("checkout", OTHER), ("checkout", RUN), ("shop.eu", RUN)):
        progress.write(progress_path(folder, service, run), {"id": run})
    assert left_in(folder) == {"checkout": [{"id": RUN}, {"id": OTHER}], "shop.eu": [{"id": RUN}]}


def test_the_end_of_a_run_takes_its_own_away_and_no_other(tmp_path: Path) -> None:
    for run in (RUN, OTHER):
        progress.write(progress_path(str(tmp_path), "checkout", run), {"id": run})
    progress.remove(progress_path(str(tmp_path), "checkout", RUN))
    assert left_in(str(tmp_path)) == {"checkout": [{"id": OTHER}]}


def test_what_cannot_be_read_is_nothing(tmp_path: Path) -> None:
    assert left_in(str(tmp_path / "nowhere")) == {}
    progress_path(str(tmp_path), "checkout", RUN).write_text("{", encoding="utf-8")
    progress_path(str(tmp_path), "checkout", OTHER).write_text('{"id": "another"}', encoding="utf-8")
    assert left_in(str(tmp_path)) == {}


def test_a_folder_in_which_nothing_can_be_renamed_is_left_clean(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cannot(*_given: object) -> None:
        raise OSError(errno.ENOSYS, "Function not implemented")

    monkeypatch.setattr(Path, "replace", cannot)
    with pytest.raises(OSError, match="not implemented"):
        progress.write(progress_path(str(tmp_path), "checkout", RUN), {"id": RUN})
    assert list(tmp_path.iterdir()) == []


def test_how_far_a_run_has_come_is_reported() -> None:
    kept = {"id": RUN, "operation": "failover", "by": "ctl1/4711", "steps": [{"name": "lock", "status": "done"}]}
    assert progress.reported(kept) == f"The failover {RUN}, started by ctl1/4711, got this far: lock: done."
    assert progress.reported({"id": RUN}) == f"Run {RUN}, got this far: it had begun, and taken no step."
