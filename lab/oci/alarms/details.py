# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The rules for an alarm. Source: API reference, CreateAlarmDetails and UpdateAlarmDetails."""

from __future__ import annotations

import re
from datetime import datetime

from lab.oci.alarms.query import parse
from lab.oci.documents import model
from lab.oci.errors import ApiError, invalid
from lab.oci.load_balancer.fields import Fields, Json

NAMESPACE = "oci_lbaas"
REQUIRED = (
    "displayName",
    "compartmentId",
    "metricCompartmentId",
    "namespace",
    "query",
    "severity",
    "destinations",
    "isEnabled",
)
DEFAULTS: Json = {
    "metricCompartmentIdInSubtree": False,
    "resourceGroup": None,
    "resolution": "1m",
    "pendingDuration": "PT1M",
    "body": None,
    "isNotificationsPerMetricDimensionEnabled": False,
    "messageFormat": "RAW",
    "repeatNotificationDuration": None,
    "suppression": None,
    "overrides": None,
    "ruleName": "BASE",
    "notificationVersion": None,
    "notificationTitle": None,
    "evaluationSlackDuration": "PT3M",
    "alarmSummary": None,
    "freeformTags": {},
    "definedTags": {},
}
CREATE = model("CreateAlarmDetails", *REQUIRED, *DEFAULTS)
UPDATE = model("UpdateAlarmDetails", *REQUIRED, *DEFAULTS)
_SEVERITIES = ("CRITICAL", "ERROR", "WARNING", "INFO")
_FORMATS = ("RAW", "PRETTY_JSON", "ONS_OPTIMIZED")
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
_TOPIC_PREFIX = "ocid1.onstopic."


def minutes(duration: str) -> int:
    """Minutes of an ISO 8601 duration of days, hours and minutes. :raises ApiError: 400: it is no such duration."""
    found = _DURATION.fullmatch(duration)
    if found is None or not any(found.groups()):
        raise invalid(f"{duration!r} is not a duration such as PT5M.")
    days, hours, rest = (int(value or 0) for value in found.groups())
    return (days * 24 + hours) * 60 + rest


def check_alarm(fields: Fields) -> None:
    """:raises ApiError: 400: a field breaks a rule, or the lab does not evaluate it."""
    fields.text("displayName")
    fields.text("severity", allowed=_SEVERITIES)
    fields.text("namespace", allowed=(NAMESPACE,))
    fields.text("messageFormat", allowed=_FORMATS)
    fields.text("resolution", allowed=("1m",))
    fields.text("body")
    fields.boolean("isEnabled")
    fields.boolean("isNotificationsPerMetricDimensionEnabled")
    if (query := fields.text("query")) is not None:
        parse(query)
    _check_durations(fields)
    _check_destinations(fields)
    _check_suppression(fields)
    for name in ("overrides", "resourceGroup", "metricCompartmentIdInSubtree"):
        if fields.value(name):
            raise fields.wrong(name, "is not evaluated by the lab")


def _check_suppression(fields: Fields) -> None:
    given = fields.value("suppression")
    if given is None:
        return
    if not isinstance(given, dict):
        raise fields.wrong("suppression", "must be an object")
    begins, ends = (_time(given.get(name)) for name in ("timeSuppressFrom", "timeSuppressUntil"))
    if begins is None or ends is None or ends <= begins:
        raise fields.wrong("suppression", "must have timeSuppressFrom, and a later timeSuppressUntil")


def _time(given: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(given))
    except ValueError:
        return None


def is_suppressed(alarm: Json, now: datetime) -> bool:
    """Whether an alarm is suppressed at that time. Both end times are included (API reference, Suppression)."""
    suppression = alarm["suppression"]
    if suppression is None:
        return False
    begins, ends = (datetime.fromisoformat(suppression[name]) for name in ("timeSuppressFrom", "timeSuppressUntil"))
    return begins <= now <= ends


def _check_durations(fields: Fields) -> None:
    for name, least, most in (
        ("pendingDuration", 1, 60),
        ("repeatNotificationDuration", 1, 30 * 24 * 60),
        ("evaluationSlackDuration", 3, 120),
    ):
        given = fields.text(name)
        if given is not None and not least <= minutes(given) <= most:
            raise fields.wrong(name, f"must be from {least} to {most} minutes")


def _check_destinations(fields: Fields) -> None:
    destinations = fields.texts("destinations")
    if destinations is None:
        return
    if not destinations:
        raise fields.wrong("destinations", "must hold a destination")
    if len(destinations) > 1:
        raise ApiError(400, "LimitExceeded", "An alarm has at most one destination of each service.")
    if not destinations[0].startswith(_TOPIC_PREFIX):
        raise fields.wrong("destinations", "may hold topics in the lab")
