# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Fails when a file switches off findings of a checker. Findings must be fixed instead."""

from __future__ import annotations

import sys

from tools.collection_copy import project_files

NAMES = ("ignore-*.txt", ".ansible-lint-ignore", "skip.txt")


def main() -> int:
    """Search for such files; returns the exit status."""
    found = [path for path in project_files() if any(path.match(name) for name in NAMES)]
    for path in found:
        print(f"{path}: files that ignore findings are not allowed; fix the findings.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
