# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Alarms about another object than they seem to be: from the service's message to the effect of the playbook."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_filter.alarm import main
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Outcome, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import (
    cloudwatch,
    eventbridge,
    metric,
    metric_math,
)

from lab.process import RunningLab

ARN = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:Störung [primary] > 5 %"
#: With this the serving site was locked.
RETURNED = {"lock_returned_within": 300}


@pytest.fixture
def account(aws_lab: RunningLab) -> Account:
    account = Account(aws_lab)
    eventually(lambda: account.check()["Healthy"] and account.check("backup")["Healthy"])
    return account


def follow(account: Account, playbooks: Playbooks, message: Json, *options: str, **more: Any) -> Outcome:
    """Run the playbook for a message of just now, as the filter hands it on."""
    moment = (datetime.now(UTC) - timedelta(seconds=1)).isoformat()
    if "StateChangeTime" in message:
        message["StateChangeTime"] = moment
    else:
        message["detail"]["state"]["timestamp"] = moment
    event = main({"payload": message})
    assert isinstance(event, dict)
    return playbooks.run(
        "lock_by_alarm", *options, extra={"alarm": event["alarm"], "aws_auth": account.auth, **RETURNED, **more}
    )


def about(check_id: str) -> list[Json]:
    """The dimensions of an alarm on a health check."""
    return [{"name": "HealthCheckId", "value": check_id}]


def test_i9_an_alarm_on_two_sites_locks_none_of_them_but_that_of_the_map(
    account: Account, playbooks: Playbooks
) -> None:
    message = metric_math(metric(account.primary), metric(account.backup))
    refused = follow(account, playbooks, message)
    assert refused.returncode != 0
    assert "names several health checks" in refused.output
    assert not account.is_locked()
    assert not account.is_locked("backup")
    mapped = follow(account, playbooks, message, alarms={message["AlarmArn"]: {"health_check_id": account.primary}})
    assert mapped.returncode == 0, mapped.output
    assert account.is_locked()
    assert not account.is_locked("backup")


@pytest.mark.parametrize(
    "trigger",
    [{"ComparisonOperator": "GreaterThanOrEqualToThreshold"}, {"MetricName": "TimeToFirstByte", "Threshold": 500.0}],
)
def test_i9_an_alarm_on_recovery_or_latency_does_not_lock_a_serving_site(
    account: Account, playbooks: Playbooks, trigger: Json
) -> None:
    outcome = follow(account, playbooks, cloudwatch(dimensions=about(account.primary), trigger=trigger))
    assert outcome.returncode != 0
    assert "so only the extra var alarms can say what it is about" in " ".join(outcome.output.split())
    assert not account.is_locked()


def test_i9_an_alarm_that_does_not_show_that_the_site_was_down_leaves_it_to_live_state(
    account: Account, playbooks: Playbooks
) -> None:
    message = cloudwatch(dimensions=about(account.primary), trigger={"TreatMissingData": "breaching"})
    outcome = follow(account, playbooks, message)
    assert outcome.returncode == 0, outcome.output
    assert "Nothing was changed: it is healthy" in outcome.output
    assert not account.is_locked()


def test_a_composite_alarm_of_any_name_locks_what_the_map_says_under_its_true_arn(
    account: Account, playbooks: Playbooks, tmp_path: Path
) -> None:
    message = eventbridge(arn=ARN, configuration={"alarmRule": "ALARM(a) AND OK(b)"})
    alarms = {ARN: {"health_check_id": account.primary}}
    outcome = follow(account, playbooks, message, alarms=alarms, record_directory=str(tmp_path))
    assert outcome.returncode == 0, outcome.output
    assert account.is_locked()
    assert account.lock_owner().startswith("alarm:St_rung")
    # The record is named after what was locked, since no file can be named after every alarm.
    assert json.loads((tmp_path / f"{account.primary}.jsonl").read_text(encoding="utf-8"))["status"] == "completed"


def test_an_alarm_whose_playbook_fails_leaves_a_record_of_that(
    account: Account, playbooks: Playbooks, tmp_path: Path
) -> None:
    gone = "00000000-0000-0000-0000-000000000000"
    message = cloudwatch(dimensions=about(account.primary))
    alarms = {message["AlarmArn"]: {"health_check_id": gone}}
    outcome = follow(account, playbooks, message, alarms=alarms, record_directory=str(tmp_path))
    assert outcome.returncode != 0
    record = json.loads((tmp_path / f"{gone}.jsonl").read_text(encoding="utf-8"))
    assert (record["status"], gone in record["reason"]) == ("failed", True)


@pytest.mark.parametrize("options", [(), ("--check",)])
def test_i10_an_alarm_does_not_lock_the_last_serving_site(
    account: Account, playbooks: Playbooks, options: tuple[str, ...]
) -> None:
    account.set_site("backup", running=False)
    eventually(lambda: not account.check("backup")["Healthy"])
    outcome = follow(account, playbooks, cloudwatch(dimensions=about(account.primary)), *options)
    assert outcome.returncode == 0, outcome.output
    assert "would leave no site that is known to serve" in outcome.output
    assert not account.is_locked()
    assert account.check()["Healthy"]


def test_an_alarm_of_the_only_site_locks_it_where_the_map_says_so(account: Account, playbooks: Playbooks) -> None:
    account.set_site("backup", running=False)
    eventually(lambda: not account.check("backup")["Healthy"])
    message = cloudwatch(dimensions=about(account.primary))
    override = {"checks": ["last serving site"], "reason": "two writers would be worse than none"}
    outcome = follow(account, playbooks, message, alarms={message["AlarmArn"]: {"override": override}})
    assert outcome.returncode == 0, outcome.output
    assert account.is_locked()


def test_a_refused_event_is_reported_with_its_reason(account: Account, playbooks: Playbooks) -> None:
    outcome = follow(account, playbooks, cloudwatch("BROKEN"))
    assert outcome.returncode != 0
    assert "because its state is _BROKEN_" in " ".join(outcome.output.split())
