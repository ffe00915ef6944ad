# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The gate ``window``: failback is allowed at the present time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import (
    GateKind,
    Observation,
    Probe,
    Timing,
    Values,
)

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")


@dataclass(frozen=True)
class Opening:
    """A period in which failback is allowed. The end itself is not part of it."""

    begin: datetime
    end: datetime


def check(options: Values) -> None:
    """Refuse invalid hours, and an unknown time zone."""
    if not options["hours"] or not options["weekdays"]:
        raise RefusedError("hours or weekdays is empty, so failback would never be allowed. Name some.")
    for hours in options["hours"]:
        _read_hours(hours)
    _zone(options)


def expected(options: Values) -> str:
    """What the gate expects to observe."""
    days = "any day" if set(options["weekdays"]) == set(WEEKDAYS) else ", ".join(options["weekdays"])
    return f"a time within {', '.join(options['hours'])} ({options['time_zone']}), {days}"


def observe(options: Values, probe: Probe) -> Observation:
    """Compare the present time with the allowed hours."""
    local = probe.now.astimezone(_zone(options))
    observed = f"{WEEKDAYS[local.weekday()]} {local:%Y-%m-%d %H:%M} ({options['time_zone']})"
    openings = list(_openings(options, local.date()))
    now = next((opening for opening in openings if opening.begin <= probe.now < opening.end), None)
    if now is not None:
        return Observation(True, observed)
    following = min(opening.begin for opening in openings if opening.begin > probe.now).astimezone(_zone(options))
    when = f"{WEEKDAYS[following.weekday()]} {following:%Y-%m-%d %H:%M} ({options['time_zone']})"
    return Observation(False, observed, f"Evaluate the gates again from {when} on.")


def lasts_until(options: Values, now: datetime) -> datetime | None:
    """When the allowed hours around ``now`` end, including hours that follow without a gap; None outside of hours.

    Hours are considered for about a week ahead.
    """
    openings = list(_openings(options, now.astimezone(_zone(options)).date()))
    end: datetime | None = None
    while later := [one.end for one in openings if one.begin <= (end or now) < one.end]:
        end = max(later)
    return end


def zone(options: Values) -> ZoneInfo:
    """The time zone of the hours."""
    return _zone(options)


def _openings(options: Values, today: date) -> Iterator[Opening]:
    """The periods from yesterday to about a week ahead. Yesterday counts, because hours may last past midnight."""
    zone = _zone(options)
    for offset in range(-1, 9):
        day = today + timedelta(days=offset)
        if WEEKDAYS[day.weekday()] not in options["weekdays"]:
            continue
        for hours in options["hours"]:
            first, last = _read_hours(hours)
            end_day = day if first < last else day + timedelta(days=1)
            # In UTC, where no hour is repeated or skipped when clocks change.
            yield Opening(_at(day, first, zone), _at(end_day, last, zone))


def _at(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    days, minutes = divmod(minutes, 24 * 60)
    clock = time(minutes // 60, minutes % 60, tzinfo=zone)
    return datetime.combine(day + timedelta(days=days), clock).astimezone(UTC)


def _read_hours(text: str) -> tuple[int, int]:
    """Begin and end in minutes since midnight."""
    match = _HOURS.fullmatch(text)
    if match is not None:
        begin_hour, begin_minute, end_hour, end_minute = map(int, match.groups())
        begin, end = begin_hour * 60 + begin_minute, end_hour * 60 + end_minute
        if max(begin_minute, end_minute) < 60 and begin < 24 * 60 and end <= 24 * 60 and begin != end:
            return begin, end
    raise RefusedError(f"hours names {text!r}. Give begin and end as in '09:00-17:00', '22:00-06:00' or '00:00-24:00'.")


def _zone(options: Values) -> ZoneInfo:
    try:
        return ZoneInfo(options["time_zone"])
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise RefusedError(
            f"time_zone is {options['time_zone']!r}, which is not known where the gate runs. Give a name such as "
            "'Europe/Berlin'. If that is one, install the system's time zones, or 'pip install tzdata'."
        ) from problem


KIND = GateKind(
    name="window",
    description="""
        Passes at times when failback is allowed, such as when people are at work.

        What else could make it pass:

        The wrong time zone. The default is UTC. The gate refuses a zone that is not known, and the evidence names the
        time and the zone. Give a zone with summer time, such as V(Europe/Berlin). V(Etc/GMT-1) has none.

        The night when clocks change. Hours follow the local clock, so they last an hour longer or shorter.

        Hours in the wrong order. V(17:00-09:00) is the night, and begins on the named days. The gate refuses equal
        times and empty lists of hours or days.

        A whole day that was meant to be an exception. V(00:00-24:00) always passes on its days, and without
        O(gates[].window.weekdays) these are all days. The gate does not consider public holidays.

        A wrong clock. The gate uses the clock of the machine where it runs.

        A failback that goes on after the hours. Only the time of the evaluation counts. End the hours early enough.""",
    options={
        "hours": {
            "description": """
                When it is allowed, as in V(09:00-17:00). Hours like V(22:00-06:00) last past midnight and belong to the
                day on which they begin. V(00:00-24:00) is the whole day. The end itself is not included.""",
            "type": "list",
            "elements": "str",
            "required": True,
        },
        "weekdays": {
            "description": "The days on which these hours begin.",
            "type": "list",
            "elements": "str",
            "choices": list(WEEKDAYS),
            "default": list(WEEKDAYS),
        },
        "time_zone": {
            "description": "The time zone of the hours, by its name in the IANA database.",
            "type": "str",
            "default": "UTC",
        },
    },
    expected=expected,
    observe=observe,
    check=check,
    timing=Timing(timeout=1),
)
