# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""I9: messages that are late, repeated, overtaken, forged or nonsense do no harm, and the source stays up."""

from __future__ import annotations

import asyncio
import copy
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import aiohttp
import pytest
from ansible_collections.tidegate.failover.tests.scenarios.oci_events import (
    PASSWORD,
    USER,
    MaintenanceByAlarm,
)
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually, needs_java

pytestmark = needs_java

MALFORMED = 10_000
UNKNOWN = "ocid1.loadbalancer.oc1.iad.unknown"


@pytest.fixture
def service(service_by_alarm: MaintenanceByAlarm) -> MaintenanceByAlarm:
    return service_by_alarm


def message(service: MaintenanceByAlarm, message_type: str, ago: timedelta = timedelta(), **dimensions: str) -> Json:
    """A message of the lab's alarm, from some time ago."""
    about = {"resourceId": service.checkout["id"], "backendSetName": "app", **dimensions}
    alarm = service.alarm()
    return {
        "dedupeKey": "0b4c6a21",
        "title": alarm["title"],
        "body": f"{about['resourceId']},app,maintenance-page",
        "type": message_type,
        "timestampEpochMillis": int((datetime.now(UTC) - ago).timestamp() * 1000),
        "alarmMetaData": [{"id": alarm["id"], "dimensions": [about]}],
    }


def reported_of(service: MaintenanceByAlarm, **wanted: str) -> list[Json]:
    """The records with that outcome."""
    return [record for record in service.records() if wanted.items() <= record.items()]


def test_i9_every_message_twice_and_a_late_recovery(service: MaintenanceByAlarm) -> None:
    fired, stale = message(service, "OK_TO_FIRING"), message(service, "FIRING_TO_OK", timedelta(minutes=5))
    service.set_backends(running=False)
    eventually(lambda: service.alarm()["unhealthy"] == 2)
    before = len(service.records())
    with ThreadPoolExecutor(2) as both:
        assert list(both.map(service.post, [fired, copy.deepcopy(fired)])) == [200, 200]
    eventually(lambda: service.users_get(page=True))
    eventually(lambda: len(service.records()) == before + 1)

    # The backends have recovered, but this recovery is of an outage before this one.
    service.set_backends(running=True)
    eventually(lambda: service.alarm()["unhealthy"] == 0)
    assert service.post(stale) == 200
    eventually(lambda: reported_of(service, state="recovered", status="dropped"))
    assert service.users_get(page=True)

    recovered = message(service, "FIRING_TO_OK")
    assert [service.post(recovered), service.post(recovered)] == [200, 200]
    eventually(lambda: service.users_get(page=False))
    eventually(lambda: not service.holders())


def test_i9_alarms_that_are_not_true_any_more_are_dropped_and_recorded(service: MaintenanceByAlarm) -> None:
    before = len(reported_of(service, state="firing", status="dropped"))
    overtaken, old = timedelta(seconds=1), timedelta(hours=2)
    assert service.post(message(service, "FIRING_TO_OK")) == 200
    assert [service.post(message(service, "OK_TO_FIRING", ago)) for ago in (overtaken, old)] == [200, 200]
    eventually(lambda: len(reported_of(service, state="firing", status="dropped")) == before + 2)
    assert service.users_get(page=False)
    assert not service.lab.writes()


def test_i9_reset_is_no_recovery(service: MaintenanceByAlarm) -> None:
    service.set_backends(running=False)
    eventually(lambda: service.alarm()["unhealthy"] == 2)
    assert service.post(message(service, "OK_TO_FIRING")) == 200
    eventually(lambda: service.users_get(page=True))
    assert service.post(message(service, "RESET")) == 200
    eventually(lambda: "'reset'" in service.rulebook.reported())
    assert service.users_get(page=True)
    assert service.holders()


def test_i9_an_unknown_load_balancer_changes_nothing(service: MaintenanceByAlarm) -> None:
    assert service.post(message(service, "OK_TO_FIRING", resourceId=UNKNOWN)) == 200
    eventually(lambda: f"read load balancer {UNKNOWN}" in service.rulebook.reported())
    assert not service.lab.writes()


def test_i9_strangers_get_nowhere(service: MaintenanceByAlarm) -> None:
    fired = message(service, "OK_TO_FIRING", backendSetName="{{ lookup('pipe', 'touch /tmp/owned') }}")
    answers = [
        service.post(fired, password="wrong"),
        service.post(fired, **{"X-OCI-NS-TopicOcid": "ocid1.onstopic.oc1.iad.other"}),
        service.post(fired, **{"X-OCI-NS-SigningCertURL": "https://attacker.example.com/cert.pem"}),
        service.post(fired),
    ]
    assert answers == [401, 403, 403, 200]
    eventually(lambda: "backend_set is" in service.rulebook.reported())
    assert not service.lab.requests()


def test_i9_ten_thousand_malformed_bodies_and_the_next_alarm_is_still_heard(service: MaintenanceByAlarm) -> None:
    assert asyncio.run(_flood(service)) == {200: MALFORMED}
    service.subscribe()
    service.set_backends(running=False)
    eventually(lambda: service.users_get(page=True))
    service.set_backends(running=True)
    eventually(lambda: service.users_get(page=False))
    eventually(lambda: not service.holders())


async def _flood(service: MaintenanceByAlarm) -> dict[int, int]:
    """Send malformed bodies, with the right password, fifty at a time; returns how often each status came back."""
    headers = {
        "X-OCI-NS-MessageType": "Notification",
        "X-OCI-NS-TopicOcid": service.lab.info["oci"]["topic"]["id"],
        "Authorization": aiohttp.encode_basic_auth(USER, PASSWORD),
    }
    counts: dict[int, int] = {}
    bodies = iter([b"", b"no json", b"[1, 2", b'{"alarmMetaData": ', b"\xff" * 100] * (MALFORMED // 5))

    async def send(session: aiohttp.ClientSession) -> None:
        for body in bodies:
            async with session.post(service.url, data=body, ssl=False) as answer:
                counts[answer.status] = counts.get(answer.status, 0) + 1

    async with aiohttp.ClientSession(headers=headers) as session:
        await asyncio.gather(*(send(session) for _unused in range(50)))
    return counts
