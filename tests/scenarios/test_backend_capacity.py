# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Drained, offline and backup backends serve no new users: what gates and alarms make of them, beside real requests."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import oci
import pytest
import requests
from ansible_collections.tidegate.failover.plugins.module_utils._gates._kind import Observation, Probe
from ansible_collections.tidegate.failover.plugins.module_utils._gates.oci_backend_set import KIND
from ansible_collections.tidegate.failover.plugins.module_utils._oci.auth import load_balancer_client
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually
from ansible_collections.tidegate.failover.tests.unit.plugins.module_utils.gates.gates import options_of

from lab.process import RunningLab

SetBackends = Callable[..., None]

pytestmark = pytest.mark.usefixtures("plain_http")


@pytest.fixture
def set_backends(lab: RunningLab, load_balancer: Json, oci_auth: Json) -> SetBackends:
    """Sets a flag of each backend of ``app``, in their order; without a name none."""
    client = load_balancer_client(oci_auth, wait_timeout=30)
    both = oci.load_balancer.LoadBalancerClientCompositeOperations(client)

    def put(*flags: str) -> None:
        backends = client.get_backend_set(load_balancer["id"], "app").data.backends
        for backend, flag in zip(backends, flags, strict=True):
            given = {name: name == flag for name in ("drain", "offline", "backup")}
            details = oci.load_balancer.models.UpdateBackendDetails(weight=1, **given)
            both.update_backend_and_wait_for_state(
                details,
                load_balancer["id"],
                "app",
                backend.name,
                ["SUCCEEDED"],
                waiter_kwargs={"max_interval_seconds": 1},
            )

    return put


def evaluated(load_balancer: Json, oci_auth: Json, **more: int) -> Observation:
    """One probe of the gate."""
    given = {"load_balancer_id": load_balancer["id"], "backend_set": "app", "oci": oci_auth}
    return KIND.observe(options_of(KIND, **given, **more), Probe(datetime.now(UTC), 10.0))


def status_at(load_balancer: Json) -> int:
    return requests.get(load_balancer["listeners"]["http"]["url"], timeout=10, allow_redirects=False).status_code


def alarm(state: str, load_balancer: Json, oci_auth: Json) -> Json:
    """What the filter makes of an alarm on the backends."""
    reported = {
        "id": "ocid1.alarm.oc1.iad.aaaaexample",
        "name": "backends of checkout",
        "key": f"aaaaexample-{state}",
        "object": "checkout",
        "owner": "alarm:aaaaexample",
        "state": state,
        "at": f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}",
        "load_balancer_id": load_balancer["id"],
        "backend_set": "app",
        "rule_set": load_balancer["rule_set"],
    }
    return {"ansible_eda": {"event": {"alarm": reported}}, "oci_auth": oci_auth}


def test_a_set_of_drained_backends_fails_the_gate_while_users_get_502(
    set_backends: SetBackends, load_balancer: Json, oci_auth: Json
) -> None:
    assert (status_at(load_balancer), evaluated(load_balancer, oci_auth).passed) == (200, True)
    set_backends("drain", "drain")
    seen = evaluated(load_balancer, oci_auth, min_healthy=1)
    assert (status_at(load_balancer), seen.passed) == (502, False)
    assert "0 of 0 backends that take new users are OK; drained: 127.0.0.1:" in seen.observed


def test_the_page_comes_up_on_an_alarm_where_a_sorry_server_is_all_that_is_left_and_serving_does_not_release_it(
    lab: RunningLab, set_backends: SetBackends, load_balancer: Json, oci_auth: Json, playbooks: Playbooks
) -> None:
    set_backends("", "backup")
    lab.control("POST", "/oci/backends/app-1", {"running": False})
    eventually(lambda: "critical: 127.0.0.1:" in evaluated(load_balancer, oci_auth).observed)
    assert status_at(load_balancer) == 200  # From the sorry server.

    fired = playbooks.run("maintenance_by_alarm", extra=alarm("firing", load_balancer, oci_auth))
    assert (fired.returncode, status_at(load_balancer)) == (0, 302), fired.output

    recovered = playbooks.run("maintenance_by_alarm", extra=alarm("recovered", load_balancer, oci_auth))
    assert (recovered.returncode, status_at(load_balancer)) == (0, 302), recovered.output
    assert "is down (0 of 1 backends that take new users are OK" in recovered.output


def test_i7_a_page_in_place_of_the_health_fails_its_target_and_hides_no_other(
    lab: RunningLab, load_balancer: Json, oci_auth: Json, playbooks: Playbooks
) -> None:
    page = '"<html>Please sign in</html>"'
    lab.add_fault("status", operation="GetBackendSetHealth", status=200, body=page, times=1)
    target = {"load_balancer_id": load_balancer["id"], "rule_set": load_balancer["rule_set"]}
    targets = [target | {"listeners": ["http"]}, target | {"listeners": ["https"]}]
    task = {"state": "disabled", "targets": targets, "only_if_backends": "serving", **oci_auth}
    switch = {"tidegate.failover.lb_maintenance_mode": task, "register": "switched", "ignore_errors": True}
    reported = {
        "ansible.builtin.debug": {"msg": "{{ switched.load_balancers | map(attribute='failed') }} {{ switched.msg }}"}
    }
    play = {"hosts": "localhost", "gather_facts": False, "tasks": [switch, reported]}
    outcome = playbooks.run_file(playbooks.file([play]))
    assert "[true, false] 1 of 2 targets failed" in outcome.output.replace("[True, False]", "[true, false]")
    assert "is not the Load Balancing service as it is known (it is a text" in outcome.output
