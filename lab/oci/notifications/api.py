# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The data plane of Notifications: PublishMessage (API reference, 20181201). All else of it has control routes only."""

from __future__ import annotations

import json

from aiohttp import web

from lab.oci.errors import invalid, missing, not_found
from lab.oci.identifiers import now
from lab.oci.notifications.topic import Topic

#: The operation's name, by which requests are logged.
PUBLISH = "PublishMessage"
_MOST_BYTES = 64 * 1024


def notification_routes(topic: Topic) -> list[web.RouteDef]:
    """The routes of the service for its one topic."""

    async def publish(request: web.Request) -> web.Response:
        if request.match_info["topicId"] != topic.id:
            raise not_found()
        message = await _message(request)
        return web.json_response({"messageId": topic.publish(message), "timeStamp": now()}, status=202)

    return [web.post("/20181201/topics/{topicId}/messages", publish, name=PUBLISH)]


async def _message(request: web.Request) -> str:
    try:
        details = json.loads(await request.read())
    except ValueError as problem:
        raise invalid("The body is not JSON.") from problem
    if not isinstance(details, dict) or not isinstance(details.get("body"), str) or not details["body"]:
        raise missing("body")
    if len((str(details.get("title") or "") + details["body"]).encode()) > _MOST_BYTES:
        raise invalid(f"The message is larger than {_MOST_BYTES} bytes.")
    return str(details["body"])
