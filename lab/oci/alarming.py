# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""From a failing backend to a message at an endpoint: the alarms, the topic and the delivery put together.

Made through control routes and not through the services' own APIs:
``GET /lab/oci/alarms``: the alarms, and whether they fire.
``GET|POST /lab/oci/subscriptions``: subscriptions of the topic; POST ``{"endpoint": "https://user:password@..."}``.
``POST /lab/oci/messages``: publish ``{"text": "..."}`` just as it is, or ``{"json": ...}``.
``GET /lab/oci/deliveries``: what was sent and what became of it.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from lab.control import json_object
from lab.control_error import ControlError
from lab.oci.alarms.evaluation import AlarmEvaluation
from lab.oci.alarms.message import Alarm
from lab.oci.load_balancer.fields import Json
from lab.oci.notifications.delivery import HttpsDelivery
from lab.oci.notifications.topic import Topic
from lab.oci.traffic.tls import Bundle, server_context
from lab.servers import LOOPBACK, Server

_TOPIC = "alarms"


class Alarming:
    """Alarms, one topic, and its deliveries.

    :param unhealthy: see :class:`lab.oci.alarms.evaluation.AlarmEvaluation`.
    :param minute_seconds: how many seconds a minute takes at the moment.
    :ivar topic: where the alarms go.
    """

    def __init__(self, unhealthy: Callable[[str, str], int | None], minute_seconds: Callable[[], float]) -> None:
        self._delivery = HttpsDelivery(minute_seconds)
        self.topic = Topic(_TOPIC, self._delivery.send)
        self._alarms = AlarmEvaluation(unhealthy, self._publish, minute_seconds)
        self._confirmations = Server(self.topic.confirmation_app())

    def _publish(self, message: Json) -> None:
        self.topic.publish(json.dumps(message))

    async def start(self, tls: Bundle, ca_file: Path) -> Json:
        """Start everything. Returns what ``lab.json`` says of it."""
        certificate = {
            "publicCertificate": tls.certificate,
            "privateKey": tls.private_key,
            "caCertificate": tls.ca_certificate,
        }
        context = server_context({"certificateName": _TOPIC}, {_TOPIC: certificate})
        self.topic.base_url = f"https://{LOOPBACK}:{await self._confirmations.start(tls=context)}"
        await self._delivery.start(ca_file)
        self._alarms.start()
        return {"id": self.topic.id, "name": self.topic.name, "confirmation_url": self.topic.base_url}

    async def stop(self) -> None:
        """Stop everything. Safe to call after a start that failed half-way."""
        await self._alarms.stop()
        await self._delivery.stop()
        await self._confirmations.stop()

    def reset(self, alarms: list[Alarm]) -> None:
        """Forget subscriptions and deliveries, and begin with these alarms, none of which fires."""
        self.topic.clear()
        self._delivery.clear()
        self._alarms.set_alarms(alarms)

    def control_routes(self) -> list[web.RouteDef]:
        """The routes that the module's description lists."""
        return [
            web.get("/lab/oci/alarms", self._list_alarms),
            web.get("/lab/oci/subscriptions", self._list_subscriptions),
            web.post("/lab/oci/subscriptions", self._subscribe),
            web.post("/lab/oci/messages", self._publish_any),
            web.get("/lab/oci/deliveries", self._list_deliveries),
        ]

    async def _list_alarms(self, _unused: web.Request) -> web.Response:
        return web.json_response(self._alarms.describe())

    async def _list_subscriptions(self, _unused: web.Request) -> web.Response:
        return web.json_response(self.topic.subscriptions())

    async def _subscribe(self, request: web.Request) -> web.Response:
        endpoint = (await json_object(request)).get("endpoint")
        if not isinstance(endpoint, str):
            raise ControlError("endpoint must be an address that begins with https://")
        return web.json_response(self.topic.subscribe(endpoint).describe(), status=201)

    async def _publish_any(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        if ("text" in body) == ("json" in body):
            raise ControlError("the body must have either text or json")
        text = str(body["text"]) if "text" in body else json.dumps(body["json"])
        return web.json_response({"message_id": self.topic.publish(text)}, status=201)

    async def _list_deliveries(self, _unused: web.Request) -> web.Response:
        return web.json_response(self._delivery.history())
