# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""moto's SNS, corrected: HTTP subscriptions wait for confirmation, and messages are signed and sent as by SNS."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from moto.core.responses import ActionResult
from moto.sns import urls
from moto.sns.exceptions import InvalidParameterValue
from moto.sns.models import SNSBackend, Subscription, Topic, sns_backends
from moto.sns.responses import SNSResponse

from lab.aws.functions import Functions
from lab.aws.sns.delivery import Delivery, HttpDelivery
from lab.aws.sns.messages import MessageWriter

_HTTP = ("http", "https")
_TOKEN_BYTES = 96


@dataclass(frozen=True)
class Sending:
    """The tools that subscriptions use to send."""

    writer: MessageWriter
    delivery: HttpDelivery
    functions: Functions


def _version(topic: Topic) -> str:
    """The topic's SignatureVersion. The default is SHA-1."""
    return str(getattr(topic, "signature_version", "1"))


class SigningSubscription(Subscription):
    """A subscription with the envelopes of SNS."""

    sending: ClassVar[Sending]

    @property
    def pending(self) -> bool:
        """Whether the endpoint has not confirmed yet."""
        return bool(self.attributes.get("PendingConfirmation"))

    def ask_for_confirmation(self) -> None:
        """Send the endpoint a new token."""
        self.token = secrets.token_hex(_TOKEN_BYTES)
        document = self.sending.writer.confirmation(self.topic.arn, self.token, _version(self.topic))
        self._post(json.dumps(document, indent=2), "SubscriptionConfirmation", document["MessageId"], {})

    def publish(
        self,
        message: str,
        message_id: str,
        subject: str | None = None,
        message_attributes: dict[str, Any] | None = None,
        group_id: str | None = None,
        deduplication_id: str | None = None,
        message_structure: str | None = None,
    ) -> None:
        """Send a message to the subscriber, if it has confirmed and its filter accepts the message."""
        if self.pending:
            return
        if self.protocol == "lambda":
            # moto would need Docker. Without Docker, all waiters for this message would wait for ever.
            notification = self.get_post_data(message, message_id, subject, message_attributes)
            self.sending.functions.notify(self.endpoint, self.topic.arn, self.arn, notification)
            return
        if self.protocol not in _HTTP:
            super().publish(
                message, message_id, subject, message_attributes, group_id, deduplication_id, message_structure
            )
            return
        matcher = self._filter_policy_matcher
        if matcher is not None and not matcher.matches(message_attributes, message):
            return
        if message_structure == "json":
            message = self._parse_message_structure(message, self.protocol)
        headers = {"x-amz-sns-subscription-arn": self.arn}
        if self.attributes.get("RawMessageDelivery"):
            self._post(message, "Notification", message_id, headers | {"x-amz-sns-rawdelivery": "true"})
        else:
            document = self.get_post_data(message, message_id, subject, message_attributes)
            self._post(json.dumps(document, indent=2), "Notification", message_id, headers)

    def get_post_data(
        self, message: str, message_id: str, subject: str | None, message_attributes: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The envelope, for HTTP and for SQS alike."""
        return self.sending.writer.notification(
            self.topic.arn, self.arn, message_id, message, subject, message_attributes, _version(self.topic)
        )

    def _post(self, body: str, message_type: str, message_id: str, headers: dict[str, str]) -> None:
        common = {
            "x-amz-sns-message-type": message_type,
            "x-amz-sns-message-id": message_id,
            "x-amz-sns-topic-arn": self.topic.arn,
            "Content-Type": "text/plain; charset=UTF-8",
            "User-Agent": "Amazon Simple Notification Service Agent",
        }
        self.sending.delivery.send(Delivery(self.endpoint, body, common | headers))


class ConfirmingSnsBackend(SNSBackend):
    """moto's backend with the behaviour of the real service."""

    @property
    def _url_module(self) -> Any:
        return _Urls

    def subscribe(self, topic_arn: str, endpoint: str, protocol: str) -> Subscription:
        """Subscribe. An HTTP endpoint must confirm first, and gets a new token while it has not."""
        if protocol in _HTTP and not endpoint.startswith(f"{protocol}://"):
            raise InvalidParameterValue("Invalid parameter: Endpoint must match the specified protocol")
        made = super().subscribe(topic_arn, endpoint, protocol)
        if isinstance(made, SigningSubscription):
            subscription = made
        else:
            subscription = SigningSubscription(self.account_id, made.topic, endpoint, protocol)
            subscription.arn, subscription.attributes = made.arn, made.attributes
            subscription.attributes["PendingConfirmation"] = protocol in _HTTP
            self.subscriptions[made.arn] = subscription
        if subscription.pending:
            subscription.ask_for_confirmation()
        return subscription

    def confirm(self, topic_arn: str, token: str) -> Subscription:
        """Confirm the subscription that was sent this token.

        :raises InvalidParameterValue: there is no such subscription.
        """
        for subscription in self.subscriptions.values():
            if subscription.topic_arn == topic_arn and getattr(subscription, "token", None) == token:
                subscription.attributes["PendingConfirmation"] = False
                return subscription
        raise InvalidParameterValue("Invalid parameter: Token")


class ConfirmingSnsResponse(SNSResponse):
    """The answers of the operations that differ."""

    def subscribe(self) -> ActionResult:
        """Subscribe. The answer has no ARN until the endpoint has confirmed, unless the caller requests the ARN."""
        result = super().subscribe()
        arn = dict(result.result)["SubscriptionArn"] if isinstance(result.result, dict) else ""
        if _is_pending(self.backend.subscriptions[arn]) and not self._get_bool_param("ReturnSubscriptionArn", False):
            return ActionResult({"SubscriptionArn": "pending confirmation"})
        return result

    def confirm_subscription(self) -> ActionResult:
        """Confirm by token."""
        backend = self.backend
        if not isinstance(backend, ConfirmingSnsBackend):
            raise TypeError("the backend was not installed")
        topic_arn, token = self._get_param("TopicArn"), self._get_param("Token")
        backend.get_topic(topic_arn)
        return ActionResult({"SubscriptionArn": backend.confirm(topic_arn, token).arn})

    def list_subscriptions(self) -> ActionResult:
        """All subscriptions; unconfirmed subscriptions have no ARN."""
        found, token = self.backend.list_subscriptions(next_token=self._get_param("NextToken"))
        return ActionResult({"Subscriptions": _listed(found), "NextToken": token})

    def list_subscriptions_by_topic(self) -> ActionResult:
        """The subscriptions of one topic, likewise."""
        topic_arn, next_token = self._get_param("TopicArn"), self._get_param("NextToken")
        found, token = self.backend.list_subscriptions_by_topic(topic_arn, next_token=next_token)
        return ActionResult({"Subscriptions": _listed(found), "NextToken": token})

    def get_topic_attributes(self) -> ActionResult:
        """The attributes, with the signature version and correct counts."""
        topic = self.backend.get_topic(self._get_param("TopicArn"))
        subscriptions, _unused = self.backend.list_subscriptions_by_topic(topic.arn)
        topic.subscriptions_pending = sum(map(_is_pending, subscriptions))
        topic.subscriptions_confimed = len(subscriptions) - topic.subscriptions_pending
        result = super().get_topic_attributes()
        if isinstance(result.result, dict) and hasattr(topic, "signature_version"):
            result.result["Attributes"]["SignatureVersion"] = _version(topic)
        return result


def _is_pending(subscription: Subscription) -> bool:
    return isinstance(subscription, SigningSubscription) and subscription.pending


def _listed(subscriptions: Sequence[Subscription]) -> list[dict[str, str]]:
    return [
        {
            "SubscriptionArn": "PendingConfirmation" if _is_pending(subscription) else subscription.arn,
            "Owner": subscription.owner,
            "Protocol": subscription.protocol,
            "Endpoint": subscription.endpoint,
            "TopicArn": subscription.topic_arn,
        }
        for subscription in subscriptions
    ]


class _Urls:
    """Replaces moto.sns.urls; the lab's front serves the certificate."""

    url_bases = urls.url_bases
    url_paths: ClassVar[dict[str, Any]] = {"{0}/$": ConfirmingSnsResponse.dispatch}


def install(sending: Sending) -> None:
    """Make moto use this backend for all regions from now on."""
    SigningSubscription.sending = sending
    sns_backends.backend = ConfirmingSnsBackend
    sns_backends.clear()
