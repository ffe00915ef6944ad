# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Alarms of OCI whose messages do not name their target: from the message to what users get, by the map."""

from __future__ import annotations

from typing import Any, cast

import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main
from ansible_collections.tidegate.failover.tests.scenarios.oci_events import MaintenanceByAlarm
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import ALARM_ID, oci

from lab.process import RunningLab

pytestmark = pytest.mark.usefixtures("plain_http")


@pytest.fixture
def service(lab: RunningLab) -> MaintenanceByAlarm:
    """The lab and its users, without a rulebook."""
    service = MaintenanceByAlarm(lab, cast(Any, None), "")
    service.quicken()
    return service


def follow(playbooks: Playbooks, oci_auth: Json, message: Json, entry: Json, **more: Any) -> Outcome:
    """Run the playbook for each event that the filter makes of a message, and return the message of the last one."""
    events = main({"payload": message})
    outcome = None
    for event in events if isinstance(events, list) else [events]:
        extra = {"alarm": event["alarm"], "alarms": {ALARM_ID: entry}, "oci_auth": oci_auth, **more}
        outcome = playbooks.run("maintenance_by_alarm", extra=extra)
    assert outcome is not None
    return outcome


def test_a_grouped_alarm_puts_the_page_up_and_its_recovery_without_dimensions_takes_it_away(
    service: MaintenanceByAlarm, playbooks: Playbooks, oci_auth: Json
) -> None:
    target = {"load_balancer_id": service.checkout["id"], "backend_set": "app", "rule_set": "maintenance-page"}
    service.set_backends(running=False)
    eventually(lambda: service.alarm()["unhealthy"] == 2)
    stream = {"resourceId": service.checkout["id"], "backendSetName": "app"}
    odd = oci(dimensions=[stream, {"resourceId": 7}], body="{{{dimensions.resourceId}}},x,Down!")
    refused = follow(playbooks, oci_auth, odd, {"targets": [target]})
    assert refused.returncode != 0
    assert "because it does not have the form of an alarm message" in " ".join(refused.output.split())
    assert service.users_get(page=True)

    service.set_backends(running=True)
    eventually(lambda: service.alarm()["unhealthy"] == 0)
    recovered = follow(playbooks, oci_auth, oci("FIRING_TO_OK", dimensions=[], body=None), {"targets": [target]})
    assert recovered.returncode == 0, recovered.output
    assert service.users_get(page=False), recovered.output
    assert not service.holders()


@pytest.mark.parametrize("by_map", [True, False])
def test_the_map_or_an_extra_var_names_the_listeners(
    service: MaintenanceByAlarm, playbooks: Playbooks, oci_auth: Json, by_map: bool
) -> None:
    service.set_backends(running=False)
    eventually(lambda: service.alarm()["unhealthy"] == 2)
    named: Json = {"listeners": ["http"]}
    entry = {"load_balancer_id": service.checkout["id"], **(named if by_map else {})}
    outcome = follow(playbooks, oci_auth, oci(dimensions=[]), entry, **({} if by_map else named))
    assert outcome.returncode == 0, outcome.output
    assert service.users_get(page=True)


def test_what_an_alarm_does_not_say_is_asked_for(
    service: MaintenanceByAlarm, playbooks: Playbooks, oci_auth: Json
) -> None:
    outcome = follow(playbooks, oci_auth, oci(dimensions=[], body=None), {})
    assert outcome.returncode != 0
    assert "does not say its load_balancer_id, rule_set, backend_set or listeners" in " ".join(outcome.output.split())
    assert not service.lab.writes()
