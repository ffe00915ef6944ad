# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The role aws_setup deploys the Lambda function that locks: from nothing to a lock, and back to nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.tidegate.failover.tests.scenarios.aws_setup_run import SetUp, fencing_variables
from ansible_collections.tidegate.failover.tests.scenarios.lambda_run import FUNCTIONS, pack
from ansible_collections.tidegate.failover.tests.scenarios.permissions_run import Restricted, statements
from ansible_collections.tidegate.failover.tests.scenarios.playbook_run import Json, Playbooks
from ansible_collections.tidegate.failover.tests.scenarios.route53_events import Account
from ansible_collections.tidegate.failover.tests.scenarios.rulebook_run import eventually
from ansible_collections.tidegate.failover.tests.scenarios.test_aws_setup import names

from lab.process import RunningLab

NAME, LOG_GROUP = "checkout-failover", "/aws/lambda/checkout-failover"
ON_CALL = "arn:aws:sns:us-east-1:123456789012:on-call"


@pytest.fixture
def account(aws_lab: RunningLab) -> Account:
    return Account(aws_lab)


def variables(account: Account) -> Json:
    return fencing_variables(account) | {"aws_setup_delivery": "lambda", "aws_setup_notify": [ON_CALL]}


@pytest.fixture
def set_up(playbooks: Playbooks, account: Account) -> SetUp:
    return SetUp(playbooks, variables(account))


def everything(account: Account) -> dict[str, set[str]]:
    """Everything in the account that the role can make, with its function."""
    groups = account.client("logs").describe_log_groups()["logGroups"]
    return {
        **names(account),
        "functions": {one["FunctionName"] for one in account.client("lambda").list_functions()["Functions"]},
        "roles": {one["RoleName"] for one in account.client("iam").list_roles()["Roles"]},
        "log groups": {one["logGroupName"] for one in groups},
    }


def check(account: Account) -> Json:
    """The health check that the role has made for the primary site."""
    every = account.lab.control("GET", "/aws/health-checks")["health_checks"]
    (found,) = [one for one in every if one["Tags"].get("Name") == "checkout primary"]
    seen: Json = account.lab.control("GET", f"/aws/health-checks/{found['Id']}")
    return seen


def written(lab: RunningLab) -> list[str]:
    """The operations of the requests that may have changed something."""
    return [str(one["operation"]) for one in lab.writes()]


def test_from_nothing_to_a_lock_by_the_function_and_back_to_nothing(
    aws_lab: RunningLab, account: Account, set_up: SetUp
) -> None:
    before = everything(account)
    predicted = set_up.succeeds("--check", "--diff")
    assert f"function {NAME}: it does not exist" in predicted
    assert aws_lab.writes() == []
    set_up.succeeds()
    made = everything(account)
    assert {kind: made[kind] - before[kind] for kind in ("functions", "roles", "log groups", "alarms")} == {
        "functions": {NAME},
        "roles": {NAME},
        "log groups": {LOG_GROUP},
        "alarms": {"checkout-primary-down", f"{NAME}-errors"},
    }
    assert {url.rpartition("/")[2] for url in made["queues"] - before["queues"]} == {f"{NAME}-failed"}
    aws_lab.control("DELETE", "/requests")
    assert "changed=0" in set_up.succeeds()
    assert aws_lab.writes() == []

    aws_lab.control("PUT", "/aws/authorization", {"enforced": True})
    eventually(lambda: check(account)["Healthy"])
    account.set_primary(running=False)
    eventually(lambda: check(account)["HealthCheckConfig"]["ResourcePath"].startswith("/lb-check-failed-over"))
    account.set_primary(running=True)
    refused = set_up("-e", "aws_setup_state=absent")
    assert "Fail back first" in refused.failures()["checkout"]

    unlocked = {"ResourcePath": "/lb-check", "Disabled": False, "Inverted": False}
    account.client("route53").update_health_check(HealthCheckId=check(account)["Id"], **unlocked)
    set_up.succeeds("-e", "aws_setup_state=absent", "--check")
    assert everything(account) == made
    set_up.succeeds("-e", "aws_setup_state=absent")
    assert everything(account) == before
    assert "changed=0" in set_up.succeeds("-e", "aws_setup_state=absent")


def test_what_is_deployed_is_the_packed_archive_with_the_policy_of_the_documentation(
    account: Account, set_up: SetUp, tmp_path: Path
) -> None:
    set_up.succeeds()
    archive = tmp_path / "route53_lock.zip"
    assert pack(archive).returncode == 0
    functions, iam = account.client("lambda"), account.client("iam")
    configuration = functions.get_function(FunctionName=NAME)["Configuration"]
    assert configuration["CodeSize"] == archive.stat().st_size
    assert (configuration["Timeout"], configuration["MemorySize"]) == (60, 256)
    (record,) = json.loads(configuration["Environment"]["Variables"]["LOCK_RECORDS"])
    assert record["zone"] == account.info["zone"]["id"]
    (name,) = iam.list_role_policies(RoleName=NAME)["PolicyNames"]
    document = iam.get_role_policy(RoleName=NAME, PolicyName=name)["PolicyDocument"]
    wanted = json.loads((FUNCTIONS / "route53_lock" / "policy.json").read_text(encoding="utf-8"))
    assert [one["Action"] for one in document["Statement"]] == [one["Action"] for one in wanted["Statement"]]
    (locks,) = [one["Resource"] for one in document["Statement"] if one["Sid"] == "LockThese"]
    assert locks == [f"arn:aws:route53:::healthcheck/{check(account)['Id']}"]


@pytest.mark.nightly
def test_a_change_of_one_variable_writes_just_that(aws_lab: RunningLab, set_up: SetUp) -> None:
    set_up.succeeds()
    for option, operation in (
        ("aws_setup_function_timeout=30", "UpdateFunctionConfiguration"),
        ("aws_setup_function_log_retention=30", "PutRetentionPolicy"),
        ("aws_setup_alarm_period=120", "PutMetricAlarm"),
    ):
        aws_lab.control("DELETE", "/requests")
        reported = set_up.succeeds("-e", option)
        # The settings before come back, as each run has those of its own option only.
        assert operation in written(aws_lab), reported
        assert len(set(written(aws_lab))) <= 2, written(aws_lab)


@pytest.mark.nightly
def test_what_was_changed_by_hand_is_put_back(aws_lab: RunningLab, account: Account, set_up: SetUp) -> None:
    set_up.succeeds()
    functions, iam = account.client("lambda"), account.client("iam")
    functions.update_function_code(FunctionName=NAME, ZipFile=(FUNCTIONS / "pack.py").read_bytes())
    functions.remove_permission(FunctionName=NAME, StatementId="tidegate-topic")
    (policy,) = iam.list_role_policies(RoleName=NAME)["PolicyNames"]
    iam.delete_role_policy(RoleName=NAME, PolicyName=policy)
    aws_lab.control("DELETE", "/requests")
    assert "code_sha256" in set_up.succeeds("--check")
    assert aws_lab.writes() == []
    set_up.succeeds()
    assert sorted(written(aws_lab)) == ["AddPermission", "PutRolePolicy", "UpdateFunctionCode"]


def somebody_makes(account: Account, kind: str) -> None:
    """Something of a name that the role needs, without its tag."""
    if kind == "log group":
        account.client("logs").create_log_group(logGroupName=LOG_GROUP)
        return
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    name = NAME if kind == "role" else "theirs"
    role = account.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    if kind == "function":
        code = {"ZipFile": (FUNCTIONS / "pack.py").read_bytes()}
        more = {"Runtime": "python3.13", "Handler": "a.b", "Role": role}
        account.client("lambda").create_function(FunctionName=NAME, Code=code, **more)


@pytest.mark.parametrize("kind", ["function", "role", "log group"])
def test_what_somebody_else_made_is_refused_before_anything_is_changed(
    aws_lab: RunningLab, account: Account, set_up: SetUp, kind: str
) -> None:
    somebody_makes(account, kind)
    aws_lab.control("DELETE", "/requests")
    for state in ("present", "absent"):
        refused = set_up("-e", f"aws_setup_state={state}")
        assert f"The {kind} '" in refused.failures()["checkout"]
        assert "this role did not make it" in refused.failures()["checkout"]
    assert aws_lab.writes() == []


def test_a_function_that_is_named_by_its_arn_is_only_subscribed(account: Account, set_up: SetUp) -> None:
    before = everything(account)
    theirs = "arn:aws:lambda:us-east-1:123456789012:function:theirs"
    set_up.succeeds("-e", f"aws_setup_function_arn={theirs}")
    made = everything(account)
    assert [made[kind] for kind in ("functions", "roles", "log groups", "queues")] == [
        before[kind] for kind in ("functions", "roles", "log groups", "queues")
    ]
    topic = f"arn:aws:sns:us-east-1:{account.info['account_id']}:checkout-failover"
    subscriptions = account.client("sns").list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert [one["Endpoint"] for one in subscriptions] == [theirs]


@pytest.mark.nightly
def test_a_deployment_needs_no_more_than_its_policies(
    aws_lab: RunningLab, playbooks: Playbooks, account: Account
) -> None:
    restricted = Restricted(aws_lab)
    service = variables(account) | {"aws_auth": restricted.auth}
    set_up = SetUp(playbooks, service)
    topic = {f"arn:aws:sns:us-east-1:123456789012:{NAME}": f"arn:aws:sns:us-east-1:123456789012:{NAME}"}
    allowed = [*statements("aws_setup"), *statements("aws_setup_function")]
    restricted.may([one for one in allowed if one["Sid"] != "PassRole"], topic)
    denied = set_up()
    assert "iam:PassRole" in denied.output
    restricted.may(allowed, topic)
    set_up.succeeds()
    set_up.succeeds("-e", "aws_setup_function_timeout=30", "-e", "aws_setup_function_log_retention=30")
    set_up.succeeds("-e", "aws_setup_state=absent")
