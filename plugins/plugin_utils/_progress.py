# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# Note that this plugin util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins.
"""Shows what a module is waiting for. A module cannot show that while it runs."""

from __future__ import annotations

import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ansible.utils.display import Display

#: Seconds between two reads of the file where the module reports what it waits for.
_PAUSE = 0.2


@contextmanager
def shown_progress(host: str) -> Iterator[str]:
    """Show the lines that a module writes to a file until the end of the context.

    :returns: the file, for the module's ``progress_path``.
    """
    with (
        tempfile.NamedTemporaryFile(prefix="failback_gate-") as file,
        _Follower(Path(file.name), lambda line: Display().display(f"waiting: [{host}] {line}")),
    ):
        yield file.name


class _Follower:
    """Shows the lines of a file as they come, until the end of the context."""

    def __init__(self, path: Path, show: Callable[[str], None]) -> None:
        self._path, self._show = path, show
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._follow, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_problem: object) -> None:
        self._end.set()
        self._thread.join()

    def _follow(self) -> None:
        # A signal to this thread would not wake up the thread that waits for the module, so Ctrl-C would hang.
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        with self._path.open(encoding="utf-8") as lines:
            ended = False
            while not ended:
                ended = self._end.wait(_PAUSE)
                for line in lines:
                    self._show(line.rstrip("\n"))
