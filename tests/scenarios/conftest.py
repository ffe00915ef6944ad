# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""One lab of each cloud for all scenarios, and the real ``ansible-playbook`` to run against it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._module import r53_healthcheck_lock
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World
from ansible_collections.tidegate.failover.tests.scenarios.lock_run import HurriedClock
from ansible_collections.tidegate.failover.tests.scenarios.locked_site import Site
from ansible_collections.tidegate.failover.tests.scenarios.maintenance_clients import Ask, clients_of
from ansible_collections.tidegate.failover.tests.scenarios.oci_events import MaintenanceByAlarm, maintenance_by_alarm
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks, usual_environment
from ansible_collections.tidegate.failover.tests.scenarios.prepared_python import prepared_python
from botocore.config import Config

from lab.process import RunningLab, running_lab


@pytest.fixture(scope="session")
def scenario_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """The lab's OCI part, running."""
    directory = tmp_path_factory.mktemp("scenario-lab")
    with running_lab(directory, "--parts", "oci", "--work-request-seconds", "0.05") as lab:
        yield lab


@pytest.fixture
def lab(scenario_lab: RunningLab) -> RunningLab:
    """The running lab, as it was when it started."""
    scenario_lab.reset()
    return scenario_lab


@pytest.fixture(scope="session")
def oci_auth(scenario_lab: RunningLab) -> Json:
    """How to sign in to the lab."""
    oci = scenario_lab.info["oci"]
    return {
        "config_file_location": oci["config_file"],
        "config_profile_name": oci["config_profile"],
        "service_endpoint": oci["endpoint"],
    }


@pytest.fixture(scope="session")
def load_balancer(scenario_lab: RunningLab) -> Json:
    """The lab's load balancer: ``id``, ``rule_set``, ``backend_set`` and ``listeners``."""
    checkout: Json = scenario_lab.info["oci"]["load_balancers"]["checkout"]
    return checkout


@pytest.fixture(scope="session")
def checkout(scenario_lab: RunningLab, load_balancer: Json, oci_auth: Json) -> Json:
    """Variables of the service ``checkout``. A test that checks the responses of users needs no long timeouts."""
    return {
        "maintenance_load_balancer_id": load_balancer["id"],
        "maintenance_backend_set": load_balancer["backend_set"],
        "maintenance_rule_set": load_balancer["rule_set"],
        "maintenance_verify_url": load_balancer["listeners"]["http"]["url"],
        "maintenance_verify_ca_path": scenario_lab.info["oci"]["ca_file"],
        "maintenance_verify_retries": 1,
        "maintenance_verify_delay": 0,
        "oci_auth": oci_auth,
    }


@pytest.fixture
def clients(lab: RunningLab, load_balancer: Json) -> dict[str, Ask]:
    """One request of each kind of client, in the words of the table."""
    return clients_of(lab, load_balancer)


@pytest.fixture
def plain_http(lab: RunningLab, load_balancer: Json) -> None:
    """The listener ``http`` serves its users itself, so that two listeners can show the page."""
    path = f"/oci/loadBalancers/{load_balancer['id']}"
    document = lab.control("GET", path)["document"]
    document["listeners"]["http"]["ruleSetNames"] = []
    lab.control("PUT", path, document)


@pytest.fixture(scope="session")
def playbooks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Playbooks]:
    """Runs the collection's playbooks."""
    home = tmp_path_factory.mktemp("playbooks")
    with prepared_python(home, usual_environment(home)) as prepared:
        yield Playbooks(home, prepared)


@pytest.fixture(scope="session")
def scenario_aws_lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningLab]:
    """The lab's AWS part, running."""
    with running_lab(tmp_path_factory.mktemp("scenario-aws-lab"), "--parts", "aws") as lab:
        yield lab


@pytest.fixture
def aws_lab(scenario_aws_lab: RunningLab) -> RunningLab:
    """The running lab of AWS, as it was when it started."""
    scenario_aws_lab.reset()
    return scenario_aws_lab


@pytest.fixture(scope="session")
def aws_auth(scenario_aws_lab: RunningLab) -> Json:
    """How to sign in to the lab's AWS."""
    info = scenario_aws_lab.info["aws"]
    return {name: info[name] for name in ("endpoint_url", "access_key", "secret_key", "region")}


@pytest.fixture(scope="session")
def route53(aws_auth: Json) -> Any:
    """A boto3 client of the lab's Route 53. Like the modules' own it leaves retries to the caller."""
    return boto3.client(
        "route53",
        endpoint_url=aws_auth["endpoint_url"],
        region_name=aws_auth["region"],
        aws_access_key_id=aws_auth["access_key"],
        aws_secret_access_key=aws_auth["secret_key"],
        config=Config(retries={"total_max_attempts": 1}, max_pool_connections=20),
    )


@pytest.fixture
def world(aws_lab: RunningLab, playbooks: Playbooks, aws_auth: Json, tmp_path: Path) -> World:
    """The lab's shop as a service that can be failed over."""
    return World(aws_lab, playbooks, aws_auth, tmp_path)


@pytest.fixture
def site(aws_lab: RunningLab, route53: Any, monkeypatch: pytest.MonkeyPatch) -> Site:
    """The primary site of the lab's AWS, and the lock in this process, which waits for little."""
    monkeypatch.setattr(r53_healthcheck_lock, "Clock", HurriedClock)
    return Site(aws_lab, route53)


@pytest.fixture(scope="session")
def maintenance_rulebook(
    scenario_lab: RunningLab, oci_auth: Json, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MaintenanceByAlarm]:
    """The rulebook ``oci_maintenance``, running."""
    with maintenance_by_alarm(scenario_lab, tmp_path_factory.mktemp("oci-maintenance"), oci_auth) as started:
        yield started


@pytest.fixture
def service_by_alarm(lab: RunningLab, maintenance_rulebook: MaintenanceByAlarm) -> Iterator[MaintenanceByAlarm]:
    """The running rulebook beside a fresh lab, without a subscription; nothing may end it."""
    maintenance_rulebook.quicken()
    yield maintenance_rulebook
    maintenance_rulebook.rulebook.wait_for_playbooks()
    assert maintenance_rulebook.rulebook.is_up()
