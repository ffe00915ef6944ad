# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A message leaves the queue once the engine has it, and not before; with the real boto3 against moto."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_source import sqs
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import (
    TOPIC_ARN,
    Json,
    cloudwatch,
    eventbridge,
)
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import sns as sns_message
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.sources import DEADLINE_SECONDS, running, until
from moto.server import ThreadedMotoServer

KEYS = {"access_key": "AKIAEXAMPLE", "secret_key": "example"}


@dataclass
class Sqs:
    """A queue, from the side of its owner."""

    client: Any
    endpoint_url: str
    queue_url: str

    def options(self, **more: Any) -> dict[str, Any]:
        """What a rulebook would give the source."""
        given = {"queue_url": self.queue_url, "endpoint_url": self.endpoint_url, "region": "us-east-1", **KEYS}
        return given | more

    def send(self, body: Json | str) -> None:
        """Put a message into the queue."""
        self.client.send_message(
            QueueUrl=self.queue_url, MessageBody=body if isinstance(body, str) else json.dumps(body)
        )

    def left(self) -> int:
        """How many messages are in the queue, also those that somebody is working on."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        reported = self.client.get_queue_attributes(QueueUrl=self.queue_url, AttributeNames=names)["Attributes"]
        return sum(int(reported[name]) for name in names)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    yield f"http://{host}:{port}"
    moto.stop()


@pytest.fixture
def queue(server: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Sqs:
    monkeypatch.setattr(sqs, "WAIT_SECONDS", 0)
    client = boto3.client(
        "sqs",
        endpoint_url=server,
        region_name="us-east-1",
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
    )
    url = client.create_queue(QueueName=f"q{abs(hash(request.node.name))}")["QueueUrl"]
    return Sqs(client, server, url)


async def taken(events: asyncio.Queue[Json]) -> Json:
    """The next event that the source gives the engine."""
    return await asyncio.wait_for(events.get(), DEADLINE_SECONDS)


async def test_a_message_is_passed_on_and_deleted(queue: Sqs) -> None:
    queue.send(sns_message(cloudwatch()))
    events: asyncio.Queue[Json] = asyncio.Queue()
    async with running(sqs.main, events, queue.options(topics=[TOPIC_ARN])):
        event = await taken(events)
        await until(lambda: queue.left() == 0)
    assert (event["payload"], event["meta"]["topic"]) == (sns_message(cloudwatch()), TOPIC_ARN)


async def test_with_feedback_it_stays_until_the_engine_has_stored_it(queue: Sqs) -> None:
    queue.send(cloudwatch())
    events, feedback = asyncio.Queue[Json](), asyncio.Queue[Json]()
    async with running(sqs.main, events, queue.options(eda_feedback_queue=feedback)):
        event = await taken(events)
        assert queue.left() == 1
        await feedback.put(event)
        await until(lambda: queue.left() == 0)


async def test_what_the_engine_does_not_take_stays(queue: Sqs, caplog: pytest.LogCaptureFixture) -> None:
    queue.send(cloudwatch())
    async with running(
        sqs.main, asyncio.Queue(), queue.options(eda_feedback_queue=asyncio.Queue(), accept_timeout=0.1)
    ):
        await until(lambda: "will come again" in caplog.text)
    assert queue.left() == 1


async def test_a_source_that_is_killed_in_between_leaves_the_message(queue: Sqs) -> None:
    queue.send(cloudwatch())
    events: asyncio.Queue[Json] = asyncio.Queue()
    async with running(sqs.main, events, queue.options(eda_feedback_queue=asyncio.Queue())):
        await taken(events)
    assert queue.left() == 1


OTHER_TOPIC = sns_message(cloudwatch()) | {"TopicArn": f"{TOPIC_ARN}-other"}


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ("no json", "a message that is no JSON object"),
        ("[]", "a message that is no JSON object"),
        ("[" * 100_000, "a message that is no JSON object"),
        (OTHER_TOPIC, f"a message of a topic that is not in topics: {TOPIC_ARN}-other"),
        (cloudwatch(), "a message without a topic"),
        (eventbridge(), "a message without a topic"),
    ],
    ids=["text", "list", "brackets", "topic", "raw message delivery", "EventBridge"],
)
async def test_what_is_not_accepted_stays_in_the_queue_and_the_log_gives_the_reason(
    queue: Sqs, caplog: pytest.LogCaptureFixture, body: Any, reason: str
) -> None:
    queue.send(body)
    events: asyncio.Queue[Json] = asyncio.Queue()
    async with running(sqs.main, events, queue.options(topics=[TOPIC_ARN])):
        await until(lambda: f"Left in the queue for its redrive policy: {reason}" in caplog.text)
    assert queue.left() == 1
    assert events.empty()


async def test_the_reason_is_logged_once_for_many_messages(queue: Sqs, caplog: pytest.LogCaptureFixture) -> None:
    for _unused in range(9):
        queue.send("no json")
    queue.send(sns_message(cloudwatch()))
    async with running(sqs.main, asyncio.Queue(), queue.options(topics=[TOPIC_ARN])):
        await until(lambda: queue.left() == 9)
    assert caplog.text.count("Left in the queue") == 1


class AtOnce:
    """A queue whose visibility timeout is 0."""

    reads = 0

    async def receive(self) -> list[Json]:
        """The same message again."""
        self.reads += 1
        await asyncio.sleep(0)
        return [{"Body": "no json", "MessageId": "4d0b"}]


async def test_a_queue_that_returns_messages_at_once_is_read_with_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqs, "PAUSES", (3600,))
    queue: Any = AtOnce()
    receipts: Any = None
    polling = asyncio.ensure_future(
        sqs.Courier(queue, sqs.Senders(frozenset(), without_topic=True), receipts, sqs.Refusals()).poll()
    )
    for _unused in range(50):
        await asyncio.sleep(0)
    assert queue.reads == 1
    polling.cancel()


TOOL = """#!/bin/sh
test -e {valid} && date=2999-01-01T00:00:00Z || date=2019-01-01T00:00:00Z
echo '{{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "B", "SessionToken": "C", "Expiration": "'$date'"}}'
"""


async def test_credentials_that_cannot_be_got_for_a_while_do_not_end_the_source(
    queue: Sqs, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    valid, tool, config = tmp_path / "valid", tmp_path / "tool", tmp_path / "config"
    tool.write_text(TOOL.format(valid=valid))
    tool.chmod(0o700)
    config.write_text(f"[profile p]\ncredential_process = {tool}\n")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(config))
    monkeypatch.setattr(sqs, "PAUSES", (0.05,))
    queue.send(cloudwatch())
    events: asyncio.Queue[Json] = asyncio.Queue()
    async with running(sqs.main, events, queue.options(access_key=None, secret_key=None, profile="p")):
        await until(lambda: "the refreshed credentials are still expired" in caplog.text)
        valid.touch()
        assert (await taken(events))["payload"] == cloudwatch()


@pytest.mark.parametrize("more", [{}, {"topics": [TOPIC_ARN], "accept_without_topic": True}])
@pytest.mark.parametrize("message", [cloudwatch(), eventbridge()], ids=["raw message delivery", "EventBridge"])
async def test_messages_without_a_topic_are_accepted_where_the_queue_policy_is_said_to_guard_them(
    queue: Sqs, more: Json, message: Json
) -> None:
    queue.send(message)
    events: asyncio.Queue[Json] = asyncio.Queue()
    async with running(sqs.main, events, queue.options(**more)):
        assert (await taken(events))["payload"] == message
        await until(lambda: queue.left() == 0)


async def test_another_topic_is_left_also_where_messages_without_one_are_accepted(
    queue: Sqs, caplog: pytest.LogCaptureFixture
) -> None:
    queue.send(OTHER_TOPIC)
    async with running(sqs.main, asyncio.Queue(), queue.options(topics=[TOPIC_ARN], accept_without_topic=True)):
        await until(lambda: "a topic that is not in topics" in caplog.text)
    assert queue.left() == 1


async def test_a_queue_that_cannot_be_read_is_tried_again(
    queue: Sqs, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqs, "PAUSES", (0.05,))
    missing = f"{queue.queue_url}-to-come"
    events: asyncio.Queue[Json] = asyncio.Queue()
    async with running(sqs.main, events, queue.options(queue_url=missing)):
        await until(lambda: "The queue cannot be read" in caplog.text)
        queue.client.create_queue(QueueName=missing.rsplit("/", 1)[-1])
        queue.queue_url = missing
        queue.send(cloudwatch())
        assert (await taken(events))["payload"] == cloudwatch()


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ({"queue_url": None}, "queue_url must be a str"),
        ({"secret_key": None}, "either secret_key or secret_key_file"),
        ({"topics": "one"}, "topics must be a list"),
        ({"queue": "x"}, "There is no option queue"),
    ],
)
async def test_options_that_cannot_work_are_reported(change: dict[str, Any], reported: str) -> None:
    given = {"queue_url": "https://sqs.us-east-1.amazonaws.com/1/q", "region": "us-east-1", **KEYS} | change
    with pytest.raises(ValueError, match=reported):
        await asyncio.wait_for(sqs.main(asyncio.Queue(), given), DEADLINE_SECONDS)


async def test_the_secret_key_may_be_in_a_file(queue: Sqs, tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("example\n", encoding="utf-8")
    queue.send(cloudwatch())
    events: asyncio.Queue[Json] = asyncio.Queue()
    async with running(sqs.main, events, queue.options(secret_key="", secret_key_file=str(file))):
        assert (await taken(events))["payload"] == cloudwatch()
