# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Receive messages from an Amazon SQS queue, and delete them once the engine has them."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import uuid
from collections import Counter
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

DOCUMENTATION = r"""
---
module: sqs
short_description: Receive messages from an Amazon SQS queue, at least once
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - Passes each message of a queue on as C(payload), for the filter C(tidegate.failover.alarm). It is recommended for
    alarms of CloudWatch, because a queue keeps them while nothing reads it. SNS alone gives up after about a minute.
  - A message is deleted from the queue once the engine has it. With O(feedback), that is once it is stored durably. A
    message that the engine has not taken after O(accept_timeout) comes back after the visibility timeout of the queue.
  - The policy of the queue is the authentication. Let it allow C(sqs:SendMessage) only to C(sns.amazonaws.com) with
    your topic as C(aws:SourceArn), or to C(events.amazonaws.com) with your EventBridge rule as C(aws:SourceArn).
  - A message that this source does not accept is never deleted. It stays in the queue, and the log gives the reason,
    the first, tenth and hundredth time. Not accepted are messages that are no JSON object, messages of other topics
    than O(topics), and messages without a topic unless O(accept_without_topic) is set.
  - Give the queue a redrive policy, which moves such messages to a dead-letter queue, where an alarm on
    C(ApproximateNumberOfMessagesVisible) reports them. Without a redrive policy they come back after every visibility
    timeout until the retention period of the queue ends. A message also counts as received when the engine is busy,
    so let C(maxReceiveCount) be at least 10.
options:
  queue_url:
    description:
      - The URL of the queue.
    type: str
    required: true
  topics:
    description:
      - The ARNs of the SNS topics whose messages are accepted. If it is not given, all messages are accepted, also
        messages that did not come by way of SNS.
      - Every sender that the queue's policy allows can name any topic, so this option protects from misdirected
        messages, not from forged ones.
    type: list
    elements: str
  accept_without_topic:
    description:
      - Whether messages that name no topic are accepted although O(topics) is given. Messages of SNS subscriptions with
        raw message delivery and events that EventBridge sends to the queue name no topic. Set this if the queue gets
        such messages, and its policy allows nobody else to send.
      - Without effect if O(topics) is not given.
    type: bool
    default: false
  region:
    description:
      - The region of the queue. If it is not given, that of the profile or the environment.
    type: str
  profile:
    description:
      - A profile of the AWS configuration files. Without it and O(access_key), boto3 finds credentials in its
        usual places, which are the environment, files, and the role of the instance or pod.
    type: str
  access_key:
    description:
      - An access key. Give it by a variable, never in a rulebook. A role is better.
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

- name: alarms by EventBridge, or by SNS with raw message delivery
  tidegate.failover.sqs:
    queue_url: https://sqs.us-east-1.amazonaws.com/123456789012/alarms
    region: us-east-1
  filters:
    - tidegate.failover.alarm:
"""

LOGGER = logging.getLogger(__name__)

OPTIONS = {"queue_url", "topics", "accept_without_topic", "region", "profile", "endpoint_url", "accept_timeout"}
OPTIONS |= {"access_key", "secret_key", "secret_key_file"}
MOST_MESSAGES = 10
# Long polling. A source that is stopped ends after this many seconds at most.
WAIT_SECONDS = 10
# Seconds to wait after failures in a row.
PAUSES = (1, 2, 5, 10, 30)
# Errors of a call. The last four occur when new credentials are read while the source runs: a token file is missing for
# a moment, a program returns nothing useful, or the credentials have already expired.
FAILURES = (BotoCoreError, ClientError, EOFError, OSError, RuntimeError, ValueError)

# ---- Shared by event sources, from tools/event_sources; `make event-sources` brings it here ----


Option = TypeVar("Option")
# Options that ansible-rulebook itself adds to those of a source.
ENGINE_OPTIONS = {"feedback", "eda_feedback_queue"}


def _check_names(args: dict[str, Any], known: set[str]) -> None:
    """Refuse unknown options, because a misspelled option would silently do nothing."""
    unknown = sorted(set(args) - known - ENGINE_OPTIONS)
    if unknown:
        message = f"There is no option {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
        raise ValueError(message)


def _required(args: dict[str, Any], name: str, kind: type[Option]) -> Option:
    """Return a required option. Its value may be a secret, so messages do not show it."""
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
    """Return a secret, from its option or from the file that holds it."""
    file = args.get(f"{name}_file")
    if bool(args.get(name)) == bool(file):
        message = f"Give either {name} or {name}_file."
        raise ValueError(message)
    text = Path(file).read_text(encoding="utf-8").rstrip("\n") if file else args[name]
    # A template that holds only digits arrives as a number, and may have lost leading zeros.
    return _required({name: text}, name, str)


class Receipts:
    """Hands events to ansible-rulebook, and waits until it has them.

    With persistence, ansible-rulebook returns each event that it has stored. Only then does the sender get its answer.
    A filter may split an event; C(meta.parts) of each part is the number of parts.
    """

    def __init__(
        self, queue: asyncio.Queue[Any], feedback: asyncio.Queue[dict[str, Any]] | None, seconds: float
    ) -> None:
        """Use the queues of ansible-rulebook. Without persistence there is no C(feedback)."""
        self._queue = queue
        self._feedback = feedback
        self._seconds = seconds
        self._returned: Counter[str] = Counter()
        self._complete: dict[str, asyncio.Event] = {}

    async def hand_over(self, event: dict[str, Any]) -> None:
        """Return once ansible-rulebook has the event.

        :raises TimeoutError: no receipt came in time. ansible-rulebook may have the event. Have the event sent again.
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
        """Read the returned events while the block runs. ansible-rulebook waits until they are read."""
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


# Kinds of refusals beyond this number are counted together, so that senders cannot fill the memory.
MOST_KINDS = 100
MOST_SHOWN = 100


def _printable(text: object) -> str:
    """Return text of a sender in a form that may be logged: one short line of printable ASCII."""
    return re.sub(r"[^ -~]", "?", str(text)[:MOST_SHOWN])


class Refusals:
    """Log refusals: the first of each kind, then the tenth, the hundredth. So a flood cannot fill the log."""

    def __init__(self, outcome: str = "Refused") -> None:
        """Start without refusals. C(outcome) is the word for them in the log."""
        self._outcome = outcome
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, reason: str, detail: object = "") -> None:
        """Count a refusal. The reason must hold no text of the sender; the detail may, and is cleaned."""
        kind = (reason, _printable(detail))
        if kind not in self._counts and len(self._counts) >= MOST_KINDS:
            kind = (reason, "")
        self._counts[kind] += 1
        count = str(self._counts[kind])
        if count.strip("0") == "1":
            shown = f"{reason}: {kind[1]}" if kind[1] else reason
            LOGGER.warning("%s: %s (%s so far)", self._outcome, shown, count)


class RefusedError(Exception):
    """A refused message. The text is the reason and holds nothing of the message."""

    def __init__(
        self, reason: str, status: int = 403, detail: object = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep the answer, and the part of the message that helps to find its sender."""
        super().__init__(reason)
        self.status = status
        self.detail = detail
        self.headers = headers


# ---- End of what is shared ----


class Queue:
    """An SQS queue. boto3 has no coroutines, so its calls run in threads."""

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
        # One attempt: this source itself repeats calls, and logs why it waits.
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
        except FAILURES as problem:
            LOGGER.warning("Message %s could not be deleted and will come again: %s", message["MessageId"], problem)


@dataclass(frozen=True)
class Senders:
    """The senders whose messages are accepted, in addition to the policy of the queue."""

    topics: frozenset[str]
    without_topic: bool

    def payload(self, body: str) -> dict[str, Any]:
        """Return the content of a message. :raises RefusedError: the message is not accepted."""
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            payload = None
        if not isinstance(payload, dict):
            reason = "a message that is no JSON object"
            raise RefusedError(reason)
        topic = payload.get("TopicArn")
        if topic is None and not self.without_topic:
            reason = (
                "a message without a topic, as SNS with raw message delivery and EventBridge send them. Set "
                "accept_without_topic if the queue's policy allows only those to send"
            )
            raise RefusedError(reason)
        if topic is not None and self.topics and str(topic) not in self.topics:
            reason = "a message of a topic that is not in topics"
            raise RefusedError(reason, detail=topic)
        return payload


@dataclass(frozen=True)
class Courier:
    """Takes messages from the queue to the engine."""

    queue: Queue
    senders: Senders
    receipts: Receipts
    refusals: Refusals

    async def deliver(self, message: dict[str, Any]) -> bool:
        """Return whether the engine has the message, which is then deleted from the queue."""
        try:
            payload = self.senders.payload(message["Body"])
            # The same for each delivery of a message, so that an engine with persistence takes it once.
            digest = hashlib.sha256(message["Body"].encode()).hexdigest()
            meta = {"topic": payload.get("TopicArn"), "uuid": str(uuid.uuid5(uuid.NAMESPACE_OID, digest))}
            await self.receipts.hand_over({"payload": payload, "meta": meta})
        except RefusedError as refusal:
            self.refusals.note(str(refusal), refusal.detail)
            return False
        except TimeoutError:
            LOGGER.warning("The engine is busy; message %s will come again", message["MessageId"])
            return False
        await self.queue.delete(message)
        return True

    async def poll(self) -> None:
        """Deliver until the task is cancelled."""
        failures = 0
        while True:
            try:
                messages = await self.queue.receive()
                failures = 0
            except FAILURES as problem:
                pause = PAUSES[min(failures, len(PAUSES) - 1)]
                failures += 1
                LOGGER.warning("The queue cannot be read, trying again in %d s: %s", pause, problem)
                await asyncio.sleep(pause)
                continue
            delivered = await asyncio.gather(*(self.deliver(message) for message in messages))
            if messages and not any(delivered):
                # A queue whose visibility timeout is 0 returns them at once.
                await asyncio.sleep(PAUSES[0])


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Receive messages until the task is cancelled."""
    _check_names(args, OPTIONS)
    topics = frozenset(_required(args, "topics", list) if args.get("topics") else [])
    senders = Senders(topics, without_topic=not topics or args.get("accept_without_topic") is True)
    receipts = Receipts(queue, args.get("eda_feedback_queue"), _number(args, "accept_timeout", 20, least=0.1))
    sqs, refusals = Queue(args), Refusals("Left in the queue for its redrive policy")
    async with receipts.collected():
        await Courier(sqs, senders, receipts, refusals).poll()
