# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: log what is not accepted, without letting anybody fill the log."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Mapping

LOGGER = logging.getLogger(__name__)

# -- shared --

# More kinds of refusals than these are counted together, so that senders cannot fill the memory either.
MOST_KINDS = 100
MOST_SHOWN = 100


def _printable(text: object) -> str:
    """Return what a sender wrote as it may be logged: one short line of printable ASCII."""
    return re.sub(r"[^ -~]", "?", str(text)[:MOST_SHOWN])


class Refusals:
    """Log refusals: the first of each kind, then the tenth, the hundredth, so that no flood fills the log."""

    def __init__(self, outcome: str = "Refused") -> None:
        """Begin with none. C(outcome) says what becomes of a message."""
        self._outcome = outcome
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, reason: str, detail: object = "") -> None:
        """Count one. The reason must hold nothing that the sender wrote; the detail may, and is cleaned."""
        kind = (reason, _printable(detail))
        if kind not in self._counts and len(self._counts) >= MOST_KINDS:
            kind = (reason, "")
        self._counts[kind] += 1
        count = str(self._counts[kind])
        if count.strip("0") == "1":
            shown = f"{reason}: {kind[1]}" if kind[1] else reason
            LOGGER.warning("%s: %s (%s so far)", self._outcome, shown, count)


class RefusedError(Exception):
    """A message that is not taken; the text says why and holds nothing of the message."""

    def __init__(
        self, reason: str, status: int = 403, detail: object = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Remember how to answer, and what of the message helps to find its sender."""
        super().__init__(reason)
        self.status = status
        self.detail = detail
        self.headers = headers
