# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What the source accepts, what it refuses, and when it confirms a message; over real HTTP."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_source import oci_notifications
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import TOPIC_ID, Json, oci
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.sources import (
    DEADLINE_SECONDS,
    listening,
    running,
    until,
)

from lab.oci.traffic.tls import create_bundle, server_context
from lab.ports import free_port
from lab.servers import Server

PASSWORD = "p:ss wörd"
NOTIFICATION = {"X-OCI-NS-MessageType": "Notification", "X-OCI-NS-TopicOcid": TOPIC_ID}


@dataclass
class Source:
    """A source that listens, and the engine's end of its queue."""

    port: int
    queue: asyncio.Queue[Json] = field(default_factory=asyncio.Queue)

    async def post(self, body: bytes | Json, path: str = "/", **headers: str) -> aiohttp.ClientResponse:
        """Send it something; its own user and password unless others are given."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        credentials = base64.b64encode(f"ons:{PASSWORD}".encode()).decode()
        given = NOTIFICATION | {"Authorization": f"Basic {credentials}"} | headers
        async with aiohttp.ClientSession() as session:
            answer = await session.post(f"http://127.0.0.1:{self.port}{path}", data=data, headers=given)
            await answer.read()
            return answer


def options(port: int, **more: Any) -> dict[str, Any]:
    """What a rulebook would give the source."""
    return {"port": port, "username": "ons", "password": PASSWORD, "topics": [TOPIC_ID.upper()], **more}


@pytest.fixture
async def source() -> AsyncIterator[Source]:
    made = Source(free_port())
    async with running(oci_notifications.main, made.queue, options(made.port)):
        await listening(made.port)
        yield made


async def test_a_message_is_passed_on(source: Source) -> None:
    assert (await source.post(oci())).status == 200
    event = source.queue.get_nowait()
    assert (event["payload"], event["meta"]["topic"]) == (oci(), TOPIC_ID)


async def test_each_delivery_of_a_message_has_the_same_uuid(source: Source) -> None:
    for message in (oci(), oci(), oci("FIRING_TO_OK")):
        await source.post(message)
    first, second, other = (source.queue.get_nowait()["meta"]["uuid"] for _unused in range(3))
    assert first == second != other


@pytest.mark.parametrize(
    "headers",
    [
        {"Authorization": ""},
        {"Authorization": "Basic"},
        {"Authorization": "Basic b25zOndyb25n"},
        {"Authorization": "Bearer b25zOnA6c3MgdyZvdW1sO3Jk"},
        {"Authorization": "Basic \u00e4\u00f6"},
    ],
)
async def test_without_the_password_it_asks_for_it(source: Source, headers: dict[str, str]) -> None:
    answer = await source.post(oci(), **headers)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Basic realm="alarms"')
    assert source.queue.empty()


@pytest.mark.parametrize(
    ("status", "headers"),
    [
        (403, {"X-OCI-NS-TopicOcid": "ocid1.onstopic.oc1.iad.other"}),
        (403, {"X-OCI-NS-SigningCertURL": "https://oraclecloud.com.example.com/cert.pem"}),
        (403, {"X-OCI-NS-SigningCertURL": "http://notification.us-ashburn-1.oraclecloud.com/cert.pem"}),
        (403, {"X-OCI-NS-SigningCertURL": "https://a@notification.us-ashburn-1.oraclecloud.com/cert.pem"}),
        (403, {"X-OCI-NS-SigningCertURL": "https://notification.us-ashburn-1.oraclecloud.com:8443/cert.pem"}),
        (403, {"X-OCI-NS-SigningCertURL": "https://[/"}),
        (400, {"X-OCI-NS-MessageType": "Something"}),
    ],
)
async def test_messages_from_elsewhere_are_refused(source: Source, status: int, headers: dict[str, str]) -> None:
    assert (await source.post(oci(), **headers)).status == status
    assert source.queue.empty()


async def test_a_certificate_of_oracle_is_no_reason_to_refuse(source: Source) -> None:
    address = "https://cell1.notification.us-ashburn-1.oraclecloud.com/cert.pem"
    assert (await source.post(oci(), **{"X-OCI-NS-SigningCertURL": address})).status == 200


@pytest.mark.parametrize("body", [b"", b"We migrate at 3.", b"[]", b'"text"', b"\xff\xfe", b"[" * 60_000])
async def test_plain_text_that_somebody_published_is_accepted_and_logged_as_no_alarm(
    source: Source, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    assert (await source.post(body)).status == 200
    assert "Accepted and not passed on: a message that is no JSON object, and so no alarm" in caplog.text
    assert source.queue.empty()


async def test_a_body_that_no_message_can_have_is_refused(source: Source) -> None:
    assert (await source.post(b" " * 200_000)).status == 413


async def test_other_paths_and_methods_are_refused(source: Source) -> None:
    assert (await source.post(oci(), path="/other")).status == 404
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{source.port}/") as answer:
        assert answer.status == 405


async def test_a_flood_of_refusals_does_not_fill_the_log(source: Source, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    for _unused in range(25):
        await source.post(b"", **{"X-OCI-NS-MessageType": "Something"})
    reported = [record.getMessage() for record in caplog.records]
    assert reported == [f"Refused: a message of an unknown type ({count} so far)" for count in (1, 10)]


def test_what_senders_wrote_is_logged_as_one_short_line_and_kinds_are_limited(
    caplog: pytest.LogCaptureFixture,
) -> None:
    refusals = oci_notifications.Refusals()
    refusals.note("a reason", "\x1b[31m\n" + "a" * 5000)
    assert caplog.messages == [f"Refused: a reason: ?[31m?{'a' * 94} (1 so far)"]
    for number in range(1000):
        refusals.note("a reason", number)
    assert len(caplog.messages) == oci_notifications.MOST_KINDS + 3


async def test_with_feedback_the_answer_waits_for_the_engine() -> None:
    port, queue, feedback = free_port(), asyncio.Queue[Json](), asyncio.Queue[Json]()
    source = Source(port, queue)
    async with running(oci_notifications.main, queue, options(port, feedback=True, eda_feedback_queue=feedback)):
        await listening(port)
        answer = asyncio.ensure_future(source.post(oci()))
        event = await asyncio.wait_for(queue.get(), DEADLINE_SECONDS)
        await feedback.put({"meta": {"receipt": "of somebody else"}})
        await asyncio.sleep(0.1)
        assert not answer.done()
        await feedback.put(event)
        assert (await answer).status == 200


async def test_with_feedback_the_answer_waits_for_all_parts() -> None:
    port, queue, feedback = free_port(), asyncio.Queue[Json](), asyncio.Queue[Json]()
    source = Source(port, queue)
    async with running(oci_notifications.main, queue, options(port, eda_feedback_queue=feedback)):
        await listening(port)
        answer = asyncio.ensure_future(source.post(oci()))
        event = await asyncio.wait_for(queue.get(), DEADLINE_SECONDS)
        part = {"meta": event["meta"] | {"parts": 2}}
        await feedback.put(part)
        await until(feedback.empty)
        await asyncio.sleep(0.1)
        assert not answer.done()
        await feedback.put(part)
        assert (await answer).status == 200


async def test_a_busy_engine_has_the_message_sent_again() -> None:
    port = free_port()
    source = Source(port, asyncio.Queue(1))
    async with running(oci_notifications.main, source.queue, options(port, accept_timeout=0.1)):
        await listening(port)
        first, second = await source.post(oci()), await source.post(oci())
    assert (first.status, second.status, second.headers["Retry-After"]) == (200, 503, "30")


@dataclass
class Oracle:
    """Where subscriptions are confirmed."""

    url: str
    ca_file: Path
    visited: list[str]
    answers: list[web.Response]


@pytest.fixture
async def oracle(tmp_path: Path) -> AsyncIterator[Oracle]:
    bundle = create_bundle("oracle")
    ca_file = tmp_path / "ca.pem"
    ca_file.write_text(bundle.ca_certificate, encoding="ascii")
    made = Oracle("", ca_file, [], [])

    async def confirm(request: web.Request) -> web.Response:
        made.visited.append(request.path_qs)
        return made.answers.pop(0) if made.answers else web.Response()

    app = web.Application()
    app.router.add_get("/{path:.*}", confirm)
    server = Server(app)
    certificate = {"publicCertificate": bundle.certificate, "privateKey": bundle.private_key}
    tls: ssl.SSLContext = server_context({"certificateName": "x"}, {"x": certificate})
    made.url = f"https://127.0.0.1:{await server.start(tls=tls)}"
    yield made
    await server.stop()


@pytest.fixture
async def confirming(oracle: Oracle, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Source]:
    monkeypatch.setattr(oci_notifications, "CONFIRMATION_PAUSES", (0, 0, 0))
    made = Source(free_port())
    hosts = oracle.url.removeprefix("https://").replace(".", r"\.")
    given = options(made.port, oracle_hosts=hosts, ca_file=str(oracle.ca_file))
    async with running(oci_notifications.main, made.queue, given):
        await listening(made.port)
        yield made


async def ask_to_confirm(source: Source, address: str) -> int:
    """Send a confirmation whose body is no JSON, as captured ones are."""
    headers = {"X-OCI-NS-MessageType": "SubscriptionConfirmation", "X-OCI-NS-ConfirmationURL": address}
    return (await source.post(b"You have subscribed", **headers)).status


async def test_a_subscription_is_confirmed(confirming: Source, oracle: Oracle) -> None:
    assert await ask_to_confirm(confirming, f"{oracle.url}/subscriptions/1/confirmation?token=t") == 200
    await until(lambda: oracle.visited == ["/subscriptions/1/confirmation?token=t"])
    assert confirming.queue.empty()


async def test_confirming_is_tried_again(confirming: Source, oracle: Oracle) -> None:
    oracle.answers += [web.Response(status=503)]
    await ask_to_confirm(confirming, f"{oracle.url}/confirmation")
    await until(lambda: len(oracle.visited) == 2)


async def test_redirects_are_not_followed_and_the_failure_is_reported(
    confirming: Source, oracle: Oracle, caplog: pytest.LogCaptureFixture
) -> None:
    oracle.answers += [web.Response(status=302, headers={"Location": f"{oracle.url}/elsewhere"}) for _unused in "123"]
    await ask_to_confirm(confirming, f"{oracle.url}/confirmation")
    await until(lambda: "it answered 302" in caplog.text)
    assert oracle.visited == ["/confirmation"] * 3


@pytest.mark.parametrize(
    "address", ["", "http://127.0.0.1/x", "https://attacker.example.com/", "//x", "https://u:p@h/"]
)
async def test_confirmations_elsewhere_are_refused(confirming: Source, oracle: Oracle, address: str) -> None:
    assert await ask_to_confirm(confirming, address) == 403
    assert oracle.visited == []


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://attacker.example.com:8443/?token=hidden", "https://attacker.example.com:8443"),
        ("https://hidden:hidden@attacker.example.com/", "https://attacker.example.com"),
        ("https://[hidden", "an address that is malformed"),
        (f"https://{'a' * 3000}", f"https://{'a' * 92} ("),
    ],
)
async def test_the_log_names_the_host_of_a_refused_confirmation_and_nothing_else_of_it(
    source: Source, caplog: pytest.LogCaptureFixture, address: str, shown: str
) -> None:
    assert await ask_to_confirm(source, address) == 403
    assert f"a confirmation that is not at oracle_hosts: {shown}" in caplog.text
    assert "hidden" not in caplog.text


@pytest.mark.parametrize(
    ("change", "reported"),
    [
        ({"pasword": "x"}, "There is no option pasword"),
        ({"port": None}, "port is None"),
        ({"port": "8443"}, "port is '8443'"),
        ({"username": ""}, "username must be a str"),
        ({"password": None}, "either password or password_file"),
        ({"password_file": "x"}, "either password or password_file"),
        ({"password": 123456}, "password must be a str and not empty; it is a int"),
        ({"topics": TOPIC_ID}, "topics must be a list"),
        ({"topics": []}, "topics must be a list"),
        ({"accept_timeout": 0}, "accept_timeout is 0"),
        ({"oracle_hosts": ["example.com"]}, "oracle_hosts must be one regular expression, as text; it is a list"),
        ({"oracle_hosts": "*.example.com"}, "oracle_hosts is no regular expression: nothing to repeat"),
        ({"host": "0.0.0.0"}, "would cross the network to 0.0.0.0 in the clear"),  # noqa: S104
    ],
)
async def test_options_that_cannot_work_are_reported(change: dict[str, Any], reported: str) -> None:
    with pytest.raises(ValueError, match=reported) as problem:
        await oci_notifications.main(asyncio.Queue(), options(1) | change)
    assert PASSWORD not in str(problem.value)
    assert "123456" not in str(problem.value)


async def test_the_password_may_be_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "password"
    file.write_text(f"{PASSWORD}\n", encoding="utf-8")
    source = Source(free_port())
    given = options(source.port, password_file=str(file), behind_tls_proxy=True)
    del given["password"]
    async with running(oci_notifications.main, source.queue, given):
        await listening(source.port)
        assert (await source.post(oci())).status == 200
