# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""The JSON documents that SNS sends to its subscribers.

Source: the SNS Developer Guide, "Parsing Amazon SNS message formats".
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from lab.aws.sns.signing import Signer


@dataclass(frozen=True)
class MessageWriter:
    """Writes signed messages.

    :ivar base_url: the lab's HTTPS address, where AWS has https://sns.<region>.amazonaws.com.
    """

    signer: Signer
    base_url: str

    def confirmation(self, topic_arn: str, token: str, version: str) -> dict[str, Any]:
        """The message that asks an endpoint to confirm its subscription."""
        query = urlencode({"Action": "ConfirmSubscription", "TopicArn": topic_arn, "Token": token})
        document = {
            "Type": "SubscriptionConfirmation",
            "MessageId": str(uuid.uuid4()),
            "Token": token,
            "TopicArn": topic_arn,
            "Message": (
                f"You have chosen to subscribe to the topic {topic_arn}.\n"
                "To confirm the subscription, visit the SubscribeURL included in this message."
            ),
            "SubscribeURL": f"{self.base_url}/?{query}",
            "Timestamp": _now(),
        }
        return self._signed(document, version)

    def notification(
        self,
        topic_arn: str,
        subscription_arn: str,
        message_id: str,
        message: str,
        subject: str | None,
        attributes: dict[str, Any] | None,
        version: str,
    ) -> dict[str, Any]:
        """A message to a subscriber."""
        document: dict[str, Any] = {"Type": "Notification", "MessageId": message_id, "TopicArn": topic_arn}
        if subject:
            document["Subject"] = subject
        document |= {"Message": message, "Timestamp": _now()}
        query = urlencode({"Action": "Unsubscribe", "SubscriptionArn": subscription_arn})
        document = self._signed(document, version) | {"UnsubscribeURL": f"{self.base_url}/?{query}"}
        if attributes:
            document["MessageAttributes"] = attributes
        return document

    def _signed(self, document: dict[str, Any], version: str) -> dict[str, Any]:
        return document | {
            "SignatureVersion": version,
            "Signature": self.signer.sign(document, version),
            "SigningCertURL": f"{self.base_url}{self.signer.certificate_path}",
        }


def _now() -> str:
    now = datetime.now(UTC)
    return f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03d}Z"
