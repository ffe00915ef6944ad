# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the source takes from SNS and what it refuses; over real HTTP, with real signatures."""

from __future__ import annotations

import asyncio
import json
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_source import sns
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import TOPIC_ARN, Json, cloudwatch
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.sources import (
    DEADLINE_SECONDS,
    listening,
    running,
    until,
)

from lab.aws.certificates import CertificateAuthority
from lab.aws.sns.messages import MessageWriter
from lab.aws.sns.signing import Signer
from lab.ports import free_port
from lab.servers import Server


@dataclass
class Amazon:
    """SNS: what it signs with, where its certificate is, and who visited what."""

    authority: CertificateAuthority
    signer: Signer
    url: str = ""
    visited: list[str] = field(default_factory=list)
    certificate: web.Response | None = None
    everywhere: bool = False

    def writer(self) -> MessageWriter:
        """Write signed messages whose links lead here."""
        return MessageWriter(self.signer, self.url)

    def notification(self, version: str = "1", topic: str = TOPIC_ARN, subject: str | None = "ALARM") -> Json:
        """A message about an alarm."""
        message = json.dumps(cloudwatch())
        return self.writer().notification(topic, f"{topic}:1", "4d0b", message, subject, None, version)

    async def answer(self, request: web.Request) -> web.Response:
        """Serve the certificate, and let anything else be visited."""
        self.visited.append(request.path_qs)
        if self.everywhere or request.path == self.signer.certificate_path:
            return self.certificate or web.Response(body=self.signer.certificate)
        return web.Response()


@dataclass
class Source:
    """A source that listens, and the engine's end of its queue."""

    port: int
    queue: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)
    ca_file: str = ""

    async def post(self, body: bytes | Json, **more: str) -> int:
        """Send it something; returns the status of the answer, 0 if there was none."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {"Content-Type": "text/plain; charset=UTF-8", "x-amz-sns-topic-arn": TOPIC_ARN, **more}
        tls = ssl.create_default_context(cafile=self.ca_file) if self.ca_file else None
        url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}/"
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls or True)) as session:
            try:
                async with session.post(url, data=data, headers=headers) as answer:
                    return answer.status
            except aiohttp.ClientConnectionError:
                return 0


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> CertificateAuthority:
    return CertificateAuthority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def signer(authority: CertificateAuthority) -> Signer:
    return Signer(authority)


@pytest.fixture
async def amazon(authority: CertificateAuthority, signer: Signer) -> AsyncIterator[Amazon]:
    made = Amazon(authority, signer)
    app = web.Application()
    app.router.add_get("/{path:.*}", made.answer)
    server = Server(app)
    tls = authority.issue("endpoint", "amazon", ["127.0.0.1"]).server_context()
    made.url = f"https://127.0.0.1:{await server.start(tls=tls)}"
    yield made
    await server.stop()


def options(port: int, amazon: Amazon, **more: Any) -> dict[str, Any]:
    """What a rulebook would give the source."""
    hosts = amazon.url.removeprefix("https://").replace(".", r"\.")
    return {
        "port": port,
        "topics": [TOPIC_ARN],
        "sns_hosts": hosts,
        "ca_file": str(amazon.authority.ca_file),
        **more,
    }


@pytest.fixture
async def source(amazon: Amazon) -> AsyncIterator[Source]:
    made = Source(free_port())
    async with running(sns.main, made.queue, options(made.port, amazon)):
        await listening(made.port)
        yield made


@pytest.mark.parametrize("version", ["1", "2"])
@pytest.mark.parametrize("subject", ["ALARM", None])
async def test_a_signed_message_is_passed_on(source: Source, amazon: Amazon, version: str, subject: str | None) -> None:
    message = amazon.notification(version, subject=subject)
    assert await source.post(message) == 200
    event = source.queue.get_nowait()
    assert (event["payload"], event["meta"]["topic"]) == (message, TOPIC_ARN)


async def test_the_certificate_is_read_once_and_each_delivery_has_one_uuid(source: Source, amazon: Amazon) -> None:
    message = amazon.notification()
    for _unused in range(3):
        assert await source.post(message) == 200
    assert len({source.queue.get_nowait()["meta"]["uuid"] for _unused in range(3)}) == 1
    assert amazon.visited == [amazon.signer.certificate_path]


@pytest.mark.parametrize(
    "change",
    [
        {"Message": json.dumps(cloudwatch("OK"))},
        {"Subject": "OK"},
        {"Timestamp": "2026-11-21T00:00:00.000Z"},
        {"Signature": "AAAA"},
        {"Signature": "no base 64"},
        {"Signature": None},
        {"SignatureVersion": "2"},
        {"SignatureVersion": "3"},
    ],
    ids=str,
)
async def test_what_is_not_signed_like_that_is_refused(source: Source, amazon: Amazon, change: Json) -> None:
    assert await source.post(amazon.notification() | change) == 403
    assert source.queue.empty()


@pytest.mark.parametrize(
    "address",
    [
        "https://attacker.example.com/cert.pem",
        "https://sns.us-east-1.amazonaws.com.example.com/cert.pem",
        "https://bucket.s3.amazonaws.com/cert.pem",
        "http://127.0.0.1/cert.pem",
        "",
        None,
    ],
)
async def test_certificates_from_elsewhere_are_refused_unread(
    source: Source, amazon: Amazon, address: str | None
) -> None:
    assert await source.post(amazon.notification() | {"SigningCertURL": address}) == 403
    assert amazon.visited == []


@pytest.mark.parametrize(
    ("certificate", "status"),
    [(web.Response, 403), (lambda: web.Response(text="no certificate"), 403), (lambda: web.Response(status=503), 503)],
)
async def test_without_a_certificate_nothing_is_taken(
    source: Source, amazon: Amazon, certificate: Any, status: int
) -> None:
    amazon.certificate = certificate()
    assert await source.post(amazon.notification()) == status


async def test_a_certificate_of_another_kind_is_refused(source: Source, amazon: Amazon) -> None:
    amazon.certificate = web.Response(body=amazon.authority.ca_file.read_bytes())
    assert await source.post(amazon.notification()) == 403


@pytest.mark.parametrize("change", ["?a=1", "#a"])
async def test_a_certificate_with_more_than_one_address_is_refused_unread(
    source: Source, amazon: Amazon, change: str
) -> None:
    message = amazon.notification()
    assert await source.post(message | {"SigningCertURL": message["SigningCertURL"] + change}) == 403
    assert amazon.visited == []


async def test_so_many_certificates_are_read_at_once_and_those_that_are_known_still_count(
    source: Source, amazon: Amazon, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await source.post(amazon.notification()) == 200
    monkeypatch.setattr(sns, "MOST_READS", 0)
    elsewhere = {"SigningCertURL": f"{amazon.url}/other.pem"}
    assert await source.post(amazon.notification() | elsewhere) == 503
    assert await source.post(amazon.notification()) == 200


async def test_so_many_certificates_are_kept(source: Source, amazon: Amazon, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sns, "MOST_CERTIFICATES", 1)
    amazon.everywhere = True
    other = {"SigningCertURL": f"{amazon.url}/other.pem"}
    for change in ({}, other, {}):
        assert await source.post(amazon.notification() | change) == 200
    assert amazon.visited == [amazon.signer.certificate_path, "/other.pem", amazon.signer.certificate_path]


async def test_a_certificate_of_any_size_is_read_up_to_the_limit(
    source: Source, amazon: Amazon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sns, "MOST_CERTIFICATE_BYTES", 100)
    assert await source.post(amazon.notification()) == 403


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ({"x-amz-sns-topic-arn": f"{TOPIC_ARN}-other"}, f"a topic that is not in topics: {TOPIC_ARN}-other"),
        ({"x-amz-sns-topic-arn": ""}, "a topic that is not in topics"),
        ({"x-amz-sns-rawdelivery": "true"}, "raw message delivery, which is not signed"),
    ],
)
async def test_what_the_header_rules_out_is_refused_before_the_body_is_read(
    source: Source, caplog: pytest.LogCaptureFixture, header: dict[str, str], reason: str
) -> None:
    assert await source.post(b"no json", **header) == 403
    assert reason in caplog.text


async def test_another_topic_is_refused(source: Source, amazon: Amazon) -> None:
    assert await source.post(amazon.notification(topic=f"{TOPIC_ARN}-other")) == 403
    assert await source.post(amazon.notification() | {"TopicArn": [TOPIC_ARN]}) == 403


@pytest.mark.parametrize("body", [b"", b"no json", b"[]", b"[" * 300_000])
async def test_malformed_bodies_are_refused(source: Source, body: bytes) -> None:
    assert await source.post(body) == 400
    assert source.queue.empty()


async def test_a_subscription_is_confirmed(source: Source, amazon: Amazon) -> None:
    confirmation = amazon.writer().confirmation(TOPIC_ARN, "token", "1")
    assert await source.post(confirmation) == 200
    await until(lambda: any("Action=ConfirmSubscription" in path for path in amazon.visited))
    assert source.queue.empty()


async def test_a_confirmation_that_leads_elsewhere_is_refused_and_the_log_names_its_host(
    source: Source, amazon: Amazon, caplog: pytest.LogCaptureFixture
) -> None:
    writer = MessageWriter(amazon.signer, "https://attacker.example.com")
    confirmation = writer.confirmation(TOPIC_ARN, "token", "1")
    signed = confirmation | {"SigningCertURL": f"{amazon.url}{amazon.signer.certificate_path}"}
    assert await source.post(signed) == 403
    assert "a confirmation that is not at sns_hosts: https://attacker.example.com (1 so far)" in caplog.text
    assert "token" not in caplog.text


async def test_the_end_of_a_subscription_is_reported(
    source: Source, amazon: Amazon, caplog: pytest.LogCaptureFixture
) -> None:
    ended = amazon.writer().confirmation(TOPIC_ARN, "token", "1") | {"Type": "UnsubscribeConfirmation"}
    ended["Signature"] = amazon.signer.sign(ended, "1")
    assert await source.post(ended) == 200
    assert "the subscription to a topic has ended" in caplog.text


async def test_a_message_of_an_unknown_type_is_not_acknowledged(source: Source, amazon: Amazon) -> None:
    unknown = amazon.writer().confirmation(TOPIC_ARN, "token", "1") | {"Type": "Something"}
    unknown["Signature"] = amazon.signer.sign(unknown, "1")
    assert await source.post(unknown) == 400


async def test_with_feedback_the_answer_waits_for_the_engine(amazon: Amazon) -> None:
    port, queue, feedback = free_port(), asyncio.Queue[Json](), asyncio.Queue[Json]()
    async with running(sns.main, queue, options(port, amazon, eda_feedback_queue=feedback)):
        await listening(port)
        answer = asyncio.ensure_future(Source(port, queue).post(amazon.notification()))
        event = await asyncio.wait_for(queue.get(), DEADLINE_SECONDS)
        assert not answer.done()
        await feedback.put(event)
        assert await answer == 200


async def test_wrong_signatures_are_verified_so_often_and_right_ones_without_end(
    amazon: Amazon, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sns, "STRANGER_BURST", 5)
    monkeypatch.setattr(sns, "STRANGER_RATE", 0.0)
    pair = amazon.authority.issue("source", "localhost", ["127.0.0.1"])
    source = Source(free_port(), ca_file=str(amazon.authority.ca_file))
    tls = {"certfile": str(pair.certificate), "keyfile": str(pair.key)}
    async with running(sns.main, source.queue, options(source.port, amazon, **tls)):
        await listening(source.port)
        forged = amazon.notification() | {"Signature": "AAAA"}
        assert [await source.post(amazon.notification()) for _unused in range(10)] == [200] * 10
        answers = [await source.post(forged) for _unused in range(8)]
    # Connecting to see whether it listens has counted too.
    assert answers == [403] * 4 + [0] * 4


async def test_a_busy_engine_has_the_message_sent_again(amazon: Amazon) -> None:
    source = Source(free_port(), asyncio.Queue(1))
    async with running(sns.main, source.queue, options(source.port, amazon, accept_timeout=0.1)):
        await listening(source.port)
        assert [await source.post(amazon.notification()) for _unused in range(2)] == [200, 503]


async def test_options_that_cannot_work_are_reported(amazon: Amazon, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="topics must be a list"):
        await sns.main(asyncio.Queue(), options(1, amazon, topics=None))
    with pytest.raises(ValueError, match="sns_hosts must be one regular expression"):
        await sns.main(asyncio.Queue(), options(1, amazon, sns_hosts=["example.com"]))
    with pytest.raises(ValueError, match="There is no option username"):
        await sns.main(asyncio.Queue(), options(1, amazon, username="x"))
