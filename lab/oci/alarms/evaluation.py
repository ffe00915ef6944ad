# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Evaluates alarms once in each minute of the lab, and sends messages when their state changes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from lab.oci.alarms.details import is_suppressed, minutes
from lab.oci.alarms.message import alarm_message
from lab.oci.alarms.query import METRICS, Query, parse
from lab.oci.documents import Resources
from lab.oci.load_balancer.fields import Json

#: The longest interval in minutes.
_KEPT = 60
#: Minutes after which an absent stream that fires is reset to OK: the internal reset period.
_RESET_MINUTES = 10


@dataclass(frozen=True)
class Sample:
    """The metrics of one backend set in one minute.

    :ivar values: by metric.
    """

    dimensions: dict[str, str]
    values: dict[str, float]


@dataclass
class Stream:
    """The state of one metric stream for one alarm."""

    dimensions: dict[str, str]
    values: deque[float] = field(default_factory=lambda: deque(maxlen=_KEPT))
    breaching_minutes: int = 0
    absent_minutes: int = 0
    firing_minutes: int = 0
    firing: bool = False
    changed_at: str = ""


class AlarmEvaluation:
    """All alarms with their states.

    The real service evaluates about three minutes late (``evaluationSlackDuration``); the lab does not.

    :param alarms: the alarms, as the API keeps them.
    :param measure: returns the present samples of backend sets; backend sets without known health are left out.
    :param notify: gets the message about a change of state, and its topics.
    :param minute_seconds: how many seconds a minute takes at the moment.
    """

    def __init__(
        self,
        alarms: Resources,
        measure: Callable[[], list[Sample]],
        notify: Callable[[Json, list[str]], None],
        minute_seconds: Callable[[], float],
    ) -> None:
        self._alarms = alarms
        self._measure = measure
        self._notify = notify
        self._minute_seconds = minute_seconds
        #: alarm -> query -> its streams by their dimensions; an alarm with a changed query starts again.
        self._streams: dict[str, tuple[str, dict[str, Stream]]] = {}
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Start to evaluate in the background."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop. Safe to call at any time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def clear(self) -> None:
        """Reset all states: every alarm is OK."""
        self._streams.clear()

    def fires(self, alarm_id: str) -> bool:
        """Whether an alarm fires for any of its streams."""
        return any(stream.firing for stream in self._of(alarm_id))

    def changed_at(self, alarm_id: str) -> str | None:
        """When an alarm last changed its state."""
        return max((stream.changed_at for stream in self._of(alarm_id)), default="") or None

    def _of(self, alarm_id: str) -> list[Stream]:
        return list(self._streams.get(alarm_id, ("", {}))[1].values())

    def describe(self) -> list[Json]:
        """The alarms in the control API."""
        return [self._described(alarm.document) for alarm in self._alarms.all()]

    def _described(self, alarm: Json) -> Json:
        query = parse(alarm["query"])
        seen = [sample for sample in self._measure() if query.selects(sample.dimensions)]
        known = {name: value for sample in seen[:1] for name, value in sample.dimensions.items()}
        return {
            "id": alarm["id"],
            "title": alarm["displayName"],
            "firing": self.fires(alarm["id"]),
            "unhealthy": int(seen[0].values[METRICS[0]]) if seen else None,
            "dimensions": query.grouped(known),
        }

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._minute_seconds())
            samples = self._measure()
            for alarm in self._alarms.all():
                if alarm.document["isEnabled"]:
                    self._evaluate(alarm.document, samples)

    def _evaluate(self, alarm: Json, samples: list[Sample]) -> None:
        query = parse(alarm["query"])
        known_query, streams = self._streams.get(alarm["id"], ("", {}))
        if known_query != query.text:
            streams = {}
        self._streams[alarm["id"]] = (query.text, streams)
        seen = _grouped(query, samples)
        for key, (dimensions, value) in seen.items():
            streams.setdefault(key, Stream(dimensions)).values.append(value)
        fired_before = self.fires(alarm["id"])
        for key, stream in streams.items():
            message_type = _next_state(alarm, query, stream, is_absent=key not in seen)
            if message_type and alarm["isNotificationsPerMetricDimensionEnabled"]:
                self._send(alarm, query, message_type, [stream])
            elif message_type:
                self._send_grouped(alarm, query, message_type, fired_before)

    def _send_grouped(self, alarm: Json, query: Query, message_type: str, fired_before: bool) -> None:
        """Send one message for all streams, if the state of the alarm as a whole changes."""
        fires = self.fires(alarm["id"])
        if message_type == "REPEAT" or fires != fired_before:
            streams = self._of(alarm["id"])
            self._send(alarm, query, message_type, [stream for stream in streams if stream.firing] or streams)

    def _send(self, alarm: Json, query: Query, message_type: str, streams: list[Stream]) -> None:
        # A suppressed alarm changes its state as usual, but sends no notification.
        if is_suppressed(alarm, datetime.now(UTC)):
            return
        dimensions = [stream.dimensions for stream in streams]
        message = alarm_message(alarm, query, message_type, datetime.now(UTC), dimensions, streams[0].values[-1])
        self._notify(message, alarm["destinations"])


def _grouped(query: Query, samples: list[Sample]) -> dict[str, tuple[dict[str, str], float]]:
    """The value of each stream of a query in this minute."""
    seen: dict[str, tuple[dict[str, str], list[float]]] = {}
    for sample in samples:
        if query.selects(sample.dimensions):
            dimensions = query.grouped(sample.dimensions)
            seen.setdefault(repr(sorted(dimensions.items())), (dimensions, []))[1].append(sample.values[query.metric])
    return {key: (dimensions, query.statistic(values)) for key, (dimensions, values) in seen.items()}


def _next_state(alarm: Json, query: Query, stream: Stream, *, is_absent: bool) -> str:
    """Advance a stream by one minute. Returns the type of the message to send, or an empty string."""
    if is_absent:
        stream.absent_minutes += 1
        # Absent metrics have no effect for ten minutes.
        return _become(stream, False, "RESET") if stream.firing and stream.absent_minutes >= _RESET_MINUTES else ""
    stream.absent_minutes = 0
    breaches = query.breaches(list(stream.values)[-query.minutes :])
    stream.breaching_minutes = stream.breaching_minutes + 1 if breaches else 0
    if stream.firing and not breaches:
        return _become(stream, False, "FIRING_TO_OK")
    if not stream.firing and stream.breaching_minutes >= minutes(alarm["pendingDuration"]):
        return _become(stream, True, "OK_TO_FIRING")
    stream.firing_minutes += stream.firing
    repeat = alarm["repeatNotificationDuration"]
    return "REPEAT" if stream.firing and repeat and stream.firing_minutes % minutes(repeat) == 0 else ""


def _become(stream: Stream, firing: bool, message_type: str) -> str:
    stream.firing, stream.firing_minutes = firing, 0
    stream.changed_at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return message_type
