# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""DNS failover and the alarm that locks a failed site, made from nothing, seen to work, and removed without a trace."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.aws_setup_run import SetUp, fencing_variables
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually

from lab.process import RunningLab

LOCKED = "/lb-check-failed-over?restore=%2Flb-check&lock=20261121T030405Z-3f9a1c2e"


@pytest.fixture
def account(aws_lab: RunningLab) -> Account:
    return Account(aws_lab)


@pytest.fixture
def set_up(playbooks: Playbooks, account: Account) -> SetUp:
    return SetUp(playbooks, fencing_variables(account))


def names(account: Account) -> dict[str, set[str]]:
    """Everything in the account that the role can make."""
    route53 = account.client("route53")
    records = route53.list_resource_record_sets(HostedZoneId=account.info["zone"]["id"])["ResourceRecordSets"]
    return {
        "health checks": {check["Id"] for check in route53.list_health_checks()["HealthChecks"]},
        "records": {record["Name"] + record.get("SetIdentifier", "") for record in records},
        "topics": {topic["TopicArn"] for topic in account.client("sns").list_topics()["Topics"]},
        "queues": set(account.client("sqs").list_queues().get("QueueUrls", [])),
        "alarms": {alarm["AlarmName"] for alarm in account.client("cloudwatch").describe_alarms()["MetricAlarms"]},
    }


def reported(output: str) -> Json:
    """What the role printed at its end."""
    (found,) = re.findall(r'^ok: \[checkout\] => (\{\n    "msg": \{\n.*?^\})$', output, re.MULTILINE | re.DOTALL)
    printed: Json = json.loads(found)["msg"]
    return printed


def received(account: Account) -> list[tuple[str, str]]:
    """The alarms that have reached the queue since the last call, with their states."""
    sqs = account.client("sqs")
    url = sqs.get_queue_url(QueueName="checkout-failover")["QueueUrl"]
    messages = sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages", [])
    alarms = [json.loads(json.loads(message["Body"])["Message"]) for message in messages]
    return [(alarm["AlarmName"], alarm["NewStateValue"]) for alarm in alarms]


def test_from_nothing_to_an_alarm_that_is_heard_and_back_to_nothing(
    aws_lab: RunningLab, account: Account, set_up: SetUp
) -> None:
    before = names(account)
    set_up.succeeds("--check", "--diff")
    assert aws_lab.writes() == []
    printed = reported(set_up.succeeds())
    made = names(account)
    ids = printed["health_checks"]
    assert {ids["primary"], ids["secondary"]} == made["health checks"] - before["health checks"]
    assert {printed["queue"], printed["alarms"][0]} <= (made["queues"] - before["queues"]) | made["alarms"]
    assert printed["variables_for_the_inventory"]["failover_health_check_ids"] == [ids["primary"]]
    assert {kind: len(made[kind] - before[kind]) for kind in made} == {
        "health checks": 2,
        "records": 2,
        "topics": 1,
        "queues": 2,
        "alarms": 1,
    }
    aws_lab.control("DELETE", "/requests")
    again = set_up.succeeds()
    assert "changed=0" in again
    assert reported(again) == printed
    assert aws_lab.writes() == []

    account.set_primary(running=False)
    eventually(lambda: ("checkout-primary-down", "ALARM") in received(account))

    set_up.succeeds("-e", "aws_setup_state=absent", "--check")
    assert names(account) == made
    set_up.succeeds("-e", "aws_setup_state=absent")
    assert names(account) == before
    assert "changed=0" in set_up.succeeds("-e", "aws_setup_state=absent")


def test_a_locked_site_stays_locked_whatever_is_set_up_or_removed(
    aws_lab: RunningLab, account: Account, set_up: SetUp
) -> None:
    set_up.succeeds()
    route53 = account.client("route53")
    (made,) = [
        check["Id"]
        for check in aws_lab.control("GET", "/aws/health-checks")["health_checks"]
        if check["Tags"].get("Name") == "checkout primary"
    ]
    route53.update_health_check(HealthCheckId=made, ResourcePath=LOCKED)
    aws_lab.control("DELETE", "/requests")
    assert f"'checkout primary' ({made}) is locked" in set_up.succeeds()
    refused = set_up("-e", "aws_setup_state=absent")
    reason = refused.failures()["checkout"]
    assert reason.startswith("Nothing was changed. The health check 'checkout primary'")
    assert reason.endswith("Fail back first, then remove it. [TG-REFUSED]")
    assert aws_lab.writes() == []
