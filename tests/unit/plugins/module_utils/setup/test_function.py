# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the role aws_setup does about the function that locks by an alarm."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._setup.function import (
    POLICY_NAME,
    STATEMENT,
    plan_function,
)
from ansible_collections.tidegate.failover.plugins.module_utils._setup.function_environment import KEYS

Json = dict[str, Any]

FUNCTION = Path(__file__).resolve().parents[5] / "extensions" / "functions" / "route53_lock"
OURS = {"tidegate-setup": "checkout"}
NAME = "checkout-failover"
TOPIC = f"arn:aws:sns:us-east-1:123456789012:{NAME}"
QUEUE = f"arn:aws:sqs:us-east-1:123456789012:{NAME}-failed"
DIGEST = bytes(range(32))


def options(**changes: Any) -> Json:
    return {
        "state": "present",
        "service": "checkout",
        "name": NAME,
        "role": NAME,
        "runtime": "python3.13",
        "timeout": 60,
        "memory": 256,
        "log_retention": 90,
        "environment": {},
        "alarm": f"{NAME}-errors",
        "notify": [],
        "archive_sha256": DIGEST.hex(),
        "policy": json.loads((FUNCTION / "policy.json").read_text(encoding="utf-8")),
        "zone_id": "Z0123456789EXAMPLE",
        "record": "checkout.example.com",
        "record_type": "A",
        "health_check_ids": ["id-1", "id-2"],
        "topic_arn": TOPIC,
        "dead_letter_queue_arn": QUEUE,
        **changes,
    }


def found(**place: Any) -> Json:
    caller = {"account": "123456789012", "arn": "arn:aws:iam::123456789012:user/sre"}
    return {"caller": caller, "places": [{"region": "us-east-1", **place}]}


def deployed(**changes: Any) -> Json:
    """Everything as the role makes it, but for some settings of the function."""
    plan = plan_function(options(), found())
    function = {
        "name": NAME,
        "runtime": "python3.13",
        "handler": "lambda_function.handler",
        "timeout": 60,
        "memory": 256,
        "role": f"arn:aws:iam::123456789012:role/{NAME}",
        "code_sha256": base64.b64encode(DIGEST).decode(),
        "dead_letter_arn": QUEUE,
        "environment": plan["environment"],
        "allowed": [
            {
                "Sid": STATEMENT,
                "Principal": {"Service": "sns.amazonaws.com"},
                "Action": "lambda:InvokeFunction",
                "Condition": {"ArnLike": {"AWS:SourceArn": TOPIC}},
            }
        ],
        "tags": OURS,
        **changes,
    }
    role = {"name": NAME, "trust": plan["trust"], "policies": {POLICY_NAME: plan["policy"]}, "tags": OURS}
    group = {"name": plan["log_group"], "retention": 90, "tags": OURS}
    return found(functions=[function], roles=[role], log_groups=[group])


def refusal(wanted: Json, seen: Json | None = None) -> str:
    with pytest.raises(RefusedError) as raised:
        plan_function(wanted, seen or found())
    return str(raised.value)


def test_from_nothing_everything_is_made() -> None:
    plan = plan_function(options(), found())
    assert plan["write"] == ["log_group", "role", "policy", "function", "permission"]
    assert [one["name"] for one in plan["alarms"]] == [f"{NAME}-errors"]


def test_i3_what_is_as_it_should_be_is_not_written() -> None:
    plan = plan_function(options(), deployed())
    assert (plan["write"], plan["why"]) == ([], [])


@pytest.mark.parametrize(
    ("changes", "part", "why"),
    [
        ({"timeout": 30}, "function", "timeout from 30 to 60"),
        ({"code_sha256": "other"}, "function", "code_sha256 from other"),
        ({"dead_letter_arn": ""}, "function", "dead_letter_arn"),
        ({"environment": {}}, "function", "environment"),
        ({"allowed": []}, "permission", "it differs"),
    ],
)
def test_what_differs_is_written_and_nothing_else(changes: Json, part: str, why: str) -> None:
    plan = plan_function(options(), deployed(**changes))
    assert plan["write"] == [part]
    assert why in plan["why"][0]


def test_a_health_check_that_was_made_again_changes_the_policy_alone() -> None:
    plan = plan_function(options(health_check_ids=["id-3", "id-2"]), deployed())
    assert (plan["write"], plan["why"]) == (["policy"], [f"policy {NAME}: it differs"])


def test_the_policy_is_that_of_the_documentation_for_these_health_checks_alone() -> None:
    policy = plan_function(options(), found())["policy"]
    wanted = options()["policy"]["Statement"]
    assert [{**one, "Resource": ""} for one in policy["Statement"]] == [{**one, "Resource": ""} for one in wanted]
    by_sid = {one["Sid"]: one["Resource"] for one in policy["Statement"]}
    assert by_sid["LockThese"] == ["arn:aws:route53:::healthcheck/id-1"]
    assert by_sid["HandOverFailures"] == [QUEUE]
    assert "EXAMPLE" not in json.dumps(by_sid["ReadHealthChecks"])


def test_a_policy_with_a_statement_that_is_not_known_is_refused() -> None:
    policy = {"Version": "2012-10-17", "Statement": [{"Sid": "New", "Effect": "Allow", "Action": [], "Resource": "*"}]}
    assert "unknown statements" in refusal(options(policy=policy))


def test_the_function_knows_the_record_and_gets_its_configuration_as_texts() -> None:
    environment = {"TRUST_ALIAS_TARGETS": True, "LOCK_RETURNED_WITHIN": 120, "ALARMS": {"arn": {"override": None}}}
    given = plan_function(options(environment=environment), found())["environment"]
    assert (given["TRUST_ALIAS_TARGETS"], given["LOCK_RETURNED_WITHIN"]) == ("true", "120")
    assert json.loads(given["ALARMS"]) == environment["ALARMS"]
    (record,) = json.loads(given["LOCK_RECORDS"])
    assert record == {"zone": "Z0123456789EXAMPLE", "name": "checkout.example.com", "type": "A"}


def test_every_key_of_the_configuration_is_one_that_the_function_reads() -> None:
    source = (FUNCTION / "lambda_function.py").read_text(encoding="utf-8")
    assert [key for key in KEYS if f'"{key}"' not in source] == []


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ({"name": "a.b"}, "aws_setup_function_name is 'a.b'"),
        ({"role": "x" * 65}, "aws_setup_function_role"),
        ({"timeout": 901}, "aws_setup_function_timeout is 901"),
        ({"memory": 64}, "aws_setup_function_memory is 64"),
        ({"log_retention": 2}, "aws_setup_function_log_retention is 2"),
        ({"environment": {"TRUST_ALIAS_TARGET": True}}, "which the function does not read"),
        ({"environment": {"TRUST_ALIAS_TARGETS": "maybe"}}, "Give true or false"),
        ({"environment": {"LOCK_METHOD": "pin"}}, "Give one of auto, path, invert"),
        ({"environment": {"LOCK_PATH": "down"}}, "begins with a slash"),
        ({"environment": {"LOCK_RETURNED_WITHIN": "soon"}}, "a number of seconds"),
        ({"environment": {"ALARMS": {"arn": {"secondary_url": "https://example.com"}}}}, "asks no addresses"),
        ({"environment": {"ALARMS": {"arn": {"reason": "x" * 4096}}}}, "4096 bytes"),
    ],
)
def test_what_aws_or_the_function_would_not_take_is_refused(wanted: Json, message: str) -> None:
    assert message in refusal(options(**wanted))


@pytest.mark.parametrize("state", ["present", "absent"])
@pytest.mark.parametrize(
    ("kind", "name"), [("functions", NAME), ("roles", NAME), ("log_groups", f"/aws/lambda/{NAME}")]
)
def test_what_something_else_made_is_refused(state: str, kind: str, name: str) -> None:
    seen = found(**{kind: [{"name": name, "tags": {}}]})
    assert "this role did not make it" in refusal(options(state=state), seen)


def test_what_there_is_of_ours_is_removed() -> None:
    plan = plan_function(options(state="absent"), deployed())
    assert list(plan["delete"]) == ["functions", "roles", "log_groups"]
    assert plan_function(options(state="absent"), found())["delete"] == {}


def test_the_alarm_notifies_the_topics_of_its_region() -> None:
    topics = ["arn:aws:sns:us-east-1:123456789012:on-call", "arn:aws:sns:eu-west-1:123456789012:on-call"]
    (alarm,) = plan_function(options(notify=topics), found())["alarms"]
    assert alarm["alarm_actions"] == topics[:1]
