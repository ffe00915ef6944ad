# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""Publishes a message to a topic of the Notifications service."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError, UnexpectedAnswerError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._oci.sdk import oci
from ansible_collections.tidegate.failover.plugins.module_utils._shape import misfit

#: The greatest size of a message in bytes (PublishMessage, "Message size limit per request: 64KB").
MOST_BYTES = 64 * 1024


def publish(client: t.Any, topic_id: str, title: str, body: str) -> str:
    """PublishMessage.

    :param client: an ``oci.ons.NotificationDataPlaneClient``.
    :returns: the id that the service gave the message.
    :raises RefusedError: the message is longer than the service allows.
    :raises TidegateError: see :mod:`_errors`.
    """
    size = len(title.encode()) + len(body.encode())
    if size > MOST_BYTES:
        raise RefusedError(f"The message has {size} bytes, and OCI Notifications takes {MOST_BYTES}. Shorten it.")
    message = oci.ons.models.MessageDetails(title=title, body=body)
    action, endpoint = f"publish to topic {topic_id}", str(client.base_client.endpoint)
    with translated(action, endpoint):
        # Without the SDK's model of the response, which fails if something other than OCI responds.
        answer = client.base_client.call_api(
            resource_path="/topics/{topicId}/messages",
            method="POST",
            path_params={"topicId": topic_id},
            header_params={"accept": "application/json", "content-type": "application/json"},
            body=message,
            response_type="object",
        )
    if found := misfit(answer.data, {"messageId": str}):
        raise UnexpectedAnswerError(action, endpoint, "OCI Notifications", found, "service_endpoint")
    return str(answer.data["messageId"])
