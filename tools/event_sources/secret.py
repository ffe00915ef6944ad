# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: read secrets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tools.event_sources.options import _required

# -- shared --


def _secret(args: dict[str, Any], name: str) -> str:
    """Return a secret, from its option or from the file that holds it."""
    file = args.get(f"{name}_file")
    if bool(args.get(name)) == bool(file):
        message = f"Give either {name} or {name}_file."
        raise ValueError(message)
    text = Path(file).read_text(encoding="utf-8").rstrip("\n") if file else args[name]
    # A template that holds only digits arrives as a number, and may have lost leading zeros.
    return _required({name: text}, name, str)
