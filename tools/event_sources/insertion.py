# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Copies the shared parts into the event sources: ``python -m tools.event_sources.insertion``; ``--check`` for lint."""

from __future__ import annotations

import sys
from pathlib import Path

PARTS = Path(__file__).parent
SOURCES = PARTS.parent.parent / "extensions" / "eda" / "plugins" / "event_source"
LISTENING = ("refusals", "admission", "connections", "listener", "addresses")
#: The shared parts of each source, in this order.
SHARED = {
    "alertmanager": ("options", "secret", "receipts", *LISTENING[:-1], "credentials"),
    "health_monitor": ("options", "answers"),
    "oci_notifications": ("options", "secret", "receipts", *LISTENING, "credentials"),
    "sns": ("options", "answers", "receipts", *LISTENING),
    "sqs": ("options", "secret", "receipts", "refusals"),
}

# The text after this mark is copied. The imports before it are not: each source has its own.
PART_MARK = "# -- shared --\n"
BEGIN = "# ---- Shared by event sources, from tools/event_sources; `make event-sources` brings it here ----\n"
END = "# ---- End of what is shared ----\n"


class InsertionError(Exception):
    """A file lacks a mark."""


def inserted(source: str, parts: list[str]) -> str:
    """The text of a source with the current parts.

    :raises InsertionError: the source has no place for them.
    """
    before, begin, rest = source.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise InsertionError(f"It must hold these two lines:\n{BEGIN}{END}")
    return "\n\n\n".join([before + BEGIN.rstrip("\n"), *(part.strip("\n") for part in parts), END + after])


def shared(part: str) -> str:
    """The shared text of a part.

    :raises InsertionError: the part lacks the mark where that text begins.
    """
    _imports, mark, text = part.partition(PART_MARK)
    if not mark:
        raise InsertionError(f"It must hold the line {PART_MARK}")
    return text


def main(arguments: list[str]) -> int:
    """Copy the parts, or with ``--check`` report what differs; returns the exit status."""
    differing = []
    for name, parts in SHARED.items():
        path = SOURCES / f"{name}.py"
        old = path.read_text(encoding="utf-8")
        new = inserted(old, [shared((PARTS / f"{part}.py").read_text(encoding="utf-8")) for part in parts])
        if new != old:
            differing.append(path.name)
            if "--check" not in arguments:
                path.write_text(new, encoding="utf-8")
    if not differing:
        return 0
    print(f"{'Not up to date' if '--check' in arguments else 'Written'}: {', '.join(differing)}.")
    return 1 if "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
