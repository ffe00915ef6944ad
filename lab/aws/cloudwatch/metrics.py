# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The latest values of metrics, minute by minute of the lab's compressed time.

The clock that evaluates the alarms counts the minutes. Wall-clock time is not used: on a busy machine some minutes of
one second would have no value, and alarms would change their state for no reason.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock

#: The longest range that an alarm can evaluate is a day.
_KEPT_MINUTES = 1440


@dataclass(frozen=True)
class MetricKey:
    """What identifies a metric."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


class MetricStore:
    """The metrics of one region. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._minutes: deque[dict[MetricKey, list[float]]] = deque([{}], maxlen=_KEPT_MINUTES)

    def put(self, key: MetricKey, values: Iterable[float]) -> None:
        """Add values to the present minute."""
        with self._lock:
            self._minutes[-1].setdefault(key, []).extend(values)

    def next_minute(self) -> None:
        """Begin a new minute."""
        with self._lock:
            self._minutes.append({})

    def periods(self, key: MetricKey, count: int, minutes: int) -> list[list[float]]:
        """The values of the last ``count`` periods of so many minutes each, oldest first, up to the present minute."""
        with self._lock:
            recent = list(self._minutes)[-count * minutes :]
        padded: list[dict[MetricKey, list[float]]] = [{}] * (count * minutes - len(recent)) + recent
        return [
            [value for minute in padded[start : start + minutes] for value in minute.get(key, ())]
            for start in range(0, count * minutes, minutes)
        ]
