# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Breaks the code on purpose, in a copy, to see that the test of each invariant can fail.

The ways to break it are in tests/broken_invariants.toml. A test that passes on broken code would prove nothing, nor
would one that fails on sound code: ``--sound`` looks for those too. `make test` runs all tests on sound code anyway.
"""

from __future__ import annotations

import importlib
import multiprocessing
import os
import re
import signal
import sys
import time
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from tools.collection_copy import CACHE, ROOT, copy_collection

BREAKS = ROOT / "tests" / "broken_invariants.toml"
#: Where the tests of an invariant are looked for, the quick ones first; the second ones only if the first all pass.
LEVELS = (
    ("tests/unit",),
    (
        "tests/scenarios/test_maintenance_invariants.py",
        "tests/scenarios/test_maintenance_holds.py",
        "tests/scenarios/test_failover_invariants.py",
        "tests/scenarios/test_event_wrong_objects.py",
    ),
)
#: What most tests import and nothing breaks. They are loaded once: each run is a fork of this process.
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
FORK = multiprocessing.get_context("fork")
LOG = CACHE / "logs" / "broken-invariants-pytest.log"


@dataclass(frozen=True)
class Break:
    """A way to break the code.

    :ivar file: what to change, relative to the collection's folder: ``replace``, which stands there once, to ``by``.
    :ivar test: the one test that has to notice. Without it, all tests of the invariant's name are tried, the quick ones
        first; name it where the one that notices takes long.
    """

    invariant: str
    what: str
    file: str
    replace: str
    by: str
    test: str = ""


class _Watch:
    """What pytest is told of the tests of a run: those that failed themselves, not in what prepares them."""

    def __init__(self) -> None:
        self.failed: list[str] = []

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and report.when == "call":
            self.failed.append(report.nodeid)


def main(arguments: Sequence[str]) -> int:
    """Break, test and mend, one after the other; returns 1 if a break went unnoticed."""
    copy = copy_collection(CACHE / "broken")
    breaks = [Break(**entry) for entry in tomllib.loads(BREAKS.read_text(encoding="utf-8"))["break"]]
    for library in LIBRARIES:
        importlib.import_module(library)
    LOG.parent.mkdir(parents=True, exist_ok=True)
    LOG.unlink(missing_ok=True)
    noticed = [_noticing_test(copy, one) for one in breaks]
    unnoticed = noticed.count("")
    if "--sound" in arguments:
        tests = sorted({test.partition("[")[0] for test in noticed if test})
        always = _failing_tests(copy, tests, stop_early=False) if tests else []
        for test in always:
            print(f"FAILS ON SOUND CODE TOO  {test}", flush=True)
        unnoticed += len(always)
    print(f"{len(breaks) - noticed.count('')} passed, {unnoticed} failed")
    return 1 if unnoticed else 0


def _noticing_test(copy: Path, one: Break) -> str:
    """Break the code, and tell the first test that fails for it; empty if none does."""
    file = copy / one.file
    sound, begin = file.read_text(encoding="utf-8"), time.monotonic()
    if sound.count(one.replace) != 1:
        raise SystemExit(f"{BREAKS.name}: what to replace does not stand exactly once in {one.file}: {one.what}")
    _write(file, sound.replace(one.replace, one.by))
    try:
        test = _first_failing(copy, one)
    finally:
        _write(file, sound)
    print(
        f"{'seen' if test else 'NOT SEEN'}  {one.invariant.upper():4} {time.monotonic() - begin:5.1f} s  {one.what}"
        f"{f' ({test})' if test else ''}",
        flush=True,
    )
    return test


def _write(file: Path, text: str) -> None:
    """Write the file with a later time than before: Python tells by seconds whether its byte code is up to date."""
    moment = file.stat().st_mtime_ns // 10**9 + 2
    file.write_text(text, encoding="utf-8")
    os.utime(file, (moment, moment))


def _first_failing(copy: Path, one: Break) -> str:
    if one.test:
        return next(iter(_failing_tests(copy, [one.test])), "")
    name = f"test_{one.invariant}_"
    for level in LEVELS:
        files = sorted(_files_with(copy, level, name), key=lambda file: (_distance(file, one.file), file))
        failed = _failing_tests(copy, [*map(str, files), "-k", name]) if files else []
        if failed:
            return failed[0]
    return ""


def _files_with(copy: Path, places: Iterable[str], name: str) -> Iterator[Path]:
    """Test files with a test whose name begins so; importing all the others would take most of the time."""
    pattern = re.compile(rf"^(async )?def {name}", re.MULTILINE)
    for place in places:
        for file in sorted((copy / place).rglob("test_*.py")) if (copy / place).is_dir() else [copy / place]:
            if pattern.search(file.read_text(encoding="utf-8")):
                yield file.relative_to(copy)


def _distance(test_file: Path, broken: str) -> int:
    """How far a test file is from what is broken, going by names: the nearest one is the most likely to notice."""
    file = Path(broken)
    if test_file.stem == f"test_{file.stem.strip('_')}":
        return 0
    return 1 if test_file.parent.name == file.parent.name.strip("_") else 2


def _failing_tests(copy: Path, words: Sequence[str], *, stop_early: bool = True) -> list[str]:
    """Run tests on the copy, in a fork of this process.

    :returns: those that failed. None is also what cannot be told: no such test, code that cannot be imported.
    """
    receiver, sender = FORK.Pipe(duplex=False)
    process = FORK.Process(target=_test, args=(copy, [*(["-x"] if stop_early else []), *words], sender))
    process.start()
    sender.close()
    try:
        failed: list[str] = receiver.recv() if receiver.poll(LONGEST_SECONDS) else []
    except EOFError:
        failed = []
    # Whatever it started and left, and itself if it hangs.
    with suppress(ProcessLookupError):
        os.killpg(process.pid or 0, signal.SIGKILL)
    process.join()
    return failed


def _test(copy: Path, words: list[str], sender: Connection) -> None:
    os.setsid()
    os.chdir(copy)
    log = os.open(LOG, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(log, 1)
    os.dup2(log, 2)
    _find_the_copy_first(copy)
    import pytest

    watch = _Watch()
    code = pytest.main(["-q", "-p", "no:cacheprovider", "--assert=plain", *words], plugins=[watch])
    sender.send(watch.failed if code == pytest.ExitCode.TESTS_FAILED else [])


def _find_the_copy_first(copy: Path) -> None:
    """It is the broken code that has to be imported, here and by what is started from here, and not the clone's."""
    ours = [str(copy), str(copy.parents[2])]
    clone = {ROOT, CACHE / "clone", CACHE / "collections"}
    sys.path[:] = [*ours, *(path for path in sys.path if path and Path(path).absolute() not in clone)]
    os.environ["PYTHONPATH"] = os.pathsep.join(ours)
    # So that playbooks find it too, and what the collection builds on.
    os.environ["ANSIBLE_COLLECTIONS_PATH"] = os.pathsep.join((ours[1], str(CACHE / "collections")))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
