# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""A topic, its subscriptions, and the handshake that makes them active."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from aiohttp import web

from lab.control_error import ControlError
from lab.oci.identifiers import new_ocid, now
from lab.oci.load_balancer.fields import Json
from lab.oci.notifications.delivery import Delivery, endpoint_problem

_CONFIRMATION_PATH = "/20181201/subscriptions/{id}/confirmation"


@dataclass
class Subscription:
    """An endpoint that wants the topic's messages; ``lifecycle_state`` is PENDING until it confirms."""

    id: str
    endpoint: str
    token: str
    lifecycle_state: str = "PENDING"

    def describe(self) -> Json:
        """What the control API shows."""
        return {"id": self.id, "protocol": "CUSTOM_HTTPS", "lifecycleState": self.lifecycle_state}


class Topic:
    """One topic.

    :param send: hands a message to the delivery.
    :ivar base_url: where confirmations are received: in real life https://notification.<region>.oraclecloud.com.
    """

    def __init__(self, name: str, send: Callable[[Delivery], None]) -> None:
        self.name = name
        self.id = new_ocid("onstopic")
        self.base_url = ""
        self._send = send
        self._subscriptions: dict[str, Subscription] = {}

    def clear(self) -> None:
        """Forget all subscriptions."""
        self._subscriptions.clear()

    def subscriptions(self) -> list[Json]:
        """All subscriptions, as the control API shows them."""
        return [subscription.describe() for subscription in self._subscriptions.values()]

    def subscribe(self, endpoint: str) -> Subscription:
        """Subscribe an endpoint and ask it to confirm. :raises ControlError: the service would not take it."""
        problem = endpoint_problem(endpoint)
        if problem:
            raise ControlError(problem)
        subscription = Subscription(new_ocid("onssubscription"), endpoint, secrets.token_urlsafe(32))
        self._subscriptions[subscription.id] = subscription
        path = _CONFIRMATION_PATH.format(id=subscription.id)
        url = f"{self.base_url}{path}?token={subscription.token}&protocol=CUSTOM_HTTPS"
        # In captures the body is not always JSON; where it is, it holds the address too. The headers always do.
        body = f"You have subscribed to the topic {self.name}. To confirm, visit {url}"
        extra = {"X-OCI-NS-ConfirmationURL": url, "X-OCI-NS-SubscriptionId": subscription.id}
        self._post(subscription, body, "SubscriptionConfirmation", str(uuid.uuid4()), extra)
        return subscription

    def publish(self, body: str) -> str:
        """Send a message to all that confirmed; returns its id."""
        message_id = str(uuid.uuid4())
        for subscription in self._subscriptions.values():
            if subscription.lifecycle_state == "ACTIVE":
                self._post(subscription, body, "Notification", message_id, {})
        return message_id

    def _post(
        self, subscription: Subscription, body: str, message_type: str, message_id: str, extra: dict[str, str]
    ) -> None:
        headers = {
            "Content-Type": "application/json",
            "X-OCI-NS-MessageId": message_id,
            "X-OCI-NS-MessageType": message_type,
            "X-OCI-NS-TopicOcid": self.id,
            "X-OCI-NS-TopicName": self.name,
            "X-OCI-NS-Timestamp": now(),
            "X-OCI-NS-UnsubscribeURL": f"{self.base_url}/20181201/subscriptions/{subscription.id}/unsubscription",
        }
        self._send(Delivery(subscription.endpoint, body, headers | extra))

    def confirmation_app(self) -> web.Application:
        """What answers at :attr:`base_url`; anybody who knows the token may confirm."""
        app = web.Application()
        app.add_routes([web.get(_CONFIRMATION_PATH, self._confirm)])
        return app

    async def _confirm(self, request: web.Request) -> web.Response:
        subscription = self._subscriptions.get(request.match_info["id"])
        if subscription is None or not secrets.compare_digest(request.query.get("token", ""), subscription.token):
            return web.json_response({"code": "NotAuthorizedOrNotFound", "message": "No such token."}, status=404)
        subscription.lifecycle_state = "ACTIVE"
        return web.json_response({"topicId": self.id, "subscriptionId": subscription.id})
