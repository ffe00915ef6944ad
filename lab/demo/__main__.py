# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Starts the lab, shows the stories and stops the lab."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from lab.demo import lock, maintenance
from lab.demo.telling import DemoError, run, say, title


def main() -> int:
    """Show the stories; returns the exit status."""
    began = time.monotonic()
    folder = Path(tempfile.mkdtemp(prefix="tidegate-demo-"))
    try:
        say("Starting the lab: an OCI load balancer, AWS Route 53 with its checkers and DNS, and real sites behind it.")
        run("python -m lab up --detach", "--directory", str(folder), quiet=True)
        lab = json.loads((folder / "lab.json").read_text(encoding="utf-8"))
        title("Story one: set up a maintenance page that an alarm switches on and off (OCI load balancer)")
        maintenance.tell(lab, folder)
        title("Story two: a failed site stays locked out until a person returns traffic to it (AWS Route 53)")
        lock.tell(lab)
    except DemoError as problem:
        print(f"\nThe demo failed: {problem}", file=sys.stderr)
        return 1
    finally:
        run("python -m lab down", "--directory", str(folder), quiet=True)
        shutil.rmtree(folder, ignore_errors=True)
    say(f"The lab is stopped, and its files are removed. The demo took {time.monotonic() - began:.0f} seconds.")
    say("To try it yourself, follow docs/first_window.md.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
