# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""From dead backends to the maintenance page and back, with nobody awake."""

from __future__ import annotations

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.oci_events import MaintenanceByAlarm
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually, needs_java

pytestmark = needs_java


@pytest.fixture
def service(service_by_alarm: MaintenanceByAlarm) -> MaintenanceByAlarm:
    service_by_alarm.subscribe()
    return service_by_alarm


def test_dead_backends_put_the_page_up_and_their_recovery_takes_it_away(service: MaintenanceByAlarm) -> None:
    before = len(service.records())
    assert service.users_get(page=False)
    service.set_backends(running=False)
    eventually(lambda: service.users_get(page=True))
    (holder,) = eventually(service.holders)
    assert holder.startswith("alarm:")
    service.set_backends(running=True)
    eventually(lambda: service.users_get(page=False))
    eventually(lambda: not service.holders())
    eventually(lambda: [record["state"] for record in service.records()[before:]] == ["firing", "recovered"])


def test_an_alarm_leaves_a_page_that_somebody_attached_by_hand(service: MaintenanceByAlarm) -> None:
    before = len(service.records())
    service.attach_by_hand()
    service.set_backends(running=False)
    eventually(lambda: len(service.records()) > before)
    fired = service.records()[before]
    assert (fired["state"], fired["status"]) == ("firing", "dropped")
    assert "nobody holds it" in fired["reason"]
    service.set_backends(running=True)
    eventually(lambda: service.records()[-1]["state"] == "recovered")
    assert service.users_get(page=True)
    assert not service.holders()


def test_a_window_that_a_person_opened_outlasts_the_alarm(
    service: MaintenanceByAlarm, playbooks: Playbooks, checkout: Json
) -> None:
    inventory = playbooks.inventory({"checkout": checkout})
    opened = playbooks.run("enter_maintenance", "-e", "maintenance_owner=change:CHG-1", inventory=inventory)
    assert opened.returncode == 0, opened.output
    service.set_backends(running=False)
    eventually(lambda: len(service.holders()) == 2)
    service.set_backends(running=True)
    eventually(lambda: service.holders() == {"change:CHG-1"})
    assert service.users_get(page=True)
