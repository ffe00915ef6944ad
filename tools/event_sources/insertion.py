# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Puts the shared parts into the event sources: ``python -m tools.event_sources.insertion``; ``--check`` for lint."""

from __future__ import annotations

import sys
from pathlib import Path

PARTS = Path(__file__).parent
SOURCES = PARTS.parent.parent / "extensions" / "eda" / "plugins" / "event_source"
LISTENING = ("refusals", "admission", "connections", "listener", "addresses")
#: Which parts each source shares, in this order.
SHARED = {
    "alertmanager": ("options", "secret", "receipts", *LISTENING[:-1], "credentials"),
    "health_monitor": ("options", "answers"),
    "oci_notifications": ("options", "secret", "receipts", *LISTENING, "credentials"),
    "sns": ("options", "answers", "receipts", *LISTENING),
    "sqs": ("options", "secret", "receipts", "refusals"),
}

# What follows it in the file of a part is inserted. Before it are the imports, which each source has for itself.
PART_MARK = "# -- shared --\n"
BEGIN = "# ---- Shared by event sources, from tools/event_sources; `make event-sources` brings it here ----\n"
END = "# ---- End of what is shared ----\n"


class InsertionError(Exception):
    """A file lacks the marks between which things are inserted."""


def inserted(source: str, parts: list[str]) -> str:
    """The text of a source with the parts in it.

    :raises InsertionError: there is nowhere to put them.
    """
    before, begin, rest = source.partition(BEGIN)
    _old, end, after = rest.partition(END)
    if not begin or not end:
        raise InsertionError(f"It must hold these two lines:\n{BEGIN}{END}")
    return "\n\n\n".join([before + BEGIN.rstrip("\n"), *(part.strip("\n") for part in parts), END + after])


def shared(part: str) -> str:
    """What a part gives to the sources.

    :raises InsertionError: it does not say where that begins.
    """
    _imports, mark, text = part.partition(PART_MARK)
    if not mark:
        raise InsertionError(f"It must hold the line {PART_MARK}")
    return text


def main(arguments: list[str]) -> int:
    """Insert, or with ``--check`` tell what differs; returns the exit status."""
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
