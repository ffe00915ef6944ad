# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs tests on a copy of the collection that is broken on purpose, each time in a fork of this process."""

from __future__ import annotations

import importlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tools.collection_copy import CACHE, ROOT

#: Libraries that most tests import. They are loaded once, because each run is a fork of this process.
LIBRARIES = (
    "aiohttp.web",
    "ansible.module_utils.basic",
    "ansible.module_utils.urls",
    "boto3",
    "dns.resolver",
    "hypothesis",
    "oci.load_balancer",
    "pytest_asyncio",
    "requests",
    "yaml",
)
LONGEST_SECONDS = 600
_FORK = multiprocessing.get_context("fork")


@dataclass(frozen=True)
class Result:
    """The outcome of a run.

    :ivar failed: tests whose own code failed, and not their fixtures.
    :ivar code: the exit code of pytest; None if pytest was killed, or did not end in time.
    """

    failed: list[str] = field(default_factory=list)
    code: int | None = None


class _Watch:
    def __init__(self) -> None:
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and report.when == "call":
            self.failed.append(report.nodeid)


def load_libraries() -> None:
    """Load the libraries that the forks need."""
    for library in LIBRARIES:
        importlib.import_module(library)


def write(file: Path, text: str) -> None:
    """Write the file with a later time than before. Python compares whole seconds with the time in its byte code."""
    moment = file.stat().st_mtime_ns // 10**9 + 2
    file.write_text(text, encoding="utf-8")
    os.utime(file, (moment, moment))


def run_tests(
    copy: Path,
    words: Sequence[str],
    log: Path,
    *,
    seconds: float = LONGEST_SECONDS,
    plugins: Callable[[], Sequence[object]] = list,
) -> Result:
    """Run pytest on the copy.

    :param words: arguments of pytest.
    :param log: the file that pytest's output is added to.
    :param seconds: the time limit.
    :param plugins: called in the fork; makes further plugins for pytest.
    """
    receiver, sender = _FORK.Pipe(duplex=False)
    process = _FORK.Process(target=_test, args=(copy, list(words), log, plugins, sender))
    process.start()
    sender.close()
    try:
        result: Result = receiver.recv() if receiver.poll(seconds) else Result()
    except EOFError:
        result = Result()
    # Kills the run if it hangs, and all processes that it has left.
    with suppress(ProcessLookupError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()
    return result


def _test(copy: Path, words: list[str], log: Path, plugins: Callable[[], Sequence[object]], sender: Connection) -> None:
    os.setsid()
    os.chdir(copy)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    _find_the_copy_first(copy)
    import pytest

    watch = _Watch()
    words = ["-q", "-p", "no:cacheprovider", "--assert=plain", *words]
    code = pytest.main(words, plugins=[watch, *plugins()])
    sender.send(Result(watch.failed, int(code)))


def _find_the_copy_first(copy: Path) -> None:
    """Let Python import the broken code of the copy, here and in child processes, instead of the clone's code."""
    ours = [str(copy), str(copy.parents[2])]
    clone = {ROOT, CACHE / "clone", CACHE / "collections"}
    sys.path[:] = [*ours, *(path for path in sys.path if path and Path(path).absolute() not in clone)]
    os.environ["PYTHONPATH"] = os.pathsep.join(ours)
    # Playbooks have to find the copy too, and the collections that ours depends on.
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = os.pathsep.join((ours[1], str(CACHE / "collections")))
