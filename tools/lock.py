# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Fixes the newest versions of what requirements/*.in names, with their hashes, for all supported Pythons at once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "requirements"
UV = ROOT / ".cache" / "uv" / "bin" / "uv"
# Of these only the wheel itself is used, without what it would need if it were installed.
NO_DEPENDENCIES = {"wheels.in"}
OPTIONS = (
    "--quiet",
    "--upgrade",
    "--universal",
    "--python-version=3.11",
    "--generate-hashes",
    "--no-emit-index-url",
    "--custom-compile-command=make lock",
)


def main() -> int:
    """Write the lock files; returns the exit status."""
    for source in sorted(REQUIREMENTS.glob("*.in")):
        options = (*OPTIONS, "--no-deps") if source.name in NO_DEPENDENCIES else OPTIONS
        target = source.with_suffix(".txt")
        command = (str(UV), "pip", "compile", *options, source.name, f"--output-file={target.name}")
        if status := subprocess.run(command, cwd=REQUIREMENTS, check=False).returncode:
            return status
        print(f"requirements/{target.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
