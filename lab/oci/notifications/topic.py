# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Topics, their subscriptions, and the handshake that makes them active."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from lab.control_error import ControlError
from lab.oci.documents import Resource, Resources
from lab.oci.errors import ApiError, conflict, not_found
from lab.oci.identifiers import new_ocid, now
from lab.oci.load_balancer.fields import Json
from lab.oci.notifications.delivery import FUNCTION, HTTPS, Delivery, endpoint_problem

_CONFIRMATION_PATH = "/20181201/subscriptions/{id}/confirmation"


@dataclass
class Subscription(Resource):
    """A subscription to a topic. HTTPS endpoints are PENDING until they confirm; functions need not confirm."""

    token: str = field(default_factory=lambda: secrets.token_urlsafe(32))


class Topics:
    """All topics.

    :param send: hands a message to the delivery.
    :param has_function: whether there is a function with an OCID.
    :ivar base_url: the address for confirmations; in OCI https://notification.<region>.oraclecloud.com.
    :ivar topics: the topics in the API's form.
    :ivar subscriptions: the subscriptions in the API's form.
    """

    def __init__(self, send: Callable[[Delivery], None], has_function: Callable[[str], bool]) -> None:
        self.base_url = ""
        self.topics = Resources()
        self.subscriptions: dict[str, Subscription] = {}
        self._send = send
        self._has_function = has_function

    def clear(self) -> None:
        """Remove all topics and subscriptions."""
        self.topics.clear()
        self.subscriptions.clear()

    def has(self, topic_id: str) -> bool:
        """Whether there is an active topic."""
        return any(
            topic.document["topicId"] == topic_id and topic.document["lifecycleState"] == "ACTIVE"
            for topic in self.topics.all()
        )

    def create(self, name: str, compartment_id: str, *, topic_id: str | None = None, **more: object) -> Resource:
        """Create a topic. :raises ApiError: 409: a topic of that name exists."""
        if any(topic.document["name"] == name for topic in self.topics.all()):
            raise conflict(f"A topic {name} exists already in the tenancy.")
        identifier = topic_id or new_ocid("onstopic")
        document: Json = {
            "name": name,
            "topicId": identifier,
            "shortTopicId": identifier[-8:],
            "compartmentId": compartment_id,
            "lifecycleState": "ACTIVE",
            "description": None,
            "timeCreated": now(),
            "freeformTags": {},
            "definedTags": {},
            "apiEndpoint": self.base_url,
        }
        return self.topics.add(document | more, "topicId")

    def delete(self, topic_id: str) -> None:
        """Delete a topic and its subscriptions."""
        self.topics.remove(topic_id)
        for subscription in self.of(topic_id):
            self.subscriptions.pop(subscription.document["id"])

    def of(self, topic_id: str) -> list[Subscription]:
        """The subscriptions of a topic."""
        return [one for one in self.subscriptions.values() if one.document["topicId"] == topic_id]

    def subscription(self, identifier: str, if_match: str | None = None) -> Subscription:
        """:raises ApiError: 404: there is no such subscription; 412: ``if_match`` is not its version."""
        if identifier not in self.subscriptions:
            raise not_found()
        if if_match not in (None, "*", self.subscriptions[identifier].etag):
            raise ApiError(412, "NoEtagMatch", f"The version of {identifier} is not {if_match}.")
        return self.subscriptions[identifier]

    def subscribe(self, topic_id: str, endpoint: str, protocol: str = HTTPS, **more: object) -> Subscription:
        """Subscribe an endpoint or a function, and ask an endpoint to confirm.

        :raises ControlError: the service refuses the endpoint.
        :raises ApiError: 404: there is no such topic or function.
        """
        problem = endpoint_problem(endpoint) if protocol == HTTPS else _function_problem(endpoint)
        if problem:
            raise ControlError(problem)
        topic = self.topics.get(topic_id)
        # The real service's answer for an unknown function is not documented. This is OCI's general answer.
        if protocol == FUNCTION and not self._has_function(endpoint):
            raise not_found()
        subscription = Subscription(
            {
                "id": new_ocid("onssubscription"),
                "topicId": topic_id,
                "protocol": protocol,
                "endpoint": endpoint,
                "lifecycleState": "PENDING" if protocol == HTTPS else "ACTIVE",
                "compartmentId": topic.document["compartmentId"],
                "createdTime": 0,
                "deliverPolicy": None,
                "freeformTags": {},
                "definedTags": {},
            }
            | more
        )
        self.subscriptions[subscription.document["id"]] = subscription
        if protocol == HTTPS:
            self.ask_to_confirm(subscription)
        return subscription

    def ask_to_confirm(self, subscription: Subscription) -> None:
        """Send an endpoint the address that confirms its subscription."""
        topic = self.topics.get(subscription.document["topicId"]).document
        path = _CONFIRMATION_PATH.format(id=subscription.document["id"])
        url = f"{self.base_url}{path}?token={subscription.token}&protocol=CUSTOM_HTTPS"
        # In captured messages the body is not always JSON. A JSON body also holds the address. The headers always do.
        body = f"You have subscribed to the topic {topic['name']}. To confirm, visit {url}"
        extra = {"X-OCI-NS-ConfirmationURL": url, "X-OCI-NS-SubscriptionId": subscription.document["id"]}
        self._post(topic, subscription, body, "SubscriptionConfirmation", str(uuid.uuid4()), extra)

    def publish(self, topic_id: str, body: str) -> str:
        """Send a message to all confirmed subscriptions; returns its id. :raises ApiError: 404: no such topic."""
        topic = self.topics.get(topic_id).document
        message_id = str(uuid.uuid4())
        for subscription in self.of(topic_id):
            if subscription.document["lifecycleState"] == "ACTIVE":
                self._post(topic, subscription, body, "Notification", message_id, {})
        return message_id

    def _post(
        self,
        topic: Json,
        subscription: Subscription,
        body: str,
        message_type: str,
        message_id: str,
        extra: dict[str, str],
    ) -> None:
        headers = {
            "Content-Type": "application/json",
            "X-OCI-NS-MessageId": message_id,
            "X-OCI-NS-MessageType": message_type,
            "X-OCI-NS-TopicOcid": topic["topicId"],
            "X-OCI-NS-TopicName": topic["name"],
            "X-OCI-NS-Timestamp": now(),
            "X-OCI-NS-UnsubscribeURL": (
                f"{self.base_url}/20181201/subscriptions/{subscription.document['id']}/unsubscription"
            ),
        }
        endpoint = subscription.document["endpoint"]
        self._send(Delivery(endpoint, body, headers | extra, subscription.document["protocol"]))

    def confirmation_app(self) -> web.Application:
        """The application at :attr:`base_url`. Everyone with the token may confirm."""
        app = web.Application()
        app.add_routes([web.get(_CONFIRMATION_PATH, self._confirm)])
        return app

    async def _confirm(self, request: web.Request) -> web.Response:
        subscription = self.subscriptions.get(request.match_info["id"])
        if subscription is None or not secrets.compare_digest(request.query.get("token", ""), subscription.token):
            return web.json_response({"code": "NotAuthorizedOrNotFound", "message": "No such token."}, status=404)
        subscription.change(lifecycleState="ACTIVE")
        document = subscription.document
        return web.json_response({"topicId": document["topicId"], "subscriptionId": document["id"]})


def _function_problem(endpoint: str) -> str:
    is_function = endpoint.startswith("ocid1.fnfunc.")
    return "" if is_function else "the endpoint of a function's subscription must be the OCID of a function"
