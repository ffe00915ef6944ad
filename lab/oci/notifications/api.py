# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The Notifications API (API reference, 20181201): topics, subscriptions, and publishing."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from aiohttp import web

from lab.control_error import ControlError
from lab.oci.documents import Resource, checked_body, model, shown
from lab.oci.errors import conflict, invalid, missing, not_found
from lab.oci.identifiers import now
from lab.oci.later import Later
from lab.oci.notifications.delivery import FUNCTION, HTTPS
from lab.oci.notifications.topic import Topics
from lab.oci.pages import paginated

BASE_PATH = "/20181201"
_MOST_BYTES = 64 * 1024
_PAGE_SIZE = 50
_NAME = re.compile(r"[A-Za-z0-9_-]{1,256}")
_TAGS = ("freeformTags", "definedTags")
_CREATE_TOPIC = model("CreateTopicDetails", "name", "compartmentId", "description", *_TAGS)
_TOPIC_ATTRIBUTES = model("TopicAttributesDetails", "description", *_TAGS)
_CREATE_SUBSCRIPTION = model(
    "CreateSubscriptionDetails", "topicId", "compartmentId", "protocol", "endpoint", "metadata", *_TAGS
)
_UPDATE_SUBSCRIPTION = model(
    "UpdateSubscriptionDetails",
    *_TAGS,
    deliveryPolicy=model(
        "DeliveryPolicy", backoffRetryPolicy=model("BackoffRetryPolicy", "maxRetryDuration", "policyType")
    ),
)


class NotificationHandlers:
    """Handlers of the calls.

    :param compartment_id: the one compartment whose topics callers may see.
    :param later: runs delayed actions; ``seconds``: returns the present delay.
    """

    def __init__(self, topics: Topics, compartment_id: str, later: Later, seconds: Callable[[], float]) -> None:
        self._topics = topics
        self._compartment_id = compartment_id
        self._later = later
        self._seconds = seconds

    def routes(self) -> list[web.RouteDef]:
        """All routes; each is named after its operation."""
        topic, one = f"{BASE_PATH}/topics/{{id}}", f"{BASE_PATH}/subscriptions/{{id}}"
        return [
            web.get(f"{BASE_PATH}/topics", self._list_topics, name="ListTopics"),
            web.post(f"{BASE_PATH}/topics", self._create_topic, name="CreateTopic"),
            web.get(topic, self._get_topic, name="GetTopic"),
            web.put(topic, self._update_topic, name="UpdateTopic"),
            web.delete(topic, self._delete_topic, name="DeleteTopic"),
            web.post(f"{topic}/messages", self._publish, name="PublishMessage"),
            web.get(f"{BASE_PATH}/subscriptions", self._list_subscriptions, name="ListSubscriptions"),
            web.post(f"{BASE_PATH}/subscriptions", self._create_subscription, name="CreateSubscription"),
            web.get(one, self._get_subscription, name="GetSubscription"),
            web.put(one, self._update_subscription, name="UpdateSubscription"),
            web.delete(one, self._delete_subscription, name="DeleteSubscription"),
            web.post(f"{one}/resendConfirmation", self._resend, name="ResendSubscriptionConfirmation"),
        ]

    def _check_compartment(self, compartment_id: object) -> None:
        if compartment_id is None:
            raise missing("compartmentId")
        if compartment_id != self._compartment_id:
            raise not_found()

    def _topic(self, request: web.Request) -> Resource:
        return self._topics.topics.get(request.match_info["id"], request.headers.get("if-match"))

    def _active(self, topic: Resource) -> Resource:
        if topic.document["lifecycleState"] != "ACTIVE":
            raise conflict(f"The topic is {topic.document['lifecycleState']}.", "IncorrectState")
        return topic

    async def _list_topics(self, request: web.Request) -> web.Response:
        self._check_compartment(request.query.get("compartmentId"))
        name, identifier = request.query.get("name"), request.query.get("id")
        found = [
            topic.document
            for topic in self._topics.topics.all()
            if name in (None, topic.document["name"]) and identifier in (None, topic.document["topicId"])
        ]
        return paginated(request, found, _PAGE_SIZE)

    async def _create_topic(self, request: web.Request) -> web.Response:
        fields = await checked_body(request, _CREATE_TOPIC, ("name", "compartmentId"))
        name = fields.text("name", required=True, pattern=_NAME) or ""
        self._check_compartment(fields.value("compartmentId"))
        more = {key: value for key, value in fields.data.items() if key not in ("name", "compartmentId") and value}
        topic = self._topics.create(name, self._compartment_id, lifecycleState="CREATING", **more)
        self._later.do(self._seconds(), lambda: topic.enter("ACTIVE"))
        return shown(topic)

    async def _get_topic(self, request: web.Request) -> web.Response:
        return shown(self._topic(request))

    async def _update_topic(self, request: web.Request) -> web.Response:
        topic = self._active(self._topic(request))
        fields = await checked_body(request, _TOPIC_ATTRIBUTES)
        topic.change(**{name: value for name, value in fields.data.items() if value is not None})
        return shown(topic)

    async def _delete_topic(self, request: web.Request) -> web.Response:
        topic = self._active(self._topic(request))
        topic.enter("DELETING")
        self._later.do(self._seconds(), lambda: self._topics.delete(topic.document["topicId"]))
        return web.Response(status=204)

    async def _publish(self, request: web.Request) -> web.Response:
        topic = self._topics.topics.get(request.match_info["id"])
        message = await _message(request)
        message_id = self._topics.publish(topic.document["topicId"], message)
        return web.json_response({"messageId": message_id, "timeStamp": now()}, status=202)

    async def _list_subscriptions(self, request: web.Request) -> web.Response:
        self._check_compartment(request.query.get("compartmentId"))
        topic = request.query.get("topicId")
        found = [
            one.document for one in self._topics.subscriptions.values() if topic in (None, one.document["topicId"])
        ]
        return paginated(request, found, _PAGE_SIZE)

    async def _create_subscription(self, request: web.Request) -> web.Response:
        required = ("topicId", "compartmentId", "protocol", "endpoint")
        fields = await checked_body(request, _CREATE_SUBSCRIPTION, required)
        self._check_compartment(fields.value("compartmentId"))
        protocol = fields.text("protocol", allowed=(HTTPS, FUNCTION)) or ""
        topic = self._active(self._topics.topics.get(fields.text("topicId") or ""))
        more = {name: value for name, value in fields.data.items() if name in _TAGS and value}
        endpoint = fields.text("endpoint") or ""
        taken = [one.document["endpoint"] for one in self._topics.of(topic.document["topicId"])]
        if endpoint in taken:
            raise conflict("The topic has a subscription with this endpoint already.")
        try:
            subscription = self._topics.subscribe(topic.document["topicId"], endpoint, protocol, **more)
        except ControlError as problem:
            raise invalid(f"{problem}.") from problem
        return shown(subscription)

    async def _get_subscription(self, request: web.Request) -> web.Response:
        return shown(self._topics.subscription(request.match_info["id"]))

    async def _update_subscription(self, request: web.Request) -> web.Response:
        subscription = self._topics.subscription(request.match_info["id"], request.headers.get("if-match"))
        fields = await checked_body(request, _UPDATE_SUBSCRIPTION)
        policy = fields.value("deliveryPolicy")
        changes = {name: value for name, value in fields.data.items() if name in _TAGS and value is not None}
        # The service shows the policy as a text.
        subscription.change(**changes, **({"deliverPolicy": json.dumps(policy)} if policy else {}))
        return web.json_response(fields.data, headers={"etag": subscription.etag})

    async def _delete_subscription(self, request: web.Request) -> web.Response:
        subscription = self._topics.subscription(request.match_info["id"], request.headers.get("if-match"))
        self._topics.subscriptions.pop(subscription.document["id"])
        return web.Response(status=204)

    async def _resend(self, request: web.Request) -> web.Response:
        subscription = self._topics.subscription(request.match_info["id"])
        if subscription.document["lifecycleState"] != "PENDING":
            raise conflict("The subscription is confirmed.", "IncorrectState")
        self._topics.ask_to_confirm(subscription)
        return shown(subscription)


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
