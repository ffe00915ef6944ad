# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Receive messages from an Amazon SQS queue, and delete them once the engine has them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import uuid
from collections import Counter
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

DOCUMENTATION = r"""
---
module: sqs
short_description: Receive messages from an Amazon SQS queue, at least once
version_added: 0.1.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Passes each message of a queue on as C(payload), for the filter C(tidegate.failover.alarm). The way that is
    recommended for alarms of CloudWatch, because a queue keeps them while nobody listens. SNS alone gives up after
    about a minute.
  - A message is deleted from the queue once the engine has it. With O(feedback), that is once it is stored durably. A
    message that the engine has not taken after O(accept_timeout) comes back after the visibility timeout of the queue.
  - Who may send to the queue is decided by its policy. Let it allow C(sqs:SendMessage) to C(sns.amazonaws.com) alone,
    and only with your topic as C(aws:SourceArn). Where O(topics) is given, messages of other topics are deleted and
    told in the log.
  - A message that is no JSON object is deleted and told in the log, since it would come back for ever.
options:
  queue_url:
    description:
      - The URL of the queue.
    type: str
    required: true
  topics:
    description:
      - The ARNs of the SNS topics whose messages are taken. If it is not given, all messages are, also such that did
        not come by way of SNS.
    type: list
    elements: str
  region:
    description:
      - The region of the queue. If it is not given, that of the profile or the environment.
    type: str
  profile:
    description:
      - A profile of the AWS configuration files. Without it and O(access_key), credentials are looked for where boto3
        does: in the environment, in files, in the role of the instance or pod.
    type: str
  access_key:
    description:
      - An access key. From a variable, never in a rulebook; better is a role.
    type: str
  secret_key:
    description:
      - Its secret key. Either this or O(secret_key_file) goes with O(access_key).
    type: str
  secret_key_file:
    description:
      - File that holds the secret key.
    type: path
  endpoint_url:
    description:
      - Where to send the calls instead of the public endpoint of the region.
    type: str
  accept_timeout:
    description:
      - Seconds that the engine may take to accept a message. Keep it shorter than the visibility timeout of the queue.
    type: float
    default: 20
  feedback:
    description:
      - Wait until the engine has stored a message before it is deleted from the queue. Needs a C(name) for the source
        and persistence (C(--persistence-id)).
    type: bool
    default: false
notes:
  - Needs C(boto3), and the permissions C(sqs:ReceiveMessage) and C(sqs:DeleteMessage) on the queue.
"""

EXAMPLES = r"""
- name: alarms
  tidegate.failover.sqs:
    queue_url: https://sqs.us-east-1.amazonaws.com/123456789012/alarms
    region: us-east-1
    topics: ["arn:aws:sns:us-east-1:123456789012:failover"]
    feedback: true
  filters:
    - tidegate.failover.alarm:
"""

LOGGER = logging.getLogger(__name__)

OPTIONS = {"queue_url", "topics", "region", "profile", "access_key", "secret_key", "secret_key_file", "endpoint_url"}
MOST_MESSAGES = 10
# Long polling. A source that is told to end ends after so many seconds at most.
WAIT_SECONDS = 10
# Seconds to wait after failures in a row.
PAUSES = (1, 2, 5, 10, 30)

# ---- Shared by event sources, from tools/event_sources; `make event-sources` brings it here ----


Option = TypeVar("Option")
# What the engine itself puts beside the options of a source.
ENGINE_OPTIONS = {"feedback", "eda_feedback_queue"}


def _check_names(args: dict[str, Any], known: set[str]) -> None:
    """Refuse options that do not exist, since a misspelled one would silently do nothing."""
    unknown = sorted(set(args) - known - ENGINE_OPTIONS)
    if unknown:
        message = f"There is no option {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
        raise ValueError(message)


def _required(args: dict[str, Any], name: str, kind: type[Option]) -> Option:
    """Return an option that must be there. Its value may be a secret, so messages do not show it."""
    value = args.get(name)
    if not isinstance(value, kind) or not value:
        message = f"The option {name} must be a {kind.__name__} and not empty; it is a {type(value).__name__}."
        raise ValueError(message)
    return value


def _number(args: dict[str, Any], name: str, default: float, *, least: float) -> float:
    """Return a number."""
    value = args.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
        message = f"The option {name} is {value!r}. It must be a number from {least:g} on."
        raise ValueError(message)
    return value


def _secret(args: dict[str, Any], name: str) -> str:
    """Return a secret that is given itself, or by the file that holds it."""
    file = args.get(f"{name}_file")
    if bool(args.get(name)) == bool(file):
        message = f"Give either {name} or {name}_file."
        raise ValueError(message)
    text = Path(file).read_text(encoding="utf-8").rstrip("\n") if file else args[name]
    # A template that holds nothing but digits arrives as a number, and may have lost some of them on the way.
    return _required({name: text}, name, str)


class Receipts:
    """Hand events to the engine, and know when it has them.

    With persistence the engine gives back each event that it has stored, so that the sender can be told then and not
    before. A filter may make several events of one; their C(meta.parts) says how many.
    """

    def __init__(
        self, queue: asyncio.Queue[Any], feedback: asyncio.Queue[dict[str, Any]] | None, seconds: float
    ) -> None:
        """Use the queues of the engine. Without persistence there is no C(feedback)."""
        self._queue = queue
        self._feedback = feedback
        self._seconds = seconds
        self._returned: Counter[str] = Counter()
        self._complete: dict[str, asyncio.Event] = {}

    async def hand_over(self, event: dict[str, Any]) -> None:
        """Return once the engine has the event.

        :raises TimeoutError: it has not said so in time, and may have it all the same. Have the event sent again.
        """
        receipt = uuid.uuid4().hex
        event["meta"]["receipt"] = receipt
        complete = self._complete[receipt] = asyncio.Event()
        try:
            async with asyncio.timeout(self._seconds):
                await self._queue.put(event)
                if self._feedback is not None:
                    await complete.wait()
        finally:
            del self._complete[receipt]
            self._returned.pop(receipt, None)

    @asynccontextmanager
    async def collected(self) -> AsyncIterator[None]:
        """Read what the engine gives back while the block runs; the engine waits for that."""
        collecting = asyncio.create_task(self._collect())
        try:
            yield
        finally:
            collecting.cancel()

    async def _collect(self) -> None:
        while self._feedback is not None:
            meta = (await self._feedback.get())["meta"]
            receipt = meta.get("receipt")
            if receipt in self._complete:
                self._returned[receipt] += 1
                if self._returned[receipt] >= meta.get("parts", 1):
                    self._complete[receipt].set()


# ---- End of what is shared ----


class Queue:
    """An SQS queue. boto3 knows no coroutines, so its calls run in threads."""

    def __init__(self, args: dict[str, Any]) -> None:
        """Sign in. :raises ValueError: options do not go together."""
        self._url = _required(args, "queue_url", str)
        keys = {}
        if args.get("access_key"):
            secret_key = _secret(args, "secret_key")
            keys = {"aws_access_key_id": args["access_key"], "aws_secret_access_key": secret_key}
        session = boto3.Session(
            profile_name=args.get("profile") or None, region_name=args.get("region") or None, **keys
        )
        # One attempt: this source has patience of its own, and says what it waits for.
        config = Config(retries={"total_max_attempts": 1}, read_timeout=WAIT_SECONDS + 10)
        self._client = session.client("sqs", endpoint_url=args.get("endpoint_url") or None, config=config)

    async def receive(self) -> list[dict[str, Any]]:
        """Wait for messages."""
        answer: dict[str, Any] = await asyncio.to_thread(
            self._client.receive_message,
            QueueUrl=self._url,
            MaxNumberOfMessages=MOST_MESSAGES,
            WaitTimeSeconds=WAIT_SECONDS,
        )
        messages: list[dict[str, Any]] = answer.get("Messages", [])
        return messages

    async def delete(self, message: dict[str, Any]) -> None:
        """Delete a message. If that fails it comes back, which does no harm."""
        try:
            await asyncio.to_thread(
                self._client.delete_message, QueueUrl=self._url, ReceiptHandle=message["ReceiptHandle"]
            )
        except (BotoCoreError, ClientError) as problem:
            LOGGER.warning("Message %s could not be deleted and will come again: %s", message["MessageId"], problem)


def _payload(message: dict[str, Any], topics: list[str]) -> dict[str, Any] | None:
    """Return what a message holds; nothing if it is to be thrown away."""
    try:
        payload = json.loads(message["Body"])
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict):
        LOGGER.warning("Deleted message %s: it is no JSON object", message["MessageId"])
        return None
    if topics and payload.get("TopicArn") not in topics:
        LOGGER.warning("Deleted message %s: it is not of one of the topics", message["MessageId"])
        return None
    return payload


async def _pass_on(message: dict[str, Any], topics: list[str], queue: Queue, receipts: Receipts) -> None:
    payload = _payload(message, topics)
    if payload is not None:
        # The same for each delivery of a message, so that an engine with persistence takes it once.
        digest = hashlib.sha256(message["Body"].encode()).hexdigest()
        meta = {"topic": payload.get("TopicArn"), "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, digest))}
        try:
            await receipts.hand_over({"payload": payload, "meta": meta})
        except TimeoutError:
            LOGGER.warning("The engine is busy; message %s will come again", message["MessageId"])
            return
    await queue.delete(message)


async def _poll(queue: Queue, topics: list[str], receipts: Receipts) -> None:
    failures = 0
    while True:
        try:
            messages = await queue.receive()
            failures = 0
        except (BotoCoreError, ClientError) as problem:
            pause = PAUSES[min(failures, len(PAUSES) - 1)]
            failures += 1
            LOGGER.warning("The queue cannot be read, trying again in %d s: %s", pause, problem)
            await asyncio.sleep(pause)
            continue
        await asyncio.gather(*(_pass_on(message, topics, queue, receipts) for message in messages))


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Receive messages until the task is cancelled."""
    _check_names(args, OPTIONS | {"accept_timeout"})
    topics = _required(args, "topics", list) if args.get("topics") else []
    receipts = Receipts(queue, args.get("eda_feedback_queue"), _number(args, "accept_timeout", 20, least=0.1))
    sqs = Queue(args)
    async with receipts.collected():
        await _poll(sqs, topics, receipts)
