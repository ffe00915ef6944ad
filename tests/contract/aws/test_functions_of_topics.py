# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Lambda functions that a topic calls: the event, the permission, the environment, and what is tried again."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from typing import Any

import pytest

from lab.process import RunningLab

Eventually = Callable[[Callable[[], Any]], Any]

_ECHO = """
import os
def handler(event, context):
    return {"event": event, "sign": os.environ["SIGN"], "left": context.get_remaining_time_in_millis()}
"""
_BROKEN = """
def handler(event, context):
    raise RuntimeError("broken")
"""

_LISTS = """
import boto3
def handler(event, context):
    return len(boto3.client("route53").list_health_checks()["HealthChecks"])
"""


def packed(source: str) -> bytes:
    """An archive with one file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("code.py", source)
    return file.getvalue()


@pytest.fixture
def topic(sns: Any) -> str:
    return str(sns.create_topic(Name="alarms")["TopicArn"])


@pytest.fixture
def deploy(client: Callable[..., Any], sns: Any, topic: str) -> Callable[..., str]:
    """Deploys a function and subscribes it, with the permission that the topic needs unless it is withheld."""

    def deploy(source: str, *, allowed: bool = True) -> str:
        functions, role = client("lambda"), "arn:aws:iam::123456789012:role/function"
        document = json.dumps({"Version": "2012-10-17", "Statement": []})
        client("iam").create_role(RoleName="function", AssumeRolePolicyDocument=document)
        made = functions.create_function(
            FunctionName="function",
            Runtime="python3.13",
            Handler="code.handler",
            Role=role,
            Code={"ZipFile": packed(source)},
            Timeout=30,
            Environment={"Variables": {"SIGN": "a"}},
        )
        if allowed:
            given = {"Action": "lambda:InvokeFunction", "Principal": "sns.amazonaws.com", "SourceArn": topic}
            functions.add_permission(FunctionName="function", StatementId="sns", **given)
        sns.subscribe(TopicArn=topic, Protocol="lambda", Endpoint=made["FunctionArn"])
        return str(made["FunctionArn"])

    return deploy


def ended(lab: RunningLab) -> list[dict[str, Any]]:
    """The calls, once all of them have ended."""
    calls: list[dict[str, Any]] = lab.control("GET", "/aws/functions")
    return calls if calls and all(one["outcome"] != "trying" for one in calls) else []


def test_a_message_is_handed_to_the_function(
    lab: RunningLab, sns: Any, topic: str, deploy: Callable[..., str], eventually: Eventually
) -> None:
    arn = deploy(_ECHO)
    sns.publish(TopicArn=topic, Subject="news", Message="hello")
    (call,) = eventually(lambda: ended(lab))
    assert (call["function"], call["outcome"], call["attempts"]) == (arn, "succeeded", 1)
    answer = json.loads(call["printed"])
    (record,) = answer["event"]["Records"]
    assert record["EventSource"] == "aws:sns"
    assert (record["Sns"]["Message"], record["Sns"]["TopicArn"]) == ("hello", topic)
    assert answer["sign"] == "a"
    assert 0 < answer["left"] <= 30_000


def test_a_call_that_fails_is_tried_again_twice(
    lab: RunningLab, sns: Any, topic: str, deploy: Callable[..., str], eventually: Eventually
) -> None:
    deploy(_BROKEN)
    sns.publish(TopicArn=topic, Message="hello")
    (call,) = eventually(lambda: ended(lab))
    assert (call["outcome"], call["attempts"]) == ("failed", 3)
    assert "RuntimeError: broken" in call["printed"]


def test_what_no_attempt_could_handle_goes_to_the_dead_letter_queue_if_the_role_may_send_there(
    client: Callable[..., Any], sns: Any, topic: str, deploy: Callable[..., str], eventually: Eventually
) -> None:
    deploy(_BROKEN)
    functions, sqs = client("lambda"), client("sqs")
    url = sqs.create_queue(QueueName="failed")["QueueUrl"]
    queue = "arn:aws:sqs:us-east-1:123456789012:failed"
    wanted = {"FunctionName": "function", "DeadLetterConfig": {"TargetArn": queue}}
    with pytest.raises(functions.exceptions.InvalidParameterValueException, match="SendMessage"):
        functions.update_function_configuration(**wanted)
    allowed = {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    client("iam").put_role_policy(RoleName="function", PolicyName="send", PolicyDocument=document)
    reported = functions.update_function_configuration(**wanted)
    assert reported["DeadLetterConfig"] == wanted["DeadLetterConfig"]
    sns.publish(TopicArn=topic, Message="hello")
    (message,) = eventually(lambda: sqs.receive_message(QueueUrl=url, MessageAttributeNames=["All"]).get("Messages"))
    (record,) = json.loads(message["Body"])["Records"]
    assert record["Sns"]["Message"] == "hello"
    assert set(message["MessageAttributes"]) == {"RequestID", "ErrorCode", "ErrorMessage"}


def test_where_policies_are_enforced_a_function_may_do_what_its_role_may(
    lab: RunningLab,
    client: Callable[..., Any],
    sns: Any,
    topic: str,
    deploy: Callable[..., str],
    eventually: Eventually,
) -> None:
    lab.control("PUT", "/aws/authorization", {"enforced": True})
    deploy(_LISTS)
    sns.publish(TopicArn=topic, Message="hello")
    (call,) = eventually(lambda: ended(lab))
    assert (call["outcome"], "AccessDenied" in call["printed"]) == ("failed", True)
    allowed = {"Effect": "Allow", "Action": "route53:ListHealthChecks", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    client("iam").put_role_policy(RoleName="function", PolicyName="list", PolicyDocument=document)
    sns.publish(TopicArn=topic, Message="hello again")
    (_denied, call) = eventually(lambda: ended(lab))
    assert call["outcome"] == "succeeded"


def test_a_topic_calls_nothing_that_it_may_not_call(
    lab: RunningLab, sns: Any, topic: str, deploy: Callable[..., str], eventually: Eventually
) -> None:
    deploy(_ECHO, allowed=False)
    sns.publish(TopicArn=topic, Message="hello")
    (call,) = eventually(lambda: ended(lab))
    assert (call["outcome"], call["attempts"]) == ("failed", 0)
