# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The message that an alarm sends, in the RAW format.

Source: "Alarm Message Format" of Oracle's documentation, and captured messages where it contradicts itself: the key is
``dedupeKey``, and ``metricValues`` and ``alarmUrl`` are inside of ``alarmMetaData``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from lab.oci.load_balancer.fields import Json

_PLACEHOLDER = re.compile(r"\{\{dimensions\.(\w+)\}\}")


@dataclass(frozen=True)
class Alarm:
    """An alarm on the unhealthy backends of one backend set.

    :ivar threshold: it fires while at least so many backends are unhealthy.
    :ivar body: the text of its messages, with ``{{dimensions.name}}`` where a dimension goes.
    """

    id: str
    title: str
    load_balancer_id: str
    load_balancer_name: str
    backend_set: str
    threshold: int
    body: str

    @property
    def dimensions(self) -> dict[str, str]:
        """The dimensions of the one metric stream that it looks at."""
        return {
            "resourceId": self.load_balancer_id,
            "lbName": self.load_balancer_name,
            "backendSetName": self.backend_set,
        }


def alarm_message(alarm: Alarm, message_type: str, moment: datetime, unhealthy: int) -> Json:
    """The message about a change of the alarm's state.

    :param message_type: OK_TO_FIRING, FIRING_TO_OK, REPEAT or RESET.
    :param moment: when the state changed; it is the same in each delivery of the message.
    """
    is_firing = message_type in ("OK_TO_FIRING", "REPEAT")
    query = (
        f'UnHealthyBackendServers[1m]{{lbName = "{alarm.load_balancer_name}", backendSetName = "{alarm.backend_set}"}}'
        f".max() >= {alarm.threshold}"
    )
    return {
        "dedupeKey": f"{alarm.id}-{alarm.backend_set}",
        "title": alarm.title,
        "body": _PLACEHOLDER.sub(lambda found: alarm.dimensions.get(found[1], found[0]), alarm.body),
        "type": message_type,
        "severity": "CRITICAL",
        "timestampEpochMillis": int(moment.timestamp() * 1000),
        "timestamp": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "alarmMetaData": [
            {
                "id": alarm.id,
                "status": "FIRING" if is_firing else "OK",
                "severity": "CRITICAL",
                "namespace": "oci_lbaas",
                "query": query,
                "totalMetricsFiring": int(is_firing),
                "dimensions": [alarm.dimensions],
                "alarmUrl": f"https://cloud.oracle.com/monitoring/alarms/{alarm.id}?region=us-ashburn-1",
                "alarmSummary": f"{unhealthy} backends of {alarm.backend_set} are unhealthy.",
                "metricValues": [{query.partition(" >=")[0]: str(unhealthy)}],
            }
        ],
        "notificationType": "Split messages per metric stream",
        "version": 1.5,
    }
