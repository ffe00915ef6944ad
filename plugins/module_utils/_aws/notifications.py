# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Publishes a message to a topic of the Simple Notification Service."""

from __future__ import annotations

import json
import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._aws.answers import checked
from ansible_collections.tidegate.failover.plugins.module_utils._aws.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError

#: The greatest size of a message in bytes, and of a subject in characters (API reference of SNS, Publish).
MOST_BYTES = 256 * 1024
MOST_SUBJECT = 100

#: Protocols of subscriptions whose receiver is a program.
_PROGRAMS = ("http", "https", "sqs", "lambda", "firehose")


def publish(client: t.Any, topic_arn: str, subject: str, text: str, data: str | None) -> str:
    """Publish a message.

    :param client: a boto3 client of SNS.
    :param data: the message for programs, instead of the text.
    :returns: the id that the service gave the message.
    :raises RefusedError: the message is longer than the service allows, or the subject is not valid.
    :raises TidegateError: see :mod:`_errors`.
    """
    if len(subject) > MOST_SUBJECT or not subject.isprintable():
        raise RefusedError(f"SNS takes subjects of one line with at most {MOST_SUBJECT} characters, not {subject!r}.")
    texts = {"default": text} | ({} if data is None else dict.fromkeys(_PROGRAMS, data))
    message = json.dumps(texts, ensure_ascii=False)
    if (size := len(message.encode())) > MOST_BYTES:
        raise RefusedError(f"The message has {size} bytes, and SNS takes {MOST_BYTES}. Shorten it.")
    action, endpoint = f"publish to topic {topic_arn}", str(client.meta.endpoint_url)
    with translated(action, endpoint):
        answer = client.publish(TopicArn=topic_arn, Subject=subject, Message=message, MessageStructure="json")
    return str(checked(action, endpoint, "publish", answer)["MessageId"])
