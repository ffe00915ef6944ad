# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""SNS over HTTP(S): the handshake, the headers, signatures that can be verified, retries."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import requests
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from lab.process import RunningLab

Eventually = Callable[[Callable[[], Any]], Any]


@dataclass
class Endpoint:
    """A subscriber's HTTP endpoint, which answers with the next of ``answers``, or 200."""

    url: str = ""
    received: list[tuple[dict[str, str], str]] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)

    def respond(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        request = Request(environ)
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append((headers, request.get_data(as_text=True)))
        return Response(status=self.answers.pop(0) if self.answers else 200)(environ, start_response)

    def bodies(self, message_type: str) -> list[str]:
        return [body for headers, body in self.received if headers["x-amz-sns-message-type"] == message_type]


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    made = Endpoint()
    server = make_server("127.0.0.1", 0, made.respond, threaded=True)
    made.url = f"http://127.0.0.1:{server.server_port}/alarms"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def topic(aws: dict[str, Any]) -> str:
    arn: str = aws["sns_topic_arn"]
    return arn


@pytest.fixture
def confirmation(sns: Any, topic: str, endpoint: Endpoint, eventually: Eventually) -> dict[str, Any]:
    """The first message to a new subscriber."""
    sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint.url)
    document: dict[str, Any] = json.loads(eventually(lambda: endpoint.bodies("SubscriptionConfirmation"))[0])
    return document


@pytest.fixture
def subscription(sns: Any, topic: str, confirmation: dict[str, Any]) -> str:
    """ARN of a confirmed subscription."""
    arn: str = sns.confirm_subscription(TopicArn=topic, Token=confirmation["Token"])["SubscriptionArn"]
    return arn


def verify(document: dict[str, Any], ca_file: str) -> None:
    """Verify a message as in the SNS Developer Guide; raises if anything is wrong with it."""
    names = ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"]
    if document["Type"] == "SubscriptionConfirmation":
        names = ["Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"]
    canonical = "".join(f"{name}\n{document[name]}\n" for name in names if name in document)
    answer = requests.get(document["SigningCertURL"], verify=ca_file, timeout=10)
    answer.raise_for_status()
    certificate = x509.load_pem_x509_certificate(answer.content)
    certificate.verify_directly_issued_by(x509.load_pem_x509_certificate(Path(ca_file).read_bytes()))
    key = certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    algorithm = {"1": hashes.SHA1, "2": hashes.SHA256}[document["SignatureVersion"]]
    key.verify(base64.b64decode(document["Signature"]), canonical.encode(), padding.PKCS1v15(), algorithm())


def test_a_subscription_waits_until_its_endpoint_confirms(sns: Any, topic: str, endpoint: Endpoint) -> None:
    answer = sns.subscribe(TopicArn=topic, Protocol="http", Endpoint=endpoint.url)
    assert answer["SubscriptionArn"] == "pending confirmation"
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert (listed["SubscriptionArn"], listed["Endpoint"]) == ("PendingConfirmation", endpoint.url)
    counts = sns.get_topic_attributes(TopicArn=topic)["Attributes"]
    assert (counts["SubscriptionsPending"], counts["SubscriptionsConfirmed"]) == ("1", "0")


def test_the_confirmation_has_headers_token_and_link(
    confirmation: dict[str, Any], endpoint: Endpoint, topic: str, aws: dict[str, Any]
) -> None:
    headers, _unused = endpoint.received[0]
    assert headers["content-type"] == "text/plain; charset=UTF-8"
    assert headers["x-amz-sns-message-type"] == confirmation["Type"] == "SubscriptionConfirmation"
    assert headers["x-amz-sns-message-id"] == confirmation["MessageId"]
    assert headers["x-amz-sns-topic-arn"] == confirmation["TopicArn"] == topic
    assert confirmation["SubscribeURL"].startswith(f"{aws['tls_endpoint_url']}/?Action=ConfirmSubscription&")
    verify(confirmation, aws["ca_file"])


def test_the_link_confirms(sns: Any, topic: str, confirmation: dict[str, Any], aws: dict[str, Any]) -> None:
    answer = requests.get(confirmation["SubscribeURL"], verify=aws["ca_file"], timeout=10)
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert answer.ok
    assert listed["SubscriptionArn"].startswith(f"{topic}:")
    assert listed["SubscriptionArn"] in answer.text


@pytest.mark.usefixtures("confirmation")
def test_a_wrong_token_confirms_nothing(
    sns: Any,
    topic: str,
) -> None:
    with pytest.raises(ClientError, match="InvalidParameter"):
        sns.confirm_subscription(TopicArn=topic, Token="wrong")
    (listed,) = sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"]
    assert listed["SubscriptionArn"] == "PendingConfirmation"


def test_nothing_is_delivered_before_the_confirmation(
    sns: Any, topic: str, confirmation: dict[str, Any], endpoint: Endpoint, eventually: Eventually
) -> None:
    sns.publish(TopicArn=topic, Message="too early")
    sns.confirm_subscription(TopicArn=topic, Token=confirmation["Token"])
    sns.publish(TopicArn=topic, Message="in time")
    bodies = eventually(lambda: endpoint.bodies("Notification"))
    assert [json.loads(body)["Message"] for body in bodies] == ["in time"]


@pytest.mark.usefixtures("subscription")
@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", [{}, {"Subject": "ALARM"}], ids=["no subject", "subject"])
def test_a_notification_can_be_verified(
    sns: Any,
    topic: str,
    endpoint: Endpoint,
    eventually: Eventually,
    aws: dict[str, Any],
    version: str,
    subject: dict[str, str],
) -> None:
    if version == "2":
        sns.set_topic_attributes(TopicArn=topic, AttributeName="SignatureVersion", AttributeValue="2")
    sns.publish(TopicArn=topic, Message='{"text": "grüße\n"}', **subject)
    document = json.loads(eventually(lambda: endpoint.bodies("Notification"))[0])
    assert (document["SignatureVersion"], document.get("Subject")) == (version, subject.get("Subject"))
    verify(document, aws["ca_file"])


@pytest.mark.usefixtures("subscription")
def test_a_forged_notification_does_not_verify(
    sns: Any, topic: str, endpoint: Endpoint, eventually: Eventually, aws: dict[str, Any]
) -> None:
    sns.publish(TopicArn=topic, Message="real", Subject="ALARM")
    document = json.loads(eventually(lambda: endpoint.bodies("Notification"))[0])
    for change in ({"Message": "forged"}, {"Subject": "OK"}):
        with pytest.raises(InvalidSignature):
            verify(document | change, aws["ca_file"])


def test_a_notification_names_its_subscription(
    sns: Any, topic: str, subscription: str, endpoint: Endpoint, eventually: Eventually
) -> None:
    message_id = sns.publish(TopicArn=topic, Message="hello")["MessageId"]
    eventually(lambda: endpoint.bodies("Notification"))
    headers, body = endpoint.received[-1]
    assert headers["x-amz-sns-subscription-arn"] == subscription
    assert headers["x-amz-sns-message-id"] == json.loads(body)["MessageId"] == message_id


def test_raw_delivery_sends_the_message_alone(
    sns: Any, topic: str, subscription: str, endpoint: Endpoint, eventually: Eventually
) -> None:
    sns.set_subscription_attributes(
        SubscriptionArn=subscription, AttributeName="RawMessageDelivery", AttributeValue="true"
    )
    sns.publish(TopicArn=topic, Message="just this")
    eventually(lambda: endpoint.bodies("Notification"))
    headers, body = endpoint.received[-1]
    assert (headers["x-amz-sns-rawdelivery"], body) == ("true", "just this")


@pytest.mark.usefixtures("subscription")
def test_a_failed_delivery_is_tried_again(
    sns: Any, topic: str, endpoint: Endpoint, eventually: Eventually, lab: RunningLab
) -> None:
    endpoint.answers = [503, 503, 503]
    sns.publish(TopicArn=topic, Message="hello")
    eventually(lambda: lab.control("GET", "/aws/deliveries")[-1]["outcome"] == "delivered")
    assert len(set(endpoint.bodies("Notification"))) == 1
    assert lab.control("GET", "/aws/deliveries")[-1]["attempts"] == 4


@pytest.mark.usefixtures("subscription")
def test_after_three_retries_a_message_is_lost(
    sns: Any, topic: str, endpoint: Endpoint, eventually: Eventually, lab: RunningLab
) -> None:
    endpoint.answers = [503] * 4
    sns.publish(TopicArn=topic, Message="lost")
    eventually(lambda: lab.control("GET", "/aws/deliveries")[-1]["outcome"] == "failed")
    sns.publish(TopicArn=topic, Message="later")
    eventually(lambda: lab.control("GET", "/aws/deliveries")[-1]["outcome"] == "delivered")
    assert [json.loads(body)["Message"] for body in endpoint.bodies("Notification")] == ["lost"] * 4 + ["later"]


@pytest.mark.usefixtures("subscription")
def test_the_link_of_a_message_unsubscribes(
    sns: Any, topic: str, endpoint: Endpoint, eventually: Eventually, aws: dict[str, Any]
) -> None:
    sns.publish(TopicArn=topic, Message="hello")
    document = json.loads(eventually(lambda: endpoint.bodies("Notification"))[0])
    requests.get(document["UnsubscribeURL"], verify=aws["ca_file"], timeout=10).raise_for_status()
    assert sns.list_subscriptions_by_topic(TopicArn=topic)["Subscriptions"] == []


def test_an_endpoint_must_match_its_protocol(sns: Any, topic: str, endpoint: Endpoint) -> None:
    with pytest.raises(ClientError, match="InvalidParameter"):
        sns.subscribe(TopicArn=topic, Protocol="https", Endpoint=endpoint.url)


def test_a_queue_gets_the_same_envelope_without_a_handshake(
    sns: Any, sqs: Any, topic: str, eventually: Eventually, aws: dict[str, Any]
) -> None:
    queue = sqs.create_queue(QueueName="alarms")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)
    sns.publish(TopicArn=topic, Message="hello", Subject="ALARM")
    (message,) = eventually(lambda: sqs.receive_message(QueueUrl=queue).get("Messages"))
    document = json.loads(message["Body"])
    assert (document["Type"], document["Message"]) == ("Notification", "hello")
    verify(document, aws["ca_file"])
