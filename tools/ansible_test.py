# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Runs ansible-test in a copy of the collection, without containers.

``python -m tools.ansible_test sanity [arguments for ansible-test]``
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from lab.parts import startable_parts
from tools.collection_copy import CACHE, ROOT, copy_collection

# The environment that runs this program. To test with another Python and ansible-core, run the program with them.
ENVIRONMENT = Path(sys.prefix)
FOLDER = CACHE / "ansible-test" / ENVIRONMENT.name
# `integration --coverage` writes its measurements here, one file for each process.
COVERAGE = FOLDER / "coverage"
# ansible-test's own way starts a Python for each module, and measures Ansible too. That takes twice as long.
MEASURED = """\
[defaults]
callback_plugins = {plugins}
callbacks_enabled = measured_tasks

[measured_tasks]
data = {data}
"""


def main() -> int:
    """Run the command line; returns the exit status of ansible-test."""
    parser = argparse.ArgumentParser(prog="python -m tools.ansible_test", description=__doc__)
    parser.add_argument("command", choices=["sanity", "integration"])
    parser.add_argument("--coverage", action="store_true", help="measure the coverage of the modules (integration)")
    options, others = parser.parse_known_args()
    folder = FOLDER / options.command
    copy = copy_collection(folder)
    if options.command == "sanity":
        return _ansible_test(copy, "sanity", *others)
    _configure(copy / "tests" / "integration" / "integration.cfg", measured=options.coverage)
    # SIGTERM also ends the context of the lab, as Ctrl-C does. So no lab keeps running.
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(128 + signal.SIGTERM))
    with _lab(folder / "lab") as lab:
        # JSON is YAML too. Targets find the content of lab.json in their variable `lab`.
        (copy / "tests" / "integration" / "integration_config.yml").write_text(json.dumps({"lab": lab}))
        return _ansible_test(copy, "integration", *others)


def _configure(file: Path, *, measured: bool) -> None:
    """Write the configuration of Ansible for the integration targets."""
    shutil.rmtree(COVERAGE, ignore_errors=True)
    COVERAGE.mkdir(parents=True)
    plugins = ROOT / "tools" / "callbacks"
    file.write_text(MEASURED.format(plugins=plugins, data=COVERAGE / "data") if measured else "")


def _ansible_test(copy: Path, command: str, *arguments: str) -> int:
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    program = ENVIRONMENT / "bin" / "ansible-test"
    # Without --python, ansible-test would also use every other interpreter on PATH, and the shims of version managers.
    fixed = ("--local", "--python", python, "--color", "no")
    result = subprocess.run((str(program), command, *fixed, *arguments), cwd=copy, env=_environment(copy), check=False)
    return result.returncode


def _environment(copy: Path) -> dict[str, str]:
    home = Path.home()
    programs = ENVIRONMENT / "bin"
    environment = os.environ | {
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        # ansible-test keeps environments there, and tools/environment.py prepares that folder. A separate HOME also
        # keeps a user's own cloud credentials out of the tests.
        "HOME": str(FOLDER / "home"),
        # pip uses the user's own settings and downloads.
        "XDG_CONFIG_HOME": os.environ.get("XDG_CONFIG_HOME", str(home / ".config")),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME", str(home / ".cache")),
        # Otherwise ansible-test would ask the clone's git for the files to check, and git ignores .cache.
        "ANSIBLE_TEST_CONTENT_ROOT": str(copy),
    }
    for name in ("ANSIBLE_CONFIG", "ANSIBLE_COLLECTIONS_PATH", "VIRTUAL_ENV"):
        environment.pop(name, None)
    return environment


@contextlib.contextmanager
def _lab(directory: Path) -> Iterator[dict[str, Any]]:
    """Run a lab while the context lasts; yields the content of its lab.json."""
    lab = (sys.executable, "-m", "lab")
    up = ("up", "--detach", "--directory", str(directory), "--parts", *startable_parts())
    subprocess.run((*lab, *up), cwd=ROOT, check=True)
    try:
        yield json.loads((directory / "lab.json").read_text(encoding="utf-8"))
    finally:
        subprocess.run((*lab, "down", "--directory", str(directory)), cwd=ROOT, check=True)


if __name__ == "__main__":
    sys.exit(main())
