# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The AWS Lambda function: without a controller, an alarm leads to the same lock as the module."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.lambda_run import FUNCTIONS, Lambda, pack, unpacked
from ansible_collections.tidegate.failover.tests.scenarios.lock_run import look, switch
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually

from lab.process import RunningLab


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("lambda") / "route53_lock.zip"
    done = pack(made)
    assert done.returncode == 0, done.stderr
    return made


@pytest.fixture
def account(aws_lab: RunningLab) -> Account:
    return Account(aws_lab)


@pytest.fixture
def function(account: Account, archive: Path, tmp_path: Path) -> Lambda:
    info = account.info
    environment = {
        "AWS_ENDPOINT_URL": info["endpoint_url"],
        "AWS_REGION": info["region"],
        "AWS_DEFAULT_REGION": info["region"],
        "AWS_ACCESS_KEY_ID": info["access_key"],
        "AWS_SECRET_ACCESS_KEY": info["secret_key"],
    }
    return Lambda(unpacked(archive, tmp_path / "task"), environment)


def alarm_event(account: Account, state: str) -> Json:
    """What SNS hands to a function when the alarm of the guides changes its state."""
    queue, sqs = account.make_queue(), account.client("sqs")
    account.watch_primary()
    cloudwatch = account.client("cloudwatch")
    cloudwatch.set_alarm_state(AlarmName="primary-is-down", StateValue=state, StateReason="test")
    received: list[Json] = []

    def arrived() -> bool:
        messages = sqs.receive_message(QueueUrl=queue).get("Messages", [])
        received.extend(json.loads(message["Body"]) for message in messages)
        return any(_is_about(state, one) for one in received)

    eventually(arrived)
    found = next(one for one in received if _is_about(state, one))
    return {"Records": [{"EventSource": "aws:sns", "EventVersion": "1.0", "Sns": found}]}


def _is_about(state: str, notification: Json) -> bool:
    return bool(json.loads(notification["Message"])["NewStateValue"] == state)


def dead_primary(account: Account) -> Json:
    """The alarm of a primary site that is down, as the checkers see too."""
    account.set_primary(running=False)
    eventually(lambda: not account.check()["Healthy"])
    return alarm_event(account, "ALARM")


def test_the_same_files_make_the_same_archive_at_any_time_for_any_user(archive: Path, tmp_path: Path) -> None:
    again = tmp_path / "again.zip"
    os.umask(os.umask(0o077))
    assert pack(again).returncode == 0
    assert again.read_bytes() == archive.read_bytes()


def test_what_is_packed_is_unchanged_and_needs_no_ansible(archive: Path, tmp_path: Path) -> None:
    folder = unpacked(archive, tmp_path / "task")
    inside = folder / "ansible_collections" / "tidegate" / "failover"
    files = list(inside.rglob("*.py"))
    assert files
    assert all(path.read_bytes() == (FUNCTIONS.parents[1] / path.relative_to(inside)).read_bytes() for path in files)


def test_a_dead_primary_is_locked_and_the_module_knows_the_lock_as_its_own_kind(
    account: Account, function: Lambda
) -> None:
    event = dead_primary(account)
    answer = function.call(event)
    assert answer.problem == ""
    (alarm,) = answer.alarms
    assert (alarm["changed"], account.is_locked()) == (True, True)
    (seen,) = look(account.client("route53"), health_check_ids=[account.primary])["health_checks"]
    lock = seen["lock"]
    assert (lock["placed_by"], lock["id"]) == ("tidegate", alarm["health_checks"][0]["lock"]["id"])
    assert lock["owner"].startswith("alarm:primary-is-down-")


def test_it_pins_the_path_that_the_module_pins(account: Account, function: Lambda) -> None:
    event = dead_primary(account)
    function.call(event)
    by_function = account.check()["HealthCheckConfig"]
    account.lab.reset()
    account.set_primary(running=False)
    eventually(lambda: not account.check()["Healthy"])
    switch(account.client("route53"), state="locked", health_check_ids=[account.primary])
    by_module = account.check()["HealthCheckConfig"]
    pins = [config.pop("ResourcePath").partition("&lock=")[0] for config in (by_function, by_module)]
    assert (by_function, pins[0]) == (by_module, pins[1])


def test_i3_an_alarm_that_is_delivered_again_changes_nothing(account: Account, function: Lambda) -> None:
    event = dead_primary(account)
    function.call(event)
    before = account.check()
    (alarm,) = function.call(event).alarms
    assert (alarm["failed"], alarm["changed"], account.check()) == (False, False, before)


def test_i9_a_primary_that_is_healthy_is_left_alone_whatever_the_alarm_says(account: Account, function: Lambda) -> None:
    eventually(lambda: account.check()["Healthy"])
    (alarm,) = function.call(alarm_event(account, "ALARM")).alarms
    assert (alarm["changed"], account.is_locked()) == (False, False)
    assert "it is healthy" in alarm["msg"]


def test_i10_the_last_serving_site_is_not_locked(account: Account, function: Lambda) -> None:
    account.set_site("backup", running=False)
    eventually(lambda: not account.check("backup")["Healthy"])
    (alarm,) = function.call(dead_primary(account)).alarms
    assert (alarm["changed"], account.is_locked()) == (False, False)
    assert alarm["health_checks"][0]["held_back"]


def test_i5_a_recovery_releases_no_lock(account: Account, function: Lambda) -> None:
    function.call(dead_primary(account))
    account.set_primary(running=True)
    answer = function.call(alarm_event(account, "OK"))
    assert (answer.problem, answer.alarms[0]["changed"], account.is_locked()) == ("", False, True)


def test_i7_what_may_not_be_written_is_a_failure_that_lambda_sees(account: Account, function: Lambda) -> None:
    answer = function.call(dead_primary(account), AWS_SECRET_ACCESS_KEY="wrong")
    assert "primary-is-down" in answer.problem
    assert not account.is_locked()
