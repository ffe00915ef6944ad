# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""I8, I9: a rulebook that is killed after it has taken a message acts on it when it is started again."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.tidegate.failover.tests.scenarios.oci_events import maintenance_by_alarm
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually, needs_java

from lab.ports import free_port
from lab.process import RunningLab

pytestmark = needs_java

PERSISTENT = ("--persistence-id", "1", "--id", "1")


def test_i8_what_was_accepted_is_acted_on_although_the_process_was_killed(
    lab: RunningLab, oci_auth: Json, tmp_path: Path
) -> None:
    variables: Json = {"port": free_port(), "drools_db_file_path": str(tmp_path / "events")}
    durable = {"rulebook": "oci_maintenance_durable", **variables}
    with maintenance_by_alarm(lab, tmp_path, oci_auth, *PERSISTENT, **durable) as service:
        service.quicken()
        service.subscribe()
        # Requests to the load balancer hang, so the playbook has begun, and has done nothing when it is killed.
        lab.add_fault("hang", operation="GetLoadBalancer", times=None)
        service.set_backends(running=False)
        eventually(lambda: any(request["operation"] == "GetLoadBalancer" for request in lab.requests()))
        assert lab.control("GET", "/oci/deliveries")[-1]["outcome"] == "delivered"
        service.rulebook.kill()
    lab.control("DELETE", "/faults")
    assert not service.holders()
    with maintenance_by_alarm(lab, tmp_path, oci_auth, *PERSISTENT, **durable) as service:
        eventually(lambda: service.users_get(page=True))
        (holder,) = eventually(service.holders)
        assert holder.startswith("alarm:")
        eventually(service.records)
    reported = service.rulebook.reported()
    assert (reported.count("\nPLAY ["), reported.count("\nPLAY RECAP ")) == (2, 1)
    assert [record["status"] for record in service.records()] == ["completed"]
