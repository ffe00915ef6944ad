# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The message that an alarm sends, in the RAW format.

Source: "Alarm Message Format" of Oracle's documentation. Where it contradicts itself, captured messages decide: the key
is ``dedupeKey``, and ``metricValues`` and ``alarmUrl`` are inside ``alarmMetaData``.
"""

from __future__ import annotations

import re
from datetime import datetime

from lab.oci.alarms.query import Query
from lab.oci.load_balancer.fields import Json

_PLACEHOLDER = re.compile(r"\{\{dimensions\.(\w+)\}\}")
_MOST_DIMENSIONS = 100


def alarm_message(
    alarm: Json, query: Query, message_type: str, moment: datetime, dimensions: list[dict[str, str]], value: float
) -> Json:
    """The message about a change of an alarm's state.

    :param message_type: OK_TO_FIRING, FIRING_TO_OK, REPEAT or RESET.
    :param moment: when the state changed; it is the same in each delivery of the message.
    :param dimensions: the dimensions of the message's streams; texts use those of the first stream.
    """
    is_firing = message_type in ("OK_TO_FIRING", "REPEAT")
    is_split = alarm["isNotificationsPerMetricDimensionEnabled"]

    def rendered(text: str | None) -> str | None:
        # Unknown parameters stay unchanged in the text.
        return text and _PLACEHOLDER.sub(lambda found: dimensions[0].get(found[1], found[0]), text)

    return {
        "dedupeKey": f"{alarm['id']}-{'-'.join(dimensions[0].values())}" if is_split else alarm["id"],
        "title": rendered(alarm["notificationTitle"]) or alarm["displayName"],
        "body": rendered(alarm["body"]),
        "type": message_type,
        "severity": alarm["severity"],
        "timestampEpochMillis": int(moment.timestamp() * 1000),
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "alarmMetaData": [
            {
                "id": alarm["id"],
                "status": "FIRING" if is_firing else "OK",
                "severity": alarm["severity"],
                "namespace": alarm["namespace"],
                "query": query.text,
                "totalMetricsFiring": len(dimensions) if is_firing else 0,
                "dimensions": dimensions[:_MOST_DIMENSIONS],
                "alarmUrl": f"https://cloud.oracle.com/monitoring/alarms/{alarm['id']}?region=us-ashburn-1",
                "alarmSummary": rendered(alarm["alarmSummary"]) or f"{query.metric} is {value:g}.",
                "metricValues": [{query.expression: f"{value:g}"}],
            }
        ],
        "notificationType": "Split messages per metric stream"
        if is_split
        else "Grouped messages across metric streams",
        "version": 1.5,
    }
