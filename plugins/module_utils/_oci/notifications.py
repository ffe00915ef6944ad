# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
# Note that this module util is **PRIVATE** to the collection. It can have breaking changes at any time.
# Do not use it from other collections or standalone plugins/modules.
"""The Notifications service: publishing a message to a topic."""

from __future__ import annotations

import typing as t

from ansible_collections.tidegate.failover.plugins.module_utils._errors import RefusedError
from ansible_collections.tidegate.failover.plugins.module_utils._oci.errors import translated
from ansible_collections.tidegate.failover.plugins.module_utils._oci.sdk import oci

#: Bytes that a message may have (PublishMessage, "Message size limit per request: 64KB").
MOST_BYTES = 64 * 1024


def publish(client: t.Any, topic_id: str, title: str, body: str) -> str:
    """PublishMessage.

    :param client: an ``oci.ons.NotificationDataPlaneClient``.
    :returns: the id that the service gave the message.
    :raises RefusedError: the message is longer than the service takes.
    :raises TidegateError: see :mod:`_errors`.
    """
    size = len(title.encode()) + len(body.encode())
    if size > MOST_BYTES:
        raise RefusedError(f"The message has {size} bytes, and OCI Notifications takes {MOST_BYTES}. Shorten it.")
    message = oci.ons.models.MessageDetails(title=title, body=body)
    with translated(f"publish to topic {topic_id}", str(client.base_client.endpoint)):
        return str(client.publish_message(topic_id, message).data.message_id)
