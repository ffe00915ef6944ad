# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The real playbooks, the role, the function and the event sources, each with the policy that the documentation has."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_source import health_monitor, sqs
from ansible_collections.tidegate.failover.tests.scenarios.alb_run import LoadBalancer
from ansible_collections.tidegate.failover.tests.scenarios.failover_world import World, eventually
from ansible_collections.tidegate.failover.tests.scenarios.lambda_run import FUNCTIONS, Lambda, pack, unpacked
from ansible_collections.tidegate.failover.tests.scenarios.permissions_run import (
    Restricted,
    admin,
    read,
    run_module,
    statements,
)
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account
from ansible_collections.tidegate.failover.tests.scenarios.test_capacity_and_weights import Balanced
from ansible_collections.tidegate.failover.tests.scenarios.test_lambda import dead_primary

from lab.process import RunningLab

OPEN = {"name": "an hour of the day", "window": {"hours": ["00:00-24:00"]}}
FUNCTION = FUNCTIONS / "route53_lock" / "policy.json"
INSTANCE: Json = {
    "Engine": "postgres",
    "DBInstanceClass": "db.m5.large",
    "AllocatedStorage": 20,
    "MasterUsername": "owner",
    "MasterUserPassword": "of-no-account",
}
ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:checkout is down"


@pytest.fixture
def shop(world: World) -> World:
    waits = {"failover_wait_timeout": 60, "failback_wait_timeout": 60}
    world.checkout.update(failback_gates=[OPEN], **waits)
    return world


def restrict(world: World) -> Restricted:
    """From now on playbooks sign in as somebody who may do nothing yet."""
    restricted = Restricted(world.lab)
    for variables in world.services.values():
        variables["aws_auth"] = restricted.auth
    return restricted


def runs(world: World, restricted: Restricted, name: str, *besides: str, **extra: Any) -> None:
    """Run a playbook with its policy, and those of what the service has besides."""
    allowed = {json.dumps(one) for policy in (name, *besides) for one in statements(policy)}
    restricted.may([json.loads(one) for one in sorted(allowed)])
    mark = world.latest()
    outcome = world.run(name, **extra)
    assert outcome.returncode == 0, outcome.output
    assert [one for one in world.lab.requests(mark) if one["status"] == 403] == []


def alarm(world: World) -> Json:
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    about = {"origin": "cloudwatch", "name": "checkout is down", "id": ARN, "object": ARN, "key": "0b4c6a21"}
    return {**about, "state": "firing", "at": at, "owner": "alarm:checkout is down", "health_check_id": world.check}


@pytest.mark.nightly
def test_the_playbooks_of_a_failover_need_no_more_than_their_policies(shop: World) -> None:
    restricted = restrict(shop)
    for name in ("preflight", "status"):
        runs(shop, restricted, name)
    runs(shop, restricted, "drill", drill_of=["lock", "failover", "failback"])
    runs(shop, restricted, "failover", failover_type="planned")
    runs(shop, restricted, "acknowledge", acknowledge_reason="CHG-1234, it was looked at")
    runs(shop, restricted, "failback")
    eventually(lambda: shop.leads_to("primary"))


def primary_dies(world: World) -> None:
    world.set_site("primary", running=False)
    eventually(lambda: not world.lab.control("GET", f"/aws/health-checks/{world.check}")["Healthy"])


@pytest.mark.nightly
def test_a_lock_by_an_alarm_needs_no_more_than_its_policy(shop: World) -> None:
    restricted = restrict(shop)
    primary_dies(shop)
    runs(shop, restricted, "lock_by_alarm", alarm=alarm(shop), aws_auth=restricted.auth)
    assert shop.lock_id()


def test_an_alarm_about_a_site_that_is_locked_already_is_no_error_of_the_playbook(shop: World) -> None:
    locked = {"health_check_ids": [shop.check], "state": "locked", "owner": "operator:alice", "method": "invert"}
    auth = {name: shop.lab.info["aws"][name] for name in ("endpoint_url", "access_key", "secret_key", "region")}
    assert not run_module("r53_healthcheck_lock", **auth, **locked).get("failed")
    named = {"alarms": {ARN: {"service": "checkout"}}, "confirm_within": 0}
    assert "Conditional result" not in shop.run("failover_by_alarm", alarm=alarm(shop), **named).output


@pytest.mark.nightly
def test_a_failover_by_an_alarm_needs_no_more_than_its_policy(shop: World) -> None:
    restricted = restrict(shop)
    primary_dies(shop)
    named = {"alarms": {ARN: {"service": "checkout"}}, "confirm_within": 10}
    runs(shop, restricted, "failover_by_alarm", alarm=alarm(shop), **named)
    assert shop.lock_id()


def test_without_the_right_to_lock_a_failover_fails_and_says_which_one_is_missing(shop: World) -> None:
    restricted = restrict(shop)
    restricted.may([one for one in statements("failover") if one["Sid"] != "LockAndUnlock"])
    outcome = shop.run("failover")
    assert outcome.returncode != 0
    on = f"arn:aws:route53:::healthcheck/{shop.check} is missing: allow it in the identity-based policy"
    assert f"The permission route53:UpdateHealthCheck on {on}" in outcome.output
    assert shop.lock_id() is None


def test_preflight_finds_the_missing_right_before_a_failover_needs_it(shop: World) -> None:
    admin(shop.lab, "route53").update_health_check(HealthCheckId=shop.check, FailureThreshold=2)
    restricted = restrict(shop)
    restricted.may([one for one in statements("preflight") if one["Sid"] != "TryToLock"])
    outcome = shop.run("preflight")
    assert outcome.returncode != 0
    assert "The permission route53:UpdateHealthCheck on arn:aws:route53:::healthcheck/" in outcome.output


@pytest.mark.nightly
def test_what_a_service_has_besides_needs_its_own_policies(shop: World, aws_auth: Json) -> None:
    balanced = Balanced(aws_auth, shop.lab.info["aws"]["sites"])
    resources = balanced.resources()
    shop.checkout["failover_resources"] = resources
    group = "arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:*:autoScalingGroupName/"
    listener = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
    examples = {f"{group}checkout-standby": f"{group}standby", listener: resources["alb"][0]["listener_arn"]}
    restricted = restrict(shop)
    restricted.may([*statements("failover"), *statements("autoscaling"), *statements("alb_read")], examples)
    denied = shop.run("failover", failover_type="planned")
    assert denied.returncode != 0
    assert "The permission elasticloadbalancing:ModifyListener" in denied.output
    assert shop.lock_id() is None
    restricted.may([*statements("failover"), *statements("autoscaling"), *statements("alb")], examples)
    outcome = shop.run("failover", failover_type="planned")
    assert outcome.returncode == 0, outcome.output


@pytest.mark.nightly
def test_a_page_on_a_load_balancer_needs_no_more_than_its_policy(shop: World) -> None:
    balancer = LoadBalancer(shop.lab)
    front = {**balancer.front, "exempt_paths": ["/hooks/*"]}
    shop.services = {"shop": {"maintenance_fronts": [{"alb": front}], "aws_auth": {}}}
    restricted = restrict(shop)
    listener = balancer.info["listener_arn"]
    example = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/shop/50dc6c495c0c9188/f2f7dc8efc522ab2"
    rules, own = (f"{arn.replace(':listener/', ':listener-rule/')}/*" for arn in (example, listener))
    examples = {example: listener, rules: own}
    for name, policy in (
        ("enter_maintenance", "enter_maintenance"),
        ("status", "alb_maintenance_read"),
        ("exit_maintenance", "exit_maintenance"),
    ):
        restricted.may(statements(policy), examples)
        outcome = shop.run(name)
        assert outcome.returncode == 0, outcome.output


class SetUp:
    """The role aws_setup for the shop, as a restricted user."""

    def __init__(self, lab: RunningLab, playbooks: Playbooks) -> None:
        aws = lab.info["aws"]
        sites = aws["sites"]
        self.restricted, self._playbooks = Restricted(lab), playbooks
        answers = {
            name: {"answers": [sites[site]["address"]], "ip_address": sites[site]["address"]}
            for name, site in (("primary", "primary"), ("secondary", "backup"))
        }
        service = {
            "aws_auth": self.restricted.auth,
            "aws_setup_zone": aws["zone"]["name"],
            "aws_setup_record": f"fenced.{aws['zone']['name']}",
            "aws_setup_check_type": "HTTP",
            "aws_setup_check_port": sites["primary"]["port"],
            "aws_setup_sites": answers,
        }
        self._inventory = playbooks.inventory({"checkout": service})
        roles = [{"role": "tidegate.failover.aws_setup"}]
        self._playbook = playbooks.file([{"hosts": "services", "gather_facts": False, "roles": roles}])

    def __call__(self, *arguments: str) -> Outcome:
        return self._playbooks.run_file(self._playbook, "-i", self._inventory, *arguments)

    def may(self, allowed: list[Json]) -> None:
        """From now on. The topic is the role's own here."""
        topic = "arn:aws:sns:us-east-1:123456789012:checkout-failover"
        self.restricted.may(allowed, {topic: topic})


@pytest.fixture
def set_up(aws_lab: RunningLab, playbooks: Playbooks) -> SetUp:
    return SetUp(aws_lab, playbooks)


@pytest.mark.nightly
def test_the_set_up_of_aws_needs_no_more_than_its_policy(set_up: SetUp) -> None:
    set_up.may(statements("aws_setup"))
    for arguments in ((), (), ("-e", "aws_setup_state=absent")):
        outcome = set_up(*arguments)
        assert outcome.returncode == 0, outcome.output


@pytest.fixture
def function(aws_lab: RunningLab, tmp_path: Path) -> tuple[Lambda, Restricted]:
    archive = tmp_path / "route53_lock.zip"
    assert pack(archive).returncode == 0
    restricted, info = Restricted(aws_lab), aws_lab.info["aws"]
    environment = {
        "AWS_ENDPOINT_URL": info["endpoint_url"],
        "AWS_REGION": info["region"],
        "AWS_DEFAULT_REGION": info["region"],
        "AWS_ACCESS_KEY_ID": restricted.auth["access_key"],
        "AWS_SECRET_ACCESS_KEY": restricted.auth["secret_key"],
    }
    return Lambda(unpacked(archive, tmp_path / "task"), environment), restricted


@pytest.mark.nightly
def test_the_function_locks_with_its_policy_and_says_what_is_missing_without_a_statement(
    aws_lab: RunningLab, function: tuple[Lambda, Restricted]
) -> None:
    lock, restricted = function
    account = Account(aws_lab)
    event = dead_primary(account)
    policy = read(FUNCTION)
    for sid in ("ReadHealthChecks", "ReadRecords", "FindZones", "LockThese"):
        restricted.may([one for one in policy if one["Sid"] != sid])
        answer = lock.call(event)
        (missing,) = [one["Action"] for one in policy if one["Sid"] == sid]
        said = f"{answer.problem} {json.dumps(answer.alarms)}"
        assert any(f"The permission {action}" in said for action in missing), (sid, said)
        assert not account.is_locked()
    restricted.may(policy)
    answer = lock.call(event)
    assert (answer.problem, account.is_locked()) == ("", True)


def gates(lab: RunningLab, auth: Json) -> Mapping[str, Json]:
    """A gate of each kind that asks AWS, which passes, by the name of its policy."""
    rds, cloudwatch = admin(lab, "rds"), admin(lab, "cloudwatch")
    rds.create_db_instance(DBInstanceIdentifier="orders-a", **INSTANCE)
    rds.create_db_instance_read_replica(DBInstanceIdentifier="orders-b", SourceDBInstanceIdentifier="orders-a")
    dimensions = [{"Name": "DBInstanceIdentifier", "Value": "orders-b"}]
    lag = {"MetricName": "ReplicaLag", "Value": 0.0, "Dimensions": dimensions}
    cloudwatch.put_metric_data(Namespace="AWS/RDS", MetricData=[lag])
    common = {"Statistic": "Maximum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 1}
    compared = {"ComparisonOperator": "GreaterThanThreshold", "Namespace": "Shop", "MetricName": "Errors"}
    cloudwatch.put_metric_alarm(AlarmName="errors", **common, **compared)
    cloudwatch.set_alarm_state(AlarmName="errors", StateValue="OK", StateReason="test")
    replica = {"db_instance": "orders-b", "source": "orders-a", "max_lag_seconds": 0, "aws": auth}
    return {
        "gate_rds_replica_lag": {"name": "replica", "rds_replica_lag": replica},
        "gate_cloudwatch_alarm": {"name": "alarm", "cloudwatch_alarm": {"alarm_names": ["errors"], "aws": auth}},
    }


@pytest.mark.nightly
@pytest.mark.parametrize("name", ["gate_rds_replica_lag", "gate_cloudwatch_alarm"])
def test_a_gate_is_evaluated_with_its_policy_and_names_what_is_missing_without_a_statement(
    aws_lab: RunningLab, name: str
) -> None:
    restricted, policy = Restricted(aws_lab), statements(name)
    gate = gates(aws_lab, restricted.auth)[name]
    restricted.may(policy)
    assert "The permission" not in run_module("failback_gate", gates=[gate], fail=False)["msg"]
    for left_out in policy:
        none = {"Sid": "None", "Effect": "Allow", "Action": "sts:GetCallerIdentity", "Resource": "*"}
        restricted.may([one for one in policy if one != left_out] or [none])
        seen = run_module("failback_gate", gates=[gate], fail=False)
        assert seen["passed"] is False
        assert f"The permission {left_out['Action'][0]}" in seen["msg"]


@pytest.mark.nightly
def test_the_queue_is_read_with_its_policy_and_a_missing_permission_is_logged(
    aws_lab: RunningLab, caplog: pytest.LogCaptureFixture
) -> None:
    url = admin(aws_lab, "sqs").create_queue(QueueName="checkout-failover")["QueueUrl"]
    restricted, (policy,) = Restricted(aws_lab), statements("event_source_sqs")
    queue = sqs.Queue({"queue_url": url, **restricted.auth})

    def take() -> str:
        admin(aws_lab, "sqs").send_message(QueueUrl=url, MessageBody="{}")
        try:
            for message in asyncio.run(queue.receive()):
                asyncio.run(queue.delete(message))
        except sqs.FAILURES as problem:
            return str(problem)
        return caplog.text

    for action in policy["Action"]:
        restricted.may([policy | {"Action": [one for one in policy["Action"] if one != action]}])
        assert f"is not authorized to perform: {action}" in take()
        caplog.clear()
    restricted.may([policy])
    assert take() == ""


async def probed(target: health_monitor.Target) -> health_monitor.Seen:
    seen: health_monitor.Seen = await target.look()
    return seen


@pytest.mark.nightly
def test_resources_are_probed_with_their_policy_and_a_missing_permission_is_logged(
    aws_lab: RunningLab, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger=health_monitor.LOGGER.name)
    restricted = Restricted(aws_lab)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", restricted.auth["access_key"])
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", restricted.auth["secret_key"])
    rds = admin(aws_lab, "rds")
    rds.create_db_instance(DBInstanceIdentifier="orders-a", **INSTANCE)
    LoadBalancer(aws_lab)
    (target_group, *_others) = admin(aws_lab, "elbv2").describe_target_groups()["TargetGroups"]
    where = {"region": restricted.auth["region"], "endpoint_url": restricted.auth["endpoint_url"]}
    targets = {
        "ProbeInstances": {"ec2_instance": {"id": "i-00000000000000000", **where}},
        "ProbeDatabases": {"rds_instance": {"id": "orders-a", **where}},
        "ProbeTargetGroups": {"target_group": {"arn": target_group["TargetGroupArn"], **where}},
    }
    policy = statements("event_source_health_monitor")
    for statement in policy:
        target = health_monitor._target_from({"name": "x", **targets[statement["Sid"]]}, 1, 5)
        restricted.may([one for one in policy if one != statement])
        seen = asyncio.run(probed(target))
        denied = f"is not authorized to perform: {statement['Action'][0]}" in caplog.text
        assert seen.health == "unknown"
        assert denied or "UnauthorizedOperation" in caplog.text
        caplog.clear()
        restricted.may(policy)
        asyncio.run(probed(target))
        assert "not authorized" not in caplog.text
        caplog.clear()
