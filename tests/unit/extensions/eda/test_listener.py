# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""What unauthenticated clients cannot do to a source that listens: counts and outcomes over connections on loopback."""

from __future__ import annotations

import asyncio
import base64
import gzip
import resource
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from aiohttp.http_parser import DeflateBuffer
from ansible_collections.tidegate.failover.extensions.eda.plugins.event_source import oci_notifications as source
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.messages import TOPIC_ID
from ansible_collections.tidegate.failover.tests.unit.extensions.eda.sources import (
    DEADLINE_SECONDS,
    listening,
    running,
    until,
)

from lab.oci.traffic.tls import Bundle, create_bundle
from lab.ports import free_port

RIGHT = base64.b64encode(b"ons:password").decode()
WRONG = base64.b64encode(b"ons:wrong").decode()
STRANGER = "127.0.0.2"


@dataclass
class Peer:
    """One end of a connection to the source."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        """Send bytes, if anybody still takes them."""
        self.writer.write(data)
        await self.writer.drain()

    async def status(self) -> int:
        """The status of the next answer, with its header read; 0 if there was none."""
        try:
            header = await asyncio.wait_for(self.reader.readuntil(b"\r\n\r\n"), DEADLINE_SECONDS)
        except (asyncio.IncompleteReadError, ConnectionError):
            return 0
        return int(header.split()[1])

    async def is_closed(self) -> bool:
        """Wait until the source closes the connection."""
        try:
            await asyncio.wait_for(self.reader.read(), DEADLINE_SECONDS)
        except ConnectionError:
            return True
        return self.reader.at_eof()


@dataclass
class Endpoint:
    """A source that listens."""

    port: int
    queue: asyncio.Queue[Any]
    tls: ssl.SSLContext | None
    peers: list[Peer] = field(default_factory=list)

    async def connect(self, address: str = "127.0.0.1", *, tls: bool = True) -> Peer:
        """Connect from an address of loopback."""
        context = self.tls if tls else None
        opened = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(address, 0), ssl=context)
        self.peers.append(Peer(*opened))
        return self.peers[-1]

    async def close(self) -> None:
        """Close all connections from here."""
        for peer in self.peers:
            peer.writer.close()
        await asyncio.gather(*(peer.writer.wait_closed() for peer in self.peers), return_exceptions=True)

    async def post(self, credentials: str = RIGHT, address: str = "127.0.0.1") -> int:
        """Send a message over a connection of its own; the status of the answer, 0 if there was none."""
        try:
            peer = await self.connect(address)
        except (ConnectionError, ssl.SSLError):
            return 0
        await peer.send(request(credentials, f"Content-Length: 2\r\n{NO_MORE}", b"{}"))
        status = await peer.status()
        peer.writer.close()
        return status


NO_MORE = "Connection: close\r\n"


def request(credentials: str, header: str, body: bytes = b"") -> bytes:
    """A notification."""
    lines = [
        "POST / HTTP/1.1",
        "Host: localhost",
        f"Authorization: Basic {credentials}",
        "X-OCI-NS-MessageType: Notification",
        f"X-OCI-NS-TopicOcid: {TOPIC_ID}",
    ]
    return "\r\n".join([*lines, header, ""]).encode() + body


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return create_bundle("endpoint")


Serve = Callable[..., AbstractAsyncContextManager[Endpoint]]


@pytest.fixture
def serve(bundle: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Run a source with limits other than its own."""
    certificate = tmp_path / "certificate.pem"
    certificate.write_text(bundle.certificate + bundle.private_key, encoding="ascii")

    @asynccontextmanager
    async def serving(*, tls: bool = False, given: dict[str, Any] | None = None, **limits: Any) -> AsyncIterator[Any]:
        for name, value in limits.items():
            monkeypatch.setattr(source, name, value)
        context = ssl.create_default_context(cadata=bundle.ca_certificate) if tls else None
        if context is not None:
            context.check_hostname = False
        endpoint = Endpoint(free_port(), asyncio.Queue(), context)
        options = {"port": endpoint.port, "username": "ons", "password": "password", "topics": [TOPIC_ID]}
        options |= {"certfile": str(certificate)} if tls else {}
        async with running(source.main, endpoint.queue, options | (given or {})):
            await listening(endpoint.port)
            try:
                yield endpoint
            finally:
                await endpoint.close()

    return serving


@pytest.mark.parametrize(
    ("credentials", "header", "status"),
    [
        (WRONG, "Content-Length: 100000\r\n", 401),
        (WRONG, "Content-Length: 100000000\r\n", 401),
        (WRONG, "Content-Length: 100\r\nContent-Encoding: gzip\r\n", 401),
        (WRONG, "Content-Length: 100\r\nExpect: 100-continue\r\n", 401),
        (RIGHT, "Content-Length: 100\r\nContent-Encoding: gzip\r\n", 415),
        (RIGHT, "Content-Length: 100000000\r\n", 413),
    ],
)
async def test_what_the_header_decides_is_answered_before_the_body_comes_and_ends_the_connection(
    serve: Serve, credentials: str, header: str, status: int
) -> None:
    async with serve() as endpoint:
        peer = await endpoint.connect()
        await peer.send(request(credentials, header))
        assert await peer.status() == status
        assert await peer.is_closed()


@pytest.mark.parametrize(("credentials", "status"), [(WRONG, 401), (RIGHT, 415)])
async def test_what_claims_to_be_compressed_is_never_inflated(
    serve: Serve, monkeypatch: pytest.MonkeyPatch, credentials: str, status: int
) -> None:
    inflated: list[bytes] = []
    monkeypatch.setattr(DeflateBuffer, "feed_data", lambda _self, data, *_size: inflated.append(data))
    body = gzip.compress(b" " * 100_000)
    async with serve() as endpoint:
        peer = await endpoint.connect()
        await peer.send(request(credentials, f"Content-Length: {len(body)}\r\nContent-Encoding: gzip\r\n", body))
        assert await peer.status() == status
    assert not inflated


async def test_a_body_of_unknown_size_is_read_up_to_the_limit(serve: Serve) -> None:
    async with serve(MOST_BYTES=1000) as endpoint:
        peer = await endpoint.connect()
        await peer.send(request(RIGHT, "Transfer-Encoding: chunked\r\n", b"258\r\n" + b" " * 600 + b"\r\n"))
        await peer.send(b"258\r\n" + b" " * 600 + b"\r\n")
        assert await peer.status() == 413
        assert await peer.is_closed()


async def test_a_sender_that_expects_100_continue_gets_it(serve: Serve) -> None:
    async with serve() as endpoint:
        peer = await endpoint.connect()
        await peer.send(request(RIGHT, "Content-Length: 2\r\nExpect: 100-continue\r\n"))
        assert await peer.status() == 100
        await peer.send(b"{}")
        assert await peer.status() == 200


@pytest.mark.parametrize("sent", [b"", b"POST / HTTP/1.1\r\nHost: loc"])
async def test_a_connection_that_never_becomes_a_request_is_closed(serve: Serve, sent: bytes) -> None:
    async with serve(REQUEST_SECONDS=0.1) as endpoint:
        peer = await endpoint.connect()
        await peer.send(sent)
        assert await peer.is_closed()


@pytest.mark.parametrize("sent", [b"", b"POST / HTTP/1.1\r\nHost: loc"])
async def test_a_connection_that_is_kept_without_use_is_closed(serve: Serve, sent: bytes) -> None:
    async with serve(REQUEST_SECONDS=0.1) as endpoint:
        peer = await endpoint.connect()
        await peer.send(request(RIGHT, "Content-Length: 2\r\n", b"{}") + sent)
        assert await peer.status() == 200
        assert await peer.is_closed()


async def test_a_body_that_never_ends_is_given_up(serve: Serve) -> None:
    async with serve(BODY_SECONDS=0.1) as endpoint:
        peer = await endpoint.connect()
        await peer.send(request(RIGHT, "Content-Length: 100\r\n", b"{"))
        assert await peer.status() == 408
        assert await peer.is_closed()
        assert endpoint.queue.empty()


async def test_a_connection_that_never_begins_with_tls_is_closed(serve: Serve) -> None:
    async with serve(tls=True, HANDSHAKE_SECONDS=0.1) as endpoint:
        assert await (await endpoint.connect(tls=False)).is_closed()


async def test_a_header_without_an_end_is_given_up(serve: Serve) -> None:
    async with serve(MOST_BYTES=1000, MOST_HEADER_BYTES=1000) as endpoint:
        peer = await endpoint.connect()
        await peer.send(b"POST / HTTP/1.1\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"x" * 90) for n in range(30)))
        assert await peer.is_closed()


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", 405),
        (b"POST /other HTTP/1.1\r\nHost: localhost\r\n\r\n", 404),
        (b"nonsense\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nX: " + b"x" * 10_000 + b"\r\n\r\n", 400),
    ],
)
async def test_a_request_for_another_path_ends_the_connection(serve: Serve, sent: bytes, status: int) -> None:
    async with serve() as endpoint:
        peer = await endpoint.connect()
        await peer.send(sent)
        assert await peer.status() == status
        assert await peer.is_closed()


async def test_a_flood_of_what_is_no_http_does_not_fill_the_log(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    async with serve() as endpoint:
        for _unused in range(25):
            peer = await endpoint.connect()
            await peer.send(b"POST / HTTP/1.1\r\nX : y\r\n\r\n")
            assert await peer.status() == 400
    assert len(caplog.messages) == 2
    assert "Traceback" not in caplog.text


@pytest.mark.parametrize(("tls", "limit"), [(False, "MOST_CONNECTIONS"), (True, "MOST_CONNECTIONS_EACH")])
async def test_senders_connect_while_unauthenticated_clients_hold_every_connection(
    serve: Serve, tls: bool, limit: str
) -> None:
    async with serve(tls=tls, **{limit: 4}) as endpoint:
        strangers = [await endpoint.connect(STRANGER, tls=False) for _unused in range(12)]
        assert [await endpoint.post() for _unused in range(3)] == [200] * 3
        assert await endpoint.post(address=STRANGER) == 200
        await until_closed(strangers, 9)


async def until_closed(peers: list[Peer], at_least: int) -> None:
    """Wait until the source has closed so many of these connections."""
    reading = [asyncio.ensure_future(peer.is_closed()) for peer in peers]
    await until(lambda: sum(task.done() for task in reading) >= at_least)
    for task in reading:
        task.cancel()
    await asyncio.gather(*reading, return_exceptions=True)


async def test_a_sender_whose_message_the_engine_considers_is_not_ended_for_others(serve: Serve) -> None:
    feedback: asyncio.Queue[Any] = asyncio.Queue()
    async with serve(MOST_CONNECTIONS=2, given={"eda_feedback_queue": feedback}) as endpoint:
        answer = asyncio.ensure_future(endpoint.post())
        event = await asyncio.wait_for(endpoint.queue.get(), DEADLINE_SECONDS)
        strangers = [await endpoint.connect() for _unused in range(10)]
        await until_closed(strangers, 9)
        await feedback.put(event)
        assert await answer == 200


async def test_wrong_passwords_are_answered_so_often_and_senders_elsewhere_do_not_notice(serve: Serve) -> None:
    async with serve(tls=True, STRANGER_BURST=5, STRANGER_RATE=0.0) as endpoint:
        assert [await endpoint.post(WRONG, STRANGER) for _unused in range(8)] == [401] * 5 + [0] * 3
        assert await endpoint.post() == 200


async def test_a_sender_with_the_password_may_connect_as_often_as_it_likes(serve: Serve) -> None:
    async with serve(tls=True, STRANGER_BURST=5, STRANGER_RATE=0.0) as endpoint:
        assert [await endpoint.post(address=STRANGER) for _unused in range(20)] == [200] * 20


async def test_a_proxy_may_forward_any_number_of_unauthenticated_clients(serve: Serve) -> None:
    async with serve(STRANGER_BURST=5, STRANGER_RATE=0.0) as endpoint:
        assert [await endpoint.post(WRONG) for _unused in range(20)] == [401] * 20
        assert await endpoint.post() == 200


@pytest.mark.parametrize(
    ("files", "most"), [(1024, 256), (384, 256), (256, 128), (100, 1), (resource.RLIM_INFINITY, 256)]
)
def test_files_are_left_for_everything_else(monkeypatch: pytest.MonkeyPatch, files: int, most: int) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (files, files))
    assert source._most_connections() == most
