# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Writes the lock files: the newest versions of the packages in requirements/*.in, with hashes, for all Pythons."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
UV = ROOT / ".cache" / "uv" / "bin" / "uv"
# Only the wheels of these packages are used, so their dependencies are left out.
NO_DEPENDENCIES = {"wheels.in"}
# Files that other files include.
INCLUDED = {"checks.in", "tests.in"}
# Files that need a newer Python than the oldest supported one.
OLDEST_PYTHON = "3.11"
OLDEST_PYTHONS = {"core-2.20.in": "3.12", "core-2.21.in": "3.12", "dev-newest.in": "3.12"}
OPTIONS = (
    "--quiet",
    "--upgrade",
    "--universal",
    "--generate-hashes",
    "--no-emit-index-url",
    "--custom-compile-command=make lock",
)


def main() -> int:
    """Write the lock files; returns the exit status."""
    for source in sorted(REQUIREMENTS.glob("*.in")):
        if source.name in INCLUDED:
            continue
        python = f"--python-version={OLDEST_PYTHONS.get(source.name, OLDEST_PYTHON)}"
        options = (*OPTIONS, python, *(["--no-deps"] if source.name in NO_DEPENDENCIES else []))
        target = source.with_suffix(".txt")
        command = (str(UV), "pip", "compile", *options, source.name, f"--output-file={target.name}")
        if status := subprocess.run(command, cwd=REQUIREMENTS, check=False).returncode:
            return status
        print(f"requirements/{target.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
