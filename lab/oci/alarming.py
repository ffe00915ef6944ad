# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Connects alarms, topics and deliveries: from a failing backend to a message at an endpoint.

Besides the services' own APIs there are control routes:
``GET /lab/oci/alarms``: the alarms, and whether they fire.
``GET|POST /lab/oci/subscriptions``: subscriptions of the first topic; POST ``{"endpoint": "https://user:pw@..."}``.
``POST /lab/oci/messages``: publish ``{"text": "..."}`` unchanged to that topic, or ``{"json": ...}``.
``GET /lab/oci/deliveries``: the sent messages and their outcome.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from aiohttp import web

from lab.control import json_object
from lab.control_error import ControlError
from lab.oci.alarms.api import AlarmHandlers
from lab.oci.alarms.evaluation import AlarmEvaluation, Sample
from lab.oci.documents import Resources
from lab.oci.functions.service import Functions
from lab.oci.identifiers import new_ocid
from lab.oci.later import Later
from lab.oci.load_balancer.fields import Json
from lab.oci.notifications.api import NotificationHandlers
from lab.oci.notifications.delivery import Deliveries
from lab.oci.notifications.topic import Topics
from lab.oci.traffic.tls import Bundle, server_context
from lab.servers import LOOPBACK, Server

_TOPIC = "alarms"


class Alarming:
    """Alarms, topics, and their deliveries.

    :param measure: see :class:`lab.oci.alarms.evaluation.AlarmEvaluation`.
    :param minute_seconds: returns the present length of a minute in seconds.
    :param functions: the functions that may be subscribed besides HTTPS endpoints.
    """

    def __init__(
        self, measure: Callable[[], list[Sample]], minute_seconds: Callable[[], float], functions: Functions
    ) -> None:
        self._functions = functions
        self._delivery = Deliveries(minute_seconds, self._invoke)
        self._topics = Topics(self._delivery.send, functions.has)
        self._topic_id = new_ocid("onstopic")
        self._documents = Resources()
        self._evaluation = AlarmEvaluation(self._documents, measure, self._publish, minute_seconds)
        self._confirmations = Server(self._topics.confirmation_app())

    async def _invoke(self, function_id: str, message: str) -> str:
        answer = await self._functions.invoke(function_id, message)
        return f"{answer.status} {answer.text}"

    def _publish(self, message: Json, topic_ids: list[str]) -> None:
        for topic_id in topic_ids:
            if self._topics.has(topic_id):
                self._topics.publish(topic_id, json.dumps(message))

    async def start(self, tls: Bundle, ca_file: Path) -> Json:
        """Start everything. Returns the data of the first topic for ``lab.json``."""
        certificate = {
            "publicCertificate": tls.certificate,
            "privateKey": tls.private_key,
            "caCertificate": tls.ca_certificate,
        }
        context = server_context({"certificateName": _TOPIC}, {_TOPIC: certificate})
        self._topics.base_url = f"https://{LOOPBACK}:{await self._confirmations.start(tls=context)}"
        await self._delivery.start(ca_file)
        self._evaluation.start()
        return {"id": self._topic_id, "name": _TOPIC, "confirmation_url": self._topics.base_url}

    async def stop(self) -> None:
        """Stop everything. Safe to call after a start that failed half-way."""
        await self._evaluation.stop()
        await self._delivery.stop()
        await self._confirmations.stop()

    def reset(self, compartment_id: str, alarms: list[Json]) -> None:
        """Reset to one topic and these alarms for it. No alarm fires."""
        self._topics.clear()
        self._documents.clear()
        self._evaluation.clear()
        self._topics.create(_TOPIC, compartment_id, topic_id=self._topic_id)
        for alarm in alarms:
            self._documents.add(alarm | {"destinations": [self._topic_id]})

    async def pause(self) -> None:
        """Stop evaluations and deliveries until the next reset."""
        self._documents.clear()
        await self._delivery.clear()

    def api_routes(self, compartment_id: str, later: Later, seconds: Callable[[], float]) -> list[web.RouteDef]:
        """The services' own APIs."""
        return [
            *AlarmHandlers(self._documents, self._evaluation, compartment_id, self._topics.has).routes(),
            *NotificationHandlers(self._topics, compartment_id, later, seconds).routes(),
        ]

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
        return web.json_response(self._evaluation.describe())

    async def _list_subscriptions(self, _unused: web.Request) -> web.Response:
        return web.json_response([_described(one.document) for one in self._topics.of(self._topic_id)])

    async def _subscribe(self, request: web.Request) -> web.Response:
        endpoint = (await json_object(request)).get("endpoint")
        if not isinstance(endpoint, str):
            raise ControlError("endpoint must be an address that begins with https://")
        subscription = self._topics.subscribe(self._topic_id, endpoint)
        return web.json_response(_described(subscription.document), status=201)

    async def _publish_any(self, request: web.Request) -> web.Response:
        body = await json_object(request)
        if ("text" in body) == ("json" in body):
            raise ControlError("the body must have either text or json")
        text = str(body["text"]) if "text" in body else json.dumps(body["json"])
        return web.json_response({"message_id": self._topics.publish(self._topic_id, text)}, status=201)

    async def _list_deliveries(self, _unused: web.Request) -> web.Response:
        return web.json_response(self._delivery.history())


def _described(subscription: Json) -> Json:
    """A subscription without its endpoint, which holds a password."""
    return {name: subscription[name] for name in ("id", "protocol", "lifecycleState")}
