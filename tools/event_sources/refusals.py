# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Part of event sources: log refused messages without letting senders fill the log."""

from __future__ import annotations

import logging
import re
from collections import Counter
from collections.abc import Mapping

LOGGER = logging.getLogger(__name__)

# -- shared --

# Kinds of refusals beyond this number are counted together, so that senders cannot fill the memory.
MOST_KINDS = 100
MOST_SHOWN = 100


def _printable(text: object) -> str:
    """Return text of a sender in a form that may be logged: one short line of printable ASCII."""
    return re.sub(r"[^ -~]", "?", str(text)[:MOST_SHOWN])


class Refusals:
    """Log refusals: the first of each kind, then the tenth, the hundredth. So a flood cannot fill the log."""

    def __init__(self, outcome: str = "Refused") -> None:
        """Start without refusals. C(outcome) is the word for them in the log."""
        self._outcome = outcome
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, reason: str, detail: object = "") -> None:
        """Count a refusal. The reason must hold no text of the sender; the detail may, and is cleaned."""
        kind = (reason, _printable(detail))
        if kind not in self._counts and len(self._counts) >= MOST_KINDS:
            kind = (reason, "")
        self._counts[kind] += 1
        count = str(self._counts[kind])
        if count.strip("0") == "1":
            shown = f"{reason}: {kind[1]}" if kind[1] else reason
            LOGGER.warning("%s: %s (%s so far)", self._outcome, shown, count)


class RefusedError(Exception):
    """A refused message. The text is the reason and holds nothing of the message."""

    def __init__(
        self, reason: str, status: int = 403, detail: object = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep the answer, and the part of the message that helps to find its sender."""
        super().__init__(reason)
        self.status = status
        self.detail = detail
        self.headers = headers
