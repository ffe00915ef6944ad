# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""From a dead primary site to one that is locked out, by way of CloudWatch and SNS, with nobody awake."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import requests
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account, lock_by_alarm
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import (
    RunningRulebook,
    eventually,
    needs_java,
)

from lab.ports import free_port
from lab.process import RunningLab

pytestmark = needs_java


@pytest.fixture
def account(aws_lab: RunningLab) -> Account:
    return Account(aws_lab)


@pytest.fixture
def rulebook(account: Account, tmp_path: Path) -> Iterator[RunningRulebook]:
    topic, port = account.info["sns_topic_arn"], free_port()
    variables = {
        "sns_port": port,
        "sns_topics": [topic],
        "sns_hosts": r"localhost:[0-9]+",
        "sns_ca_file": account.info["ca_file"],
    }
    with lock_by_alarm(account, "route53_lock_sns", tmp_path, variables) as running:
        sns = account.client("sns")
        sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=f"http://127.0.0.1:{port}/")
        eventually(lambda: sns.get_topic_attributes(TopicArn=topic)["Attributes"]["SubscriptionsConfirmed"] == "1")
        account.watch_primary()
        forged = {"Type": "Notification", "TopicArn": topic, "Message": "{}", "Signature": "AAAA"}
        assert requests.post(f"http://127.0.0.1:{port}/", json=forged, timeout=10).status_code == 403
        yield running


def test_a_dead_primary_is_locked_and_stays_so_when_it_is_back(account: Account, rulebook: RunningRulebook) -> None:
    cloudwatch = account.client("cloudwatch")
    eventually(lambda: account.check()["Healthy"])
    cloudwatch.set_alarm_state(AlarmName="primary-is-down", StateValue="ALARM", StateReason="Said too early")
    eventually(lambda: "Nothing was changed: it is healthy" in rulebook.reported())
    assert not account.is_locked()

    account.set_primary(running=False)
    eventually(account.is_locked)
    eventually(lambda: account.lock_owner().startswith("alarm:primary-is-down-"))
    rulebook.wait_for_playbooks()

    account.set_primary(running=True)
    reason = "A recovery, whatever the alarm's metric says"
    cloudwatch.set_alarm_state(AlarmName="primary-is-down", StateValue="OK", StateReason=reason)
    eventually(lambda: "Not acted on" in rulebook.reported() and "'recovered'" in rulebook.reported())
    assert account.is_locked()
    assert not account.check()["Healthy"]


@pytest.mark.parametrize(("ago", "is_locked"), [(timedelta(seconds=1), True), (timedelta(hours=2), False)])
def test_a_primary_that_has_returned_is_locked_only_for_a_recent_alarm_and_only_if_wanted(
    account: Account, playbooks: Playbooks, ago: timedelta, is_locked: bool
) -> None:
    moment = (datetime.now(UTC) - ago).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    alarm: Json = {
        "origin": "cloudwatch",
        "state": "firing",
        "name": "primary-is-down",
        "id": None,
        "at": moment,
        "health_check_id": account.primary,
        "means_down": True,
        "object": account.primary,
        "service": None,
        "owner": "alarm:primary-is-down",
        "key": "0b4c6a21",
    }
    extra = {"alarm": alarm, "lock_returned_within": 300, "aws_auth": account.auth}
    eventually(lambda: account.check()["Healthy"] and account.check("backup")["Healthy"])
    outcome = playbooks.run("lock_by_alarm", extra=extra)
    assert outcome.returncode == 0, outcome.output
    assert account.is_locked() == is_locked


def test_an_alarm_that_waited_in_a_queue_locks_a_primary_that_is_still_dead(account: Account, tmp_path: Path) -> None:
    queue = account.make_queue()
    account.watch_primary()
    account.set_primary(running=False)
    sqs = account.client("sqs")
    eventually(lambda: _waiting(sqs, queue) == 1)
    variables: Json = {
        "sqs_queue_url": queue,
        "sqs_endpoint_url": account.info["endpoint_url"],
        "sqs_region": account.info["region"],
        "sqs_profile": account.info["profile"],
        "drools_db_file_path": str(tmp_path / "events"),
    }
    files = {
        "AWS_CONFIG_FILE": account.info["config_file"],
        "AWS_SHARED_CREDENTIALS_FILE": account.info["credentials_file"],
    }
    durable = ("--persistence-id", "1", "--id", "1")
    with lock_by_alarm(account, "route53_lock_durable", tmp_path, variables, *durable, environment=files) as rulebook:
        eventually(account.is_locked)
        eventually(lambda: _waiting(sqs, queue) == 0)
        rulebook.wait_for_playbooks()


def _waiting(sqs: Any, queue: str) -> int:
    """How many messages are in a queue, also those that somebody is working on."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    reported = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(reported[name]) for name in names)
