# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Combines the coverage of the unit tests and the integration targets, and fails when it is too low.

Modules and adapters do their work inside Ansible and against the lab. So neither of the two shows their whole coverage
alone. The limits are in pyproject.toml.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.ansible_test import COVERAGE
from tools.collection_copy import ROOT

UNIT_DATA = ROOT / ".cache" / "coverage" / "unit"
ALL_DATA = ROOT / ".cache" / "coverage" / "all"


def main() -> int:
    """Combine and check the coverage; returns the exit status of coverage."""
    found = list(COVERAGE.glob("*"))
    if not found or not UNIT_DATA.is_file():
        print("The unit tests or the integration targets measured nothing. Run both first.", file=sys.stderr)
        return 1
    combined = _coverage("combine", "--quiet", "--keep", str(UNIT_DATA), *(str(path) for path in found))
    return combined or _coverage("report")


def _coverage(command: str, *arguments: str) -> int:
    program = str(Path(sys.executable).parent / "coverage")
    return subprocess.run((program, command, f"--data-file={ALL_DATA}", *arguments), cwd=ROOT, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
