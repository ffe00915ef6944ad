# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Evaluates alarms once in each minute of the lab, and says when their state changes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from lab.oci.alarms.message import Alarm, alarm_message
from lab.oci.load_balancer.fields import Json


class AlarmEvaluation:
    """All alarms, with the state that each is in.

    The real service works about three minutes behind the present (``evaluationSlackDuration``); the lab does not.

    :param unhealthy: how many backends of a backend set of a load balancer are unhealthy; None while nothing is known.
    :param notify: takes the message about a change of state.
    :param minute_seconds: how many seconds a minute takes at the moment.
    """

    def __init__(
        self,
        unhealthy: Callable[[str, str], int | None],
        notify: Callable[[Json], None],
        minute_seconds: Callable[[], float],
    ) -> None:
        self._unhealthy = unhealthy
        self._notify = notify
        self._minute_seconds = minute_seconds
        self._alarms: dict[str, Alarm] = {}
        self._firing: set[str] = set()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to evaluate in the background."""
        self._task = asyncio.create_task(self._run())

    async def stop(self) -> None:
        """Stop. Safe to call at any time."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def set_alarms(self, alarms: list[Alarm]) -> None:
        """Evaluate these from now on; all of them begin as OK."""
        self._alarms = {alarm.id: alarm for alarm in alarms}
        self._firing.clear()

    def describe(self) -> list[Json]:
        """What the control API shows."""
        return [
            {
                "id": alarm.id,
                "title": alarm.title,
                "firing": alarm.id in self._firing,
                "unhealthy": self._unhealthy(alarm.load_balancer_id, alarm.backend_set),
                "dimensions": alarm.dimensions,
            }
            for alarm in self._alarms.values()
        ]

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(self._minute_seconds())
            for alarm in self._alarms.values():
                self._evaluate(alarm)

    def _evaluate(self, alarm: Alarm) -> None:
        unhealthy = self._unhealthy(alarm.load_balancer_id, alarm.backend_set)
        # Absent metrics change nothing for ten minutes.
        if unhealthy is None or (unhealthy >= alarm.threshold) == (alarm.id in self._firing):
            return
        if alarm.id in self._firing:
            self._firing.discard(alarm.id)
        else:
            self._firing.add(alarm.id)
        message_type = "OK_TO_FIRING" if alarm.id in self._firing else "FIRING_TO_OK"
        self._notify(alarm_message(alarm, message_type, datetime.now(UTC), unhealthy))
