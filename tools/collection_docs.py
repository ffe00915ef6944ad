# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Checks the documentation of plugins and roles with antsibull-docs: its form and its references."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tools.collection_copy import CACHE, copy_collection


def main() -> int:
    """Check; returns the exit status of antsibull-docs."""
    folder = CACHE / "docs"
    copy = copy_collection(folder)
    program = Path(sys.executable).parent / "antsibull-docs"
    options = ("--plugin-docs", "--validate-collection-refs", "dependent", "--disallow-unknown-collection-refs")
    path = f"{program.parent}{os.pathsep}{os.environ['PATH']}"
    environment = os.environ | {"PATH": path, "ANSIBLE_COLLECTIONS_PATH": str(folder)}
    # antsibull-docs writes a log into HOME.
    environment["HOME"] = str(folder)
    command = (str(program), "lint-collection-docs", *options, str(copy))
    return subprocess.run(command, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
