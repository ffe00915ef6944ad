# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""The progress files of a service's runs that are in progress or were aborted, in the folder of its records."""

from __future__ import annotations

import typing as t
from collections.abc import Callable
from pathlib import Path

from ansible_collections.tidegate.failover.plugins.module_utils._errors import TidegateError
from ansible_collections.tidegate.failover.plugins.module_utils._failover.places import (
    inventory_sources,
    record_folder,
)
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.ending import progress as progress_of
from ansible_collections.tidegate.failover.plugins.module_utils._procedure.run import Json, Run
from ansible_collections.tidegate.failover.plugins.module_utils._record import progress
from ansible_collections.tidegate.failover.plugins.plugin_utils import _processes


def folder_of(given: str, variables: t.Mapping[str, t.Any]) -> str:
    """A folder for records or reports; empty if none is given.

    :param variables: those of the task, or of any host.
    """
    if not given:
        return ""
    sources = [Path(source) for source in variables.get("ansible_inventory_sources") or []]
    folders = [str(source if source.is_dir() else source.parent) for source in sources if source.exists()]
    return record_folder(given, folders, str(Path.cwd()))


def inventory_of(variables: t.Mapping[str, t.Any]) -> tuple[str, ...]:
    """Where the inventory is, one for each ``-i``."""
    given = [str(source) for source in variables.get("ansible_inventory_sources") or []]
    return inventory_sources(given, lambda source: Path(source).exists())


class UnderWay:
    """The runs of one service. No decision depends on the progress files, so a problem with them is only reported."""

    def __init__(self, folder: str, service: str, warn: Callable[[str], None]) -> None:
        """Keep the service.

        :param folder: the folder of its records; empty if there is none.
        :param warn: reports a file that could not be written.
        """
        self._folder, self._service, self._warn = folder, service, warn

    def keep(self, run: Run) -> None:
        """Write the progress of a run, in case it is aborted."""
        path = None if run.check else self._path(run.id)
        if path is None:
            return
        try:
            progress.write(path, progress_of(run, _processes.by()))
        # A path with a NUL in it is no OSError.
        except (OSError, ValueError) as problem:
            why = getattr(problem, "strerror", None) or problem
            self._warn(f"How far the run has come could not be kept in {str(path)!r}: {why}.")

    def end(self, run: Run) -> None:
        """Remove the progress file of a run that has a record. If it succeeded, also remove those of aborted runs."""
        ended = [run.id]
        if run.status in ("completed", "unchanged"):
            ended += [str(left["id"]) for left in self._left() if _is_aborted(left, run)]
        for path in () if run.check else map(self._path, ended):
            if path is not None:
                progress.remove(path)

    def reported(self, lock_id: str, state: Json | None) -> str:
        """The progress of the run of a lock, and whether it is still running; empty if nothing is known."""
        left = next((left for left in self._left() if left["id"] == lock_id), {})
        is_of_lock = state is not None and state.get("run") == lock_id
        by = str((state or {}).get("by") or "") if is_of_lock else ""
        began = (state or {}).get("began_at") if by else left.get("began")
        running = _processes.reported(by or str(left.get("by") or ""), began)
        return " ".join(filter(None, [running, progress.reported(left) if left else ""]))

    def _left(self) -> list[Json]:
        return progress.left_in(self._folder).get(self._service, []) if self._folder else []

    def _path(self, run_id: str) -> Path | None:
        try:
            return progress.progress_path(self._folder, self._service, run_id) if self._folder else None
        except TidegateError:
            # The end of the run reports that no records can be kept for such a service.
            return None


def _is_aborted(left: t.Mapping[str, t.Any], run: Run) -> bool:
    """Whether another run began earlier, and is not known to be still running."""
    if left["id"] == run.id or str(left.get("began")) > run.began:
        return False
    return _processes.is_running(str(left.get("by") or ""), left.get("began")) is not True
