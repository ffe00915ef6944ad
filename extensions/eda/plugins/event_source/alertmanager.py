# SPDX-License-Identifier: GPL-3.0-or-later
# Copyright (c) 2026 The Tidegate authors
"""Receive notifications of Prometheus Alertmanager over HTTPS."""

from __future__ import annotations

import asyncio
import base64
import hmac
import ipaddress
import json
import logging
import re
import resource
import socket
import ssl
import time
import uuid
from collections import Counter, OrderedDict
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from aiohttp import web
from aiohttp.http import HttpProcessingError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    from aiohttp.typedefs import Middleware

DOCUMENTATION = r"""
---
module: alertmanager
short_description: Receive notifications of Prometheus Alertmanager over HTTPS
version_added: 0.2.0
author:
  - The Tidegate authors (@tidegate)
description:
  - The endpoint of a receiver with C(webhook_configs) of Prometheus Alertmanager, or of a program that sends the same.
    It passes each notification on as C(payload), for the filter C(tidegate.failover.alarm), which makes one event of
    each alert in it.
  - Only notifications with the right user and password (C(basic_auth) in C(http_config) of Alertmanager), or with the
    right token (C(authorization) of the type C(Bearer)), are accepted.
  - Alertmanager sends a notification again while it is answered with 5xx, and otherwise at the next C(group_interval).
    This source answers with success once the engine has the notification. With O(feedback), that is once it is stored
    durably. Without it, a notification is lost if the process is killed after it accepted the notification and before
    it acted on it, until C(repeat_interval) has passed.
  - C(ansible.eda.alertmanager) accepts notifications of everybody, answers before the engine has them, and limits
    neither bodies nor connections. So it is not used here.
options:
  host:
    description:
      - The address to listen on. The default is for this machine alone; V(0.0.0.0) is for all.
    type: str
    default: 127.0.0.1
  port:
    description:
      - The TCP port to listen on.
    type: int
    required: true
  path:
    description:
      - The path of the endpoint. Others are answered with 404.
    type: str
    default: /
  certfile:
    description:
      - File with the certificate and those between it and its authority, in PEM format.
      - Needed unless O(host) is a loopback address, or O(behind_tls_proxy) is set.
    type: path
  keyfile:
    description:
      - File with the private key of the certificate, if it is not in O(certfile).
    type: path
  behind_tls_proxy:
    description:
      - A proxy in front of this source ends TLS, so that the source may listen without TLS on an address that others
        reach.
      - Without TLS, also on loopback, this source does not limit single addresses, because it receives only the proxy's
        address. Let the proxy limit them.
    type: bool
    default: false
  username:
    description:
      - The user that Alertmanager gives. Either this and a password, or a token.
    type: str
  password:
    description:
      - The password that Alertmanager gives. Either this, from a variable, or O(password_file).
    type: str
  password_file:
    description:
      - File that holds the password.
    type: path
  token:
    description:
      - The token that Alertmanager gives. Either this, from a variable, or O(token_file).
    type: str
  token_file:
    description:
      - File that holds the token.
    type: path
  accept_timeout:
    description:
      - Seconds that the engine may take to accept a notification. After that the answer is 503, and Alertmanager sends
        the notification again.
    type: float
    default: 10
  feedback:
    description:
      - Wait until the engine has stored a notification before it counts as delivered. Needs a C(name) for the source
        and persistence (C(--persistence-id)).
    type: bool
    default: false
notes:
  - At most 256 connections at once are accepted, 64 of one address. If all are in use, the connection that has waited
    longest without authentication is closed. An address may open 100 connections, and then 20 a second, without
    authentication.
  - A sender has 10 seconds each for TLS, a header, and a body. Encoded bodies are answered with 415, and those of more
    than 1 MiB with 413, before they are read. After a refusal the connection is closed.
  - A larger notification is never accepted. Set C(max_alerts) of the receiver, or group by more labels. Alerts that
    C(max_alerts) leaves out lead to no action, which the log shows.
"""

EXAMPLES = r"""
- name: alerts
  tidegate.failover.alertmanager:
    host: 0.0.0.0
    port: 8443
    certfile: /etc/tidegate/tls.pem
    keyfile: /etc/tidegate/tls.key
    username: alertmanager
    password_file: /run/secrets/alertmanager
    feedback: true
  filters:
    - tidegate.failover.alarm:
"""

LOGGER = logging.getLogger(__name__)

# Some kilobytes for each alert; larger groups are cut by max_alerts.
MOST_BYTES = 1024 * 1024
OPTIONS = {"username", "password", "password_file", "token", "token_file", "accept_timeout"}

# ---- Shared by event sources, from tools/event_sources; `make event-sources` brings it here ----


Option = TypeVar("Option")
# Options that ansible-rulebook itself adds to those of a source.
ENGINE_OPTIONS = {"feedback", "eda_feedback_queue"}


def _check_names(args: dict[str, Any], known: set[str]) -> None:
    """Refuse unknown options, because a misspelled option would silently do nothing."""
    unknown = sorted(set(args) - known - ENGINE_OPTIONS)
    if unknown:
        message = f"There is no option {', '.join(unknown)}. There are: {', '.join(sorted(known))}."
        raise ValueError(message)


def _required(args: dict[str, Any], name: str, kind: type[Option]) -> Option:
    """Return a required option. Its value may be a secret, so messages do not show it."""
    value = args.get(name)
    if not isinstance(value, kind) or not value:
        message = f"The option {name} must be a {kind.__name__} and not empty; it is a {type(value).__name__}."
        raise ValueError(message)
    return value


def _number(args: dict[str, Any], name: str, default: float, *, least: float) -> float:
    """Return a number."""
    value = args.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < least:
        message = f"The option {name} is {value!r}. It must be a number from {least:g} on."
        raise ValueError(message)
    return value


def _secret(args: dict[str, Any], name: str) -> str:
    """Return a secret, from its option or from the file that holds it."""
    file = args.get(f"{name}_file")
    if bool(args.get(name)) == bool(file):
        message = f"Give either {name} or {name}_file."
        raise ValueError(message)
    text = Path(file).read_text(encoding="utf-8").rstrip("\n") if file else args[name]
    # A template that holds only digits arrives as a number, and may have lost leading zeros.
    return _required({name: text}, name, str)


class Receipts:
    """Hands events to ansible-rulebook, and waits until it has them.

    With persistence, ansible-rulebook returns each event that it has stored. Only then does the sender get its answer.
    A filter may split an event; C(meta.parts) of each part is the number of parts.
    """

    def __init__(
        self, queue: asyncio.Queue[Any], feedback: asyncio.Queue[dict[str, Any]] | None, seconds: float
    ) -> None:
        """Use the queues of ansible-rulebook. Without persistence there is no C(feedback)."""
        self._queue = queue
        self._feedback = feedback
        self._seconds = seconds
        self._returned: Counter[str] = Counter()
        self._complete: dict[str, asyncio.Event] = {}

    async def hand_over(self, event: dict[str, Any]) -> None:
        """Return once ansible-rulebook has the event.

        :raises TimeoutError: no receipt came in time. ansible-rulebook may have the event. Have the event sent again.
        """
        receipt = uuid.uuid4().hex
        event["meta"]["receipt"] = receipt
        complete = self._complete[receipt] = asyncio.Event()
        try:
            async with asyncio.timeout(self._seconds):
                await self._queue.put(event)
                if self._feedback is not None:
                    await complete.wait()
        finally:
            del self._complete[receipt]
            self._returned.pop(receipt, None)

    @asynccontextmanager
    async def collected(self) -> AsyncIterator[None]:
        """Read the returned events while the block runs. ansible-rulebook waits until they are read."""
        collecting = asyncio.create_task(self._collect())
        try:
            yield
        finally:
            collecting.cancel()

    async def _collect(self) -> None:
        while self._feedback is not None:
            meta = (await self._feedback.get())["meta"]
            receipt = meta.get("receipt")
            if receipt in self._complete:
                self._returned[receipt] += 1
                if self._returned[receipt] >= meta.get("parts", 1):
                    self._complete[receipt].set()


# Kinds of refusals beyond this number are counted together, so that senders cannot fill the memory.
MOST_KINDS = 100
MOST_SHOWN = 100


def _printable(text: object) -> str:
    """Return text of a sender in a form that may be logged: one short line of printable ASCII."""
    return re.sub(r"[^ -~]", "?", str(text)[:MOST_SHOWN])


class Refusals:
    """Log refusals: the first of each kind, then the tenth, the hundredth. So a flood cannot fill the log."""

    def __init__(self, outcome: str = "Refused") -> None:
        """Start without refusals. C(outcome) is the word for them in the log."""
        self._outcome = outcome
        self._counts: Counter[tuple[str, str]] = Counter()

    def note(self, reason: str, detail: object = "") -> None:
        """Count a refusal. The reason must hold no text of the sender; the detail may, and is cleaned."""
        kind = (reason, _printable(detail))
        if kind not in self._counts and len(self._counts) >= MOST_KINDS:
            kind = (reason, "")
        self._counts[kind] += 1
        count = str(self._counts[kind])
        if count.strip("0") == "1":
            shown = f"{reason}: {kind[1]}" if kind[1] else reason
            LOGGER.warning("%s: %s (%s so far)", self._outcome, shown, count)


class RefusedError(Exception):
    """A refused message. The text is the reason and holds nothing of the message."""

    def __init__(
        self, reason: str, status: int = 403, detail: object = "", headers: Mapping[str, str] | None = None
    ) -> None:
        """Keep the answer, and the part of the message that helps to find its sender."""
        super().__init__(reason)
        self.status = status
        self.detail = detail
        self.headers = headers


# Connections that an address may open without authenticating: at once, and how many more each second.
STRANGER_BURST = 100
STRANGER_RATE = 20.0
# Addresses in memory. The address without a connection for the longest time is removed first. If it comes back, it has
# a full allowance.
MOST_ADDRESSES = 4096


class Guest(Protocol):
    """The part of a connection that this module needs."""

    address: str
    proven: bool

    def leave(self) -> None:
        """Close the connection at once."""


def _network(peer: str) -> str:
    """Return what counts as one address: the owner of an IPv6 address usually has all of its /64."""
    address = ipaddress.ip_address(peer.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped or ipaddress.ip_network((address, 64), strict=False))
    return str(address)


class Allowances:
    """How many more connections each address may open without authenticating."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Start with the full allowance for every address."""
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, address: str) -> bool:
        """Count a connection. Returns whether the allowance permits it."""
        left = self._now(address)
        self._put(address, left - 1 if left >= 1 else left)
        return left >= 1

    def give_back(self, address: str) -> None:
        """Undo the count of a connection that has authenticated."""
        self._put(address, min(self._now(address) + 1, STRANGER_BURST))

    def _now(self, address: str) -> float:
        left, at = self._left.get(address, (STRANGER_BURST, self._clock()))
        return min(left + (self._clock() - at) * STRANGER_RATE, STRANGER_BURST)

    def _put(self, address: str, left: float) -> None:
        self._left[address] = (left, self._clock())
        self._left.move_to_end(address)
        if len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)


class Seats:
    """The open connections, with a limit in all and a limit for each address.

    When no seat is free, the oldest connection that has not authenticated is closed. Connections that have
    authenticated are never closed for another one.
    """

    def __init__(self, most: int, most_each: int) -> None:
        """Start with all seats free."""
        self._most = most
        self._most_each = most_each
        # In the order of arrival.
        self._all: dict[Guest, None] = {}
        self._by_address: dict[str, dict[Guest, None]] = {}

    def admit(self, guest: Guest) -> bool:
        """Give a connection a seat. Returns whether a seat was free or could be freed."""
        own = self._by_address.get(guest.address, {})
        room = self._room(own, self._most_each) and self._room(self._all, self._most)
        if room:
            self._all[guest] = None
            self._by_address.setdefault(guest.address, {})[guest] = None
        return room

    def release(self, guest: Guest) -> None:
        """Free the seat of a connection, if it has one."""
        self._all.pop(guest, None)
        own = self._by_address.get(guest.address, {})
        own.pop(guest, None)
        if not own:
            self._by_address.pop(guest.address, None)

    def _room(self, guests: dict[Guest, None], most: int) -> bool:
        if len(guests) < most:
            return True
        longest = next((guest for guest in guests if not guest.proven), None)
        if longest is None:
            return False
        self.release(longest)
        longest.leave()
        return True


# Seconds for a sender to send its next request after the TLS handshake or the last answer, and to send the body.
REQUEST_SECONDS = 10.0
BODY_SECONDS = 10.0
# Seconds for which a closing connection is still read, so that the sender can read the answer.
CLOSING_SECONDS = 1.0
# Bytes of one header line, and of all received data that is not a complete request yet, without the body.
MOST_LINE_BYTES = 4096
MOST_HEADER_BYTES = 64 * 1024


class ThinnedLogger(logging.Logger):
    """Logs messages of the HTTP server: the first of each kind, then the tenth, the hundredth."""

    def __init__(self) -> None:
        """Log with this module's logger."""
        super().__init__(f"{LOGGER.name}.http")
        self.parent = LOGGER
        self._counts: Counter[str] = Counter()

    def handle(self, record: logging.LogRecord) -> None:
        """Log a message if its count is due."""
        # The template of the message holds nothing that a sender wrote.
        kind = str(record.msg)
        self._counts[kind] += 1
        if record.exc_info and isinstance(record.exc_info[1], HttpProcessingError):
            # Data that is not HTTP is the sender's mistake, and no error of this source.
            record.exc_info, record.levelno, record.levelname = None, logging.WARNING, "WARNING"
        if str(self._counts[kind]).strip("0") == "1":
            super().handle(record)


class Connection(web.RequestHandler):
    """A connection that closes when its sender is too slow, and that records whether the sender has authenticated."""

    def __init__(
        self, server: web.Server, address: str, allowances: Allowances, most_bytes: int, logger: logging.Logger
    ) -> None:
        """Prepare a connection from an address, for messages of at most C(most_bytes)."""
        super().__init__(
            server,
            loop=asyncio.get_running_loop(),
            access_log=None,  # type: ignore[arg-type]
            logger=logger,
            keepalive_timeout=REQUEST_SECONDS,
            lingering_time=CLOSING_SECONDS,
            # Compressed bodies are refused.
            auto_decompress=False,
            max_line_size=MOST_LINE_BYTES,
            max_field_size=MOST_LINE_BYTES,
        )
        self.address = address
        self.proven = False
        self.closed = asyncio.Event()
        # The task of this connection. The connection closes when the task is cancelled.
        self.holder: asyncio.Task[None] | None = None
        self._allowances = allowances
        self._most_unanswered = MOST_HEADER_BYTES + most_bytes
        self._unanswered = 0
        self._patience: asyncio.TimerHandle | None = None

    def prove(self) -> None:
        """Record that the sender has authenticated."""
        if not self.proven:
            self.proven = True
            self._allowances.give_back(self.address)

    def leave(self) -> None:
        """Close the connection at once."""
        if self.holder is not None:
            self.holder.cancel()

    def begin(self) -> None:
        """Record that a request has arrived. Its body may follow later."""
        if self._patience is not None:
            self._patience.cancel()
        self._patience, self._unanswered = None, 0

    def end(self) -> None:
        """Wait for the next request, for a limited time: a sender that does not read answers never sends one."""
        self.begin()
        if not self.closed.is_set():
            self._patience = asyncio.get_running_loop().call_later(REQUEST_SECONDS, self.leave)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first request."""
        super().connection_made(transport)
        self.end()

    def data_received(self, data: bytes) -> None:
        """Accept data while it can become a request."""
        if self._patience is not None:
            self._unanswered += len(data)
        if self._unanswered > self._most_unanswered:
            self.leave()
        else:
            super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Stop the wait for a request."""
        super().connection_lost(exc)
        self.begin()
        self.closed.set()


def _connection(request: web.Request) -> Connection:
    """Return the connection of a request."""
    connection = request.protocol
    if not isinstance(connection, Connection):
        raise TypeError(type(connection).__name__)
    return connection


def _answering(refusals: Refusals) -> Middleware:
    """Return the middleware of each request. A refused client has to connect again for its next request."""

    @web.middleware
    async def answer(
        request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        connection = _connection(request)
        connection.begin()
        try:
            return await handler(request)
        except RefusedError as refusal:
            refusals.note(str(refusal), refusal.detail)
            response = web.Response(status=refusal.status, text=str(refusal), headers=refusal.headers)
            response.force_close()
            return response
        except web.HTTPException as refusal:
            refusal.force_close()
            raise
        finally:
            connection.end()

    return answer


async def _later(_request: web.Request) -> None:
    """Let a sender with C(Expect: 100-continue) wait until the request has been checked."""


async def _body(request: web.Request, most_bytes: int) -> bytes:
    """Read a body, once its sender may send one.

    :raises RefusedError: the body is encoded, too large, too slow, or incomplete.
    """
    if request.headers.get("Content-Encoding", "identity").strip().lower() != "identity":
        reason = "a body that is encoded"
        raise RefusedError(reason, 415)
    if (request.content_length or 0) > most_bytes:
        reason = "a body that is larger than any message"
        raise RefusedError(reason, 413)
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            if "Expect" in request.headers:
                await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            async for piece in request.content.iter_any():
                body += piece
                if len(body) > most_bytes:
                    reason = "a body that is larger than any message"
                    raise RefusedError(reason, 413)
    except TimeoutError:
        reason = "a body that takes too long"
        raise RefusedError(reason, 408) from None
    except (web.RequestPayloadError, OSError):
        reason = "a body that is not whole"
        raise RefusedError(reason, 400) from None
    return bytes(body)


LISTENER_OPTIONS = {"host", "port", "path", "certfile", "keyfile", "behind_tls_proxy"}
LOOPBACK = ("127.0.0.1", "::1", "localhost")
# Most open connections, in all and for one address.
MOST_CONNECTIONS = 256
MOST_CONNECTIONS_EACH = 64
# Open files that the process needs besides connections.
OTHER_FILES = 128
HANDSHAKE_SECONDS = 10.0
# Connections that wait to be accepted, and how many may be refused in a row before other tasks run.
BACKLOG = 512
TURNED_AWAY_AT_ONCE = 32


@dataclass
class Door:
    """Accepts connections, and keeps them while they may stay."""

    server: web.Server
    tls: ssl.SSLContext | None
    most_bytes: int
    refusals: Refusals
    seats: Seats
    allowances: Allowances = field(default_factory=Allowances)
    logger: logging.Logger = field(default_factory=ThinnedLogger)
    holders: set[asyncio.Task[None]] = field(default_factory=set)

    async def accept(self, listening: socket.socket) -> None:
        """Accept connections until the task is cancelled."""
        loop, turned_away = asyncio.get_running_loop(), 0
        while True:
            try:
                sock, peer = await loop.sock_accept(listening)
            except OSError as problem:
                # For example too many open files. Waiting connections stay in the backlog, so a pause loses none.
                self.refusals.note("a connection that cannot be accepted", problem.strerror or type(problem).__name__)
                await asyncio.sleep(CLOSING_SECONDS)
                continue
            if self._admit(sock, peer[0]):
                turned_away = 0
            else:
                sock.close()
                turned_away += 1
            if turned_away % TURNED_AWAY_AT_ONCE == 0:
                await asyncio.sleep(0)

    def _admit(self, sock: socket.socket, peer: str) -> bool:
        # Without TLS the peer is a proxy that ends TLS, or this machine. So its address does not identify a sender.
        address = _network(peer) if self.tls is not None else ""
        if address and not self.allowances.take(address):
            self.refusals.note("an address that opens many connections and never authenticates", address)
            return False
        connection = Connection(self.server, address, self.allowances, self.most_bytes, self.logger)
        if not self.seats.admit(connection):
            self.refusals.note("a connection, because too many are open")
            return False
        connection.holder = asyncio.create_task(self._hold(connection, sock))
        self.holders.add(connection.holder)
        connection.holder.add_done_callback(self.holders.discard)
        return True

    async def _hold(self, connection: Connection, sock: socket.socket) -> None:
        """Keep a connection until it closes or is cancelled."""
        limits = {"ssl_handshake_timeout": HANDSHAKE_SECONDS, "ssl_shutdown_timeout": CLOSING_SECONDS}
        try:
            await asyncio.get_running_loop().connect_accepted_socket(
                lambda: connection, sock, ssl=self.tls, **(limits if self.tls is not None else {})
            )
            await connection.closed.wait()
        except OSError as problem:
            LOGGER.debug("No TLS with %s: %s", connection.address, problem)
        finally:
            self.seats.release(connection)
            if connection.transport is not None:
                connection.transport.abort()


@dataclass(frozen=True)
class Listener:
    """The address, the path and the certificate of the listener."""

    host: str
    port: int
    path: str
    tls: ssl.SSLContext | None

    async def serve(self, receive: Callable[[web.Request], Awaitable[web.Response]], most_bytes: int) -> None:
        """Answer POSTs until the task is cancelled."""
        refusals, most = Refusals(), _most_connections()
        app = web.Application(middlewares=[_answering(refusals)])
        app.router.add_post(self.path, receive, expect_handler=_later)
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        seats = Seats(most, most if self.tls is None else min(most, MOST_CONNECTIONS_EACH))
        door = Door(runner.server, self.tls, most_bytes, refusals, seats)  # type: ignore[arg-type]
        listening = await self._sockets()
        try:
            LOGGER.info("Listening on %s port %d, path %s", self.host, self.port, self.path)
            await asyncio.gather(*(door.accept(sock) for sock in listening))
        finally:
            for sock in listening:
                sock.close()
            await runner.cleanup()
            for holder in door.holders:
                holder.cancel()

    async def _sockets(self) -> list[socket.socket]:
        """Return a socket that listens for each address of the host."""
        found = await asyncio.get_running_loop().getaddrinfo(
            self.host, self.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        made = []
        for family, address in dict.fromkeys((info[0], info[4]) for info in found):
            made.append(socket.create_server(address[:2], family=family, backlog=BACKLOG))
            made[-1].settimeout(0)
        return made


def _most_connections() -> int:
    """Return the most open connections that leave enough files for everything else."""
    files, _most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files == resource.RLIM_INFINITY or files >= MOST_CONNECTIONS + OTHER_FILES:
        return MOST_CONNECTIONS
    most = max(files - OTHER_FILES, 1)
    LOGGER.warning("This process may have %d files open (RLIMIT_NOFILE), so it takes %d connections", files, most)
    return most


def _listener_from(args: dict[str, Any]) -> Listener:
    """Read the options of the listener. :raises ValueError: they contradict each other."""
    host, tls = args.get("host", LOOPBACK[0]), None
    if args.get("certfile"):
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(args["certfile"], args.get("keyfile") or None)
    elif host not in LOOPBACK and args.get("behind_tls_proxy") is not True:
        message = (
            f"Without certfile and keyfile, messages and passwords would cross the network to {host} in the clear. "
            "Give a certificate; or set behind_tls_proxy if a proxy in front of this source ends TLS."
        )
        raise ValueError(message)
    return Listener(host, int(_number(args, "port", -1, least=1)), args.get("path", "/"), tls)


@dataclass(frozen=True)
class Credentials:
    """The only value of the header Authorization that is accepted."""

    scheme: str
    value: bytes
    reason: str

    def check(self, headers: Mapping[str, str]) -> None:
        """Authenticate the sender. :raises RefusedError: the secret is wrong or missing."""
        scheme, _blank, given = headers.get("Authorization", "").partition(" ")
        secret = given.strip().encode(errors="surrogateescape")
        if not hmac.compare_digest(secret, self.value) or scheme.lower() != self.scheme.lower():
            challenge = f'{self.scheme} realm="alarms"'
            raise RefusedError(self.reason, 401, headers={"WWW-Authenticate": challenge})


def _basic(username: str, password: str) -> Credentials:
    """Return the credentials of HTTP Basic authentication."""
    value = base64.b64encode(f"{username}:{password}".encode())
    return Credentials("Basic", value, "wrong or no user and password")


# ---- End of what is shared ----


@dataclass
class Endpoint:
    """Answers Alertmanager."""

    credentials: Credentials
    receipts: Receipts
    cut: Refusals = field(default_factory=lambda: Refusals("Accepted, and not all of it"))

    async def receive(self, request: web.Request) -> web.Response:
        """Answer one POST. :raises RefusedError: it is not accepted."""
        self.credentials.check(request.headers)
        _connection(request).prove()
        payload = _notification(await _body(request, MOST_BYTES))
        if payload.get("truncatedAlerts"):
            self.cut.note("a notification without the alerts that max_alerts of its receiver left out")
        # Alertmanager repeats the same notification as long as an alert fires, and each repeat counts.
        meta = {"uuid": str(uuid.uuid4()), "received_at": datetime.now(UTC).isoformat(timespec="milliseconds")}
        try:
            await self.receipts.hand_over({"payload": payload, "meta": meta})
        except TimeoutError:
            LOGGER.warning("The engine is busy; a notification is left to Alertmanager to be sent again")
            return web.Response(status=503)
        return web.Response()


def _notification(body: bytes) -> dict[str, Any]:
    """Read a notification. :raises RefusedError: the body is no notification."""
    try:
        payload = json.loads(body)
    except (ValueError, RecursionError):
        payload = None
    if not isinstance(payload, dict) or not isinstance(payload.get("alerts"), list):
        reason = "a body that is no notification of Alertmanager"
        raise RefusedError(reason, 400)
    return payload


def _credentials_from(args: dict[str, Any]) -> Credentials:
    """Read how Alertmanager authenticates. :raises ValueError: the options give no method, or two."""
    by_token = bool(args.get("token") or args.get("token_file"))
    by_password = any(args.get(name) for name in ("username", "password", "password_file"))
    if by_token == by_password:
        message = "Give either username and password (or password_file), or token (or token_file)."
        raise ValueError(message)
    if by_token:
        return Credentials("Bearer", _secret(args, "token").encode(), "a wrong token, or none")
    return _basic(_required(args, "username", str), _secret(args, "password"))


async def main(queue: asyncio.Queue[Any], args: dict[str, Any]) -> None:
    """Receive notifications until the task is cancelled."""
    _check_names(args, OPTIONS | LISTENER_OPTIONS)
    credentials, listener = _credentials_from(args), _listener_from(args)
    receipts = Receipts(queue, args.get("eda_feedback_queue"), _number(args, "accept_timeout", 10, least=0.1))
    async with receipts.collected():
        await listener.serve(Endpoint(credentials, receipts).receive, MOST_BYTES)
