# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Breaks the code on purpose, in a copy, to see that the test of each invariant can fail.

The ways to break it are in tests/broken_invariants.toml. A test that passes on broken code would prove nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

from tools.collection_copy import CACHE, ROOT, copy_collection

BREAKS = ROOT / "tests" / "broken_invariants.toml"
TESTS = (
    "tests/unit",
    "tests/scenarios/test_maintenance_invariants.py",
    "tests/scenarios/test_maintenance_holds.py",
    "tests/scenarios/test_failover_invariants.py",
    "tests/scenarios/test_event_wrong_objects.py",
)
#: pytest's exit status when tests ran and some of them failed; any other one means that it could not tell.
TESTS_FAILED = 1


def main() -> int:
    """Break, test and mend, one after the other; returns 1 if a break went unnoticed."""
    copy = copy_collection(CACHE / "broken")
    breaks = tomllib.loads(BREAKS.read_text(encoding="utf-8"))["break"]
    names = sorted({f"test_{entry['invariant']}_" for entry in breaks})
    if _run_tests(copy, " or ".join(names)) != 0:
        raise SystemExit("The tests of the invariants fail as it is; mend that first ('make unit scenarios').")
    unnoticed = 0
    for entry in breaks:
        noticed = _is_noticed(copy, entry)
        unnoticed += not noticed
        print(f"{'seen' if noticed else 'NOT SEEN'}  {entry['invariant'].upper():4} {entry['what']}", flush=True)
    print(f"{len(breaks) - unnoticed} passed, {unnoticed} failed")
    return 1 if unnoticed else 0


def _is_noticed(copy: Path, entry: dict[str, str]) -> bool:
    file = copy / entry["file"]
    sound = file.read_text(encoding="utf-8")
    if sound.count(entry["replace"]) != 1:
        raise SystemExit(
            f"{BREAKS.name}: what to replace does not stand exactly once in {entry['file']}: {entry['what']}"
        )
    file.write_text(sound.replace(entry["replace"], entry["by"]), encoding="utf-8")
    try:
        return _run_tests(copy, f"test_{entry['invariant']}_") == TESTS_FAILED
    finally:
        file.write_text(sound, encoding="utf-8")


def _run_tests(copy: Path, name: str) -> int:
    """Run the tests of an invariant on the copy, until the first one fails."""
    words = (sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", name, *TESTS)
    # The copy's own path comes first, so it is the broken code that is imported and not the clone's.
    paths = os.pathsep.join((str(copy), str(copy.parents[2])))
    # So that playbooks find it too, and what the collection builds on.
    collections = os.pathsep.join((str(copy.parents[2]), str(CACHE / "collections")))
    environment = os.environ | {"PYTHONPATH": paths, "ANSIBLE_COLLECTIONS_PATH": collections}
    return subprocess.run(words, cwd=copy, env=environment, capture_output=True, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
