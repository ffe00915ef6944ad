# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""An alarm that launches a job template of AWX, with what the playbook in it needs."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from ansible_collections.tidegate.failover.tests.scenarios.awx_stub import running_awx
from ansible_collections.tidegate.failover.tests.scenarios.oci_events import maintenance_by_alarm
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually, needs_java

from lab.process import RunningLab

pytestmark = needs_java


def test_an_alarm_launches_the_job_template_once(lab: RunningLab, oci_auth: Json, tmp_path: Path) -> None:
    with (
        running_awx() as awx,
        maintenance_by_alarm(
            lab,
            tmp_path,
            oci_auth,
            *("--controller-url", awx.url, "--controller-token", "made-up"),
            rulebook="oci_maintenance_awx",
            oci_maintenance_job_template="Maintenance by alarm",
        ) as service,
    ):
        service.quicken()
        service.subscribe()
        service.set_backends(running=False)
        eventually(lambda: awx.launches)
        service.set_backends(running=True)
        eventually(lambda: len(awx.launches) == 2)
    names = [unquote(name) for name, _parameters in awx.launches]
    fired, recovered = (parameters for _name, parameters in awx.launches)
    assert names == ["Maintenance by alarm"] * 2
    assert fired["limit"] == "all,localhost"
    assert fired["extra_vars"]["alarm"]["load_balancer_id"] == service.checkout["id"]
    assert [fired["extra_vars"]["alarm"]["state"], recovered["extra_vars"]["alarm"]["state"]] == ["firing", "recovered"]
