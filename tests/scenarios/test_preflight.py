# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Everything that would stop a failover or a failback is found before the night it is needed."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._maintenance.holds import Hold, tags_with
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json

from lab.process import RunningLab

GATES = [{"name": "primary answers", "tcp": {"host": "127.0.0.1", "port": 1}}]
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:fence"


def client(world: World, service: str) -> Any:
    """A boto3 client of the lab."""
    auth = world.checkout["aws_auth"]
    return boto3.client(
        service,
        endpoint_url=auth["endpoint_url"],
        region_name=auth["region"],
        aws_access_key_id=auth["access_key"],
        aws_secret_access_key=auth["secret_key"],
    )


def let_a_function_listen(world: World) -> None:
    """The set-up of the Keycloak guides: an alarm on the health check, a topic, and a Lambda function behind it."""
    topic = world.lab.info["aws"]["sns_topic_arn"]
    client(world, "sns").subscribe(TopicArn=topic, Protocol="lambda", Endpoint=FUNCTION)
    client(world, "cloudwatch").put_metric_alarm(
        AlarmName="primary",
        Namespace="AWS/Route53",
        MetricName="HealthCheckStatus",
        Dimensions=[{"Name": "HealthCheckId", "Value": world.check}],
        Statistic="Minimum",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="LessThanThreshold",
        AlarmActions=[topic],
    )


def test_a_service_that_is_ready_may_still_have_something_to_know(
    world: World, load_balancer: Json, oci_auth: Json
) -> None:
    page = {"load_balancer_id": load_balancer["id"], "backend_set": "app", "rule_set": load_balancer["rule_set"]}
    world.services["checkout"] |= {"failback_gates": GATES, "maintenance_targets": [page], "oci_auth": oci_auth}
    outcome = world.run("preflight")
    assert outcome.returncode == 0, outcome.output
    verdict, *lines = outcome.reported()["checkout"].splitlines()
    assert verdict == "READY."
    assert [line for line in lines if line.startswith("info: fence ineffective: ")] == lines[-2:-1]
    assert world.lab.writes() == []


@pytest.mark.usefixtures("plain_http")
def test_an_alarm_that_could_not_record_its_hold_is_reported_in_advance(
    world: World, lab: RunningLab, load_balancer: Json, oci_auth: Json
) -> None:
    path = f"/oci/loadBalancers/{load_balancer['id']}"
    document = lab.control("GET", path)["document"]
    # There is room for one more hold, which the failover would take, and none for that of an alarm beside it.
    owners = [f"change:CHG-{number}".ljust(64, "x") for number in range(2)]
    holds = [Hold("http", load_balancer["rule_set"], owner, "2026-11-21T03:04:05Z") for owner in owners]
    document["freeformTags"] = tags_with(holds, {f"tag{number}": "" for number in range(9)})
    lab.control("PUT", path, document)
    page = {"load_balancer_id": load_balancer["id"], "listeners": ["http"], "rule_set": load_balancer["rule_set"]}
    world.services["checkout"] |= {"failback_gates": GATES, "maintenance_targets": [page], "oci_auth": oci_auth}
    reported = world.run("preflight").reported()["checkout"]
    assert "warning: maintenance: An alarm would not show the page" in reported
    assert "9 others (tag0, tag1" in reported


def test_all_findings_of_services_that_are_not_ready_are_reported_at_once(world: World) -> None:
    let_a_function_listen(world)
    world.services["search"] = world.checkout | {
        "failover_records": [{"zone": "nowhere.example.com", "name": "search.nowhere.example.com"}],
        "failover_secondary_url": "http://127.0.0.1:9/",
        "failover_steps": ["promote", "lock"],
        "failover_promote_tasks": "promote.yml",
        "failback_gates": [{"name": "x", "telnet": {"host": "db"}}],
        "failback_quiesce_tasks": "/nowhere/quiesce.yml",
    }
    since = world.latest()
    outcome = world.run("preflight")
    assert outcome.returncode != 0
    reported = outcome.failures()
    assert reported["checkout"].startswith("NOT READY for failover and failback.")
    assert reported["search"].startswith("NOT READY for failover and failback.")
    for said in (
        f"legacy automation: The Lambda function {FUNCTION} listens to an alarm on health check {world.check}",
        f"also that of search ({world.check})",
        "No gates are defined, so nothing can prove that the site is ready for traffic. Define failback_gates.",
    ):
        assert said in reported["checkout"]
    for said in (
        "There is no public hosted zone nowhere.example.com",
        "last serving site: The other site does not answer.",
        "'promote' must come after 'lock'",
        "failback_gates: gates.telnet",
        "has tasks /nowhere/quiesce.yml, and there is no such file.",
        f"also that of checkout ({world.check})",
    ):
        assert said in reported["search"]
    reads = [request["operation"] for request in world.lab.requests(since)]
    # Both services of the account in one go.
    assert (
        reads.count("GetHealthCheckStatus") == reads.count("GetHealthCheck") == len({world.check, world.backup_check})
    )


def test_programs_that_are_not_there_and_a_writer_that_stays_are_reported(world: World) -> None:
    proves_nothing = [{"name": "gone", "command": {"argv": ["/nowhere/primary-is-gone"]}}]
    world.services["checkout"] |= {
        "failover_fences": proves_nothing,
        "failover_promote_tasks": __file__,
        "failback_gates": [{"name": "orders", "command": {"argv": ["/nowhere/compare-orders", "--all"]}}],
    }
    outcome = world.run("preflight")
    assert outcome.returncode != 0
    reported = outcome.failures()["checkout"]
    assert (
        "error: programs: There is no program /nowhere/primary-is-gone, which a fence or gate of a failover" in reported
    )
    assert "error: programs: There is no program /nowhere/compare-orders, which a gate of a failback" in reported
    assert "warning: writer: Something is promoted, and failback_move_writer_tasks is not given" in reported
    (writer,) = (line for line in reported.splitlines() if line.startswith("warning: writer: "))
    assert writer.endswith("make the database of the primary site the writer.")


def test_a_service_that_has_only_a_page_is_checked_for_that_only(
    world: World, load_balancer: Json, oci_auth: Json
) -> None:
    page = {"load_balancer_id": load_balancer["id"], "backend_set": "app", "rule_set": load_balancer["rule_set"]}
    world.services["checkout"] |= {"failback_gates": GATES}
    world.services["search"] = {"maintenance_targets": [page], "oci_auth": oci_auth}
    world.services["images"] = {"maintenance_targets": [page | {"rule_set": "nowhere"}], "oci_auth": oci_auth}
    outcome = world.run("preflight")
    assert outcome.reported()["search"].startswith("READY for maintenance.")
    assert set(outcome.failures()) == {"images"}
    assert outcome.failures()["images"].startswith("NOT READY for maintenance.\nerror: maintenance: Showing the page")
